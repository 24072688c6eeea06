/* When a peer of release 0.10 gets a Ping, a GetPeers, or is left alone: each time and number of
 * sync/announce.c and sync/announce_send.c. How fast it all is: test_feed_rates.c. */
#include "tests/unit/main.h"
#include "tests/unit/announce_rig.h"

/* ---- driving ---- */

static void test_gap(void **state)
{
	struct node_peer *np = begin();
	(void)state;

	announce_peer_ready(&rig.announce, np);
	assert_int_equal(until(MSG_PING), 10);
	assert_int_equal(told(), OURS);
	asks(np, 11);
	assert_int_equal(until(MSG_PING), 10);
	asks(np, OURS); /* did it take the last block? */
	assert_int_equal(until(MSG_PING), 10);
	pongs(np, OURS);
	assert_int_equal(until(MSG_PING), LONG);
	assert_int_equal(kicks(), 0);
	announce_asked(&rig.announce, np, OURS + 1, false, false); /* which we do not have */
	assert_int_equal(until(MSG_PING), LONG);
}

/* A Ping that is not answered is never followed by a second one. */
static void test_kicks(void **state)
{
	static const uint64_t after[] = {60, 300, 300, 300, 5000, 5000, 5000};
	struct node_peer *np = begin();
	(void)state;

	asks(np, 11);
	until(MSG_PING);
	for (size_t i = 0; i < sizeof after / sizeof after[0]; i++)
		assert_int_equal(until(MSG_GET_PEERS), after[i]);
	assert_int_equal(pings(), 1);
}

static void test_patience(void **state)
{
	struct node_peer *np = begin();
	(void)state;

	driven_in(np, 11, 50);
	until(MSG_PING);
	assert_int_equal(until(MSG_GET_PEERS), 100); /* twice the usual time */
	np->announce.kicks = 0;
	np->announce.usual_ms = 100;
	np->sync.rtt_ms = 7;
	driven_in(np, 13, 20); /* (7 × 100 + 20) / 8 */
	until(MSG_PING);
	assert_int_equal(until(MSG_GET_PEERS), 2 * 90 + 7);
	np = begin();
	np->announce.usual_ms = 249;
	asks(np, 11);
	until(MSG_PING);
	assert_int_equal(until(MSG_GET_PEERS), 498);
	np = begin();
	np->announce.usual_ms = 300;
	asks(np, 11);
	until(MSG_PING);
	assert_int_equal(until(MSG_GET_PEERS), 500);
}

/* A Ping that lay unread until the kick came too early: the next one is later. */
static void test_unread_pings(void **state)
{
	static const uint64_t gap[] = {15, 20, 25, 30, 30};
	struct node_peer *np = begin();
	(void)state;

	asks(np, 11);
	until(MSG_PING);
	for (size_t i = 0; i < sizeof gap / sizeof gap[0]; i++) {
		until(MSG_GET_PEERS);
		pass(i ? 1 : 30);
		asks(np, 12 + i);
		assert_int_equal(until(MSG_PING), gap[i]);
	}
	assert_int_equal(np->announce.usual_ms, 0);
	np = begin();
	driven_in(np, 11, 60 + 31); /* slow, and not because of the kick */
	assert_int_equal(kicks(), 1);
	assert_int_equal(np->announce.usual_ms, 60 + 31);
	assert_int_equal(until(MSG_PING), 10);
}

/* GetPeers goes out by the peer exchange too: only the announcer's own tells it something. */
static void test_whose_answer(void **state)
{
	struct node_peer *np = begin();
	(void)state;

	rig.model[PEER].info.get_peers_sent++; /* the peer exchange's */
	asks(np, 11);
	until(MSG_PING);
	until(MSG_GET_PEERS);
	rig_sends_peers(&rig, PEER);
	assert_int_equal(np->announce.stalls, 0);
	assert_int_equal(until(MSG_GET_PEERS), 300);
	rig_sends_peers(&rig, PEER); /* the first of the two: the Ping was read and not followed */
	assert_int_equal(until(MSG_PING), 10);
	assert_int_equal(pings(), 2);
	rig_sends_peers(&rig, PEER); /* that GetPeers stood before the Ping */
	assert_int_equal(until(MSG_GET_PEERS), 60);
	asks(np, 12);
	rig_sends_peers(&rig, PEER); /* it has answered already */
	assert_int_equal(np->announce.stalls, 0);
	assert_int_equal(until(MSG_PING), 15);
}

/* It reads and answers, but asks nothing. */
static void test_stalls(void **state)
{
	struct node_peer *np = begin();
	(void)state;

	asks(np, 11);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(until(MSG_PING), 10);
		assert_int_equal(until(MSG_GET_PEERS), 60);
		rig_sends_peers(&rig, PEER);
	}
	uint64_t begun = rig.mono;
	assert_int_equal(until(MSG_GET_PEERS), 10);
	rig_sends_peers(&rig, PEER);
	until(MSG_PING);
	assert_int_equal(rig.mono - begun, 600);
}

/* Our Pong makes it ask as a Ping would. */
static void test_its_own_ping(void **state)
{
	struct node_peer *np = begin();
	(void)state;

	announce_height(&rig.announce, np, 10, false);
	assert_int_equal(until(MSG_GET_PEERS), 60);
	assert_int_equal(pings(), 0);
	rig_sends_peers(&rig, PEER);
	assert_int_equal(until(MSG_PING), 10);
	pass(5);
	announce_height(&rig.announce, np, 10, false);
	assert_int_equal(until(MSG_GET_PEERS), 55);
	pass(31);
	asks(np, 11);
	announce_height(&rig.announce, np, 10, false);
	assert_int_equal(until(MSG_PING), 10);
}

/* ---- hashes that it has seen ---- */

/* It answers Pong and does not ask: it has seen the hash. Lower blocks are tried, then time. */
static void test_seen(void **state)
{
	struct node_peer *np = begin();
	(void)state;

	asks(np, 11);
	until(MSG_PING);
	assert_int_equal(told(), OURS);
	for (int i = 0; i < 3; i++) {
		pongs(np, 11);
		assert_int_equal(until(MSG_PING), 10);
		assert_in_range(told(), 13, OURS - 1);
	}
	asks(np, 12); /* that one it had not seen */
	until(MSG_PING);
	assert_in_range(told(), 13, OURS - 1);
	for (int i = 0; i < 2; i++) {
		pongs(np, 12);
		until(MSG_PING);
	}
	pongs(np, 12);
	assert_int_equal(until(MSG_PING), 61000);
	assert_int_equal(told(), OURS);
	pongs(np, OURS - 2); /* too near for a lower one */
	assert_int_equal(until(MSG_PING), 61000);
	assert_int_equal(kicks(), 0);
}

/* A new hash is not among those that it saw. */
static void test_new_tip(void **state)
{
	struct node_peer *np = begin();
	(void)state;

	asks(np, 11);
	until(MSG_PING);
	pongs(np, OURS - 1);
	pass(20);
	unsigned before = pings();
	announce_new_tip(&rig.announce, false);
	assert_int_equal(until(MSG_PING), 0);
	assert_int_equal(pings(), before + 1);
	np->announce.await_ms = 0;
	np->announce.lower = 1;
	announce_new_tip(&rig.announce, false);
	assert_int_equal(until(MSG_PING), 0);
	assert_int_equal(told(), OURS);
	np->announce.told--; /* as if the tip had moved since */
	pongs(np, OURS - 2);
	assert_int_equal(until(MSG_PING), 10);
	announce_new_tip(&rig.announce, false); /* that Ping is not answered: no second one */
	assert_int_equal(until(MSG_PING), LONG);
	pongs(np, OURS - 2);
	asks(np, OURS - 1); /* it waits for its memory no more */
	announce_new_tip(&rig.announce, false);
	assert_int_equal(until(MSG_PING), 10);
}

/* Peers that are where we were are told at once, but once a second while the tip races. */
static void test_announcing(void **state)
{
	struct node_peer *np = begin();
	(void)state;

	rig.announce.announced = OURS - 2;
	announce_new_tip(&rig.announce, false);
	pass(998);
	assert_int_equal(pings(), 0);
	pass(2);
	assert_int_equal(pings(), 1);
	np = begin();
	rig.announce.announced = OURS - 1; /* it does not race */
	announce_new_tip(&rig.announce, false);
	assert_int_equal(until(MSG_PING), 0);
	np = begin();
	np->sync.height = OURS;
	announce_new_tip(&rig.announce, false); /* it has that */
	assert_int_equal(until(MSG_PING), LONG);
	announce_new_tip(&rig.announce, true); /* or is on the branch that we left */
	assert_int_equal(until(MSG_PING), 0);
	announce_new_tip(&rig.announce, true);
	assert_int_equal(until(MSG_PING), LONG);
}

/* ---- the connection ---- */

static enum send_result full(void *ctx, peer_id id, const struct message *m)
{
	(void)ctx;
	(void)id;
	(void)m;
	return SEND_FULL;
}

static uint64_t quiet_ms;

static uint64_t quiet(void *ctx, peer_id id)
{
	uint64_t left = quiet_ms;

	(void)ctx;
	(void)id;
	quiet_ms = 0;
	return left;
}

static void test_full_output(void **state)
{
	struct node_peer *np = begin();
	struct net net = rig.announce.net;
	(void)state;

	asks(np, 11);
	rig.announce.net.send = full;
	pass(10);
	rig.announce.net = net;
	assert_int_equal(until(MSG_PING), 300);
	pass(59);
	rig.announce.net.send = full;
	pass(1);
	rig.announce.net = net;
	assert_int_equal(until(MSG_GET_PEERS), 300);
}

/* Nothing that wants an answer stands right behind what wants none. */
static void test_quiet(void **state)
{
	struct node_peer *np = begin();
	struct net net = rig.announce.net;
	(void)state;

	rig.announce.net.send_delay_ms = quiet;
	asks(np, 11);
	quiet_ms = 7;
	assert_int_equal(until(MSG_PING), 10 + 7);
	quiet_ms = 7;
	assert_int_equal(until(MSG_GET_PEERS), 60 + 7);
	rig.announce.net = net;
}

/* Of its own kind a peer needs none of this. */
static void test_own_kind(void **state)
{
	struct node_peer *np = begin();
	(void)state;

	np->own_kind = true;
	announce_peer_ready(&rig.announce, np);
	assert_int_equal(until(MSG_PING), 0);
	asks(np, 11);
	repeats(np, 11);
	announce_height(&rig.announce, np, 11, false);
	pongs(np, 11);
	assert_int_equal(until(MSG_PING), LONG);
	assert_int_equal(kicks(), 0);
	announce_new_tip(&rig.announce, false);
	pongs(np, 11); /* of a Ping before the new tip */
	assert_int_equal(until(MSG_PING), 0);
	announce_new_tip(&rig.announce, false);
	pongs(np, OURS);
	assert_int_equal(until(MSG_PING), LONG);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_kicks),
		cmocka_unit_test(test_patience),
		cmocka_unit_test(test_unread_pings),
		cmocka_unit_test(test_whose_answer),
		cmocka_unit_test(test_stalls),
		cmocka_unit_test(test_its_own_ping),
		cmocka_unit_test(test_seen),
		cmocka_unit_test(test_new_tip),
		cmocka_unit_test(test_announcing),
		cmocka_unit_test(test_full_output),
		cmocka_unit_test(test_quiet),
		cmocka_unit_test(test_own_kind),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, make_rig, free_rig);
}
