/* The search for a block's proof of work, and how much of the machine searches take. */
#include "tests/unit/search_rig.h"
#include "tests/unit/main.h"

struct draft {
	struct block b;
	uint8_t prev[HASH_SIZE], key[KEY_SIZE], data[40000];
};

enum { DIFFICULTY = 4 }; /* nearly always within the first batch, seldom the first nonce */

static int64_t wall_now(void *ctx)
{
	return *(atomic_llong *)ctx;
}

static void make_draft(struct draft *d, uint32_t difficulty, size_t data)
{
	memset(d->prev, 0x5a, sizeof d->prev);
	memset(d->key, 0x77, sizeof d->key);
	memset(d->data, 'x', sizeof d->data);
	d->b = (struct block){.index = 40,
		.version = 1,
		.timestamp = 1700000000,
		.difficulty = difficulty,
		.prev_hash = slice_of(d->prev, HASH_SIZE),
		.pub_key = slice_of(d->key, KEY_SIZE),
		.full = data > 0};
	if (data) {
		d->b.tx.class_name = slice_str("domain");
		d->b.tx.identity = d->b.tx.confirmation = d->b.prev_hash;
		d->b.tx.data = slice_of(d->data, data);
	}
}

/* Has the block, with what was found put in, the hash that was found, which is hard enough? And has
 * no nonce before it such a hash: the first that is found is taken, and none is missed. */
static void check_found(const struct block *draft, const struct block_found *f)
{
	static uint8_t hash[BLAKEOUT_LANES][HASH_SIZE], text[BLAKEOUT_LANES * PREIMAGE_MAX];
	struct block b = *draft;
	struct slice in[BLAKEOUT_LANES];
	struct wr w = wr_of(text, sizeof text);
	struct hash_scratch scratch = {.limit = hash_scratch_least()};

	assert_true(hash_scratch_open(&scratch));
	assert_true(f->nonce < BLAKEOUT_LANES);
	b.timestamp = f->timestamp;
	b.random = f->random;
	for (b.nonce = 0; b.nonce <= f->nonce; b.nonce++) {
		size_t from = w.n;
		block_preimage(&b, PREIMAGE_HASH, &w);
		assert_false(w.bad);
		in[b.nonce] = slice_of(w.p + from, w.n - from);
		assert_true(in[b.nonce].n <= block_preimage_bound(&b));
	}
	blakeout_lanes(in, (unsigned)b.nonce, hash, scratch.aligned, hash_scratch_room(&scratch));
	hash_scratch_clear(&scratch);
	assert_memory_equal(hash[f->nonce], f->hash, HASH_SIZE);
	for (unsigned i = 0; i <= f->nonce; i++)
		assert_int_equal(hash_difficulty(slice_of(hash[i], HASH_SIZE)) >= (int)b.difficulty,
			i == f->nonce);
}

static void search_one(unsigned threads, size_t data, int64_t now, int64_t expect_time)
{
	struct draft *d = malloc(sizeof *d);
	size_t blocks = mem_blocks();
	atomic_llong wall = now;
	struct clock clock = {.wall = wall_now, .ctx = &wall};
	struct rng_seeded seed;
	struct rng rng = rng_from_seed(&seed, 7);
	struct block_found found;
	struct rig r;
	enum err err;

	assert_non_null(d);
	make_draft(d, DIFFICULTY, data);
	rig_init(&r, threads, threads * hash_scratch_least());
	struct block_search *s = block_search_start(&r.s, &clock, &rng, &d->b, &err);
	assert_non_null(s);
	rig_wait(&r);
	assert_true(block_search_has_ended(s));
	assert_true(block_search_found(s, &found));
	assert_true(block_search_best(s) >= DIFFICULTY);
	assert_true(block_search_hashes(s) > found.nonce);
	assert_int_equal(block_search_threads(s), threads);
	check_found(&d->b, &found);
	assert_int_equal(found.timestamp, expect_time);
	block_search_free(s);
	rig_done(&r, blocks);
	free(d);
}

static void test_block(void **state)
{
	(void)state;
	search_one(1, 0, 1700000500, 1700000500);
	search_one(2, 300, 1700000500, 1700000500);
	/* so long that sixteen do not fit at a time */
	search_one(1, sizeof((struct draft *)0)->data, 1700000500, 1700000500);
}

/* A clock that is behind the tip must not make a block that is refused for its time. */
static void test_clock_behind(void **state)
{
	(void)state;
	search_one(1, 0, 1600000000, 1700000000);
}

/* Difficulty that nobody finds, then another block: what comes is of that one. */
static void test_change(void **state)
{
	struct draft hard, easy;
	size_t blocks = mem_blocks();
	atomic_llong wall = 1700000500;
	struct clock clock = {.wall = wall_now, .ctx = &wall};
	struct block_found found;
	struct rig r;
	enum err err;

	(void)state;
	make_draft(&hard, 120, 0);
	make_draft(&easy, 3, 5000);
	easy.b.index = 41;
	rig_init(&r, 1, hash_scratch_least());
	struct block_search *s = block_search_start(&r.s, &clock, &rng_system, &hard.b, &err);
	assert_non_null(s);
	assert_false(block_search_found(s, &found));
	mem_fail_nth(1);
	assert_int_equal(block_search_change(s, &easy.b), ERR_NOMEM);
	assert_int_equal(mem_fail_nth(0), 0);
	for (int i = 0; i < 100; i++) /* most of them before a thread looks */
		assert_int_equal(block_search_change(s, &hard.b), ERR_OK);
	easy.b.index++;
	assert_int_equal(block_search_change(s, &easy.b), ERR_OK);
	rig_wait(&r);
	assert_true(block_search_found(s, &found));
	check_found(&easy.b, &found);
	/* Found, but for a block that is the old one now. */
	assert_int_equal(block_search_change(s, &hard.b), ERR_OK);
	assert_false(block_search_found(s, &found));
	block_search_free(s);
	rig_done(&r, blocks);
}

static void test_quota(void **state)
{
	(void)state;
	assert_int_equal(priority_quota(slice_str("max 100000\n"), 8), 8);
	assert_int_equal(priority_quota(slice_str("200000 100000\n"), 8), 2);
	assert_int_equal(priority_quota(slice_str("150000 100000\n"), 8), 2);
	assert_int_equal(priority_quota(slice_str("1000 100000\n"), 8), 1);
	assert_int_equal(priority_quota(slice_str("0 100000\n"), 8), 1);
	assert_int_equal(priority_quota(slice_str("1600000 100000\n"), 8), 8);
	assert_int_equal(priority_quota(slice_str("100000 0\n"), 8), 8);
	assert_int_equal(priority_quota(slice_str("100000"), 8), 8);
	assert_int_equal(priority_quota(slice_str(""), 8), 8);
	assert_int_equal(priority_quota(slice_str("99999999999999999999 1"), 8), 8);
	assert_int_equal(priority_quota(slice_str("-1 100000"), 8), 8);
}

static void test_processors(void **state)
{
	cpu_set_t all, one;

	(void)state;
	assert_true(priority_processors() >= 1);
	assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
		if (CPU_ISSET(i, &all))
			CPU_SET(i, &one);
	assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
	assert_int_equal(priority_processors(), 1);
	assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_clock_behind),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_quota),
		cmocka_unit_test(test_processors),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
