/* Names on the loop: found in the hosts file and at a name server of our own, answered in time
 * whatever servers do, and nothing left when it is stopped in the middle. */
#include <arpa/inet.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "p2p/resolver.h"
#include "tests/unit/book_rig.h"
#include "tests/unit/main.h"

enum { TAGS = 64, TIMEOUT_MS = 800 };

struct rig {
	struct event_base *base;
	struct bound row;
	struct resolver *r;
	size_t told, found[TAGS];
	const char *why[TAGS];
	uint64_t when[TAGS];
	struct netaddr first[TAGS], last[TAGS];
	bool inside;   /* of resolver_lookup() */
	bool ask_more; /* the receiver looks up again */
	int server;    /* our name server's socket, −1 = none */
	struct event *on_query;
	char at[32];
	size_t queries;
};

static int begin(void **state)
{
	struct rig *r = calloc(1, sizeof *r);

	r->base = event_base_new();
	r->row = (struct bound){.name = "max_lookups", .max = 16};
	r->server = -1;
	*state = r;
	return 0;
}

static int end(void **state)
{
	struct rig *r = *state;

	resolver_free(r->r);
	assert_int_equal(r->row.used, 0);
	assert_int_equal(mem_blocks(), 0);
	if (r->on_query)
		event_free(r->on_query);
	if (r->server >= 0)
		close(r->server);
	event_base_free(r->base);
	free(r);
	return 0;
}

static void on_done(
	void *ctx, uint64_t tag, const struct netaddr *found, size_t count, const char *why)
{
	struct rig *r = ctx;

	assert_false(r->inside);
	assert_true(count <= RESOLVED_MAX);
	r->told++;
	r->found[tag] = count;
	r->why[tag] = why;
	r->when[tag] = clock_mono(&clock_system);
	if (count) {
		r->first[tag] = found[0];
		r->last[tag] = found[count - 1];
	} else {
		assert_true(why && why[0]);
	}
	if (r->ask_more && r->told < 20)
		assert_true(resolver_lookup(r->r, "localhost", 1, tag + 1));
}

static void start_for(struct rig *r, uint64_t timeout_ms, const char *servers)
{
	r->r = resolver_start(r->base, &r->row, timeout_ms, servers, on_done, r);
	assert_non_null(r->r);
}

static void start(struct rig *r, const char *servers)
{
	start_for(r, TIMEOUT_MS, servers);
}

static bool lookup(struct rig *r, const char *host, uint64_t tag)
{
	r->inside = true;
	bool begun = resolver_lookup(r->r, host, 4244, tag);
	r->inside = false;
	return begun;
}

/* Turns of the loop until so many were told; fails after ten times the deadline. */
static void until_told(struct rig *r, size_t told)
{
	uint64_t end = clock_mono(&clock_system) + 10 * TIMEOUT_MS;
	struct timeval tv = {0, 20000};

	while (r->told < told) {
		if (clock_mono(&clock_system) > end)
			fail_msg("%zu were told, not %zu", r->told, told);
		event_base_loopexit(r->base, &tv);
		event_base_loop(r->base, EVLOOP_ONCE);
	}
}

/* ---- a name server ---- */

/* Header, the question again, and for A (type 1) of every name: `answers` addresses 10.0.0.n,
 * each twice. */
static size_t answer(uint8_t *to, const uint8_t *query, size_t n, unsigned answers)
{
	bool is_a = n > 16 && query[n - 4] == 0 && query[n - 3] == 1;
	size_t at = n;

	memcpy(to, query, n);
	to[2] = 0x81, to[3] = 0x80;
	answers = is_a ? answers : 0;
	to[6] = 0, to[7] = (uint8_t)answers;
	memset(to + 8, 0, 4); /* no further sections */
	for (unsigned i = 0; i < answers; i++) {
		static const uint8_t head[] = {0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0};
		memcpy(to + at, head, sizeof head);
		to[at + sizeof head] = (uint8_t)(i / 2 + 1);
		at += sizeof head + 1;
	}
	return at;
}

static void on_query(evutil_socket_t fd, short what, void *ctx)
{
	struct rig *r = ctx;
	uint8_t query[512], reply[1024];
	struct sockaddr_in from;
	socklen_t size = sizeof from;
	ssize_t n = recvfrom(fd, query, sizeof query, 0, (struct sockaddr *)&from, &size);

	(void)what;
	if (n < 12)
		return;
	r->queries++;
	/* c-ares 1.18 adds no further section of its own unless told: the question ends the query
	 */
	query[10] = query[11] = 0;
	size_t all = answer(reply, query, (size_t)n, 20);
	sendto(fd, reply, all, 0, (struct sockaddr *)&from, size);
}

/* A port of loopback that is ours; `serve`: it answers, else it is silent. */
static void open_server(struct rig *r, bool serve)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t size = sizeof in;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	r->server = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(r->server, (struct sockaddr *)&in, size), 0);
	assert_int_equal(getsockname(r->server, (struct sockaddr *)&in, &size), 0);
	snprintf(r->at, sizeof r->at, "127.0.0.1:%u", ntohs(in.sin_port));
	if (serve) {
		r->on_query = event_new(r->base, r->server, EV_READ | EV_PERSIST, on_query, r);
		event_add(r->on_query, NULL);
	}
}

/* ---- tests ---- */

static void from_the_hosts_file(void **state)
{
	struct rig *r = *state;

	start(r, NULL);
	assert_true(lookup(r, "localhost", 1));
	until_told(r, 1);
	assert_true(r->found[1] > 0);
	assert_true(netaddr_is_loopback(&r->first[1]));
	assert_int_equal(r->first[1].port, 4244);
}

static void a_literal_is_its_own_address(void **state)
{
	struct rig *r = *state;
	struct netaddr four = addr("1.2.3.4:4244"), six = addr("[2001:db8::1]:4244");

	start(r, "127.0.0.1:1");
	assert_true(lookup(r, "1.2.3.4", 1) && lookup(r, "2001:db8::1", 2));
	assert_int_equal(r->told, 0);
	until_told(r, 2);
	assert_true(r->found[1] == 1 && netaddr_eq(&r->first[1], &four));
	assert_true(r->found[2] == 1 && netaddr_eq(&r->first[2], &six));
}

static void from_a_name_server_at_most_eight(void **state)
{
	struct rig *r = *state;

	open_server(r, true);
	start(r, r->at);
	assert_true(lookup(r, "peer.example.com", 3));
	until_told(r, 1);
	assert_true(r->queries >= 1);
	assert_int_equal(r->found[3], RESOLVED_MAX);
	assert_int_equal(r->first[3].ip[12], 10);
	assert_int_equal(r->first[3].ip[15], 1); /* each once */
	assert_int_equal(r->last[3].ip[15], RESOLVED_MAX);
}

static void a_closed_port_is_a_failure(void **state)
{
	struct rig *r = *state;

	open_server(r, false);
	close(r->server); /* nobody listens at that port now */
	r->server = -1;
	start(r, r->at);
	assert_true(lookup(r, "peer.example.com", 1));
	until_told(r, 1);
	assert_int_equal(r->found[1], 0);
}

static void names_that_are_none(void **state)
{
	static char label[300];
	struct rig *r = *state;

	memset(label, 'a', sizeof label - 1);
	start(r, "127.0.0.1:1");
	assert_true(lookup(r, "", 1) && lookup(r, "..", 2) && lookup(r, label, 3) &&
		    lookup(r, "a b.example", 4) && lookup(r, "x.onion", 5));
	until_told(r, 5);
	for (int i = 1; i <= 5; i++)
		assert_int_equal(r->found[i], 0);
}

/* A server that takes queries and is silent. */
static void silence_ends_in_time(void **state)
{
	struct rig *r = *state;
	uint64_t begun = clock_mono(&clock_system);

	open_server(r, false);
	snprintf(r->at + strlen(r->at), sizeof r->at - strlen(r->at), ",127.0.0.1:%s",
		strchr(r->at, ':') + 1);
	start(r, r->at);
	for (uint64_t i = 0; i < 16; i++)
		assert_true(lookup(r, "peer.example.com", i));
	assert_false(lookup(r, "peer.example.com", 17)); /* the row is full */
	assert_int_equal(r->row.hits, 1);
	until_told(r, 16);
	assert_true(clock_mono(&clock_system) - begun < 4 * TIMEOUT_MS);
	for (int i = 0; i < 16; i++)
		assert_int_equal(r->found[i], 0);
	while (r->row.used) /* those that were told are given up */
		event_base_loop(r->base, EVLOOP_ONCE);
	assert_int_equal(r->told, 16); /* each once */
	assert_true(lookup(r, "localhost", 20));
	until_told(r, 17);
	assert_true(r->found[20] > 0);
}

/* So many silent servers that c-ares alone would take ten times as long. */
static void each_look_up_has_its_own_time(void **state)
{
	struct rig *r = *state;
	char servers[30 * sizeof r->at] = "";
	uint64_t begun = clock_mono(&clock_system);

	open_server(r, false);
	for (int i = 0; i < 30; i++) {
		strcat(servers, i ? "," : "");
		strcat(servers, r->at);
	}
	start_for(r, 200, servers);
	assert_true(lookup(r, "one.example.com", 1));
	while (clock_mono(&clock_system) - begun < 100)
		event_base_loop(r->base, EVLOOP_NONBLOCK);
	uint64_t second = clock_mono(&clock_system);
	assert_true(lookup(r, "two.example.com", 2));
	until_told(r, 1);
	assert_string_equal(r->why[1], "no answer in time");
	if (r->told == 1)
		assert_int_equal(r->row.used, 2); /* the second still waits, and c-ares with it */
	until_told(r, 2);
	assert_string_equal(r->why[2], "no answer in time");
	assert_in_range(r->when[1], begun + 190, r->when[2]); /* libevent's clock is coarse */
	assert_true(r->when[2] >= second + 190);
	while (r->row.used)
		event_base_loop(r->base, EVLOOP_ONCE);
	assert_true(clock_mono(&clock_system) - begun < 3000);
	assert_int_equal(r->told, 2); /* each once */
	resolver_free(r->r);          /* before the text of its servers goes */
	r->r = NULL;
}

/* At the first look-up the network is not there yet. */
static void servers_are_read_again_after_a_failure(void **state)
{
	struct rig *r = *state;
	char servers[sizeof r->at] = "127.0.0.1:1";

	open_server(r, true);
	start(r, servers);
	assert_true(lookup(r, "peer.example.com", 1));
	until_told(r, 1);
	assert_int_equal(r->found[1], 0);
	memcpy(servers, r->at, sizeof servers);
	assert_true(lookup(r, "peer.example.com", 2));
	until_told(r, 2);
	assert_int_equal(r->found[2], RESOLVED_MAX);
	resolver_free(r->r); /* before the text of its servers goes */
	r->r = NULL;
}

/* Stopped while queries are out, at several moments, answered and undelivered ones among them. */
static void stopped_in_the_middle(void **state)
{
	struct rig *r = *state;

	for (int turns = 0; turns < 4; turns++) {
		if (r->server >= 0)
			close(r->server);
		open_server(r, false);
		start(r, r->at);
		assert_true(lookup(r, "peer.example.com", 1));
		for (int i = 0; i < turns; i++)
			event_base_loop(r->base, EVLOOP_NONBLOCK);
		assert_true(lookup(r, "localhost", 2));
		size_t told = r->told;
		resolver_free(r->r);
		r->r = NULL;
		event_base_loop(r->base, EVLOOP_NONBLOCK);
		assert_int_equal(r->told, told);
		assert_int_equal(r->row.used, 0);
		assert_int_equal(mem_blocks(), 0);
	}
}

static void the_receiver_asks_again(void **state)
{
	struct rig *r = *state;

	start(r, NULL);
	r->ask_more = true;
	r->row.max = 1;
	assert_true(lookup(r, "localhost", 1));
	until_told(r, 20);
	for (int i = 1; i <= 20; i++)
		assert_true(r->found[i] > 0);
}

static void memory_runs_out(void **state)
{
	struct rig *r = *state;

	for (uint64_t nth = 1; nth < 60; nth++) {
		mem_fail_nth(nth);
		r->r = resolver_start(r->base, &r->row, TIMEOUT_MS, "127.0.0.1:1", on_done, r);
		if (r->r && lookup(r, "localhost", 1))
			until_told(r, 1);
		mem_fail_nth(0);
		resolver_free(r->r);
		r->r = NULL;
		r->told = 0;
		assert_int_equal(mem_blocks(), 0);
		assert_int_equal(r->row.used, 0);
	}
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(from_the_hosts_file),
		T(a_literal_is_its_own_address),
		T(from_a_name_server_at_most_eight),
		T(a_closed_port_is_a_failure),
		T(names_that_are_none),
		T(silence_ends_in_time),
		T(each_look_up_has_its_own_time),
		T(servers_are_read_again_after_a_failure),
		T(stopped_in_the_middle),
		T(the_receiver_asks_again),
		T(memory_runs_out),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
