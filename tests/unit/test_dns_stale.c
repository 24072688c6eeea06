/* Answers that have expired, while the servers that gave them are silent or fail (RFC 8767). The
 * clock is the test's, the servers are on loopback, the chain is what stands here. */
#include "tests/unit/dns_serve_rig.h"

enum { TTL = 60000 /* milliseconds of what the stubs answer */, DAY = 86400000 };

static void expect_stale(struct serving *s)
{
	expect(s, DNS_FROM_STALE, DNS_RCODE_NOERROR);
	assert_true(s->answer->count > 0);
	assert_int_equal(s->answer->rr[s->answer->count - 1].ttl, 30);
}

/* The name is known, and its answer has expired. */
static void known(struct serving *s, const char *name)
{
	question(s, name);
	UNTIL(s->r, s->replies == 1);
	expect(s, DNS_FROM_FORWARDER, DNS_RCODE_NOERROR);
	s->r->now += TTL + 1;
}

/* ---- silence ---- */

static void after_a_while_the_expired_one(void **state)
{
	static struct serving s;
	struct rig *r = *state;

	serve(&s, state, DAY);
	known(&s, "a.example");
	r->stubs[0].silent = r->stubs[0].silent_tcp = true;
	question(&s, "A.example");
	for (int ms = 0; ms < DNS_LATE_MS - 100; ms += 100)
		pass(r, 100);
	assert_int_equal(s.replies, 0);
	pass(r, 100);
	expect_stale(&s);
	/* it still waits for the answer, and is told nothing more */
	assert_int_equal(r->limits.dns_waiters.used, 1);
	for (int i = 0; i < 60; i++)
		pass(r, 100);
	assert_int_equal(s.replies, 1);
	assert_int_equal(r->limits.dns_waiters.used, 0);
	serve_end(&s);
}

/* Who comes later for the same name does not wait anew. */
static void joined_late(void **state)
{
	static struct serving s;
	struct rig *r = *state;

	serve(&s, state, DAY);
	known(&s, "a.example");
	r->stubs[0].silent = r->stubs[0].silent_tcp = true;
	question(&s, "a.example");
	for (int ms = 0; ms < DNS_LATE_MS; ms += 100)
		pass(r, 100);
	expect_stale(&s);
	question(&s, "a.example");
	pass(r, 0);
	expect_stale(&s);
	serve_end(&s);
}

/* The answer that comes after all is kept. */
static void refreshed_late(void **state)
{
	static struct serving s;
	struct rig *r = *state;
	uint8_t to[REPLY];

	serve(&s, state, DAY);
	known(&s, "a.example");
	r->stubs[0].silent = r->stubs[0].silent_tcp = true;
	question(&s, "a.example");
	for (int ms = 0; ms < DNS_LATE_MS; ms += 100)
		pass(r, 100);
	expect_stale(&s);
	sendto(r->stubs[0].udp, to,
		reply_to(&r->stubs[0], r->stubs[0].last, r->stubs[0].last_size, to, false), 0,
		(struct sockaddr *)&r->stubs[0].from, sizeof r->stubs[0].from);
	UNTIL(r, r->limits.dns_waiters.used == 0);
	assert_int_equal(s.replies, 1);
	question(&s, "a.example");
	expect(&s, DNS_FROM_CACHE, DNS_RCODE_NOERROR);
	assert_int_equal(s.answer->rr[0].ttl, 60);
	serve_end(&s);
}

/* ---- failure ---- */

static void failure_is_no_answer(void **state)
{
	static struct serving s;
	struct rig *r = *state;

	serve(&s, state, DAY);
	known(&s, "a.example");
	r->stubs[0].rcode = DNS_RCODE_SERVFAIL;
	question(&s, "a.example");
	UNTIL(r, s.replies == 1);
	expect_stale(&s);
	size_t asked = r->stubs[0].asked;
	r->now += 29000;
	question(&s, "a.example");
	expect_stale(&s); /* at once: nobody is asked for 30 s */
	assert_int_equal(r->stubs[0].asked, asked);
	r->now += 1001;
	r->stubs[0].rcode = 0;
	question(&s, "a.example");
	assert_int_equal(s.replies, 0);
	UNTIL(r, s.replies == 1);
	expect(&s, DNS_FROM_FORWARDER, DNS_RCODE_NOERROR);
	assert_int_equal(r->stubs[0].asked, asked + 1);
	question(&s, "a.example");
	expect(&s, DNS_FROM_CACHE, DNS_RCODE_NOERROR);
	serve_end(&s);
}

static void that_it_does_not_exist_is_an_answer(void **state)
{
	static struct serving s;
	struct rig *r = *state;

	serve(&s, state, DAY);
	known(&s, "a.example");
	r->stubs[0].rcode = DNS_RCODE_NXDOMAIN;
	question(&s, "a.example");
	UNTIL(r, s.replies == 1);
	expect(&s, DNS_FROM_FORWARDER, DNS_RCODE_NXDOMAIN);
	serve_end(&s);
}

static void too_old(void **state)
{
	static struct serving s;
	struct rig *r = *state;

	serve(&s, state, DAY);
	known(&s, "a.example");
	r->now += DAY;
	r->stubs[0].rcode = DNS_RCODE_SERVFAIL;
	question(&s, "a.example");
	UNTIL(r, s.replies == 1);
	expect(&s, DNS_FROM_FORWARDER, DNS_RCODE_SERVFAIL);
	serve_end(&s);
}

static void off(void **state)
{
	static struct serving s;
	struct rig *r = *state;

	serve(&s, state, 0);
	known(&s, "a.example");
	r->stubs[0].silent = r->stubs[0].silent_tcp = true;
	question(&s, "a.example");
	for (int i = 0; i < 60; i++)
		pass(r, 100);
	expect(&s, DNS_FROM_FORWARDER, DNS_RCODE_SERVFAIL);
	serve_end(&s);
}

/* A full table is no reason to say nothing. */
static void no_place_to_wait(void **state)
{
	static struct serving s;
	struct rig *r = *state;

	serve(&s, state, DAY);
	known(&s, "a.example");
	r->limits.dns_waiters.max = 0;
	question(&s, "a.example");
	expect_stale(&s);
	question(&s, "b.example");
	assert_int_equal(s.replies, 1);
	assert_int_equal(s.answer->rcode, DNS_RCODE_SERVFAIL);
	serve_end(&s);
}

/* ---- the chain ---- */

/* The alias is the chain's and always fresh; what it leads to may have expired. */
static void behind_an_alias(void **state)
{
	static struct serving s;
	struct rig *r = *state;

	serve(&s, state, DAY);
	records = "{\"type\":\"CNAME\",\"domain\":\"@\",\"host\":\"to.example\",\"ttl\":300}";
	known(&s, "x.ygg");
	r->stubs[0].rcode = DNS_RCODE_SERVFAIL;
	question(&s, "x.ygg");
	UNTIL(r, s.replies == 1);
	expect_stale(&s);
	assert_int_equal(s.answer->count, 2);
	assert_int_equal(s.answer->rr[0].type, DNS_TYPE_CNAME);
	assert_int_equal(s.answer->rr[0].ttl, 300);
	r->stubs[0].rcode = 0;
	r->stubs[0].silent = r->stubs[0].silent_tcp = true;
	r->now += 30001;
	question(&s, "x.ygg");
	for (int ms = 0; ms < DNS_LATE_MS; ms += 100)
		pass(r, 100);
	expect_stale(&s);
	serve_end(&s);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(after_a_while_the_expired_one, begin, end),
		cmocka_unit_test_setup_teardown(joined_late, begin, end),
		cmocka_unit_test_setup_teardown(refreshed_late, begin, end),
		cmocka_unit_test_setup_teardown(failure_is_no_answer, begin, end),
		cmocka_unit_test_setup_teardown(that_it_does_not_exist_is_an_answer, begin, end),
		cmocka_unit_test_setup_teardown(too_old, begin, end),
		cmocka_unit_test_setup_teardown(off, begin, end),
		cmocka_unit_test_setup_teardown(no_place_to_wait, begin, end),
		cmocka_unit_test_setup_teardown(behind_an_alias, begin, end),
	};

	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
