/* Two nodes, and nodes against a raw client, over real sockets: greeting, messages, the bytes in
 * any pieces, duplicates, loops. Time-outs and other hostile behaviour are in test_p2p_hostile.c,
 * caps and the end in every phase in test_p2p_ends.c. */
#include "tests/unit/main.h"
#include "tests/unit/p2p_rig.h"

#include <arpa/inet.h>

/* ---- two nodes ---- */

static void meet(struct rig *r)
{
	side_start(r, &r->a);
	side_start(r, &r->b);
	side_dial(&r->a, &r->b.at);
	UNTIL(r, r->a.ready && r->b.ready);
}

static void test_greeting(void **state)
{
	struct rig r;
	struct peer_info i;
	(void)state;

	rig_begin(&r);
	r.a.height = 7;
	r.b.height = 9;
	meet(&r);
	assert_true(p2p_info(r.a.p, r.a.ids[0], &i));
	assert_true(i.outbound && i.ready && i.own_kind && i.is_public);
	assert_int_equal(i.height, 9);
	assert_true(netaddr_eq(&i.addr, &r.b.at));
	assert_true(p2p_info(r.b.p, r.b.ids[0], &i));
	assert_false(i.outbound);
	assert_int_equal(i.height, 0); /* Hand carries none */
	assert_string_equal(i.app_version, "0.10.0+alfisd.0.1");
	assert_int_equal(p2p_send_delay_ms(r.a.p, r.a.ids[0]), 0);
	assert_int_equal(p2p_list(r.a.p, true, (peer_id[4]){0}, 4), 1);
	p2p_close(r.a.p, r.a.ids[0], CLOSE_MISBEHAVED);
	assert_int_equal(
		p2p_send(r.a.p, r.a.ids[0], &(struct message){.type = MSG_GET_PEERS}), SEND_GONE);
	UNTIL(&r, r.a.gone && r.b.gone);
	assert_int_equal(r.a.why, CLOSE_MISBEHAVED);
	assert_int_equal(r.b.why, CLOSE_PEER);
	assert_false(p2p_info(r.a.p, r.a.ids[0], &i));
	rig_end(&r);
}

static void test_messages_both_ways(void **state)
{
	struct rig r;
	uint8_t hash[32], *block = malloc(30000);
	(void)state;

	for (int i = 0; i < 30000; i++)
		block[i] = (uint8_t)(i * 7 + i / 256);
	memset(hash, 0xc3, sizeof hash);
	rig_begin(&r);
	meet(&r);
	struct message ping = {.type = MSG_PING, .height = 12, .hash = slice_of(hash, 32)};
	assert_int_equal(p2p_send(r.a.p, r.a.ids[0], &ping), SEND_OK);
	UNTIL(&r, r.b.counts[MSG_PING]);
	assert_int_equal(r.b.number, 12);
	assert_memory_equal(r.b.hash, hash, 32);
	struct message get = {.type = MSG_GET_BLOCK, .index = 300};
	assert_int_equal(p2p_send(r.b.p, r.b.ids[0], &get), SEND_OK);
	UNTIL(&r, r.a.counts[MSG_GET_BLOCK]);
	assert_int_equal(r.a.number, 300);
	for (size_t i = 0; i < 3; i++) {
		struct message b = {.type = MSG_BLOCK, .index = i, .block = slice_of(block, 30000)};
		assert_int_equal(p2p_send(r.a.p, r.a.ids[0], &b), SEND_OK);
	}
	UNTIL(&r, r.b.counts[MSG_BLOCK] == 3);
	assert_int_equal(r.b.block_size, 30000);
	assert_memory_equal(r.b.block, block, 30000);
	rig_end(&r);
	free(block);
}

/* One side floods small messages, more than one turn takes; all arrive in order. */
static void test_many_small_frames(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	meet(&r);
	for (uint64_t i = 0; i < 2000; i++) {
		struct message m = {.type = MSG_GET_BLOCK, .index = i};
		assert_int_equal(p2p_send(r.a.p, r.a.ids[0], &m), SEND_OK);
	}
	UNTIL(&r, r.b.counts[MSG_GET_BLOCK] == 2000);
	assert_int_equal(r.b.number, 1999);
	rig_end(&r);
}

static void test_peer_exchange(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	meet(&r);
	UNTIL(&r, stats_of(&r.a).messages_in[MSG_PEERS]);
	assert_true(stats_of(&r.b).messages_in[MSG_GET_PEERS] >= 1);
	assert_true(r.a.counts[MSG_PEERS] >= 1);
	rig_end(&r);
}

/* Both dial each other: one connection stays, and it is the same one on both sides. */
static void test_duplicates(void **state)
{
	struct rig r;
	struct p2p_settings set;
	const char *at = "127.0.0.1:0";
	struct peer_info ia, ib;
	peer_id id;
	(void)state;

	for (int round = 0; round < 4; round++) {
		rig_begin(&r);
		set = side_settings(&r, &r.a);
		set.listen = &at;
		set.listen_count = 1;
		r.a.p = p2p_start(&set);
		p2p_listening(r.a.p, &r.a.at, 1);
		side_start(&r, &r.b);
		side_dial(&r.a, &r.b.at);
		side_dial(&r.b, &r.a.at);
		UNTIL(&r, closed_for(&r.a, CLOSE_DUPLICATE) + closed_for(&r.b, CLOSE_DUPLICATE));
		UNTIL(&r, p2p_list(r.a.p, true, &id, 1) == 1 && p2p_connections(r.a.p) == 1 &&
				  p2p_connections(r.b.p) == 1 &&
				  p2p_list(r.b.p, true, &id, 1) == 1);
		assert_true(p2p_list(r.a.p, true, &id, 1) && p2p_info(r.a.p, id, &ia));
		assert_true(p2p_list(r.b.p, true, &id, 1) && p2p_info(r.b.p, id, &ib));
		assert_true(ia.outbound != ib.outbound);
		turns(&r, 50);
		assert_int_equal(p2p_connections(r.a.p), 1);
		rig_end(&r);
	}
}

static void test_own_address(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	side_dial(&r.a, &r.a.at);
	UNTIL(&r, closed_for(&r.a, CLOSE_LOOP) == 2 && p2p_connections(r.a.p) == 0);
	assert_int_equal(r.a.ready, 0);
	assert_int_equal(stats_of(&r.a).messages_in[MSG_LOOP], 1);
	rig_end(&r);
}

/* ---- one node and a raw client ---- */

static struct raw w, x; /* large */

static void test_any_pieces(void **state)
{
	struct rig r;
	uint8_t bytes[HELLO_SENT_MAX];
	struct message m;
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	raw_connect(&w, &r.a.at);
	size_t n = raw_hello_bytes(&w, bytes);
	for (size_t i = 0; i < n; i++) {
		raw_send(&w, bytes + i, 1);
		turn(&r);
	}
	UNTIL(&r, raw_take_hello(&w));
	m = hand("drip");
	n = raw_frame(&w, &m);
	for (size_t i = 0; i < n; i++) {
		raw_send(&w, w.frame + i, 1);
		turn(&r);
	}
	raw_expect(&r, &w, MSG_SHAKE, &m);
	assert_int_equal(r.a.ready, 1);
	raw_close(&w);
	UNTIL(&r, r.a.gone);
	rig_end(&r);
}

/* Two frames in two pieces, cut at every place. */
static void test_every_boundary(void **state)
{
	struct rig r;
	uint8_t two[400], hash[32] = {1};
	struct message m;
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	raw_connect(&w, &r.a.at);
	raw_greet(&r, &w, "cutter");
	m = (struct message){.type = MSG_PING, .height = 5, .hash = slice_of(hash, 32)};
	size_t n = raw_frame(&w, &m);
	memcpy(two, w.frame, n);
	memcpy(two + n, w.frame, n);
	for (size_t cut = 1; cut < 2 * n; cut++) {
		raw_send(&w, two, cut);
		UNTIL(&r, r.a.counts[MSG_PING] == 2 * (cut - 1) + cut / n);
		raw_send(&w, two + cut, 2 * n - cut);
		UNTIL(&r, r.a.counts[MSG_PING] == 2 * cut);
	}
	raw_close(&w);
	rig_end(&r);
}

/* Hello and Hand in one write, then Hand again: a Shake each. Then versions and strangers. */
static void test_hands(void **state)
{
	struct rig r;
	struct message m;
	struct peer_info i;
	(void)state;

	rig_begin(&r);
	r.a.height = 22;
	side_start(&r, &r.a);
	raw_connect(&w, &r.a.at);
	raw_greet(&r, &w, "twice!");
	m = hand("twice!");
	m.version = 2;
	raw_message(&w, &m);
	raw_expect(&r, &w, MSG_SHAKE, &m);
	assert_int_equal(m.height, 22);
	assert_int_equal(m.rand_id.n, RAND_ID_SIZE);
	assert_true(slice_is(m.origin, TEST_ORIGIN));
	assert_int_equal(r.a.ready, 1);
	assert_true(p2p_info(r.a.p, r.a.ids[0], &i));
	assert_false(i.own_kind);
	assert_true(p2p_send_delay_ms(r.a.p, r.a.ids[0]) > 0);
	UNTIL(&r, p2p_send_delay_ms(r.a.p, r.a.ids[0]) == 0);
	raw_close(&w);
	UNTIL(&r, r.a.gone == 1);

	/* no Hand at all: served, as the network's own node does */
	raw_connect(&x, &r.a.at);
	raw_hello(&r, &x);
	m = (struct message){.type = MSG_GET_BLOCK, .index = 3};
	raw_message(&x, &m);
	UNTIL(&r, r.a.counts[MSG_GET_BLOCK]);
	assert_int_equal(r.a.ready, 2);
	assert_true(p2p_info(r.a.p, r.a.ids[1], &i));
	assert_string_equal(i.app_version, "");
	m = hand("late");
	raw_message(&x, &m);
	raw_expect(&r, &x, MSG_SHAKE, &m);
	assert_int_equal(r.a.ready, 2);
	raw_close(&x);
	rig_end(&r);
}

static void test_get_peers_answered(void **state)
{
	struct rig r;
	struct message m = {.type = MSG_GET_PEERS};
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	raw_connect(&w, &r.a.at);
	raw_greet(&r, &w, "asker");
	raw_message(&w, &m);
	raw_expect(&r, &w, MSG_PEERS, &m);
	raw_close(&w);
	rig_end(&r);
}

/* Loop reaches the one who sent our own id, and no FIN follows at once. */
static void test_loop_is_told(void **state)
{
	struct rig r;
	struct message m;
	char ours[RAND_ID_SIZE + 1] = "";
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	raw_connect(&w, &r.a.at);
	raw_hello(&r, &w);
	m = hand("spy");
	raw_message(&w, &m);
	raw_expect(&r, &w, MSG_SHAKE, &m);
	memcpy(ours, m.rand_id.p, RAND_ID_SIZE);
	raw_connect(&x, &r.a.at);
	raw_hello(&r, &x);
	m = hand(ours);
	m.origin = slice_str("AB"); /* Loop goes before the origin */
	raw_message(&x, &m);
	raw_expect(&r, &x, MSG_LOOP, &m);
	uint64_t told = mono();
	UNTIL(&r, raw_is_closed(&x));
	assert_true(mono() - told >= 15);
	assert_int_equal(closed_for(&r.a, CLOSE_LOOP), 1);
	raw_close(&w);
	raw_close(&x);
	rig_end(&r);
}

static void refused_with(struct rig *r, struct message m, enum close_reason why)
{
	raw_connect(&w, &r->a.at);
	raw_hello(r, &w);
	raw_message(&w, &m);
	UNTIL(r, raw_is_closed(&w));
	assert_int_equal(closed_for(&r->a, why), 1);
	raw_close(&w);
}

static void test_misfits_are_banned(void **state)
{
	struct rig r;
	struct message m = hand("alien");
	(void)state;

	for (int round = 0; round < 2; round++) {
		rig_begin(&r);
		side_start(&r, &r.a);
		m = hand("alien");
		if (round)
			m.app_version = slice_str("0.9.1");
		else
			m.origin = slice_str("AB");
		refused_with(&r, m, round ? CLOSE_VERSION : CLOSE_ORIGIN);
		raw_connect(&x, &r.a.at);
		UNTIL(&r, raw_is_closed(&x));
		assert_int_equal(closed_for(&r.a, CLOSE_BANNED), 1);
		raw_close(&x);
		assert_int_equal(p2p_unban(r.a.p, "127.0.0.1"), ERR_OK);
		raw_connect(&x, &r.a.at);
		raw_greet(&r, &x, "honest");
		raw_close(&x);
		rig_end(&r);
	}
}

static void test_ban_by_the_node(void **state)
{
	struct rig r;
	struct message m = {.type = MSG_GET_PEERS};
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	raw_connect(&w, &r.a.at);
	raw_greet(&r, &w, "bad");
	raw_connect(&x, &r.a.at);
	raw_greet(&r, &x, "friend");
	p2p_ban_peer(r.a.p, r.a.ids[0], 0, "a bad block");
	UNTIL(&r, r.a.gone == 1);
	assert_int_equal(closed_for(&r.a, CLOSE_MISBEHAVED), 1);
	assert_int_equal(stats_of(&r.a).bans, 1);
	raw_close(&w);
	raw_connect(&w, &r.a.at); /* nobody more is let in, */
	UNTIL(&r, raw_is_closed(&w));
	assert_int_equal(closed_for(&r.a, CLOSE_BANNED), 1);
	raw_message(&x, &m); /* but who is in has done nothing */
	raw_expect(&r, &x, MSG_PEERS, &m);
	assert_int_equal(p2p_ban(r.a.p, "127.0.0.1", 0), ERR_OK);
	UNTIL(&r, raw_is_closed(&x)); /* by hand: all of that address */
	assert_int_equal(closed_for(&r.a, CLOSE_BANNED), 2);
	raw_close(&w);
	raw_close(&x);
	rig_end(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_greeting),
		cmocka_unit_test(test_messages_both_ways),
		cmocka_unit_test(test_many_small_frames),
		cmocka_unit_test(test_peer_exchange),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_own_address),
		cmocka_unit_test(test_any_pieces),
		cmocka_unit_test(test_every_boundary),
		cmocka_unit_test(test_hands),
		cmocka_unit_test(test_get_peers_answered),
		cmocka_unit_test(test_loop_is_told),
		cmocka_unit_test(test_misfits_are_banned),
		cmocka_unit_test(test_ban_by_the_node),
	};

	if (rig_setup())
		return 1;

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
