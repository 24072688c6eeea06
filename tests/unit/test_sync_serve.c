/* The sync engine with model peers: serving, and feeding those of release 0.10. */
#include "tests/unit/main.h"
#include "tests/unit/sync_rig.h"

/* protocol.md 5.14: a repeated GetBlock is not answered before the first Block is proven read. */
static void test_never_twice(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 5);
	rig_fill(&r, &b, 5);
	struct node_peer *np = rig_peer(&r, 1, false, 2);
	assert_int_equal(serve_get_block(&r.serve, np, 3), SERVE_SENT);
	assert_int_equal(serve_get_block(&r.serve, np, 3), SERVE_REPEAT);
	assert_int_equal(serve_get_block(&r.serve, np, 4), SERVE_SENT);
	assert_int_equal(serve_get_block(&r.serve, np, 6), SERVE_NONE);
	r.model[1].info.get_peers_sent = 1; /* a GetPeers of ours behind it, */
	assert_int_equal(serve_get_block(&r.serve, np, 3), SERVE_REPEAT);
	r.model[1].info.peers_received = 1; /* and its answer */
	assert_int_equal(serve_get_block(&r.serve, np, 3), SERVE_SENT);
	assert_int_equal(rig_count(&r, 1, MSG_BLOCK), 3);
	struct node_peer *own = rig_peer(&r, 2, true, 2); /* ours needs no such care */
	assert_int_equal(serve_get_block(&r.serve, own, 3), SERVE_SENT);
	assert_int_equal(serve_get_block(&r.serve, own, 3), SERVE_SENT);
	rig_end_with(&r, &b);
}

/* After a Block the driving Ping comes 10 ms later, not sooner; without an answer one GetPeers, and
 * never a second Ping. */
static void test_driving(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 10);
	rig_fill(&r, &b, 10);
	struct node_peer *np = rig_peer(&r, 1, false, 2);
	assert_int_equal(serve_get_block(&r.serve, np, 3), SERVE_SENT);
	feed_asked(&r.feed, np, 3, true, false);
	r.mono += 9;
	feed_tick(&r.feed);
	assert_int_equal(rig_count(&r, 1, MSG_PING), 0);
	r.mono += 1;
	feed_tick(&r.feed);
	assert_int_equal(rig_count(&r, 1, MSG_PING), 1);
	r.mono += 59;
	feed_tick(&r.feed);
	assert_int_equal(rig_count(&r, 1, MSG_GET_PEERS), 0);
	r.mono += 1;
	feed_tick(&r.feed);
	assert_int_equal(rig_count(&r, 1, MSG_GET_PEERS), 1);
	for (int i = 0; i < 100; i++) {
		r.mono += 50;
		feed_tick(&r.feed);
	}
	assert_int_equal(rig_count(&r, 1, MSG_PING), 1);
	assert_in_range(rig_count(&r, 1, MSG_GET_PEERS), 3, 6);
	feed_asked(&r.feed, np, 4, true, false); /* it goes on */
	r.mono += 10;
	feed_tick(&r.feed);
	assert_int_equal(rig_count(&r, 1, MSG_PING), 2);
	feed_height(&r.feed, np, 10, true); /* it is up to date: leave it alone */
	unsigned kicks = rig_count(&r, 1, MSG_GET_PEERS);
	for (int i = 0; i < 100; i++) {
		r.mono += 50;
		feed_tick(&r.feed);
	}
	assert_int_equal(rig_count(&r, 1, MSG_PING), 2);
	assert_int_equal(rig_count(&r, 1, MSG_GET_PEERS), kicks);
	rig_end_with(&r, &b);
}

/* Time passes for the driven peer alone. */
static void drive_for(struct rig *r, unsigned ms)
{
	for (; ms; ms -= 10) {
		r->mono += 10;
		feed_tick(&r->feed);
	}
}

/* A peer that was kicked, and asked before it answered the kick: the late answer is about the time
 * before the last driving Ping. Two stalls in a row, not one, mean that another node drives it. */
static void test_answers_to_kicks(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 10);
	rig_fill(&r, &b, 10);
	struct node_peer *np = rig_peer(&r, 1, false, 2);
	feed_asked(&r.feed, np, 3, true, false);
	drive_for(&r, 80);
	assert_int_equal(rig_count(&r, 1, MSG_GET_PEERS), 1);
	feed_asked(&r.feed, np, 4, true, false);
	drive_for(&r, 20);
	assert_int_equal(rig_count(&r, 1, MSG_PING), 2);
	feed_kick_answered(&r.feed, np); /* the old one */
	drive_for(&r, 40);
	assert_int_equal(rig_count(&r, 1, MSG_PING), 2);
	drive_for(&r, 200);
	assert_int_equal(rig_count(&r, 1, MSG_GET_PEERS), 2);
	feed_kick_answered(&r.feed, np); /* the Ping was read, and not followed */
	drive_for(&r, 20);
	assert_int_equal(rig_count(&r, 1, MSG_PING), 3);
	drive_for(&r, 300);
	feed_kick_answered(&r.feed, np); /* again: leave it alone for a while */
	drive_for(&r, 2000);
	assert_int_equal(rig_count(&r, 1, MSG_PING), 3);
	drive_for(&r, 6000);
	assert_int_equal(rig_count(&r, 1, MSG_PING), 4);
	rig_end_with(&r, &b);
}

static void test_new_block_is_announced_at_once(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 5);
	rig_fill(&r, &b, 4);
	for (peer_id id = 1; id <= 3; id++)
		rig_peer(&r, id, id == 1, 4);
	rig_pass(&r, 2000);
	r.sent_count = 0;
	rig_tells(&r, 3, &b, 5);
	rig_serves(&r, 3, &b);
	assert_true(rig_on(&r, &b));
	r.mono += 1;
	feed_tick(&r.feed);
	assert_int_equal(rig_count(&r, 1, MSG_PING), 1);
	assert_int_equal(rig_count(&r, 2, MSG_PING), 1);
	assert_int_equal(rig_count(&r, 3, MSG_PING), 0); /* it told us */
	rig_end_with(&r, &b);
}

/* All tests, or those that the pattern names. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_never_twice),
		cmocka_unit_test(test_driving),
		cmocka_unit_test(test_answers_to_kicks),
		cmocka_unit_test(test_new_block_is_announced_at_once),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
