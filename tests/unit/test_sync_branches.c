/* The sync engine with model peers: which of two branches both sides end on. */
#include "tests/unit/sync_rig.h"

#include "base/mem.h"
#include "tests/unit/main.h"

enum { US = 20 }; /* blocks of the common chain */

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

/* It tells of its branch while that grows, or all at once behind a line that stood still: what
 * counts is the last, however the answers about the others come. */
static void test_told_block_by_block(void **state)
{
	struct branch common, better, worse;
	struct rig r;
	(void)state;

	rig_begin(&r);
	two_branches(&r, &common, &better, 5, &worse, 5);
	for (unsigned at_once = 1; at_once <= 5; at_once++) {
		rig_restart(&r);
		rig_fill(&r, &worse, worse.height);
		rig_peer(&r, 1, true, 0);
		for (unsigned i = 1; i <= 5; i++) {
			rig_tells(&r, 1, &better, US + i);
			while (i % at_once == 0 && rig_serves(&r, 1, &better))
				;
		}
		while (rig_serves(&r, 1, &better))
			;
		assert_true(rig_on(&r, &better));
		assert_false(r.model[1].banned);
	}
	rig_end(&r);
	branch_free(&better, US + 1);
	branch_free(&worse, US + 1);
	branch_free(&common, 2);
}

/* The branch goes on above our tip while it is walked down: the block above is no second walk. */
static void test_above_while_walking(void **state)
{
	struct branch common, better, worse;
	struct rig r;
	(void)state;

	rig_begin(&r);
	two_branches(&r, &common, &better, 6, &worse, 5);
	rig_fill(&r, &worse, worse.height);
	rig_peer(&r, 1, true, 0);
	rig_tells(&r, 1, &better, US + 5);
	rig_tells(&r, 1, &better, US + 6);
	while (rig_serves(&r, 1, &better))
		;
	assert_true(rig_on(&r, &better));
	rig_end(&r);
	branch_free(&better, US + 1);
	branch_free(&worse, US + 1);
	branch_free(&common, 2);
}

/* It tells of a lower tip while an answer of the walk is with the checkers: it is asked for the
 * next block of the walk alone. */
static void test_told_while_checked(void **state)
{
	struct branch common, better, worse, ours, theirs;
	struct rig r;
	(void)state;

	rig_begin(&r);
	two_branches(&r, &common, &better, 5, &worse, 5);
	ours = cut(&worse, 4);
	theirs = cut(&better, 4);
	rig_fill(&r, &ours, ours.height);
	struct node_peer *np = rig_peer(&r, 1, true, 0);
	rig_tells(&r, 1, &better, US + 4);
	rig_gives(&r, 1, US + 4, better.block[US + 4]); /* asks for the one below */
	assert_int_equal(rig_count(&r, 1, MSG_GET_BLOCK), 2);
	struct message m = {.type = MSG_BLOCK, .index = US + 3, .block = better.block[US + 3]};
	sync_block(r.sync, np, &m);
	rig_tells(&r, 1, &better, US + 2);
	assert_int_equal(rig_count(&r, 1, MSG_GET_BLOCK), 2);
	rig_settle(&r);
	while (rig_serves(&r, 1, &theirs))
		;
	assert_true(rig_on(&r, &theirs));
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
	assert_int_equal(sync_fork_at(r.sync), 0); /* one peer says so */
	rig_peer(&r, 2, true, 0);
	rig_tells(&r, 2, &better, better.height);
	while (rig_serves(&r, 2, &better))
		;
	assert_true(sync_fork_at(r.sync) > 0);
	assert_int_equal(future_blocks_count(&r.sync->future_blocks), 0); /* nothing of it waits */
	assert_false(r.model[1].banned || r.model[1].closed);
	rig_end(&r);
	branch_free(&better, US + 1);
	branch_free(&worse, US + 1);
	branch_free(&common, 2);
}

/* All tests, or those that the pattern names. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forks_agree),
		cmocka_unit_test(test_told_block_by_block),
		cmocka_unit_test(test_above_while_walking),
		cmocka_unit_test(test_told_while_checked),
		cmocka_unit_test(test_fork_too_deep),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
