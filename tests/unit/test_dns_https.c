/* Questions to forwarders by HTTPS: one connection for many questions, what a server can do wrong,
 * and connections that end. */
#include <signal.h>

#include "dns/upstream_internal.h"
#include "tests/unit/https_rig.h"

/* ---- a good one ---- */

static void answers_by_one_connection(void **state)
{
	struct world *w = *state;

	start_https(w, 1);
	w->r->set.use_0x20 = true;
	assert_true(dns_upstream_reload(w->r->u, &w->r->set));
	for (size_t i = 0; i < 3; i++) {
		ask_and_get(w, i);
		assert_int_equal(w->r->askers[i].records, 1);
		assert_int_equal(w->h.last[0] | w->h.last[1], 0);      /* the id */
		assert_int_equal(w->h.last[DNS_HEADER_SIZE + 1], 'n'); /* no capitals */
	}
	assert_int_equal(w->h.accepted, 1);
	assert_int_equal(w->h.asked, 3);
	assert_int_equal(w->r->stubs[1].asked, 2); /* A and AAAA, once */
	assert_int_equal(facts(w->r, 0).answered, 3);
	assert_string_equal(facts(w->r, 0).last_error, "");
	assert_string_equal(w->h.conns[0].v.streams[0].path, "/dns-query");
	char host[64];
	snprintf(host, sizeof host, "dns.example:%u", w->h.at.port);
	assert_string_equal(w->h.conns[0].v.streams[0].authority, host);
	pass(w->r, 9999);
	assert_int_equal(w->r->limits.dns_upstream_connections.used, 1);
	pass(w->r, 1); /* idle for ten seconds */
	assert_int_equal(w->r->limits.dns_upstream_connections.used, 0);
	assert_int_equal(w->r->limits.dns_upstream_bytes.used, 0);
}

static void many_at_once(void **state)
{
	struct world *w = *state;

	start_https(w, 1);
	for (size_t i = 0; i < 60; i++)
		ask_name(w, i);
	for (size_t i = 0; i < 60; i++)
		UNTIL(w->r, w->r->askers[i].got == 1);
	assert_int_equal(w->h.accepted, 1);
	assert_int_equal(w->r->limits.dns_upstream_streams.peak, 60);
}

/* A connection has what TLS can come to hold, of the row of bytes, and HTTP/2 besides. */
static void its_bytes_are_bounded(void **state)
{
	struct world *w = *state;
	const struct bound *bytes = &w->r->limits.dns_upstream_bytes;

	start_https(w, 1);
	w->r->limits.dns_upstream_bytes.max = DNS_TLS_CONN_BYTES - 1;
	ask_name(w, 0);
	for (int i = 0; i < 20; i++)
		pass(w->r, 10);
	assert_int_equal(w->h.accepted, 0);
	assert_int_equal(bytes->used, 0);
}

/* An answer of 65,535 bytes to n0.example: one A, and a record of no known type. */
static void make_largest(uint8_t to[DNS_MESSAGE_MAX])
{
	static const uint8_t head[] = {0, 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 1, 2, 'n', '0', 7,
		'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1, 0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 44,
		0, 4, 192, 0, 2, 1, 0xC0, 12, 0xFF, 1, 0, 1, 0, 0, 1, 44};
	size_t rest = DNS_MESSAGE_MAX - sizeof head - 2;

	memset(to, 0, DNS_MESSAGE_MAX);
	memcpy(to, head, sizeof head);
	to[sizeof head] = (uint8_t)(rest >> 8);
	to[sizeof head + 1] = (uint8_t)rest;
}

/* The least that the row can have is enough for a connection, and for any answer. */
static void the_least_row_is_enough(void **state)
{
	static uint8_t largest[DNS_MESSAGE_MAX];
	struct world *w = *state;
	struct bound *bytes = &w->r->limits.dns_upstream_bytes;

	for (size_t i = 0; i < LIMIT_ROWS; i++)
		if (limits_bound(&w->r->limits, i) == bytes)
			bytes->max = limit_rows[i].min;
	make_largest(largest);
	start_https(w, 1);
	w->h.how = (struct h2_answer){.body = largest, .size = sizeof largest};
	ask_and_get(w, 0);
	print_message("at most %llu bytes of %llu\n", (unsigned long long)bytes->peak,
		(unsigned long long)bytes->max);
	assert_in_range(bytes->peak, DNS_TLS_CONN_BYTES + DNS_MESSAGE_MAX, bytes->max);
	assert_int_equal(w->h.accepted, 1);
}

/* More than the row has wait in the table, and take no second connection. */
static void more_than_there_are_streams(void **state)
{
	struct world *w = *state;

	start_https(w, 1);
	w->r->limits.dns_upstream_streams.max = 4;
	ask_and_get(w, 60);
	for (size_t i = 0; i < 10; i++)
		ask_name(w, i);
	settle(w->r);
	for (int turn = 0; turn < 10 && w->r->limits.dns_outstanding.used; turn++) {
		turns(w->r, 50);
		pass(w->r, 200);
	}
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(w->r->askers[i].got, 1);
	assert_int_equal(w->h.accepted, 1);
	assert_true(w->r->limits.dns_upstream_streams.hits > 0);
}

static void an_address_needs_no_bootstrap(void **state)
{
	static const struct tls_wish by_address = {
		.ip = "127.0.2.1", .begins = 1000 * DAY, .ends = 2000 * DAY};
	struct world *w = *state;

	open_all(w, 1, &by_address);
	set_https(w, "127.0.2.1");
	w->r->set.bootstrap_count = 0;
	w->r->u = dns_upstream_new(&w->r->set);
	ask_and_get(w, 0);
	assert_int_equal(w->r->stubs[1].asked, 0);
}

/* What a cache of HTTP kept is older than it looks. */
static uint32_t ttl;

static void keep_ttl(struct dns_waiter *k, const struct dns_answer *a)
{
	assert_non_null(a);
	ttl = a->rr[0].ttl;
	(void)k;
}

static void the_age_is_subtracted(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *age;
		uint32_t left;
	} ages[] = {{NULL, 300}, {"0", 300}, {"100", 200}, {"5000", 0}};

	start_https(w, 1);
	for (size_t i = 0; i < sizeof ages / sizeof *ages; i++) {
		struct dns_waiter k = {.done = keep_ttl};
		struct dns_ask a = {.q = {.type = DNS_TYPE_A, .klass = DNS_CLASS_IN}};
		w->h.how.age = ages[i].age;
		assert_true(dns_name_from_text(slice_str("a.example"), &a.q.name));
		assert_int_equal(dns_upstream_ask(w->r->u, &a, &k), ERR_OK);
		UNTIL(w->r, !k.question);
		assert_int_equal(ttl, ages[i].left);
	}
}

/* ---- wrong ones ---- */

static void wrong_answers_go_to_the_next_server(void **state)
{
	static const uint8_t other[] = {0, 0, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'x', 0, 0, 1, 0,
		1},
			     number[] = {0, 7, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 7, 'e', 'x',
				     'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1};
	static const struct {
		struct h2_answer how;
		const char *why;
	} wrong[] = {{{.status = "503"}, "HTTP status 503"}, {{.status = "404"}, "HTTP status 404"},
		{{.type = "text/html"}, "it is not application/dns-message"},
		{{.length = "99999"}, "it has more than 65,535 bytes"},
		{{.fields = 1000}, "its header has no end"},
		{{.body = other, .size = sizeof other}, "it is to another question"},
		{{.body = number, .size = sizeof number}, "it is to another question"},
		{{.body = other, .size = 5}, "it is to another question"}};
	struct world *w = *state;

	start_https(w, 2);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		size_t bad = facts(w->r, 0).bad;
		w->h.how = wrong[i].how;
		for (int tries = 0; facts(w->r, 0).bad == bad; tries++) {
			assert_true(tries < 60);
			dns_upstream_reset(w->r->u); /* either may be asked first */
			ask(w->r, 20, "a.example");
			expect_answer(w->r, 20);
		}
		assert_string_equal(facts(w->r, 0).last_error, wrong[i].why);
	}
	assert_true(w->r->stubs[2].asked > 0);
}

/* Three of these in a row: it is no better than a silent one. */
static void it_is_down_then(void **state)
{
	struct world *w = *state;

	start_https(w, 1);
	w->h.how.status = "500";
	for (size_t i = 0; i < 3; i++) {
		ask_name(w, i);
		UNTIL(w->r, w->r->askers[i].told);
	}
	assert_false(facts(w->r, 0).up);
	w->h.how.status = NULL;
	pass(w->r, 500); /* the probe */
	UNTIL(w->r, facts(w->r, 0).up);
	ask_and_get(w, 5);
}

static void a_server_without_http2(void **state)
{
	struct world *w = *state;

	start_https(w, 1);
	w->h.alpn = "";
	ask_name(w, 0);
	expect_failure(w, 0, "the server does not offer HTTP/2");
	assert_int_equal(w->h.asked, 0);
}

static void another_certificate(void **state)
{
	static const struct tls_wish other = {
		.name = "other.example", .begins = 1000 * DAY, .ends = 2000 * DAY};
	struct world *w = *state;

	open_all(w, 1, &other);
	w->r->u = dns_upstream_new(&w->r->set);
	ask_name(w, 0);
	UNTIL(w->r, w->r->askers[0].told);
	assert_int_equal(w->r->askers[0].got, 0);
	assert_non_null(strstr(facts(w->r, 0).last_error, "dns.example"));
	assert_int_equal(w->h.asked, 0);
}

/* ---- connections that end ---- */

/* One that died idle costs one reconnect, and no answer. */
static void a_dead_one_is_replaced_once(void **state)
{
	struct world *w = *state;

	start_https(w, 1);
	ask_and_get(w, 0);
	w->h.silent = true;
	ask_name(w, 1);
	ask_name(w, 2);
	UNTIL(w->r, w->h.asked == 3);
	w->h.silent = false;
	h2_hang_up(&w->h.conns[0]);
	UNTIL(w->r, w->r->askers[1].told && w->r->askers[2].told);
	assert_int_equal(w->r->askers[1].got + w->r->askers[2].got, 2);
	assert_int_equal(w->h.accepted, 2);
	w->h.close_each = true;
	ask_name(w, 3);
	UNTIL(w->r, w->r->askers[3].told);
	assert_int_equal(w->r->askers[3].got, 0);
	assert_non_null(strstr(facts(w->r, 0).last_error, "connection"));
	assert_int_equal(w->h.accepted, 3); /* in place of the second one, and no more */
}

/* GOAWAY: what the server has not looked at goes to a second connection, once. */
static void one_that_goes_away(void **state)
{
	struct world *w = *state;

	start_https(w, 1);
	ask_and_get(w, 0);
	w->h.away = 1;
	ask_name(w, 1);
	UNTIL(w->r, w->r->askers[1].told);
	assert_int_equal(w->r->askers[1].got, 1);
	assert_int_equal(w->h.accepted, 2);
	UNTIL(w->r, w->r->limits.dns_upstream_connections.used == 1);
	w->h.away = SIZE_MAX; /* always */
	ask_name(w, 2);
	UNTIL(w->r, w->r->askers[2].told);
	assert_int_equal(w->r->askers[2].got, 0);
	assert_int_equal(w->h.accepted, 3);
}

static void a_silent_one(void **state)
{
	struct world *w = *state;

	start_https(w, 1);
	ask_and_get(w, 0);
	w->h.silent = true;
	ask_name(w, 1);
	UNTIL(w->r, w->h.asked == 2);
	pass(w->r, 999);
	assert_int_equal(w->h.accepted, 1);
	w->h.silent = false;
	pass(w->r, 1);
	UNTIL(w->r, w->r->askers[1].told);
	assert_int_equal(w->r->askers[1].got, 1);
	assert_int_equal(w->h.accepted, 2);
}

/* PINGs are no sign of life while an answer is owed, and what they make us say has a bound. */
static void one_that_only_pings(void **state)
{
	struct world *w = *state;

	start_https(w, 1);
	ask_and_get(w, 0);
	w->h.silent = true;
	ask_name(w, 1);
	UNTIL(w->r, w->h.asked == 2);
	for (int i = 0; i < 3; i++) {
		nghttp2_submit_ping(w->h.conns[0].v.session, 0, NULL);
		h2_flush(&w->h.conns[0]);
		pass(w->r, 250);
	}
	w->h.silent = false;
	pass(w->r, 250);
	UNTIL(w->r, w->r->askers[1].told);
	assert_int_equal(w->r->askers[1].got, 1);
	assert_int_equal(w->h.accepted, 2);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		TEST(answers_by_one_connection),
		TEST(many_at_once),
		TEST(its_bytes_are_bounded),
		TEST(the_least_row_is_enough),
		TEST(more_than_there_are_streams),
		TEST(an_address_needs_no_bootstrap),
		TEST(the_age_is_subtracted),
		TEST(wrong_answers_go_to_the_next_server),
		TEST(it_is_down_then),
		TEST(a_server_without_http2),
		TEST(another_certificate),
		TEST(a_dead_one_is_replaced_once),
		TEST(one_that_goes_away),
		TEST(a_silent_one),
		TEST(one_that_only_pings),
	};

	signal(SIGPIPE, SIG_IGN);
	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, begin_group, end_group);
}
