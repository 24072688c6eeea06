/* Blocks that wait, for those below them or for the choice of their branch: bounds, and which ones
 * give way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sync/fork_walk.h"
#include "tests/unit/main.h"

static struct block_owned *blank(uint64_t index)
{
	struct block b = {.index = index};

	return block_copy(&b);
}

static enum err put(struct future_blocks *f, uint64_t height, uint64_t index)
{
	struct future_block fb = {.block = blank(index)};

	enum err err = future_blocks_put(f, height, &fb);
	assert_null(fb.block);
	return err;
}

static void test_future_bounds(void **state)
{
	struct limits l;
	struct future_blocks f;
	struct future_block out;
	(void)state;

	limits_default(&l);
	l.max_future_blocks.max = 100;
	future_blocks_init(&f, &l, 1);
	for (uint64_t i = 0; i < 100; i++)
		assert_int_equal(put(&f, 1000, 1020 + 20 * i), ERR_OK); /* up to 3000 */
	assert_int_equal(put(&f, 1000, 1020), ERR_EXISTS);
	assert_int_equal(
		put(&f, 1000, 1021), ERR_OK); /* those above 3000 go: none; a quarter does */
	assert_in_range(future_blocks_count(&f), 75, 80);
	assert_true(future_blocks_has(&f, 1020) && future_blocks_has(&f, 1040));
	assert_false(future_blocks_has(&f, 3000));
	assert_int_equal(l.max_future_blocks.hits, 1);
	for (uint64_t i = 0; future_blocks_count(&f) < 100; i++)
		put(&f, 1000, 5000 + i);
	assert_int_equal(put(&f, 1000, 1022), ERR_OK); /* first the far ones */
	assert_false(future_blocks_has(&f, 5000));
	assert_true(future_blocks_has(&f, 1022));
	assert_true(future_blocks_take(&f, 1020, &out));
	mem_free(out.block);
	future_blocks_keep(&f, 1022, 1022);
	assert_int_equal(future_blocks_count(&f), 1);
	assert_false(future_blocks_has(&f, 1021));
	l.max_future_bytes.max = l.max_future_bytes.used + 10;
	assert_int_equal(put(&f, 1000, 2001), ERR_OK); /* bytes are a bound too */
	assert_true(l.max_future_bytes.hits > 0);
	future_blocks_clear(&f);
	assert_int_equal(l.max_future_blocks.used, 0);
	assert_int_equal(l.max_future_bytes.used, 0);
	assert_int_equal(mem_blocks(), 0);
}

/* The next ones are never thrown out for others. */
static void test_future_keeps_the_next(void **state)
{
	struct limits l;
	struct future_blocks f;
	(void)state;

	limits_default(&l);
	l.max_future_blocks.max = 8;
	future_blocks_init(&f, &l, 1);
	for (uint64_t i = 2; i <= 9; i++)
		assert_int_equal(put(&f, 0, i), ERR_OK);
	assert_int_equal(put(&f, 0, 500), ERR_FULL);
	assert_int_equal(future_blocks_count(&f), 8);
	future_blocks_clear(&f);
	assert_int_equal(mem_blocks(), 0);
}

static void fill_future(struct future_blocks *f, struct limits *l, uint64_t max)
{
	limits_default(l);
	l->max_future_blocks.max = max;
	future_blocks_init(f, l, 1);
}

static void empty_future(struct future_blocks *f, struct limits *l)
{
	future_blocks_clear(f);
	assert_int_equal(l->max_future_blocks.used, 0);
	assert_int_equal(l->max_future_bytes.used, 0);
}

static void test_far_ones_go_first(void **state)
{
	static const uint64_t at[] = {899, 900, 1001, 1500, 3000, 3001};
	struct limits l;
	struct future_blocks f;
	(void)state;

	fill_future(&f, &l, 6);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(put(&f, 1000, at[i]), ERR_OK);
	assert_int_equal(put(&f, 1000, 1002), ERR_OK);
	assert_int_equal(l.max_future_blocks.hits, 1);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(future_blocks_has(&f, at[i]), i > 0 && i < 5);
	empty_future(&f, &l);
}

static void test_farthest_quarter(void **state)
{
	struct limits l;
	struct future_blocks f;
	(void)state;

	fill_future(&f, &l, 40);
	for (uint64_t i = 1; i <= 40; i++)
		assert_int_equal(put(&f, 1000, 1000 + 10 * i), ERR_OK);
	assert_int_equal(put(&f, 1000, 1001), ERR_OK);
	assert_int_equal(future_blocks_count(&f), 31);
	assert_true(future_blocks_has(&f, 1300));
	assert_false(future_blocks_has(&f, 1310));
	empty_future(&f, &l);
}

/* The sixteen behind the tip stay whatever comes. */
static void test_next_sixteen(void **state)
{
	struct limits l;
	struct future_blocks f;
	(void)state;

	fill_future(&f, &l, 20);
	for (uint64_t i = 1; i <= 20; i++)
		assert_int_equal(put(&f, 1000, 1000 + i), ERR_OK);
	put(&f, 1000, 1500);
	for (uint64_t i = 1; i <= 16; i++)
		assert_true(future_blocks_has(&f, 1000 + i));
	assert_false(future_blocks_has(&f, 1020));
	empty_future(&f, &l);
}

static void test_bytes_that_wait(void **state)
{
	struct limits l;
	struct future_blocks f;
	(void)state;

	fill_future(&f, &l, 20);
	assert_int_equal(put(&f, 0, 1), ERR_OK);
	l.max_future_bytes.max = 3 * l.max_future_bytes.used;
	assert_int_equal(put(&f, 0, 2), ERR_OK);
	assert_int_equal(put(&f, 0, 3), ERR_OK);
	assert_int_equal(put(&f, 0, 4), ERR_FULL);
	assert_int_equal(l.max_future_bytes.hits, 1);
	assert_int_equal(l.max_future_bytes.used, l.max_future_bytes.max);
	future_blocks_keep(&f, 3, 3);
	assert_int_equal(future_blocks_count(&f), 1);
	assert_int_equal(l.max_future_bytes.used, l.max_future_bytes.max / 3);
	empty_future(&f, &l);
}

/* ---- walks ---- */

static void test_walk_bounds(void **state)
{
	struct limits l;
	struct future_block fb;
	(void)state;

	limits_default(&l);
	l.max_walk_backs.max = 1;
	struct fork_walk *w, *second;
	assert_int_equal(fork_walk_new(&l, &w), ERR_OK);
	assert_int_equal(fork_walk_new(&l, &second), ERR_FULL);
	assert_null(second);
	assert_int_equal(l.max_walk_backs.hits, 1);
	assert_null(fork_walk_top(w));
	assert_null(fork_walk_low(NULL));
	for (uint64_t i = 0; i < FORK_WALK_MAX; i++) {
		fb = (struct future_block){.block = blank(100 - i)};
		assert_true(fork_walk_add(w, &fb));
		assert_null(fb.block);
	}
	fb.block = blank(90);
	assert_false(fork_walk_add(w, &fb));
	assert_null(fb.block);
	assert_int_equal(fork_walk_top(w)->index, 100);
	assert_int_equal(fork_walk_low(w)->index, 100 - FORK_WALK_MAX + 1);
	uint64_t used = l.max_future_bytes.used;
	assert_true(fork_walk_take(w, &fb));
	assert_int_equal(l.max_future_bytes.used, used - fb.block->size);
	assert_int_equal(fb.block->b.index, 100 - FORK_WALK_MAX + 1);
	l.max_future_bytes.max = l.max_future_bytes.used;
	size_t blocks = mem_blocks();
	assert_false(fork_walk_add(w, &fb));
	assert_null(fb.block);
	assert_int_equal(mem_blocks(), blocks - 1);
	fork_walk_free(w);
	assert_int_equal(l.max_walk_backs.used, 0);
	assert_int_equal(l.max_future_bytes.used, 0);
	mem_fail_nth(1);
	assert_int_equal(fork_walk_new(&l, &w), ERR_NOMEM);
	assert_null(w);
	mem_fail_nth(0);
	assert_int_equal(l.max_walk_backs.used, 0);
}

/* All tests, or those that the pattern names. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_future_bounds),
		cmocka_unit_test(test_future_keeps_the_next),
		cmocka_unit_test(test_far_ones_go_first),
		cmocka_unit_test(test_farthest_quarter),
		cmocka_unit_test(test_next_sixteen),
		cmocka_unit_test(test_bytes_that_wait),
		cmocka_unit_test(test_walk_bounds),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
