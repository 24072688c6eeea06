/* A peer of release 0.10 that wants a block again, or comes on without us: who proves, who is
 * silent, and who is left alone. sync/announce.c */
#include "tests/unit/main.h"
#include "tests/unit/announce_rig.h"

/* A block that it wants again: GetPeers, and after its answer one Ping. */
static void test_repeats(void **state)
{
	static const uint64_t silence[] = {300, 600, 1200, 2400, 4800, 4800};
	struct node_peer *np = begin();
	(void)state;

	asks(np, 11);
	for (size_t i = 0; i < sizeof silence / sizeof silence[0]; i++) {
		uint64_t begun = rig.mono;
		repeats(np, 11);
		assert_int_equal(until(MSG_GET_PEERS), 10);
		repeats(np, 11);
		rig_sends_peers(&rig, PEER);
		repeats(np, 11);
		until(MSG_PING);
		assert_int_equal(rig.mono - begun, silence[i]);
		assert_int_equal(kicks(), i + 1);
		pass(1);
		asks(np, 11);
	}
	repeats(np, 12); /* it came on: quick again */
	uint64_t begun = rig.mono;
	until(MSG_GET_PEERS);
	rig_sends_peers(&rig, PEER);
	until(MSG_PING);
	assert_int_equal(rig.mono - begun, 300);
}

static void test_no_ping_without_proof(void **state)
{
	struct node_peer *np = begin();
	(void)state;

	asks(np, 11);
	repeats(np, 11);
	assert_int_equal(until(MSG_PING), LONG);
	assert_in_range(kicks(), 20, 25);
	asks(np, 12);
	assert_int_equal(until(MSG_PING), LONG);
	rig_sends_peers(&rig, PEER);
	assert_int_equal(until(MSG_PING), 10);
}

/* It wanted block 11 when the look began, and `index` when that ended. */
static struct node_peer *looked(uint64_t usual, uint64_t index)
{
	struct node_peer *np = begin();

	asks(np, 11);
	np->announce.usual_ms = usual;
	repeats(np, 11);
	until(MSG_GET_PEERS);
	rig_sends_peers(&rig, PEER);
	until(MSG_PING);
	asks(np, index);
	return np;
}

static void test_is_it_driven(void **state)
{
	(void)state;
	looked(10, 11 + 11); /* it could take 300 / (8 + 10) blocks in that time */
	assert_int_equal(until(MSG_PING), 10);
	looked(10, 11 + 12);
	assert_true(until(MSG_PING) > 600);
	looked(200, 11 + 2);
	assert_int_equal(until(MSG_PING), 10);
	looked(200, 11 + 3);
	assert_true(until(MSG_PING) > 600);
}

/* It is left alone; GetPeers and a Ping tell where it is, 300 ms later another one whether it
 * moves. */
static void test_passive(void **state)
{
	static const uint64_t passive[] = {1250, 2500, 5000, 5000};
	struct node_peer *np = looked(200, 11 + 3);
	(void)state;

	for (size_t i = 0; i < sizeof passive / sizeof passive[0]; i++) {
		asks(np, 15 + 6 * i); /* the tick of it; it is served, and no Ping follows */
		uint64_t took = until(MSG_GET_PEERS);
		assert_in_range(took, passive[i] / 2 + 10, passive[i] / 2 + passive[i] + 10);
		rig_sends_peers(&rig, PEER);
		assert_int_equal(until(MSG_PING), 10);
		asks(np, 16 + 6 * i);
		uint64_t begun = rig.mono;
		assert_int_equal(until(MSG_GET_PEERS), 10);
		rig_sends_peers(&rig, PEER);
		until(MSG_PING);
		assert_int_equal(rig.mono - begun, 300);
		asks(np, 16 + 6 * i + 3);
	}
	until(MSG_GET_PEERS);
	rig_sends_peers(&rig, PEER);
	until(MSG_PING);
	asks(np, 38);
	until(MSG_GET_PEERS);
	rig_sends_peers(&rig, PEER);
	until(MSG_PING);
	asks(np, 39); /* ours alone */
	assert_int_equal(until(MSG_PING), 10);
	assert_int_equal(np->announce.driven, 0);
}

static void test_passive_times_differ(void **state)
{
	uint64_t least = LONG, most = 0;
	(void)state;

	for (int i = 0; i < 200; i++) {
		looked(200, 11 + 3);
		uint64_t took = until(MSG_GET_PEERS) - 10;
		least = took < least ? took : least;
		most = took > most ? took : most;
	}
	assert_in_range(least, 625, 700);
	assert_in_range(most, 1800, 1874);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repeats),
		cmocka_unit_test(test_no_ping_without_proof),
		cmocka_unit_test(test_is_it_driven),
		cmocka_unit_test(test_passive),
		cmocka_unit_test(test_passive_times_differ),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, make_rig, free_rig);
}
