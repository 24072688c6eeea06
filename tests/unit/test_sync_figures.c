/* What /status and /metrics tell of the chain, the engine, memory, time and store: each figure is
 * driven to a value that is known by another way. Those of the network are in test_figures.c. */
#include <sys/stat.h>

#include "base/mem.h"
#include "config/memory.h"
#include "domain/domain.h"
#include "node/loop_lag.h"
#include "node/node.h"
#include "tests/unit/main.h"
#include "tests/unit/sync_rig.h"

#include "tests/unit/figures_rig.h"

static struct config config; /* large */
static struct loop_lag lag;
static struct api api;

/* What figures_begin() would find of these parts. */
static struct figures look(struct rig *r)
{
	struct figures f = {.api = &api};

	config.limits = r->limits;
	api.config = &config;
	api.clock = &r->clock;
	api.serve = &r->serve;
	api.threads = node_threads(&config);
	f.state.lag = loop_lag_told(&lag);
	chain_get_tip(r->chain, &f.tip);
	sync_get_stats(r->sync, &f.sync);
	return f;
}

/* Each look at the clock takes 5 ms. */
static uint64_t ticking(void *ctx)
{
	return ((struct rig *)ctx)->mono += 5;
}

/* What block `index` of the branch says: its time, whether it is full. */
static void read_block(const struct branch *b, uint64_t index, int64_t *timestamp, bool *full)
{
	struct block_owned *block;

	assert_int_equal(block_decode_owned(b->block[index], &block), ERR_OK);
	*timestamp = block->b.timestamp;
	*full = block->b.full;
	mem_free(block);
}

static uint64_t last_full(const struct branch *b)
{
	int64_t timestamp;
	bool full = false;
	uint64_t i = b->height + 1;

	while (!full)
		read_block(b, --i, &timestamp, &full);
	return i;
}

static void test_a_sync(void **state)
{
	struct branch b;
	struct rig r;
	struct figures f;
	int64_t timestamp;
	bool full;
	(void)state;

	rig_begin_with(&r, &b, 30);
	rig_peer(&r, 1, true, 30);
	rig_peer(&r, 2, true, 20);
	f = look(&r);
	EXPECT(&f, height, 0);
	EXPECT(&f, best_height, 30);
	EXPECT(&f, peers, 2);
	EXPECT(&f, requests_in_flight, 30);
	rig_leave(&r, 2);
	while (rig_count(&r, 1, MSG_GET_BLOCK) && rig_height(&r) < 1)
		rig_gives(&r, 1, 1, b.block[1]);
	rig_gives(&r, 1, 3, b.block[3]);
	rig_gives(&r, 1, 4, b.block[4]);
	f = look(&r);
	EXPECT(&f, height, 1);
	EXPECT(&f, future_blocks, 2);
	while (rig_serves(&r, 1, &b))
		;
	f = look(&r);
	read_block(&b, 30, &timestamp, &full);
	EXPECT(&f, height, 30);
	EXPECT(&f, tip_timestamp, timestamp);
	EXPECT(&f, last_full_block, last_full(&b));
	EXPECT(&f, blocks_appended_total, 30);
	EXPECT(&f, future_blocks, 0);
	EXPECT(&f, requests_in_flight, 0);
	EXPECT(&f, peers, 1);
	rig_pass(&r, 2000); /* since the start: 30 blocks in two seconds */
	f = look(&r);
	EXPECT(&f, committed_height, 30);
	EXPECT(&f, blocks_per_second, 15);
	rig_pass(&r, 2000);
	f = look(&r);
	EXPECT(&f, blocks_per_second, 0);
	rig_end_with(&r, &b);
}

/* One block after the other, each with a hash of its own and committed alone. */
static void test_commits_and_hashes(void **state)
{
	struct branch b;
	struct rig r;
	struct figures f;
	(void)state;

	rig_begin_with(&r, &b, 9);
	r.limits.commit_blocks.max = 1;
	rig_fill(&r, &b, 4); /* past the network */
	struct node_peer *np = rig_peer(&r, 1, true, 4);
	f = look(&r);
	EXPECT(&f, commits_total, 0);
	EXPECT(&f, commit_seconds_total, 0);
	EXPECT(&f, verify_hashes_total, 0);
	r.clock.mono = ticking;
	for (uint64_t i = 5; i <= 9; i++) {
		struct block_owned *block;
		assert_int_equal(block_decode_owned(b.block[i], &block), ERR_OK);
		struct verify_job job = {.block = &block->b};
		chain_prepare(r.chain, &job); /* else its strength is another hash */
		job.facts.key_strength = 64;
		chain_learn(r.chain, &job);
		mem_free(block);
		sync_height(r.sync, np, i, slice_of(NULL, 0));
		rig_gives(&r, 1, i, b.block[i]);
		f = look(&r);
		EXPECT(&f, commits_total, i - 4);
		EXPECT(&f, commit_seconds_total, 2 * 0.005 * (double)(i - 4));
		EXPECT(&f, verify_batches_total, i - 4);
		EXPECT(&f, verify_hashes_total, i - 4);
		EXPECT(&f, blocks_received_total, i - 4);
	}
	EXPECT(&f, committed_height, 9);
	rig_end_with(&r, &b);
}

static void test_bad_unasked_and_served(void **state)
{
	struct branch b;
	struct rig r;
	struct figures f;
	(void)state;

	rig_begin_with(&r, &b, 10);
	rig_fill(&r, &b, 9);
	rig_peer(&r, 1, true, 10);
	rig_gives(&r, 1, 7, b.block[7]);
	rig_gives(&r, 1, 8, b.block[8]);
	f = look(&r);
	EXPECT(&f, blocks_unasked_total, 2);
	EXPECT(&f, blocks_received_total, 2);
	struct node_peer *np = rig_peer(&r, 2, false, 9);
	for (uint64_t i = 1; i <= 3; i++)
		assert_int_equal(serve_get_block(&r.serve, np, i), SERVE_SENT);
	assert_int_equal(serve_get_block(&r.serve, np, 3), SERVE_REPEAT);
	struct block_owned *block;
	uint8_t bytes[4096];
	struct wr w = wr_of(bytes, sizeof bytes);
	assert_int_equal(block_decode_owned(b.block[10], &block), ERR_OK);
	block->b.timestamp++;
	block_encode(&block->b, &w);
	rig_gives(&r, 1, 10, wr_done(&w));
	mem_free(block);
	f = look(&r);
	EXPECT(&f, blocks_served_total, 3);
	EXPECT(&f, repeats_ignored_total, 1);
	EXPECT(&f, blocks_bad_total, 1);
	EXPECT(&f, blocks_appended_total, 0);
	rig_end_with(&r, &b);
}

static bool beats(const struct branch *x, const struct branch *y, uint64_t at)
{
	struct block_owned *a, *b;

	assert_int_equal(block_decode_owned(x->block[at], &a), ERR_OK);
	assert_int_equal(block_decode_owned(y->block[at], &b), ERR_OK);
	bool first = block_better_than(&a->b, &b->b);
	mem_free(a);
	mem_free(b);
	return first;
}

/* A better block takes the place of our tip. */
static void test_replaced(void **state)
{
	struct branch common, x, y;
	struct rig r;
	(void)state;

	rig_begin(&r);
	rig_branch(&r, &common, rig_origin(), 1, 1, 2);
	rig_branch(&r, &x, &common, 3, 2, 1);
	rig_branch(&r, &y, &common, 3, 3, 1);
	bool first = beats(&x, &y, 4);
	rig_fill(&r, first ? &y : &x, 4);
	rig_peer(&r, 1, true, 4);
	rig_tells(&r, 1, first ? &x : &y, 4);
	rig_serves(&r, 1, first ? &x : &y);
	assert_true(rig_on(&r, first ? &x : &y));
	struct figures f = look(&r);
	EXPECT(&f, blocks_replaced_total, 1);
	rig_end(&r);
	branch_free(&x, 4);
	branch_free(&y, 4);
	branch_free(&common, 2);
}

static void test_memory_and_time(void **state)
{
	struct rig r;
	struct figures f;
	(void)state;

	rig_begin(&r);
	api.started_ms = r.mono;
	r.mono += 61999;
	config.memory_budget = 12345678;
	config.verify_threads = 3;
	f = look(&r);
	EXPECT(&f, uptime_seconds, 61);
	EXPECT(&f, memory_budget_bytes, 12345678);
	EXPECT(&f, memory_fixed_bytes, 4194304 + 3 * 131072);
	uint64_t worst = 0;
	for (size_t i = 0; i < LIMIT_ROWS; i++)
		worst += limits_worst_bytes(&r.limits, i);
	EXPECT(&f, memory_worst_bytes, worst);
	r.limits.max_future_bytes.max += 1000000;
	f = look(&r);
	EXPECT(&f, memory_worst_bytes, worst + 1000000);
	size_t held = mem_bytes(), peak = mem_peak(), more = peak - held + 5000;
	void *p = mem_alloc(more);
	EXPECT(&f, memory_bytes, held + more);
	mem_free(p);
	EXPECT(&f, memory_bytes, held);
	EXPECT(&f, memory_peak_bytes, peak + 5000);
	rig_end(&r);
}

static void test_lag_of_the_loop(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	for (int i = 0; i < 98; i++)
		loop_lag_note(&lag, 1, (struct loop_spent){1, 0});
	loop_lag_note(&lag, 3000, (struct loop_spent){7, 2980});
	loop_lag_note(&lag, 41, (struct loop_spent){3, 29}); /* counts as up to 50; its own 12 */
	struct figures f = look(&r);
	EXPECT(&f, loop_samples_total, 100);
	EXPECT(&f, loop_lag_p50_seconds, 0.001);
	EXPECT(&f, loop_lag_p99_seconds, 0.05);
	EXPECT(&f, loop_lag_max_seconds, 3);
	EXPECT(&f, loop_lag_own_p99_seconds, 0.015);
	rig_end(&r);
}

/* As many bytes as its file has. */
static void test_store(void **state)
{
	struct branch b;
	struct rig r;
	struct stat st;
	char path[128];
	(void)state;

	rig_begin_with(&r, &b, 30);
	rig_fill(&r, &b, 30);
	snprintf(path, sizeof path, "%s/chain.mdb", r.dir);
	assert_int_equal(stat(path, &st), 0);
	struct figures f = look(&r);
	EXPECT(&f, store_bytes, st.st_size);
	rig_end_with(&r, &b);
}

/* A commit writes whole pages, however few blocks are in it: a few of them do not pay, many do. */
static void test_small_groups_do_not_pay(void **state)
{
	struct block_facts facts = {true, true, 64, DOMAIN_OK};
	struct block_owned *block;
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 200);
	rig_fill(&r, &b, 3);
	for (uint64_t i = 4; i <= 200; i++) {
		assert_int_equal(block_decode_owned(b.block[i], &block), ERR_OK);
		struct outcome o = chain_submit(r.chain, block, &facts, r.wall, 0);
		assert_int_equal(o.action, CHAIN_APPENDED);
		mem_free(block);
		if (i < 14)
			assert_false(chain_group_pays(r.chain));
	}
	assert_true(chain_group_pays(r.chain));
	rig_end_with(&r, &b);
}

static void test_each_is_checked(void **state)
{
	(void)state;
	all_figures_are_checked(NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_sync),
		cmocka_unit_test(test_commits_and_hashes),
		cmocka_unit_test(test_bad_unasked_and_served),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_memory_and_time),
		cmocka_unit_test(test_lag_of_the_loop),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_small_groups_do_not_pay),
		cmocka_unit_test(test_each_is_checked),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
