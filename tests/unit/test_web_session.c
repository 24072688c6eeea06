/* Sessions: when they begin and end, with a clock of the test; whose turn it is to log in. */
#include <stdlib.h>

#include "base/mem.h"
#include "config/limits.h"
#include "net/addr.h"
#include "tests/unit/main.h"
#include "web/login_queue.h"
#include "web/session.h"

static struct limits limits;
static uint64_t now;
static struct rng_seeded seed;
static struct rng rng;
static struct sessions all;
static struct login_queue queue;

static uint64_t mono(void *ctx)
{
	(void)ctx;
	return now;
}

static const struct clock by_hand = {NULL, mono, NULL};

static int begin(void **state)
{
	(void)state;
	limits_default(&limits);
	now = 1000000;
	rng = rng_from_seed(&seed, 7);
	sessions_init(&all, &limits, &by_hand, &rng);
	login_queue_init(&queue, &limits, &by_hand, 7);
	return 0;
}

static int end(void **state)
{
	(void)state;
	sessions_end_all(&all);
	login_queue_free(&queue);
	assert_int_equal(limits.web_sessions.used, 0);
	assert_int_equal(limits.web_logins.used, 0);
	assert_int_equal(limits.web_login_networks.used, 0);
	assert_int_equal(mem_blocks(), 0);
	return 0;
}

/* ---- sessions ---- */

static void test_a_session(void **state)
{
	char one[SESSION_TEXT_MAX], two[SESSION_TEXT_MAX], token[SESSION_TEXT_MAX],
		again[SESSION_TEXT_MAX];
	(void)state;

	assert_int_equal(sessions_begin(&all, one), ERR_OK);
	assert_int_equal(sessions_begin(&all, two), ERR_OK);
	assert_int_equal(strlen(one), 64);
	assert_int_equal(strspn(one, "0123456789abcdef"), 64);
	assert_string_not_equal(one, two);
	assert_true(sessions_use(&all, one, token));
	assert_int_equal(strlen(token), 64);
	assert_string_not_equal(one, token);
	assert_true(sessions_use(&all, one, again));
	assert_string_equal(token, again);
	assert_true(sessions_use(&all, two, again));
	assert_string_not_equal(token, again);
	sessions_end(&all, one);
	assert_false(sessions_use(&all, one, token));
	assert_true(sessions_use(&all, two, token));
	sessions_end_all(&all);
	assert_false(sessions_use(&all, two, token));
}

static void test_cookies_of_nobody(void **state)
{
	static const char *const wrong[] = {"", "0", "zz",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"};
	char cookie[SESSION_TEXT_MAX], token[SESSION_TEXT_MAX];
	(void)state;

	assert_int_equal(sessions_begin(&all, cookie), ERR_OK);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_false(sessions_use(&all, wrong[i], token));
		sessions_end(&all, wrong[i]);
	}
	assert_true(sessions_use(&all, cookie, token));
	/* The token is no cookie. */
	assert_false(sessions_use(&all, token, cookie));
}

static void test_idle_and_old(void **state)
{
	char cookie[SESSION_TEXT_MAX], token[SESSION_TEXT_MAX];
	(void)state;

	sessions_begin(&all, cookie);
	for (int day = 0; day < 6; day++) {
		now += limits.web_session_idle.max - 1;
		assert_true(sessions_use(&all, cookie, token));
	}
	now += limits.web_session_idle.max - 1;
	assert_true(sessions_use(&all, cookie, token));
	now += 7; /* a week is over */
	assert_false(sessions_use(&all, cookie, token));
	sessions_begin(&all, cookie);
	now += limits.web_session_idle.max;
	assert_int_equal(sessions_count(&all), 0);
	assert_false(sessions_use(&all, cookie, token));
	limits.web_session_life.max = 5;
	sessions_begin(&all, cookie);
	now += 5;
	assert_false(sessions_use(&all, cookie, token));
}

/* The table is full: the session that was not used for longest ends. */
static void test_full(void **state)
{
	char cookies[4][SESSION_TEXT_MAX], token[SESSION_TEXT_MAX];
	(void)state;

	limits.web_sessions.max = 3;
	for (int i = 0; i < 3; i++)
		sessions_begin(&all, cookies[i]);
	sessions_use(&all, cookies[0], token);
	sessions_begin(&all, cookies[3]);
	assert_int_equal(limits.web_sessions.hits, 1);
	assert_int_equal(sessions_count(&all), 3);
	assert_true(sessions_use(&all, cookies[0], token));
	assert_false(sessions_use(&all, cookies[1], token));
	assert_true(sessions_use(&all, cookies[2], token));
	assert_true(sessions_use(&all, cookies[3], token));
	limits.web_sessions.max = 1; /* a reload */
	sessions_begin(&all, cookies[1]);
	assert_int_equal(sessions_count(&all), 1);
}

/* ---- the queue ---- */

static uint64_t gave_way, wait_ms;

static bool add(const char *from, uint64_t call)
{
	struct netaddr a;

	assert_true(netaddr_parse_loose(slice_str(from), 1, &a));
	return login_queue_add(&queue, &a, call, "guess", &gave_way);
}

/* The number of the attempt that is tried next; 0 = none now. */
static uint64_t next(bool right)
{
	struct login_attempt *a = login_queue_next(&queue, &wait_ms);
	uint64_t call = a ? a->call : 0;

	if (a) {
		assert_string_equal(a->password, "guess");
		login_queue_done(&queue, a, right);
	}
	return call;
}

/* So many attempts of this network fail. */
static void guess_wrong(const char *from, int n)
{
	for (int i = 0; i < n; i++) {
		assert_true(add(from, 99));
		assert_int_equal(next(false), 99);
		now += 1000;
	}
}

static void test_in_turn(void **state)
{
	(void)state;

	assert_int_equal(next(false), 0);
	assert_true(wait_ms == UINT64_MAX);
	assert_true(add("192.0.2.1", 1) && add("192.0.2.2", 2) && add("198.51.100.1", 3));
	assert_int_equal(next(false), 1);
	/* 192.0.2.0/24 has failed once now. */
	assert_int_equal(next(false), 3);
	assert_int_equal(next(true), 2);
	assert_int_equal(next(true), 0);
}

/* After some failures there is a pause between two attempts of a network, and of it alone. */
static void test_slowed(void **state)
{
	(void)state;

	guess_wrong("192.0.2.1", 5);
	assert_true(add("192.0.2.1", 1) && add("192.0.2.200", 2) && add("192.0.3.1", 3));
	assert_int_equal(next(false), 3);
	assert_int_equal(next(false), 1);
	assert_int_equal(next(false), 0);
	assert_int_equal(wait_ms, 200);
	now += 199;
	assert_int_equal(next(false), 0);
	assert_int_equal(wait_ms, 1);
	now++;
	assert_int_equal(next(true), 2);
	/* The right password ends the pauses. */
	assert_true(add("192.0.2.1", 4) && add("192.0.2.1", 5));
	assert_int_equal(next(false), 4);
	assert_int_equal(next(false), 5);
}

static void test_failures_are_forgotten(void **state)
{
	(void)state;

	guess_wrong("192.0.2.1", 9);
	now += 600000;
	assert_true(add("192.0.2.1", 1) && add("192.0.2.1", 2));
	assert_int_equal(next(true), 1);
	assert_int_equal(next(true), 2);
}

/* One network takes half of the places, and one with many failures one of them: what waits of it is
 * tried within two seconds. */
static void test_places_of_a_network(void **state)
{
	(void)state;

	for (uint64_t i = 1; i <= 8; i++)
		assert_true(add("192.0.2.1", i));
	assert_false(add("192.0.2.9", 9));
	assert_int_equal(gave_way, 0);
	assert_true(add("192.0.3.1", 9));
	while (next(false))
		now += 1000;
	guess_wrong("192.0.2.1", 600);
	assert_true(add("192.0.2.1", 1));
	assert_false(add("192.0.2.1", 2));
}

static void fill(int second, int from, int n)
{
	char text[64];

	for (int i = from; i < from + n; i++) {
		snprintf(text, sizeof text, "10.%d.%d.1", second, i);
		assert_true(add(text, 100 + (uint64_t)i));
	}
}

/* A crowd gives way to a network of its own place. */
static void test_a_crowd_gives_way(void **state)
{
	(void)state;

	for (uint64_t i = 1; i <= 8; i++)
		assert_true(add("192.0.2.1", i) && add("192.0.3.1", 10 + i));
	assert_true(add("192.0.4.1", 50));
	assert_int_equal(gave_way, 18);
	assert_int_equal(limits.web_logins.hits, 1);
	assert_int_equal(limits.web_logins.used, 16);
}

/* Many networks that nobody knows: whoever failed before gives way, and newcomers among equals wait
 * for a place. */
static void test_many_networks(void **state)
{
	(void)state;

	guess_wrong("203.0.113.1", 1);
	fill(0, 0, 15);
	assert_true(add("203.0.113.1", 1));
	assert_true(add("10.0.15.1", 115));
	assert_int_equal(gave_way, 1);
	assert_false(add("10.0.16.1", 116));
	assert_false(add("203.0.113.1", 1));
}

/* Who logged in before is tried first, whatever the others do, after twelve failures, too. */
static void test_a_known_network(void **state)
{
	(void)state;

	assert_true(add("2001:db8:1:200::1", 1));
	assert_int_equal(next(true), 1);
	guess_wrong("2001:db8:1:2ff::1", 12); /* of the same /56 */
	fill(0, 0, 16);
	assert_true(add("2001:db8:1:2ab::5", 2));
	assert_int_equal(gave_way, 115);
	assert_int_equal(next(false), 2);
	struct netaddr a;
	netaddr_parse_loose(slice_str("2001:db8:1:2cd::9"), 1, &a);
	assert_true(login_queue_knows(&queue, &a));
	netaddr_parse_loose(slice_str("10.0.3.1"), 1, &a);
	assert_false(login_queue_knows(&queue, &a));
	/* So is this machine, from the start. */
	assert_true(add("127.0.0.1", 3));
	assert_int_equal(next(false), 3);
}

/* One of four turns is for who waits longest: nobody waits for ever. */
static void test_nobody_starves(void **state)
{
	int turns = 0;
	(void)state;

	guess_wrong("203.0.113.1", 10);
	assert_true(add("203.0.113.1", 1));
	for (int i = 0; i < 8; i++) {
		fill(0, i, 1);
		turns++;
		if (next(false) == 1)
			break;
	}
	assert_in_range(turns, 1, 4);
}

/* The table of networks is full: the one that was quiet for longest goes, a known one last. */
static void test_networks_are_bounded(void **state)
{
	(void)state;

	limits.web_login_networks.max = 16;
	assert_true(add("192.0.2.1", 1));
	assert_int_equal(next(true), 1);
	for (int i = 0; i < 40; i++) {
		char text[32];
		now += 10;
		snprintf(text, sizeof text, "10.0.%d.1", i);
		assert_true(add(text, 5));
		assert_int_equal(next(false), 5);
	}
	assert_int_equal(limits.web_login_networks.used, 16);
	fill(1, 0, 15);
	assert_true(add("192.0.2.1", 2));
	assert_int_equal(next(true), 2);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_session, begin, end),
		cmocka_unit_test_setup_teardown(test_cookies_of_nobody, begin, end),
		cmocka_unit_test_setup_teardown(test_idle_and_old, begin, end),
		cmocka_unit_test_setup_teardown(test_full, begin, end),
		cmocka_unit_test_setup_teardown(test_in_turn, begin, end),
		cmocka_unit_test_setup_teardown(test_slowed, begin, end),
		cmocka_unit_test_setup_teardown(test_failures_are_forgotten, begin, end),
		cmocka_unit_test_setup_teardown(test_places_of_a_network, begin, end),
		cmocka_unit_test_setup_teardown(test_a_crowd_gives_way, begin, end),
		cmocka_unit_test_setup_teardown(test_many_networks, begin, end),
		cmocka_unit_test_setup_teardown(test_a_known_network, begin, end),
		cmocka_unit_test_setup_teardown(test_nobody_starves, begin, end),
		cmocka_unit_test_setup_teardown(test_networks_are_bounded, begin, end),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
