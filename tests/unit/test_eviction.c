/* Who has to go when all places are taken: nothing that an attacker can have keeps a stranger out,
 * and what an honest peer is worth keeps it in. */
#include "tests/unit/clients_rig.h"
#include "tests/unit/main.h"

enum { PLACES = 8 };

static const char *const crowd = "127.5.0.1";

static void begin_empty(struct rig *r, size_t places)
{
	clients_begin(r);
	r->a.limits.max_per_address.max = r->a.limits.max_per_group.max = CLIENTS;
	r->a.limits.max_inbound.max = places;
	side_start(r, &r->a);
}

/* All places are taken by one network. */
static void begin(struct rig *r)
{
	begin_empty(r, PLACES);
	for (int n = 0; n < PLACES; n++)
		greet(r, n, crowd);
}

static void expect_gone(struct rig *r, int n)
{
	UNTIL(r, r->a.gone == 1);
	assert_false(stays(r, n));
}

/* As near as can be, all of them, and each gave a block: a stranger comes in all the same. */
static void test_one_network_cannot_take_all(void **state)
{
	struct rig r;
	char from[32];
	(void)state;

	begin(&r);
	for (int n = 0; n < PLACES; n++) {
		p2p_note_rtt(r.a.p, r.a.ids[n], 1);
		p2p_credit(r.a.p, r.a.ids[n]);
	}
	for (int n = PLACES; n < 2 * PLACES - 1; n++) {
		snprintf(from, sizeof from, "127.6.0.%d", n);
		greet(&r, n, from);
	}
	for (int n = PLACES; n < 2 * PLACES - 1; n++)
		assert_true(stays(&r, n));
	assert_int_equal(
		r.a.gone, PLACES - 1); /* all but one of the crowd, which is a network, too */
	struct raw *more = come(&r, 2 * PLACES - 1, crowd);
	UNTIL(&r, raw_is_closed(more));
	clients_end(&r);
}

/* The three that gave blocks last stay; there is no room for the fourth. */
static void test_latest_blocks(void **state)
{
	static const int gave[] = {4, 7, 6, 5};
	struct rig r;
	(void)state;

	begin(&r);
	for (size_t i = 0; i < sizeof gave / sizeof gave[0]; i++) {
		p2p_credit(r.a.p, r.a.ids[gave[i]]);
		turns(&r, 3);
	}
	greet(&r, PLACES, "127.6.0.1");
	expect_gone(&r, 4);
	clients_end(&r);
}

/* A block that came again counts as the latest. */
static void test_blocks_again(void **state)
{
	static const int gave[] = {4, 7, 6, 5, 4};
	struct rig r;
	(void)state;

	begin(&r);
	for (size_t i = 0; i < sizeof gave / sizeof gave[0]; i++) {
		p2p_credit(r.a.p, r.a.ids[gave[i]]);
		turns(&r, 3);
	}
	greet(&r, PLACES, "127.6.0.1");
	expect_gone(&r, 7);
	clients_end(&r);
}

/* Of equally near ones the first that came. */
static void test_round_trips(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	for (int n = 1; n < PLACES; n++)
		p2p_note_rtt(r.a.p, r.a.ids[n], n < 6 ? 9 : 5);
	greet(&r, PLACES, "127.6.0.1"); /* spared are 0, for the network, then 6, 7 and 1 */
	expect_gone(&r, 5);
	clients_end(&r);
}

/* The largest network came first and is safe whole: one as one of its network, four for their age.
 */
static void test_age(void **state)
{
	static const char *const from[] = {"127.5.0.1", "127.6.0.1", "127.7.0.1", "127.8.0.1"};
	static const int last[] = {5, 9, 13, 16}; /* where each network ends */
	struct rig r;
	int n = 0;
	(void)state;

	begin_empty(&r, 16);
	for (int network = 0; network < 4; network++)
		while (n < last[network])
			greet(&r, n++, from[network]);
	greet(&r, n, "127.9.0.1");
	expect_gone(&r, 12);
	clients_end(&r);
}

/* Three networks share the places as evenly as can be: nobody is pushed out in its first minute,
 * then each goes in turn. Spared are 0, 1 and 2 for their networks, 3 and 4 for their age. */
static void test_in_turn(void **state)
{
	static const char *const from[] = {"127.5.0.1", "127.6.0.1", "127.7.0.1"};
	static const int newcomers[] = {2, 0, 2, 1, 2, 0}, goes[] = {6, 5, 7, 8, 9, 10};
	struct rig r;
	int n;
	(void)state;

	begin_empty(&r, 11);
	for (n = 0; n < 11; n++)
		greet(&r, n, from[n % 3]);
	rig_ahead = 52000;
	struct raw *early = come(&r, n, from[2]);
	UNTIL(&r, raw_is_closed(early));
	assert_int_equal(r.a.limits.max_inbound.hits, 1);
	assert_int_equal(r.a.gone, 0);
	raw_close(early);
	rig_ahead = 61000;
	for (int i = 0; i < 6; i++) {
		greet(&r, n++, from[newcomers[i]]);
		UNTIL(&r, r.a.gone == (size_t)i + 1);
		assert_false(stays(&r, goes[i]));
	}
	struct raw *late = come(&r, n, from[1]); /* the others are new */
	UNTIL(&r, raw_is_closed(late));
	raw_close(late);
	rig_ahead += 61000;
	late = come(&r, n, from[0]); /* no network has more than its own */
	UNTIL(&r, raw_is_closed(late));
	assert_int_equal(r.a.gone, 6);
	clients_end(&r);
}

/* A handshake that had its second goes before those who have a place. */
static void test_handshakes_have_no_place(void **state)
{
	struct rig r;
	(void)state;

	begin_empty(&r, 5);
	greet(&r, 0, "127.5.0.1");
	greet(&r, 1, "127.6.0.1");
	greet(&r, 2, "127.7.0.1");
	greet(&r, 3, "127.8.0.1");
	rig_ahead = 61000;
	come(&r, 4, "127.9.0.1");
	UNTIL(&r, stats_of(&r.a).half_open == 1);
	rig_ahead += 1000;
	greet(&r, 5, "127.10.0.1");
	UNTIL(&r, raw_is_closed(&clients[4]));
	assert_int_equal(r.a.gone, 0);
	clients_end(&r);
}

/* Handshakes of one network are no obstacle either, and they need not be old. */
static void test_handshakes_of_a_crowd(void **state)
{
	struct rig r;
	(void)state;

	begin_empty(&r, CLIENTS);
	r.a.limits.max_half_open.max = 4;
	come(&r, 0, "127.6.0.1");
	for (int n = 1; n < 4; n++) {
		come(&r, n, crowd);
		UNTIL(&r, stats_of(&r.a).half_open == (size_t)n + 1);
		turns(&r, 3);
	}
	greet(&r, 4, "127.7.0.1");
	UNTIL(&r, raw_is_closed(&clients[1]));
	assert_int_equal(closed_for(&r.a, CLOSE_EVICTED), 1);
	come(&r, 5, "127.8.0.1");
	UNTIL(&r, stats_of(&r.a).half_open == 4);
	struct raw *late =
		come(&r, 6, "127.6.0.1"); /* a second one, of the crowd two are left: no */
	UNTIL(&r, raw_is_closed(late));
	assert_int_equal(closed_for(&r.a, CLOSE_EVICTED), 1);
	clients_end(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_network_cannot_take_all),
		cmocka_unit_test(test_latest_blocks),
		cmocka_unit_test(test_blocks_again),
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_in_turn),
		cmocka_unit_test(test_handshakes_have_no_place),
		cmocka_unit_test(test_handshakes_of_a_crowd),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, clients_setup, clients_teardown);
}
