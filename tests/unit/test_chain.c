/* The chain: what follows from verdicts, groups of commits, memory of key strengths. */
#include "chain/verify.h"
#include "tests/unit/chain_rig.h"
#include "tests/unit/main.h"

static void test_append_and_commit(void **state)
{
	struct test t;
	uint8_t bytes[2048], hash[HASH_SIZE];
	size_t n;
	(void)state;

	start(&t);
	expect_tip(&t, 0, 0, 0);
	grow(&t, 7); /* full: 1, 5 */
	expect_tip(&t, 7, 5, 0);
	assert_int_equal(chain_uncommitted(t.chain), 7);
	assert_false(chain_group_full(t.chain));
	struct bound *rows[] = {&t.limits.commit_blocks, &t.limits.commit_bytes};
	for (size_t i = 0; i < 2; i++) {
		uint64_t max = rows[i]->max;
		rows[i]->max = rows[i]->used;
		assert_true(chain_group_full(t.chain));
		rows[i]->max++;
		assert_false(chain_group_full(t.chain));
		rows[i]->max = max;
	}
	assert_int_equal(chain_commit(t.chain), ERR_OK);
	assert_int_equal(chain_uncommitted(t.chain), 0);
	expect_tip(&t, 7, 5, 7);
	expect_action(&t, 0, VERDICT_TWIN, CHAIN_NOTHING);
	assert_int_equal(chain_uncommitted(t.chain), 0);
	assert_true(chain_has(t.chain, 7, t.m.b.hash));
	assert_false(chain_has(t.chain, 6, t.m.b.hash));
	assert_int_equal(chain_index_of(t.chain, t.m.hash), 7);
	assert_true(chain_hash_at(t.chain, 7, hash));
	assert_memory_equal(hash, t.m.hash, HASH_SIZE);
	assert_int_equal(chain_read(t.chain, 7, bytes, sizeof bytes, &n), ERR_OK);
	assert_int_equal(chain_read(t.chain, 8, bytes, sizeof bytes, &n), ERR_NOT_FOUND);
	reopen(&t);
	expect_tip(&t, 7, 5, 7);
	end(&t);
}

/* What may not be written leaves the store as good as it was. */
/* Whoever reads a block and has no memory for it stops nobody. */
static void test_one_block(void **state)
{
	struct block_owned *b;
	struct test t;
	(void)state;

	start(&t);
	grow(&t, 3);
	assert_int_equal(chain_block(t.chain, 2, &b), ERR_OK);
	assert_int_equal(b->b.index, 2);
	mem_free(b);
	assert_int_equal(chain_block(t.chain, 4, &b), ERR_NOT_FOUND);
	assert_null(b);
	mem_fail_nth(1);
	assert_int_equal(chain_block(t.chain, 2, &b), ERR_NOMEM);
	assert_int_equal(mem_fail_nth(0), 0);
	assert_null(b);
	grow(&t, 4);
	assert_int_equal(chain_block(t.chain, 4, &b), ERR_OK);
	mem_free(b);
	end(&t);
}

static void test_opened_for_reading(void **state)
{
	struct test t;
	(void)state;

	start(&t);
	grow(&t, 7);
	assert_int_equal(chain_commit(t.chain), ERR_OK);
	reopen_as(&t, true);
	candidate(&t, 8, false, 0, 8);
	struct outcome o = submit(&t, 0);
	assert_int_equal(o.err, ERR_REFUSED);
	assert_int_equal(o.action, CHAIN_NOTHING);
	expect_tip(&t, 7, 5, 7);
	assert_int_equal(store_error(t.chain->store), ERR_OK);
	end(&t);
}

static void test_fork_choice(void **state)
{
	struct test t;
	(void)state;

	start(&t);
	grow(&t, 9); /* full: 1, 5, 9 */
	assert_int_equal(chain_commit(t.chain), ERR_OK);
	candidate(&t, 9, false, 1, 7); /* worse, and empty against full */
	expect_action(&t, 0, VERDICT_FORK, CHAIN_NOTHING);
	struct block_summary full;
	struct draw d;
	t.chain->params.block_signers_start = 5;
	assert_true(view_summary(chain_view(t.chain), 9, &full));
	signers_draw(chain_view(t.chain), &full, &d);
	assert_int_equal(t.limits.max_draws.used, 1);
	t.chain->params.block_signers_start = 1000;
	candidate(&t, 8, false, 1, 9); /* better: the last full block goes with the rest */
	expect_action(&t, 0, VERDICT_FORK, CHAIN_REPLACED);
	expect_tip(&t, 8, 5, 7);
	assert_int_equal(t.limits.max_draws.used, 0);
	candidate(&t, 8, true, 2, 0); /* full beats empty */
	expect_action(&t, 0, VERDICT_FORK, CHAIN_REPLACED);
	expect_tip(&t, 8, 8, 7);
	assert_int_equal(chain_commit(t.chain), ERR_OK);
	reopen(&t);
	expect_tip(&t, 8, 8, 8);
	candidate(&t, 8, true, 3, 9); /* the last one that is durable */
	expect_action(&t, 0, VERDICT_FORK, CHAIN_REPLACED);
	expect_tip(&t, 8, 8, 7);
	end(&t);
}

static void test_lagged(void **state)
{
	struct test t;
	(void)state;

	start(&t);
	grow(&t, 2);
	candidate(&t, 2, false, 1, 2);
	expect_action(&t, 3, VERDICT_FORK, CHAIN_NOTHING); /* there are no four below */
	grow(&t, 8);
	candidate(&t, 8, false, 1, 2); /* worse */
	expect_action(&t, 0, VERDICT_FORK, CHAIN_NOTHING);
	expect_action(&t, 11, VERDICT_FORK, CHAIN_NOTHING);
	candidate(&t, 4, false, 1, 2); /* four below, but nobody is ahead */
	expect_action(&t, 8, VERDICT_FORK, CHAIN_NOTHING);
	candidate(&t, 7, false, 1, 2);
	expect_action(&t, 10, VERDICT_FORK, CHAIN_NOTHING);
	candidate(&t, 8, false, 1, 2);
	expect_action(&t, 12, VERDICT_FORK, CHAIN_REPLACED);
	candidate(&t, 8, false, 2, 1);
	expect_action(&t, UINT64_MAX, VERDICT_FORK, CHAIN_REPLACED);
	candidate(&t, 7, false, 1, 2); /* at any depth that may be replaced */
	expect_action(&t, 11, VERDICT_FORK, CHAIN_REPLACED);
	end(&t);
}

static void test_block_one_stays(void **state)
{
	struct test t;
	(void)state;

	start(&t);
	grow(&t, 1);
	candidate(&t, 1, true, 1, 40); /* better, and we lag behind: still not */
	t.m.b.prev_hash.n = 0;
	expect_action(&t, 99, VERDICT_FORK, CHAIN_NOTHING);
	expect_tip(&t, 1, 1, 0);
	end(&t);
}

/* The author's strength as chain_prepare() knows it. */
static int known(struct test *t, unsigned author)
{
	struct made m;
	struct verify_job job = {.block = &m.b};

	made_block(&m, 2, author, true, 1);
	chain_prepare(t->chain, &job);
	assert_int_equal(job.want_strength, job.facts.key_strength < 0);
	return job.facts.key_strength;
}

static void learn(struct test *t, unsigned author, int strength, bool failed)
{
	struct made m;
	struct verify_job job = {.block = &m.b};

	made_block(&m, 2, author, true, 1);
	chain_prepare(t->chain, &job);
	job.facts.key_strength = (int16_t)strength;
	job.failed = failed;
	chain_learn(t->chain, &job);
}

static void test_strengths(void **state)
{
	struct test t;
	struct made m;
	struct verify_job job = {.block = &m.b};
	(void)state;

	start(&t);
	t.limits.max_key_strengths.max = 3;
	for (unsigned i = 1; i < 50; i++) {
		learn(&t, i, (int)i, false);
		assert_int_equal(known(&t, i), i);
	}
	assert_int_equal(t.limits.max_key_strengths.used, 3);
	assert_int_equal(t.limits.max_key_strengths.hits, 46);
	learn(&t, 49, 7, false); /* it was known, so nothing was asked */
	assert_int_equal(known(&t, 49), 49);
	learn(&t, 99, 9, true);
	assert_int_equal(known(&t, 99), -1);
	learn(&t, 99, -1, false); /* checked, and still unknown: no place is taken for that */
	assert_int_equal(known(&t, 99), -1);
	assert_int_equal(known(&t, 49), 49);
	assert_int_equal(t.limits.max_key_strengths.hits, 46);
	made_block(&m, 2, 99, false, 1); /* no rule asks for it */
	chain_prepare(t.chain, &job);
	assert_int_equal(job.facts.key_strength, -1);
	assert_false(job.want_strength);
	made_block(&m, 2, 99, true, 1);
	m.b.pub_key.n--; /* no key */
	chain_prepare(t.chain, &job);
	assert_int_equal(job.facts.key_strength, 0);
	assert_false(job.want_strength);
	end(&t);
}

static void test_values(void **state)
{
	struct test t;
	uint8_t bytes[8];
	size_t n;
	(void)state;

	start(&t);
	assert_int_equal(chain_get_value(t.chain, "x", bytes, 8, &n), ERR_NOT_FOUND);
	assert_int_equal(chain_put_value(t.chain, "x", slice_str("one")), ERR_OK);
	assert_int_equal(chain_put_value(t.chain, "x", slice_str("four")), ERR_OK);
	assert_int_equal(chain_uncommitted(t.chain), 0);
	reopen(&t);
	assert_int_equal(chain_get_value(t.chain, "x", bytes, 8, &n), ERR_OK);
	assert_int_equal(n, 4);
	/* Forgotten, also as the first write of all, and when there is none. */
	assert_int_equal(chain_put_value(t.chain, "y", slice_str("")), ERR_OK);
	assert_int_equal(chain_put_value(t.chain, "x", slice_str("")), ERR_OK);
	reopen(&t);
	assert_int_equal(chain_get_value(t.chain, "x", bytes, 8, &n), ERR_NOT_FOUND);
	end(&t);
}

static void test_store_failure_stops(void **state)
{
	struct test t;
	struct fixture f;
	(void)state;

	start(&t);
	grow(&t, 3);
	candidate(&t, 3, false, 1, 20);
	mem_fail_nth(3); /* two for the candidate, the next for the block that it replaces */
	struct outcome o = submit(&t, 0);
	mem_fail_nth(0);
	assert_int_equal(o.action, CHAIN_REPLACED);
	assert_int_equal(o.err, ERR_NOMEM);
	assert_int_equal(submit(&t, 0).err, ERR_NOMEM);
	assert_int_equal(chain_commit(t.chain), ERR_NOMEM);
	assert_int_equal(chain_close(t.chain), ERR_NOMEM);
	t.chain = NULL;
	reopen(&t); /* nothing was committed, nothing is broken */
	expect_tip(&t, 0, 0, 0);
	assert_int_equal(chain_close(t.chain), ERR_OK);
	memcpy(f.dir, t.dir, sizeof f.dir);
	fixture_remove(&f);
	assert_int_equal(mem_blocks(), 0);
}

/* A clock that is behind the tip is wrong: the rules take a minute before the tip for the time. */
static void test_wrong_clock(void **state)
{
	struct test t;
	(void)state;

	start(&t);
	assert_int_equal(chain_now(t.chain, 0), 0); /* no tip, no opinion */
	grow(&t, 7);
	struct chain_tip tip;
	chain_get_tip(t.chain, &tip);
	int64_t least = tip.timestamp - FUTURE_TOLERANCE;
	assert_int_equal(chain_now(t.chain, INT64_MIN), least);
	assert_int_equal(chain_now(t.chain, least - 1), least);
	assert_int_equal(chain_now(t.chain, least), least);
	assert_int_equal(chain_now(t.chain, least + 1), least + 1);
	assert_int_equal(chain_now(t.chain, INT64_MAX), INT64_MAX);
	candidate(&t, 8, false, 0, 8);
	t.m.b.timestamp = tip.timestamp; /* as late as the tip is good, and a second later is not */
	assert_false(chain_blames_clock(t.chain, &t.m.b, &t.facts, chain_now(t.chain, 0)));
	t.m.b.timestamp++;
	assert_true(chain_blames_clock(t.chain, &t.m.b, &t.facts, chain_now(t.chain, 0)));
	assert_false(chain_blames_clock(t.chain, &t.m.b, &t.facts, FAR));
	t.facts.signature_ok = false; /* bad at any time */
	assert_false(chain_blames_clock(t.chain, &t.m.b, &t.facts, chain_now(t.chain, 0)));
	end(&t);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append_and_commit),
		cmocka_unit_test(test_one_block),
		cmocka_unit_test(test_wrong_clock),
		cmocka_unit_test(test_opened_for_reading),
		cmocka_unit_test(test_fork_choice),
		cmocka_unit_test(test_lagged),
		cmocka_unit_test(test_block_one_stays),
		cmocka_unit_test(test_strengths),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_store_failure_stops),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
