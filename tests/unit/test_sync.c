/* The sync engine with model peers: order, liars, poisoned copies, forks, lateness; serving and
 * feeding of release 0.10 peers. */
#include "tests/unit/sync_rig.h"

#include "base/mem.h"

enum { US = 20 }; /* blocks of the common chain */

/* ---- downloading ---- */

static void test_in_any_order(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_branch(&r, &b, rig_origin(), 1, 1, 29);
	rig_peer(&r, 1, true, 30);
	assert_int_equal(rig_count(&r, 1, MSG_GET_BLOCK), 30);
	for (uint64_t i = 30; i >= 1; i--) /* answers come in order; these are of two peers */
		if (i == 1)
			rig_gives(&r, 1, 1, b.block[1]);
	assert_int_equal(rig_height(&r), 1);
	rig_gives(&r, 1, 3, b.block[3]); /* skips 2: it does not have it, somebody else is asked */
	assert_int_equal(future_count(&r.sync->future), 1);
	assert_int_equal(rig_count(&r, 1, MSG_GET_BLOCK), 31);
	for (uint64_t i = 4; i <= 30; i++)
		rig_gives(&r, 1, i, b.block[i]);
	assert_int_equal(rig_height(&r), 1);
	rig_gives(&r, 1, 2, b.block[2]);
	assert_true(rig_on(&r, &b));
	assert_int_equal(future_count(&r.sync->future), 0);
	assert_int_equal(r.model[1].credits, 30);
	assert_false(r.model[1].banned);
	rig_end(&r);
	branch_free(&b, 2);
}

static void test_two_peers_share(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_branch(&r, &b, rig_origin(), 1, 1, 29);
	rig_peer(&r, 1, false, 30); /* a release 0.10 peer gets few requests at a time */
	assert_in_range(rig_count(&r, 1, MSG_GET_BLOCK), 1, 16);
	rig_peer(&r, 2, false, 30);
	assert_in_range(rig_count(&r, 2, MSG_GET_BLOCK), 1, 16);
	while (rig_serves(&r, 1, &b) + rig_serves(&r, 2, &b))
		;
	assert_true(rig_on(&r, &b));
	assert_true(r.model[1].credits && r.model[2].credits);
	rig_end(&r);
	branch_free(&b, 2);
}

/* A copy with a broken signature, or of a block that was changed, gets its sender banned and the
 * true block is taken from the next peer (protocol.md 12.3). */
static void test_poisoned_copies(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_branch(&r, &b, rig_origin(), 1, 1, 9);
	for (peer_id id = 1; id <= 2; id++) {
		struct block_owned *poisoned;
		uint8_t bytes[4096], signature[SIGNATURE_SIZE];
		struct wr w = wr_of(bytes, sizeof bytes);
		assert_int_equal(block_decode_owned(b.block[1], &poisoned), ERR_OK);
		memcpy(signature, poisoned->b.signature.p, sizeof signature);
		signature[0] ^= 1;
		if (id == 1)
			poisoned->b.signature = slice_of(signature, sizeof signature);
		else
			poisoned->b.timestamp++; /* same hash field, other block */
		block_encode(&poisoned->b, &w);
		rig_peer(&r, id, true, 10);
		rig_gives(&r, id, 1, wr_done(&w));
		assert_true(r.model[id].banned);
		assert_int_equal(rig_height(&r), 0);
		rig_leave(&r, id);
		mem_free(poisoned);
	}
	rig_peer(&r, 3, true, 10);
	rig_serves(&r, 3, &b);
	assert_true(rig_on(&r, &b));
	assert_false(r.model[3].banned);
	rig_end(&r);
	branch_free(&b, 2);
}

static void test_liar_about_height(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_branch(&r, &b, rig_origin(), 1, 1, 9);
	struct node_peer *liar = rig_peer(&r, 1, true, 1000000000);
	assert_true(rig_count(&r, 1, MSG_GET_BLOCK) > 0);
	rig_pass(&r, 5000); /* it never answers */
	assert_int_equal(rig_count(&r, 1, MSG_GET_PEERS), 1);
	sync_kick_answered(r.sync, liar); /* Peers, but no block: it does not have it */
	assert_int_equal(sync_best_height(r.sync), 0);
	rig_peer(&r, 2, true, 10);
	rig_serves(&r, 2, &b);
	assert_true(rig_on(&r, &b));
	rig_tells(&r, 2, &b, 10);
	liar->sync.height = 1000000000; /* it claims again, and answers nothing at all */
	rig_pass(&r, 11000);
	assert_true(r.model[1].closed);
	assert_false(r.model[2].closed || r.model[2].banned);
	rig_end(&r);
	branch_free(&b, 2);
}

/* The block that everything waits for is asked a second time before the slow peer is given up. */
static void test_late_block_is_asked_again(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_branch(&r, &b, rig_origin(), 1, 1, 9);
	rig_peer(&r, 1, true, 10);
	rig_peer(&r, 2, true, 10);
	assert_int_equal(rig_count(&r, 2, MSG_GET_BLOCK), 0);
	rig_pass(&r, 2000);
	assert_true(rig_count(&r, 2, MSG_GET_BLOCK) > 0);
	while (rig_serves(&r, 2, &b))
		rig_pass(&r, 2000);
	rig_pass(&r, 10000);
	while (rig_serves(&r, 2, &b))
		;
	assert_true(rig_on(&r, &b));
	assert_false(r.model[2].closed);
	rig_end(&r);
	branch_free(&b, 2);
}

static void test_unasked_blocks(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_branch(&r, &b, rig_origin(), 1, 1, 9);
	rig_fill(&r, &b, 10);
	struct node_peer *np = rig_peer(&r, 1, false, 10);
	rig_gives(&r, 1, 7, b.block[7]); /* once is no ban, */
	assert_false(r.model[1].banned);
	for (int i = 0; i < 4; i++)
		rig_gives(&r, 1, 7, b.block[7]); /* five times is */
	assert_true(r.model[1].banned);
	rig_leave(&r, 1);
	np = rig_peer(&r, 2, false, 9);
	assert_int_equal(serve_get_block(&r.serve, np, 10), SERVE_SENT);
	for (int i = 0; i < 9; i++)
		rig_gives(&r, 2, 10, b.block[10]); /* its own block of that index: a fork answer */
	assert_false(r.model[2].banned);
	rig_end(&r);
	branch_free(&b, 2);
}

static void test_wrong_index_and_garbage(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_branch(&r, &b, rig_origin(), 1, 1, 2);
	rig_peer(&r, 1, true, 3);
	rig_gives(&r, 1, 1, b.block[2]);
	assert_true(r.model[1].banned);
	rig_leave(&r, 1);
	rig_peer(&r, 2, true, 3);
	rig_gives(&r, 2, 1, slice_str("no block"));
	assert_true(r.model[2].banned);
	rig_leave(&r, 2);
	rig_peer(&r, 3, true, 3);
	rig_serves(&r, 3, &b);
	assert_true(rig_on(&r, &b));
	rig_end(&r);
	branch_free(&b, 2);
}

/* A clock that is behind is no reason to ban (12.3 item 5). */
static void test_clock_behind(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_branch(&r, &b, rig_origin(), 1, 1, 2);
	rig_peer(&r, 1, true, 3);
	r.wall = 1600000000 + 200 - 61; /* block 2 is 61 s ahead */
	rig_serves(&r, 1, &b);
	assert_int_equal(rig_height(&r), 1);
	assert_false(r.model[1].banned);
	assert_true(r.sync->clock_off > 60);
	r.wall += 300;
	rig_pass(&r, 11000);
	rig_serves(&r, 1, &b);
	assert_int_equal(r.sync->clock_off, 0);
	assert_true(rig_on(&r, &b));
	rig_end(&r);
	branch_free(&b, 2);
}

/* Commits come in groups, and none is larger than its row. */
static void test_commit_groups(void **state)
{
	struct branch b;
	struct rig r;
	struct chain_tip t;
	(void)state;

	rig_begin(&r);
	r.limits.commit_blocks.max = 8;
	rig_branch(&r, &b, rig_origin(), 1, 1, 29);
	rig_peer(&r, 1, true, 30);
	rig_serves(&r, 1, &b);
	chain_get_tip(r.chain, &t);
	assert_int_equal(t.committed, 30);
	assert_true(r.limits.commit_blocks.peak <= 8);
	assert_in_range(r.new_tips, 4, 30);
	rig_end(&r);
	branch_free(&b, 2);
}

/* ---- forks ---- */

/* Two branches that leave the common chain behind block `US`; *better holds the better first block
 * (protocol.md 7.13). */
static void two_branches(struct rig *r, struct branch *common, struct branch *better,
	uint64_t better_more, struct branch *worse, uint64_t worse_more)
{
	struct block_owned *x, *y;
	struct branch a, b;

	rig_branch(r, common, rig_origin(), 1, 1, US - 1);
	rig_branch(r, &a, common, US, 2, 1);
	rig_branch(r, &b, common, US, 3, 1);
	assert_int_equal(block_decode_owned(a.block[US + 1], &x), ERR_OK);
	assert_int_equal(block_decode_owned(b.block[US + 1], &y), ERR_OK);
	bool first = block_better_than(&x->b, &y->b);
	assert_true(first != block_better_than(&y->b, &x->b));
	mem_free(x);
	mem_free(y);
	rig_branch(r, better, first ? &a : &b, US + 1, first ? 2 : 3, better_more - 1);
	rig_branch(r, worse, first ? &b : &a, US + 1, first ? 3 : 2, worse_more - 1);
}

static struct branch cut(const struct branch *b, unsigned more)
{
	struct branch part = *b;

	part.height = US + more;
	return part;
}

/* We hold one branch, a peer that holds the other tells of it. Do we end on the right one? */
static void meet(
	struct rig *r, const struct branch *ours, const struct branch *theirs, bool want_ours)
{
	rig_restart(r);
	rig_fill(r, ours, ours->height);
	rig_peer(r, 1, true, 0);
	for (int i = 0; i < 3; i++) {
		rig_tells(r, 1, theirs, theirs->height);
		while (rig_serves(r, 1, theirs))
			;
	}
	if (!rig_on(r, want_ours ? ours : theirs))
		fail_msg("ours %u, theirs %u: not on %s branch", (unsigned)(ours->height - US),
			(unsigned)(theirs->height - US), want_ours ? "our" : "their");
	assert_false(r->model[1].banned);
}

/* Whoever looks first, both sides must want the same branch. */
static void test_forks_agree(void **state)
{
	static const struct {
		unsigned better,
			worse; /* blocks on the branch with the better, worse first block */
		bool better_wins;
	} rows[] = {
		{1, 1, true}, {2, 2, true}, {4, 4, true}, {2, 1, true}, {1, 2, true}, {1, 3, true},
		{3, 4, true}, {5, 4, true}, {5, 5, true}, {5, 1, true}, {1, 5, false},
		{2, 5, false}, {4, 5, false}, /* four ahead of the first block */
	};
	struct branch common, better, worse;
	struct rig r;
	(void)state;

	rig_begin(&r);
	two_branches(&r, &common, &better, 5, &worse, 5);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct branch a = cut(&better, rows[i].better), b = cut(&worse, rows[i].worse);
		meet(&r, &a, &b, rows[i].better_wins);
		meet(&r, &b, &a, !rows[i].better_wins);
	}
	rig_end(&r);
	branch_free(&better, US + 1);
	branch_free(&worse, US + 1);
	branch_free(&common, 2);
}

/* More than four down nobody can follow; the peer is not at fault. */
static void test_fork_too_deep(void **state)
{
	struct branch common, better, worse;
	struct rig r;
	(void)state;

	rig_begin(&r);
	two_branches(&r, &common, &better, 10, &worse, 7);
	rig_fill(&r, &worse, worse.height);
	rig_peer(&r, 1, true, 0);
	rig_tells(&r, 1, &better, better.height);
	while (rig_serves(&r, 1, &better))
		;
	assert_true(rig_on(&r, &worse));
	assert_true(r.sync->fork_at > 0);
	assert_int_equal(future_count(&r.sync->future), 0); /* nothing of it waits */
	assert_false(r.model[1].banned || r.model[1].closed);
	rig_end(&r);
	branch_free(&better, US + 1);
	branch_free(&worse, US + 1);
	branch_free(&common, 2);
}

/* ---- serving and feeding ---- */

/* protocol.md 5.14: a repeated GetBlock is not answered before the first Block is proven read. */
static void test_never_twice(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_branch(&r, &b, rig_origin(), 1, 1, 4);
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
	rig_end(&r);
	branch_free(&b, 2);
}

/* After a Block the driving Ping comes 10 ms later, not sooner; without an answer one GetPeers, and
 * never a second Ping. */
static void test_driving(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_branch(&r, &b, rig_origin(), 1, 1, 9);
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
	rig_end(&r);
	branch_free(&b, 2);
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

	rig_begin(&r);
	rig_branch(&r, &b, rig_origin(), 1, 1, 9);
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
	rig_end(&r);
	branch_free(&b, 2);
}

static void test_new_block_is_announced_at_once(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_branch(&r, &b, rig_origin(), 1, 1, 4);
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
	rig_end(&r);
	branch_free(&b, 2);
}

/* ---- waiting blocks ---- */

static struct block_owned *blank(uint64_t index)
{
	struct block b = {.index = index};

	return block_copy(&b);
}

static enum err put(struct future *f, uint64_t height, uint64_t index)
{
	struct future_block fb = {.block = blank(index)};

	return future_put(f, height, &fb);
}

static void test_future_bounds(void **state)
{
	struct limits l;
	struct future f;
	struct future_block out;
	(void)state;

	limits_default(&l);
	l.max_future_blocks.max = 100;
	future_init(&f, &l, 1);
	for (uint64_t i = 0; i < 100; i++)
		assert_int_equal(put(&f, 1000, 1020 + 20 * i), ERR_OK); /* up to 3000 */
	assert_int_equal(put(&f, 1000, 1020), ERR_EXISTS);
	assert_int_equal(
		put(&f, 1000, 1021), ERR_OK); /* those above 3000 go: none; a quarter does */
	assert_in_range(future_count(&f), 75, 80);
	assert_true(future_has(&f, 1020) && future_has(&f, 1040));
	assert_false(future_has(&f, 3000));
	assert_int_equal(l.max_future_blocks.hits, 1);
	for (uint64_t i = 0; future_count(&f) < 100; i++)
		put(&f, 1000, 5000 + i);
	assert_int_equal(put(&f, 1000, 1022), ERR_OK); /* first the far ones */
	assert_false(future_has(&f, 5000));
	assert_true(future_has(&f, 1022));
	assert_true(future_take(&f, 1020, &out));
	mem_free(out.block);
	future_drop_below(&f, 1021);
	assert_false(future_has(&f, 1021));
	l.max_future_bytes.max = l.max_future_bytes.used + 10;
	assert_int_equal(put(&f, 1000, 2001), ERR_OK); /* bytes are a bound too */
	assert_true(l.max_future_bytes.hits > 0);
	future_clear(&f);
	assert_int_equal(l.max_future_blocks.used, 0);
	assert_int_equal(l.max_future_bytes.used, 0);
	assert_int_equal(mem_blocks(), 0);
}

/* The next ones are never thrown out for others. */
static void test_future_keeps_the_next(void **state)
{
	struct limits l;
	struct future f;
	(void)state;

	limits_default(&l);
	l.max_future_blocks.max = 8;
	future_init(&f, &l, 1);
	for (uint64_t i = 2; i <= 9; i++)
		assert_int_equal(put(&f, 0, i), ERR_OK);
	assert_int_equal(put(&f, 0, 500), ERR_FULL);
	assert_int_equal(future_count(&f), 8);
	future_clear(&f);
	assert_int_equal(mem_blocks(), 0);
}

/* All tests, or those that the pattern names. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_any_order),
		cmocka_unit_test(test_two_peers_share),
		cmocka_unit_test(test_poisoned_copies),
		cmocka_unit_test(test_liar_about_height),
		cmocka_unit_test(test_late_block_is_asked_again),
		cmocka_unit_test(test_unasked_blocks),
		cmocka_unit_test(test_wrong_index_and_garbage),
		cmocka_unit_test(test_clock_behind),
		cmocka_unit_test(test_commit_groups),
		cmocka_unit_test(test_forks_agree),
		cmocka_unit_test(test_fork_too_deep),
		cmocka_unit_test(test_never_twice),
		cmocka_unit_test(test_driving),
		cmocka_unit_test(test_answers_to_kicks),
		cmocka_unit_test(test_new_block_is_announced_at_once),
		cmocka_unit_test(test_future_bounds),
		cmocka_unit_test(test_future_keeps_the_next),
	};
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
