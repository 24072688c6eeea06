/* Draw, lock, pool and time-out on histories made by hand: the corners that
 * the scripts of tests/vectors/consensus do not reach. */
#include "tests/unit/main.h"
#include "tests/unit/signers_rig.h"

static void expect_draw(struct fixture *f, uint64_t index, unsigned n, const unsigned *authors)
{
	struct block_summary h;
	struct draw d;
	uint8_t key[KEY_SIZE];

	fixture_head(f, index, &h);
	signers_draw(&f->view, &h, &d);
	assert_int_equal(d.n, n);
	for (unsigned i = 0; i < n; i++) {
		made_key(authors[i], key);
		assert_memory_equal(d.keys[i], key, KEY_SIZE);
	}
}

static void test_draw_in_order(void **state)
{
	static const unsigned wanted[] = {2, 3, 4, 6, 7, 8, 9};
	static const unsigned threes[] = {4, 7, 10, 2, 8, 11, 3};
	struct fixture f;
	struct block_summary h;
	struct draw d;
	(void)state;

	fixture_start(&f);
	f.params.block_signers_start = 12;
	for (unsigned i = 1; i <= 11; i++)
		fixture_add(&f, i, i == 1 || i == 4);
	fixture_add(&f, 5, true); /* tail 1, window 11: 2, 3, 4, … without its author */
	expect_draw(&f, 12, 7, wanted);
	expect_draw(&f, 4, 0, NULL); /* below block_signers_start */
	fixture_head(&f, 12, &h);
	h.tail = 3; /* other signature, other draw: 4, 7, 10, 2, (5), 8, 11, 3 */
	signers_draw(&f.view, &h, &d);
	assert_int_equal(d.n, 7);
	for (unsigned i = 0; i < 7; i++)
		assert_int_equal(d.keys[i][1], threes[i]);
	h.index = 13; /* above the tip */
	signers_draw(&f.view, &h, &d);
	assert_int_equal(d.n, 0);
	fixture_end(&f);
}

/* 199 blocks: author i % 9 for most, and one block each for authors A … A + 3 at 2, 3, 4, 5. */
static void long_chain(struct fixture *f)
{
	for (unsigned i = 1; i <= 199; i++)
		fixture_add(f, i >= 2 && i <= 5 ? A + i - 2 : i % 9, i == 1);
	fixture_add(f, 50, true); /* 200, window 199 */
}

static void test_minimum_at_low_height(void **state)
{
	static const unsigned poor[] = {A, A + 1, A + 2, A + 3, 6, 7, 8};
	static const unsigned rich[] = {6, 7, 8, 0, 1, 2, 3};
	struct fixture f;
	(void)state;

	fixture_start(&f);
	f.params.low_height = 201; /* 200 < 201: one block is enough */
	long_chain(&f);
	expect_draw(&f, 200, 7, poor);
	fifo_clear(&f.view.draws);
	f.params.low_height = 200; /* 200 is not below 200: two blocks */
	expect_draw(&f, 200, 7, rich);
	assert_int_equal(params_draw_minimum(&f.params, 199), 1);
	assert_int_equal(params_draw_minimum(&f.params, 200), 2);
	f.params.low_height = 0;
	assert_int_equal(params_draw_minimum(&f.params, 99), 0);
	/* A minimum of 0 still counts authors, not all keys of the world. */
	assert_int_equal(signer_bans_eligible(&f.view, 99, 0), 9 + 4);
	assert_int_equal(signer_bans_eligible(&f.view, 4, 0), 1 + 2);
	assert_int_equal(signer_bans_eligible(&f.view, 200, 2), 9);
	fixture_end(&f);
}

static void add_with_tail(struct fixture *f, unsigned author, uint64_t tail)
{
	fixture_add_at(f, author, true, tail, (int64_t)(store_height(f->store) * 10));
}

static void test_draws_without_end(void **state)
{
	struct fixture f;
	(void)state;

	fixture_start(&f);
	for (unsigned i = 1; i <= 12; i++)
		fixture_add(&f, i % 6, i == 1);
	add_with_tail(&f, 50, 12345); /* six authors are too few */
	expect_draw(&f, 13, 0, NULL);
	for (unsigned i = 14; i <= 40; i++)
		fixture_add(&f, i % 2 ? i % 3 : i, false);
	/* 41: window 40; an even tail that stays even after / 13 only meets odd indices. */
	add_with_tail(&f, 50, 13 * 4);
	expect_draw(&f, 41, 0, NULL);
	fifo_clear(&f.view.draws);
	assert_int_equal(store_truncate(f.store, 41), ERR_OK);
	add_with_tail(&f, 50, 13 * 3); /* odd: it meets all */
	struct block_summary h;
	struct draw d;
	fixture_head(&f, 41, &h);
	signers_draw(&f.view, &h, &d);
	assert_int_equal(d.n, 7);
	fifo_clear(&f.view.draws);
	assert_int_equal(store_truncate(f.store, 41), ERR_OK);
	add_with_tail(&f, 50, 0); /* only block 1 */
	expect_draw(&f, 41, 0, NULL);
	fixture_end(&f);
}

/* tail = 2^63: two places only, until tail / 13 finds the rest; but an author without the right to
 * sign keeps the walk from ever getting there: the full block itself gives its author no right. */
static void test_mitigation(void **state)
{
	struct fixture f;
	struct block_summary h;
	struct draw d;
	(void)state;

	fixture_start(&f);
	long_chain(&f);
	assert_int_equal(store_truncate(f.store, 200), ERR_OK);
	add_with_tail(&f, 50, (uint64_t)1 << 63);
	fixture_head(&f, 200, &h);
	signers_draw(&f.view, &h, &d);
	assert_int_equal(d.n, 7);
	fixture_end(&f);

	fixture_start(&f);
	f.params.low_height = 0;
	/* 2^63 mod 255 = 128: places 1 and 129 */
	for (unsigned i = 1; i <= 255; i++)
		fixture_add(&f, i == 1 ? A : i == 129 ? 50 : i % 9, i == 1);
	add_with_tail(&f, 50, (uint64_t)1 << 63);
	fixture_head(&f, 256, &h);
	signers_draw(&f.view, &h, &d);
	assert_int_equal(d.n, 0);
	fixture_end(&f);
}

static bool locked(struct fixture *f, uint64_t index, uint64_t below)
{
	struct block_summary h;

	fixture_head(f, index, &h);
	return signers_locked(&f->view, &h, below);
}

static void test_lock_before_healing(void **state)
{
	struct fixture f;
	(void)state;

	fixture_start(&f);
	crowd(&f, 18);
	fixture_add(&f, 50, true); /* 19 < 20: the old rule, whoever signs */
	for (unsigned i = 0; i < 3; i++)
		fixture_add(&f, A + i, false);
	assert_false(locked(&f, 19, UINT64_MAX));
	fixture_add(&f, A, false);
	assert_true(locked(&f, 19, UINT64_MAX));
	assert_true(locked(&f, 19, 24));
	assert_false(locked(&f, 19, 23));
	assert_true(locked(&f, 1, 2)); /* below block_signers_start */
	fixture_end(&f);
}

static void test_lock_with_healing(void **state)
{
	struct fixture f;
	(void)state;

	open_window(&f);
	for (unsigned i = 2; i <= 4; i++)
		fixture_add(&f, i, false);
	/* Anchors are 2, 3, 4, 1 (two blocks each but 1: genesis does not count), … */
	assert_false(locked(&f, 20, UINT64_MAX));
	fixture_add(&f, A, false);
	assert_true(locked(&f, 20, UINT64_MAX)); /* four blocks, an anchor among them */
	assert_false(locked(&f, 20, 24));
	fixture_end(&f);

	/* Late ranks are no anchors: 12, 13, 14 have one block each and great keys. */
	open_window(&f);
	for (unsigned i = 0; i < 6; i++)
		fixture_add(&f, 12 + i, false);
	assert_false(locked(&f, 20, UINT64_MAX));
	fixture_add(&f, 2, false);
	assert_true(locked(&f, 20, UINT64_MAX));
	fixture_end(&f);

	/* A full block ends the window. */
	open_window(&f);
	for (unsigned i = 2; i <= 4; i++)
		fixture_add(&f, i, false);
	fixture_add(&f, 50, true);
	fixture_add(&f, 5, false);
	assert_false(locked(&f, 20, UINT64_MAX));
	fixture_end(&f);
}

static void test_four_drawn_lock(void **state)
{
	struct fixture f;
	(void)state;

	/* No anchors at all: everybody who could be one is banned. */
	fixture_start(&f);
	f.params.ban_draw_min = 0;
	crowd(&f, 29);
	fixture_add(&f, 50, true); /* 30, above the ban activation */
	fifo_clear(&f.view.draws);
	struct block_summary h;
	struct draw d;
	fixture_head(&f, 30, &h);
	signers_draw(&f.view, &h, &d);
	for (unsigned i = 0; i < 3; i++)
		fixture_add(&f, d.keys[i][1], false);
	for (unsigned i = 0; i < 16; i++) { /* after the draw was remembered */
		struct ban b = {.closing = store_height(f.store), .place = i};
		made_key(i == 15 ? 50 : i, b.key);
		b.closing = 33;
		assert_int_equal(store_add_ban(f.store, &b), ERR_OK);
	}
	/* Bans close above F, so that the pool of F is still whole. */
	assert_false(locked(&f, 30, UINT64_MAX));
	fixture_add(&f, d.keys[3][1], false);
	assert_true(locked(&f, 30, UINT64_MAX));
	fixture_end(&f);
}

/* The drawn, none of them an anchor: four lock, three and a stranger do not. */
static void test_four_drawn_without_anchors(void **state)
{
	struct fixture f;
	(void)state;

	fixture_start(&f);
	for (unsigned i = 1; i <= 29; i++) /* one block each for the drawn, three for the anchors */
		fixture_add(&f, i >= 2 && i <= 8 ? A + i : (i - 1) % 7 + 1, i == 1);
	fixture_add(&f, 50, true);
	for (unsigned i = 2; i <= 4; i++)
		fixture_add(&f, A + i, false);
	fixture_add(&f, 60, false);
	assert_false(locked(&f, 30, UINT64_MAX));
	fixture_add(&f, A + 5, false);
	assert_true(locked(&f, 30, UINT64_MAX));
	fixture_end(&f);
}

/* Bans touch full blocks above the ban activation (24), not the one at it. */
static void test_bans_begin_above_activation(void **state)
{
	for (unsigned last = 24; last <= 25; last++) {
		struct fixture f;
		struct block_summary h;
		struct draw d;
		struct pool p;
		struct ban b = {.closing = last - 1};
		(void)state;

		fixture_start(&f);
		f.params.ban_draw_min = 0;
		crowd(&f, last - 1);
		made_key(2, b.key);
		assert_int_equal(store_add_ban(f.store, &b), ERR_OK);
		fixture_add(&f, 50, true);
		fixture_head(&f, last, &h);
		signers_draw(&f.view, &h, &d);
		signers_pool(&f.view, &h, true, &p);
		assert_int_equal(draw_has(&d, b.key), last == 24);
		bool anchor = memcmp(p.anchor[0], b.key, KEY_SIZE) == 0;
		assert_int_equal(anchor, last == 24);
		fixture_end(&f);
	}
}

static uint64_t timeout_of(struct fixture *f, uint64_t index)
{
	struct block_summary h;

	fixture_head(f, index, &h);
	return signers_timeout(&f->view, &h);
}

/* Window of full block 26 up to full block `last`, with a stranger at one place. */
static uint64_t timeout_with_stranger(uint64_t stranger, uint64_t last)
{
	struct fixture f;
	struct block_summary h;
	struct draw d;

	fixture_start(&f);
	crowd(&f, 25);
	fixture_add(&f, 50, true);
	fixture_head(&f, 26, &h);
	signers_draw(&f.view, &h, &d);
	for (uint64_t i = 27; i < last; i++)
		fixture_add(&f, i == stranger ? A : d.keys[i % 7][1], false);
	fixture_add(&f, 50, true);
	uint64_t timeout = timeout_of(&f, last);
	fixture_end(&f);
	return timeout;
}

static void test_timeout_looks_back_ten(void **state)
{
	(void)state;
	assert_int_equal(timeout_with_stranger(0, 45), 1000);
	assert_int_equal(timeout_with_stranger(35, 45), 500); /* the first of ten */
	assert_int_equal(timeout_with_stranger(34, 45), 1000);
	assert_int_equal(timeout_with_stranger(44, 45), 500); /* the last */
}

static void test_timeout_near_activation(void **state)
{
	struct fixture f;
	(void)state;

	open_window(&f); /* activation 20: blocks from 21 on count */
	fixture_add(&f, A, false);
	fixture_add(&f, 50, true);
	assert_int_equal(timeout_of(&f, 20), 1000);
	assert_int_equal(timeout_of(&f, 22), 500);
	fixture_end(&f);

	fixture_start(&f);
	crowd(&f, 18);
	fixture_add(&f, 50, true);
	fixture_add(&f, A, false); /* 20: a stranger, before healing counts */
	fixture_add(&f, 50, true);
	assert_int_equal(timeout_of(&f, 21), 1000);
	fixture_end(&f);
}

static void test_pool_ranges(void **state)
{
	struct fixture f;
	struct block_summary h;
	struct pool p;
	(void)state;

	fixture_start(&f);
	f.params.healing_window = 5;
	for (unsigned i = 1; i <= 20; i++) /* 9 at 1 (not counted), then 1 … 8 */
		fixture_add(&f, i == 1 ? 9 : (i - 2) % 8 + 1, i == 1);
	fixture_add(&f, A, false);     /* 21: just outside the window (21, 26] */
	fixture_add(&f, A + 1, false); /* 22: just inside */
	fixture_add(&f, 8, false);
	fixture_add(&f, 9, false);
	fixture_add(&f, 9, false);
	fixture_add(&f, 60, true); /* 26, itself counted */
	fixture_add(&f, A + 2, false);
	fixture_head(&f, 26, &h);
	signers_pool(&f.view, &h, true, &p);
	/* Three blocks: 1, 2, 3, 8. Two: 4 … 7, 9 (its genesis block does not count). */
	static const unsigned anchors[] = {1, 2, 3, 8, 4, 5, 6};
	assert_int_equal(p.anchors, 7);
	for (unsigned i = 0; i < 7; i++)
		assert_int_equal(p.anchor[i][1], anchors[i]);
	static const unsigned late[] = {9, 60, A + 1};
	assert_int_equal(p.recent, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(p.late[i][1], late[i]);
	fixture_end(&f);
}

/* In a window as long as the chain the genesis block counts no more than in a longer one. */
static void test_pool_of_a_short_chain(void **state)
{
	static const unsigned late[] = {8, 60};
	struct fixture f;
	struct block_summary h;
	struct pool p;
	(void)state;

	fixture_start(&f);
	for (unsigned i = 1; i <= 11; i++)
		fixture_add(&f, i == 1 ? A : (i - 2) % 8 + 1, i == 1);
	fixture_add(&f, 60, true); /* 12 */
	fixture_head(&f, 12, &h);
	for (f.params.healing_window = 11; f.params.healing_window <= 13;
		f.params.healing_window++) {
		signers_pool(&f.view, &h, true, &p);
		assert_int_equal(p.anchors, 7);
		assert_int_equal(p.recent, 2);
		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(p.late[i][1], late[i]);
	}
	fixture_end(&f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_draw_in_order),
		cmocka_unit_test(test_minimum_at_low_height),
		cmocka_unit_test(test_draws_without_end),
		cmocka_unit_test(test_mitigation),
		cmocka_unit_test(test_lock_before_healing),
		cmocka_unit_test(test_lock_with_healing),
		cmocka_unit_test(test_four_drawn_lock),
		cmocka_unit_test(test_four_drawn_without_anchors),
		cmocka_unit_test(test_bans_begin_above_activation),
		cmocka_unit_test(test_timeout_looks_back_ten),
		cmocka_unit_test(test_timeout_near_activation),
		cmocka_unit_test(test_pool_ranges),
		cmocka_unit_test(test_pool_of_a_short_chain),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
