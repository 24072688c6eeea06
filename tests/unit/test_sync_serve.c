/* The sync engine with model peers: serving those of release 0.10. */
#include "tests/unit/main.h"
#include "tests/unit/sync_rig.h"

#include "base/mem.h"
#include "chain/chain_internal.h"

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
	assert_int_equal(
		serve_get_block(&r.serve, np, 3), SERVE_REPEAT); /* that proved the first */
	assert_int_equal(rig_count(&r, 1, MSG_BLOCK), 3);
	struct node_peer *own = rig_peer(&r, 2, true, 2); /* ours needs no such care */
	assert_int_equal(serve_get_block(&r.serve, own, 3), SERVE_SENT);
	assert_int_equal(serve_get_block(&r.serve, own, 3), SERVE_SENT);
	rig_end_with(&r, &b);
}

static enum send_result full(void *ctx, peer_id id, const struct message *m)
{
	(void)ctx;
	(void)id;
	(void)m;
	return SEND_FULL;
}

/* What waits for room will be sent: asked for again meanwhile, it goes out once all the same. */
static void test_never_twice_after_waiting(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 5);
	rig_fill(&r, &b, 5);
	struct node_peer *np = rig_peer(&r, 1, false, 2);
	struct net net = r.serve.net;
	r.serve.net.send = full;
	assert_int_equal(serve_get_block(&r.serve, np, 3), SERVE_WAITS);
	assert_int_equal(serve_get_block(&r.serve, np, 3), SERVE_REPEAT);
	assert_int_equal(serve_get_block(&r.serve, np, 4), SERVE_WAITS);
	assert_int_equal(np->serve.blocks.count, 0); /* nothing was sent */
	r.serve.net = net;
	serve_drained(&r.serve, np);
	assert_int_equal(rig_count(&r, 1, MSG_BLOCK), 2);
	assert_int_equal(serve_get_block(&r.serve, np, 3), SERVE_REPEAT);
	assert_int_equal(r.serve.repeats_ignored, 2);
	rig_end_with(&r, &b);
}

/* A peer on another branch answers the block that it gets with its own of that index: no reason to
 * punish it, also when it is proven by then that it has read ours. */
static void test_its_own_block_late(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 5);
	rig_fill(&r, &b, 5);
	struct node_peer *np = rig_peer(&r, 1, false, 5);
	assert_int_equal(serve_get_block(&r.serve, np, 5), SERVE_SENT);
	r.model[1].info.get_peers_sent = r.model[1].info.peers_received = 1;
	assert_int_equal(serve_get_block(&r.serve, np, 4), SERVE_SENT);
	rig_gives(&r, 1, 5, b.block[5]);
	assert_int_equal(np->host->score, 0);
	rig_gives(&r, 1, 3, b.block[3]);
	assert_int_equal(np->host->score, 20);
	rig_end_with(&r, &b);
}

/* What cannot be remembered is not sent: it might be sent twice. */
static void test_no_memory_no_block(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 5);
	rig_fill(&r, &b, 5);
	struct node_peer *np = rig_peer(&r, 1, false, 2);
	mem_fail_nth(1);
	assert_int_equal(serve_get_block(&r.serve, np, 3), SERVE_NONE);
	assert_int_equal(rig_count(&r, 1, MSG_BLOCK), 0);
	mem_fail_nth(0);
	assert_int_equal(serve_get_block(&r.serve, np, 3), SERVE_SENT);
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
	announce_tick(&r.announce);
	assert_int_equal(rig_count(&r, 1, MSG_PING), 1);
	assert_int_equal(rig_count(&r, 2, MSG_PING), 1);
	assert_int_equal(rig_count(&r, 3, MSG_PING), 0); /* it told us */
	rig_end_with(&r, &b);
}

/* All tests, or those that the pattern names. */
/* ---- bounds ---- */

static void test_requests_wait_in_order(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 5);
	rig_fill(&r, &b, 5);
	r.limits.max_get_blocks.max = 3;
	struct node_peer *np = rig_peer(&r, 1, true, 5);
	enum send_result (*sends)(void *, peer_id, const struct message *) = r.serve.net.send;
	r.serve.net.send = full;
	assert_int_equal(serve_get_block(&r.serve, np, 2), SERVE_WAITS);
	assert_int_equal(serve_get_block(&r.serve, np, 3), SERVE_WAITS);
	r.serve.net.send = sends; /* room again, but those before it come first */
	assert_int_equal(serve_get_block(&r.serve, np, 4), SERVE_WAITS);
	assert_int_equal(rig_count(&r, 1, MSG_BLOCK), 0);
	serve_drained(&r.serve, np);
	assert_int_equal(rig_count(&r, 1, MSG_BLOCK), 3);
	r.serve.net.send = full;
	for (uint64_t i = 2; i <= 4; i++)
		assert_int_equal(serve_get_block(&r.serve, np, i), SERVE_WAITS);
	assert_false(r.model[1].closed);
	assert_int_equal(serve_get_block(&r.serve, np, 5), SERVE_NONE);
	assert_true(r.model[1].closed);
	rig_end_with(&r, &b);
}

/* Only so many blocks are remembered as served: the oldest goes. Of our own kind none is. */
static void test_served(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 5);
	rig_fill(&r, &b, 5);
	r.limits.max_served.max = 2;
	struct node_peer *np = rig_peer(&r, 1, false, 5);
	for (uint64_t i = 2; i <= 4; i++)
		assert_int_equal(serve_get_block(&r.serve, np, i), SERVE_SENT);
	assert_int_equal(serve_get_block(&r.serve, np, 4), SERVE_REPEAT);
	assert_int_equal(serve_get_block(&r.serve, np, 3), SERVE_REPEAT);
	assert_int_equal(serve_get_block(&r.serve, np, 2), SERVE_SENT);
	np = rig_peer(&r, 2, true, 5);
	for (int times = 0; times < 2; times++)
		assert_int_equal(serve_get_block(&r.serve, np, 2), SERVE_SENT);
	assert_int_equal(np->serve.blocks.count, 0);
	rig_end_with(&r, &b);
}

/* Each byte of a block may take two in a message. */
static void test_a_block_that_fits_no_message(void **state)
{
	static uint8_t data[40000];
	struct block_owned *o;
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 2);
	assert_int_equal(block_decode_owned(rig_origin()->block[1], &o), ERR_OK);
	assert_true(o->b.full);
	for (size_t i = 0; i < 2; i++) {
		struct block big = o->b;
		memset(data, i ? 'x' : 1, sizeof data);
		big.index = i + 1;
		big.tx.data = slice_of(data, sizeof data);
		struct block_owned *made = block_copy(&big);
		assert_int_equal(store_append(r.chain->store, made), ERR_OK);
		mem_free(made);
	}
	struct node_peer *np = rig_peer(&r, 1, true, 2);
	assert_int_equal(serve_get_block(&r.serve, np, 1), SERVE_SENT);
	assert_int_equal(serve_get_block(&r.serve, np, 2), SERVE_NONE);
	mem_free(o);
	rig_end_with(&r, &b);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_never_twice),
		cmocka_unit_test(test_never_twice_after_waiting),
		cmocka_unit_test(test_its_own_block_late),
		cmocka_unit_test(test_no_memory_no_block),
		cmocka_unit_test(test_new_block_is_announced_at_once),
		cmocka_unit_test(test_requests_wait_in_order),
		cmocka_unit_test(test_served),
		cmocka_unit_test(test_a_block_that_fits_no_message),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
