/* The search for rare hashes, and for the proof of work of a block. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "chain/hash_scratch.h"
#include "mine/block_search.h"
#include "mine/priority.h"
#include "mine/rate.h"
#include "tests/blakeout_scalar.h"
#include "tests/unit/main.h"

enum { WAIT_SECONDS = 300 };

struct rig {
	struct bound row;
	sem_t ended;
	atomic_uint endings;
	sem_t asked;      /* whether others have work */
	atomic_bool busy; /* they have */
	struct search_settings s;
};

static void on_ended(void *ctx)
{
	struct rig *r = ctx;

	atomic_fetch_add(&r->endings, 1);
	sem_post(&r->ended);
}

static bool on_gives_way(void *ctx)
{
	struct rig *r = ctx;

	sem_post(&r->asked);
	return r->busy;
}

static void rig_init(struct rig *r, unsigned threads, size_t scratch)
{
	*r = (struct rig){.row = {.name = "mine_scratch_bytes", .max = scratch}};
	sem_init(&r->ended, 0, 0);
	sem_init(&r->asked, 0, 0);
	r->s = (struct search_settings){.threads = threads,
		.scratch_bytes = scratch,
		.scratch = &r->row,
		.ended = on_ended,
		.ctx = r};
}

static void wait_for(sem_t *event)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_SECONDS;
	while (sem_timedwait(event, &until) != 0)
		if (errno != EINTR)
			fail_msg("the search did not end");
}

static void rig_wait(struct rig *r)
{
	wait_for(&r->ended);
}

/* Nothing is held, and the end was told once. */
static void rig_done(struct rig *r, size_t blocks)
{
	assert_int_equal(r->endings, 1);
	assert_int_equal(r->row.used, 0);
	assert_true(r->row.peak > 0 && r->row.peak <= r->row.max);
	assert_int_equal(mem_blocks(), blocks);
	sem_destroy(&r->ended);
	sem_destroy(&r->asked);
}

/* ---- the search itself ---- */

/* Has the calling thread the lowest priority? */
static bool is_low(void)
{
	return sched_getscheduler(0) == SCHED_IDLE ||
	       getpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid)) == 19;
}

struct counter {
	atomic_uint batches, judged;
	unsigned stop_after; /* batches; fill() says that it is over */
	unsigned find_at;    /* batch whose hashes are what was looked for */
	unsigned lanes;      /* candidates of a batch; 0 = as many as may be */
	atomic_uint most;    /* seen in fill() */
	size_t input_size;
	bool notes_kept;
	atomic_bool lowered;
};

static bool count_fill(void *ctx, struct search_batch *b)
{
	struct counter *c = ctx;
	unsigned at = atomic_fetch_add(&c->batches, 1);

	if (c->stop_after && at >= c->stop_after)
		return false;
	c->most = b->most;
	unsigned most = c->lanes ? c->lanes : b->most;
	for (b->n = 0; b->n < most && (b->n + 1) * c->input_size <= b->room_size; b->n++) {
		uint8_t *input = b->room + b->n * c->input_size;
		memset(input, (int)(at + b->n), c->input_size);
		b->in[b->n] = slice_of(input, c->input_size);
		b->note[b->n][0] = (uint8_t)(at + b->n);
	}
	c->lowered = is_low();
	return true;
}

static bool count_judge(void *ctx, const struct search_batch *b)
{
	struct counter *c = ctx;
	static uint8_t words[65536][32];
	static uint8_t input[1 << 18];
	uint8_t hash[32];
	unsigned at = atomic_fetch_add(&c->judged, 1) + 1;

	for (unsigned i = 0; c->notes_kept && i < b->n; i += 13) {
		memset(input, b->note[i][0], c->input_size);
		blakeout_scalar(slice_of(input, c->input_size), hash, words);
		assert_memory_equal(hash, b->hash[i], 32);
	}
	return c->find_at && at >= c->find_at;
}

static struct search *begin(struct rig *r, struct counter *c)
{
	struct search_task task = {c->input_size, count_fill, count_judge, c};
	enum err err;
	struct search *s = search_start(&r->s, &task, &err);

	assert_non_null(s);
	assert_int_equal(err, ERR_OK);
	return s;
}

/* Hashes are those of the inputs, notes belong to them, and it ends when something is found. */
static void test_found(void **state)
{
	size_t blocks = mem_blocks();
	struct counter c = {.find_at = 2, .input_size = 180, .notes_kept = true};
	struct rig r;

	(void)state;
	rig_init(&r, 1, hash_scratch_least());
	struct search *s = begin(&r, &c);
	rig_wait(&r);
	assert_true(search_has_ended(s));
	assert_int_equal(c.judged, 2);
	assert_int_equal(c.most, BLAKEOUT_LANES);
	assert_int_equal(search_hashes(s), 2 * BLAKEOUT_LANES);
	assert_int_equal(c.lowered, is_low()); /* as whoever runs the test */
	search_free(s);
	rig_done(&r, blocks);
}

/* The task has nothing more to look for: all threads end. */
static void test_nothing_left(void **state)
{
	size_t blocks = mem_blocks();
	struct counter c = {.stop_after = 3, .lanes = 1, .input_size = 32};
	struct rig r;

	(void)state;
	rig_init(&r, 3, 3 * hash_scratch_least());
	r.s.lower = true;
	struct search *s = begin(&r, &c);
	assert_int_equal(search_threads(s), 3);
	rig_wait(&r);
	assert_int_equal(c.judged, 3);
	assert_true(c.lowered);
	search_free(s);
	rig_done(&r, blocks);
}

/* Whoever cancels does not wait; no thread begins another batch. */
static void test_cancel(void **state)
{
	size_t blocks = mem_blocks();
	struct counter c = {.lanes = 1, .input_size = 32};
	struct rig r;

	(void)state;
	rig_init(&r, 2, 2 * hash_scratch_least());
	struct search *s = begin(&r, &c);
	search_cancel(s);
	rig_wait(&r);
	assert_true(search_has_ended(s));
	assert_true(c.batches <= 4);
	assert_int_equal(c.judged, c.batches);
	search_free(s);
	rig_done(&r, blocks);
	assert_int_equal(r.endings, 1);
}

/* No batch is begun while others have work; whoever cancels does not wait for its end. */
static void test_gives_way(void **state)
{
	size_t blocks = mem_blocks();

	(void)state;
	for (int cancels = 0; cancels < 2; cancels++) {
		struct counter c = {.stop_after = 2, .lanes = 1, .input_size = 32};
		struct rig r;
		rig_init(&r, 2, 2 * hash_scratch_least());
		r.s.gives_way = on_gives_way;
		r.busy = true;
		struct search *s = begin(&r, &c);
		for (int i = 0; i < 6; i++)
			wait_for(&r.asked);
		assert_int_equal(c.batches, 0);
		if (cancels)
			search_cancel(s);
		else
			r.busy = false;
		rig_wait(&r);
		assert_int_equal(c.judged, cancels ? 0 : 2);
		search_free(s);
		rig_done(&r, blocks);
	}
}

/* Without a cancel it ends, too, when it is freed. */
static void test_freed(void **state)
{
	size_t blocks = mem_blocks();
	struct counter c = {.lanes = 1, .input_size = 32};
	struct rig r;

	(void)state;
	rig_init(&r, 2, 2 * hash_scratch_least());
	search_free(begin(&r, &c));
	rig_done(&r, blocks);
	search_free(NULL);
}

/* Long inputs in little scratch: fewer at a time, and never beyond the room. */
static void test_long_inputs(void **state)
{
	static const size_t sizes[] = {60000, 200000};
	static const unsigned lanes[] = {4, 1};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct counter c = {.stop_after = 1, .input_size = sizes[i], .notes_kept = true};
		struct rig r;
		rig_init(&r, 1, hash_scratch_least());
		struct search *s = begin(&r, &c);
		rig_wait(&r);
		assert_int_equal(c.most, lanes[i]);
		assert_int_equal(search_hashes(s), lanes[i]);
		search_free(s);
		sem_destroy(&r.ended);
	}
}

/* Threads get equal shares, but none more than it can use, and none less than it needs. */
static void test_shares(void **state)
{
	struct counter c = {.stop_after = 1, .lanes = 1, .input_size = 32};
	struct rig r;

	(void)state;
	rig_init(&r, 8, 2 * hash_scratch_least() + 1000);
	struct search *s = begin(&r, &c);
	assert_int_equal(search_threads(s), 2);
	rig_wait(&r);
	search_free(s);
	sem_destroy(&r.ended);
	rig_init(&r, 1, 3 * hash_scratch_most());
	s = begin(&r, &c);
	assert_int_equal(r.row.used, hash_scratch_most());
	search_free(s);
	sem_destroy(&r.ended);
}

/* The row is full, or memory runs out: nothing is left behind. */
/* A measured rate takes about its time, keeps to the row, and needs no `ended`. */
static void test_rate(void **state)
{
	size_t blocks = mem_blocks();
	struct rig r;

	(void)state;
	rig_init(&r, 2, 2 * hash_scratch_least());
	r.s.lower = true; /* which does not count */
	assert_true(mine_rate(&r.s, 50) > 0);
	assert_int_equal(r.row.used, 0);
	assert_int_equal(r.endings, 0);
	bound_write(&r.row.max, hash_scratch_least() - 1);
	assert_true(mine_rate(&r.s, 50) <= 0);
	mem_fail_nth(1);
	assert_true(mine_rate(&r.s, 50) <= 0);
	mem_fail_nth(0);
	assert_int_equal(mem_blocks(), blocks);
	bound_write(&r.row.max, 2 * hash_scratch_least());
	sem_destroy(&r.ended);
	sem_destroy(&r.asked);
}

static void test_refused(void **state)
{
	struct counter c = {.stop_after = 1, .lanes = 1, .input_size = 32};
	struct search_task task = {c.input_size, count_fill, count_judge, &c};
	size_t blocks = mem_blocks();
	struct search *s;
	struct rig r;
	enum err err;

	(void)state;
	rig_init(&r, 2, 2 * hash_scratch_least());
	bound_write(&r.row.max, hash_scratch_least());
	assert_null(search_start(&r.s, &task, &err));
	assert_int_equal(err, ERR_FULL);
	assert_int_equal(r.row.used, 0);
	assert_int_equal(mem_blocks(), blocks);
	bound_write(&r.row.max, 2 * hash_scratch_least());
	for (uint64_t nth = 1;; nth++) {
		mem_fail_nth(nth);
		s = search_start(&r.s, &task, &err);
		if (mem_fail_nth(0) != 0)
			break;
		if (!s)
			assert_int_equal(err, ERR_NOMEM);
		search_free(s);
		assert_int_equal(r.row.used, 0);
		assert_int_equal(mem_blocks(), blocks);
	}
	assert_non_null(s);
	search_free(s);
	sem_destroy(&r.ended);
}

/* ---- a block ---- */

static int64_t wall_now(void *ctx)
{
	return *(atomic_llong *)ctx;
}

struct draft {
	struct block b;
	uint8_t prev[HASH_SIZE], key[KEY_SIZE], data[40000];
};

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

enum { DIFFICULTY = 4 }; /* nearly always within the first batch, seldom the first nonce */

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

/* ---- how much of the machine ---- */

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
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_nothing_left),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_gives_way),
		cmocka_unit_test(test_freed),
		cmocka_unit_test(test_long_inputs),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_clock_behind),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_quota),
		cmocka_unit_test(test_processors),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
