/* Which of two branches we come to hold, and since when a branch is known. */
#include "tests/unit/forks_rig.h"

enum { SOON_S = 40 };

/* A verified block that waits, of nobody's branch. */
static void stranger_waits(struct forks *f, uint64_t index)
{
	uint8_t prev[HASH_SIZE] = {7}, hash[HASH_SIZE] = {8};
	struct block b = {.index = index,
		.hash = slice_of(hash, sizeof hash),
		.prev_hash = slice_of(prev, sizeof prev)};
	struct future_block fb = {.block = block_copy(&b), .facts = {true, true, 1, DOMAIN_OK}};

	assert_int_equal(
		future_blocks_put(&f->r.sync->future_blocks, rig_height(&f->r), &fb), ERR_OK);
}

/* The height of a branch is that of its own blocks. */
static void test_height_of_a_branch(void **state)
{
	struct forks f;
	(void)state;

	begin(&f);
	rig_fill(&f.r, &f.better, US + 3);
	struct branch ours = cut(&f.better, 3), theirs = cut(&f.worse, 4);
	struct node_peer *np = rig_peer(&f.r, 1, true, 0);
	stranger_waits(&f, US + 5);
	np->sync.height = US + 4;
	sync_pump(f.r.sync);
	while (rig_serves(&f.r, 1, &theirs))
		;
	assert_true(rig_on(&f.r, &ours));
	end(&f);
}

/* The peer answers what it is asked, for so many seconds. */
static void serve_for(struct forks *f, const struct branch *b, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		while (rig_serves(&f->r, 1, b))
			;
		rig_pass(&f->r, 1000);
	}
}

/* A block of nobody's branch waits where one of a branch that is far ahead belongs: that hides its
 * height once, not for ever. */
static void test_hidden_branch(void **state)
{
	struct branch ahead;
	struct forks f;
	(void)state;

	begin(&f);
	rig_branch(&f.r, &ahead, &f.worse, US + 4, 4, 2);
	for (unsigned told = 0; told < 2; told++) {
		rig_restart(&f.r);
		rig_fill(&f.r, &f.better, US + 1);
		stranger_waits(&f, US + 3);
		rig_peer(&f.r, 1, true, US + 6);
		while (rig_serves(&f.r, 1, &ahead))
			;
		assert_int_equal(rig_height(&f.r), US + 1);
		if (told)
			rig_tells(&f.r, 1, &ahead, US + 6);
		else
			serve_for(&f, &ahead, SOON_S);
		while (rig_serves(&f.r, 1, &ahead))
			;
		assert_true(rig_on(&f.r, &ahead));
		rig_leave(&f.r, 1);
	}
	branch_free(&ahead, US + 5);
	end(&f);
}

/* A branch that stays too short is looked at a few times, not for ever. */
static void test_short_branch_is_left(void **state)
{
	struct forks f;
	(void)state;

	begin(&f);
	rig_fill(&f.r, &f.better, US + 1);
	rig_peer(&f.r, 1, true, US + 4);
	serve_for(&f, &f.worse, 10 * SOON_S);
	struct branch ours = cut(&f.better, 1);
	assert_true(rig_on(&f.r, &ours));
	assert_in_range(f.r.sync->blocks_received, 2 * 3, 4 * 4);
	end(&f);
}

static void test_replacement(void **state)
{
	struct forks f;
	(void)state;

	begin(&f);
	rig_fill(&f.r, &f.worse, US + 1);
	stranger_waits(&f, US + 9);
	walk(&f, 1);
	assert_false(f.r.told_replaced);
	while (rig_serves(&f.r, 1, &f.better))
		;
	rig_pass(&f.r, 1000);
	struct branch want = cut(&f.better, 2);
	assert_true(rig_on(&f.r, &want));
	assert_true(f.r.told_replaced);
	assert_int_equal(
		future_blocks_count(&f.r.sync->future_blocks), 0); /* of the branch that we left */
	end(&f);
}

/* We are on the better branch, a peer on one that is so much longer that it wins. Its blocks are
 * there when it does, and are not asked for again: another peer, of our old branch and quicker,
 * would answer first, and we were back where we began, for ever. */
static void test_chosen_branch_is_followed_whole(void **state)
{
	struct branch longer;
	struct forks f;
	(void)state;

	begin(&f);
	rig_branch(&f.r, &longer, &f.worse, US + 4, 4, 1);
	rig_fill(&f.r, &f.better, US + 3);
	rig_peer(&f.r, 1, true, US + 3);
	rig_peer(&f.r, 2, true, US + 5);
	while (rig_serves(&f.r, 1, &f.better) + rig_serves(&f.r, 2, &longer))
		;
	assert_true(rig_on(&f.r, &longer));
	assert_int_equal(f.r.sync->blocks_replaced, 1);
	assert_int_equal(f.r.sync->blocks_received, 5); /* each of that branch once */
	assert_int_equal(f.r.limits.max_walk_backs.used, 0);
	assert_int_equal(f.r.limits.max_future_bytes.used, 0);
	branch_free(&longer, US + 5);
	end(&f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_height_of_a_branch),
		cmocka_unit_test(test_hidden_branch),
		cmocka_unit_test(test_short_branch_is_left),
		cmocka_unit_test(test_replacement),
		cmocka_unit_test(test_chosen_branch_is_followed_whole),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
