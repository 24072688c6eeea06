/* The search for rare hashes. */
#include "tests/unit/search_rig.h"
#include "tests/unit/main.h"

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

/* ---- how much of the machine ---- */

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
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
