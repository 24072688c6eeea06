/* Walk-backs and probes at their bounds: what is asked, once; whom it costs what. */
#include "tests/unit/forks_rig.h"

/* ---- probes ---- */

static void test_probes(void **state)
{
	struct forks f;
	(void)state;

	begin(&f);
	rig_fill(&f.r, &f.better, US + 4);
	struct node_peer *np = rig_peer(&f.r, 1, true, 0);
	rig_tells(&f.r, 1, &f.better, US + 4); /* our own tip, */
	rig_tells(&f.r, 1, &f.better, US + 2); /* our own chain */
	expect_asked(&f, 1, 0);
	struct slice odd = slice_of((const uint8_t *)"0123456789abcdef0123456789abcdef", 32);
	sync_height(f.r.sync, np, US - 1, odd); /* five below: nobody could follow */
	expect_asked(&f, 1, 0);
	sync_height(f.r.sync, np, US, odd);
	expect_asked(&f, 1, 1);
	sync_height(f.r.sync, np, US, odd); /* the same tip is looked at once */
	expect_asked(&f, 1, 1);
	end(&f);
}

/* ---- walks ---- */

static void test_walks_are_bounded(void **state)
{
	struct forks f;
	(void)state;

	begin(&f);
	f.r.limits.max_walk_backs.max = 1;
	rig_fill(&f.r, &f.worse, US + 2);
	struct node_peer *first = walk(&f, 1), *second = walk(&f, 2);
	assert_int_equal(fork_walk_low(first->sync.walk)->index, US + 3);
	assert_null(second->sync.walk);
	assert_int_equal(f.r.limits.max_walk_backs.used, 1);
	assert_int_equal(f.r.limits.max_walk_backs.hits, 1);
	assert_int_equal(second->sync.height, US + 2); /* not asked again at once */
	rig_tells(&f.r, 1, &f.better, US + 1);         /* one walk a peer */
	expect_asked(&f, 1, 2);
	rig_serves(&f.r, 1, &f.better);
	assert_int_equal(f.r.limits.max_walk_backs.used, 0);
	end(&f);
}

/* We are on the worse branch, and cannot look at an answer about the better one: no room (a row
 * that is full) or no memory (the n-th allocation fails). Nobody may wait for ever. */
static void lose_answer(struct forks *f, struct bound *full, unsigned nth)
{
	uint64_t max = full ? full->max : 0;
	struct branch want = cut(&f->better, 3);

	rig_restart(&f->r);
	f->r.sent_count = 0;
	rig_fill(&f->r, &f->worse, US + 2);
	struct node_peer *np = walk(f, 1);
	assert_int_equal(fork_walk_low(np->sync.walk)->index, US + 3);
	if (full)
		full->max = full->used;
	mem_fail_nth(nth);
	rig_gives(&f->r, 1, US + 2, f->better.block[US + 2]);
	assert_int_equal(mem_fail_nth(0), 0);
	if (full)
		full->max = max;
	assert_null(np->sync.walk);
	assert_false(f->r.model[1].banned || f->r.model[1].closed);
	while (rig_serves(&f->r, 1, &f->better))
		;
	assert_true(rig_on(&f->r, &want));
	rig_leave(&f->r, 1);
}

static void test_lost_answers(void **state)
{
	struct forks f;
	(void)state;

	begin(&f);
	lose_answer(&f, &f.r.limits.max_verify_bytes, 0);
	lose_answer(&f, &f.r.limits.max_verify_queue, 0);
	for (unsigned nth = 1; nth <= 3; nth++) /* two pieces to decode, the candidate */
		lose_answer(&f, NULL, nth);
	end(&f);
}

/* The same where a walk would begin, whatever is lacking: nobody waits for another Ping. */
static void test_walk_without_memory(void **state)
{
	struct branch want;
	struct forks f;
	uint64_t left = 0;
	(void)state;

	begin(&f);
	want = cut(&f.better, 3);
	for (unsigned nth = 1; !left; nth++) {
		rig_restart(&f.r);
		f.r.sent_count = 0;
		rig_fill(&f.r, &f.worse, US + 2);
		rig_peer(&f.r, 1, true, US + 3);
		expect_asked(&f, 1, 1);
		mem_fail_nth(nth);
		rig_gives(&f.r, 1, US + 3, f.better.block[US + 3]);
		left = mem_fail_nth(0);
		while (rig_serves(&f.r, 1, &f.better))
			;
		assert_true(rig_on(&f.r, &want));
		rig_leave(&f.r, 1);
	}
	end(&f);
}

/* The same of an answer to a probe: the next Ping asks again. */
static void test_lost_probe(void **state)
{
	struct branch theirs;
	struct forks f;
	(void)state;

	begin(&f);
	theirs = cut(&f.better, 1);
	rig_fill(&f.r, &f.worse, US + 1);
	rig_peer(&f.r, 1, true, 0);
	rig_tells(&f.r, 1, &theirs, US + 1);
	expect_asked(&f, 1, 1);
	mem_fail_nth(1);
	rig_gives(&f.r, 1, US + 1, theirs.block[US + 1]);
	assert_int_equal(mem_fail_nth(0), 0);
	rig_tells(&f.r, 1, &theirs, US + 1);
	rig_serves(&f.r, 1, &theirs);
	assert_true(rig_on(&f.r, &theirs));
	end(&f);
}

/* What it sends is not what its block above named: another branch, no matter how good. */
static void test_branch_changed_meanwhile(void **state)
{
	struct branch other;
	struct forks f;
	uint64_t number = 4;
	(void)state;

	begin(&f);
	rig_fill(&f.r, &f.worse, US + 1);
	rig_branch(&f.r, &other, &f.common, US, number, 1);
	while (!beats(&other, &f.worse, US + 1)) {
		branch_free(&other, US + 1);
		rig_branch(&f.r, &other, &f.common, US, ++number, 1);
	}
	struct node_peer *np = walk(&f, 1);
	rig_gives(&f.r, 1, US + 1, other.block[US + 1]);
	assert_null(np->sync.walk);
	assert_int_equal(np->sync.height, US + 1);
	struct branch ours = cut(&f.worse, 1);
	assert_true(rig_on(&f.r, &ours));
	end(&f);
	branch_free(&other, US + 1);
}

/* What is walked over is held in the room of the blocks that wait; without it there is no walk. */
static void test_walk_without_room(void **state)
{
	struct forks f;
	(void)state;

	begin(&f);
	rig_fill(&f.r, &f.worse, US + 2);
	uint64_t max = f.r.limits.max_future_bytes.max;
	f.r.limits.max_future_bytes.max = 100;
	struct node_peer *np = walk(&f, 1);
	assert_null(np->sync.walk);
	assert_int_equal(f.r.limits.max_future_bytes.hits, 1);
	assert_int_equal(f.r.limits.max_walk_backs.used, 0);
	f.r.limits.max_future_bytes.max = max;
	rig_tells(&f.r, 1, &f.better, US + 3);
	while (rig_serves(&f.r, 1, &f.better))
		;
	struct branch want = cut(&f.better, 3);
	assert_true(rig_on(&f.r, &want));
	end(&f);
}

/* A late block is asked of two peers, and comes twice: each is walked back with. */
static void test_late_block_comes_twice(void **state)
{
	struct branch longer;
	struct forks f;
	(void)state;

	begin(&f);
	rig_branch(&f.r, &longer, &f.better, US + 4, 4, 1);
	rig_fill(&f.r, &f.worse, US + 4);
	rig_peer(&f.r, 1, true, US + 5);
	rig_peer(&f.r, 2, true, US + 5);
	rig_pass(&f.r, 4000); /* asked: one, the other, and then nobody twice */
	for (peer_id id = 1; id <= 2; id++) {
		expect_asked(&f, id, 1);
		rig_gives(&f.r, id, US + 5, longer.block[US + 5]);
		expect_asked(&f, id, 2);
	}
	while (rig_serves(&f.r, 1, &longer))
		;
	assert_true(rig_on(&f.r, &longer));
	branch_free(&longer, US + 5);
	end(&f);
}

/* A branch is not walked down from a block that is ahead of the clock, but when its time has come.
 */
static void test_branch_from_the_future(void **state)
{
	struct block_owned *top;
	struct forks f;
	(void)state;

	begin(&f);
	rig_fill(&f.r, &f.worse, US + 2);
	assert_int_equal(block_decode_owned(f.better.block[US + 3], &top), ERR_OK);
	f.r.wall = top->b.timestamp - 61;
	mem_free(top);
	struct node_peer *np = walk(&f, 1);
	assert_null(np->sync.walk);
	assert_int_equal(np->sync.height, US + 2);
	f.r.sent_count = 0;
	f.r.wall++;
	rig_pass(&f.r, 50);
	while (rig_serves(&f.r, 1, &f.better))
		;
	struct branch want = cut(&f.better, 3);
	assert_true(rig_on(&f.r, &want));
	assert_false(f.r.model[1].banned);
	end(&f);
}

/* A block that was checked before goes past the checkers, and so past an answer about the root: the
 * walk does not reach down to it. What it holds has no turn yet, and nobody did wrong. */
static void test_root_before_its_walk(void **state)
{
	struct forks f;
	(void)state;

	begin(&f);
	rig_fill(&f.r, &f.worse, US + 2);
	walk(&f, 1); /* the encoding of US + 3 is known from now on */
	rig_leave(&f.r, 1);
	f.r.sent_count = 0;
	struct node_peer *np = rig_peer(&f.r, 1, true, 0);
	rig_tells(&f.r, 1, &f.better, US + 1);
	rig_tells(&f.r, 1, &f.better, US + 3);
	expect_asked(&f, 1, 2);
	for (uint64_t i = US + 1; i <= US + 3; i += 2) {
		struct message m = {.type = MSG_BLOCK, .index = i, .block = f.better.block[i]};
		sync_block(f.r.sync, np, &m);
	}
	assert_int_equal(fork_walk_low(np->sync.walk)->index, US + 3);
	rig_settle(&f.r);
	assert_int_equal(f.r.sync->blocks_replaced, 1);
	assert_false(f.r.model[1].banned);
	struct branch want = cut(&f.better, 3);
	while (rig_serves(&f.r, 1, &f.better))
		;
	assert_true(rig_on(&f.r, &want));
	end(&f);
}

/* Likewise of a branch that is worse, and longer only above the gap: that does not count. */
static void test_lag_over_a_gap(void **state)
{
	struct branch longer;
	struct forks f;
	(void)state;

	begin(&f);
	rig_branch(&f.r, &longer, &f.worse, US + 4, 4, 1);
	rig_fill(&f.r, &f.better, US + 3);
	rig_peer(&f.r, 1, true, US + 5);
	rig_gives(&f.r, 1, US + 4, longer.block[US + 4]);
	rig_gives(&f.r, 1, US + 5, longer.block[US + 5]);
	rig_leave(&f.r, 1);
	sync_reset_window(f.r.sync, 1, 0); /* the encodings are known, nothing waits */
	f.r.sent_count = 0;
	struct node_peer *np = rig_peer(&f.r, 1, true, 0);
	rig_tells(&f.r, 1, &longer, US + 1);
	rig_tells(&f.r, 1, &longer, US + 5);
	expect_asked(&f, 1, 3);
	static const uint64_t order[] = {US + 1, US + 4, US + 5};
	for (size_t i = 0; i < 3; i++) {
		struct message m = {
			.type = MSG_BLOCK, .index = order[i], .block = longer.block[order[i]]};
		sync_block(f.r.sync, np, &m);
	}
	assert_int_equal(fork_walk_top(np->sync.walk)->index, US + 4);
	assert_true(future_blocks_has(&f.r.sync->future_blocks, US + 5));
	rig_settle(&f.r);
	assert_int_equal(f.r.sync->blocks_replaced, 0);
	assert_false(f.r.model[1].banned);
	branch_free(&longer, US + 5);
	end(&f);
}

/* A peer that goes in the middle of a walk takes what is held of it along. */
static void test_gone_while_walking(void **state)
{
	struct forks f;
	(void)state;

	begin(&f);
	rig_fill(&f.r, &f.worse, US + 2);
	walk(&f, 1);
	assert_true(f.r.limits.max_future_bytes.used > 0);
	rig_leave(&f.r, 1);
	assert_int_equal(f.r.limits.max_walk_backs.used, 0);
	assert_int_equal(f.r.limits.max_future_bytes.used, 0);
	end(&f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_probes),
		cmocka_unit_test(test_walks_are_bounded),
		cmocka_unit_test(test_lost_answers),
		cmocka_unit_test(test_walk_without_memory),
		cmocka_unit_test(test_lost_probe),
		cmocka_unit_test(test_branch_changed_meanwhile),
		cmocka_unit_test(test_walk_without_room),
		cmocka_unit_test(test_late_block_comes_twice),
		cmocka_unit_test(test_branch_from_the_future),
		cmocka_unit_test(test_root_before_its_walk),
		cmocka_unit_test(test_lag_over_a_gap),
		cmocka_unit_test(test_gone_while_walking),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
