/* Names on the loop: found in the hosts file and at a name server of our own, answered in time
 * whatever servers do, and nothing left when it is stopped in the middle. */
#include "tests/unit/resolver_rig.h"
#include "tests/unit/main.h"

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
		r->timeout.max = TIMEOUT_MS;
		r->r = resolver_start(r->base, &r->row, &r->timeout, "127.0.0.1:1", on_done, r);
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
