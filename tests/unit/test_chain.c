/* The chain: what follows from verdicts, groups of commits, memory of key strengths, and the
 * start-up check on blocks with real hashes and signatures. */
#include "tests/blakeout_scalar.h"
#include "chain/chain_inside.h"
#include "chain/compare.h"
#include "chain/store_rows.h"
#include "tests/unit/chain_fixture.h"

static const char DATA[] = "{\"encrypted\":\"\",\"zone\":\"mirror\"}";

enum { FAR = 1 << 20 }; /* now, in seconds */

struct test {
	char dir[200];
	struct chain_params params;
	struct limits limits;
	struct chain *chain;
	struct made m;
	struct block_facts facts;
};

static void reopen_as(struct test *t, bool read_only)
{
	struct chain_settings set = {.dir = t->dir,
		.params = &t->params,
		.limits = &t->limits,
		.read_only = read_only,
		.no_sync = true};
	struct chain_error e;

	if (t->chain)
		assert_int_equal(chain_close(t->chain), ERR_OK);
	t->limits.store_map_bytes.max = 64 << 20; /* two fit, also where addresses have 32 bits */
	t->chain = chain_open(&set, &e);
	if (!t->chain)
		fail_msg("%s", e.text);
}

static void reopen(struct test *t)
{
	reopen_as(t, false);
}

static void start(struct test *t)
{
	*t = (struct test){.params = params_mainnet, .facts = {true, true, 0}};
	limits_default(&t->limits);
	t->params.origin_difficulty = t->params.domain_difficulty = 0;
	t->params.signer_difficulty = t->params.keystore_difficulty = 0;
	t->params.new_domains_interval = 0;
	t->params.block_signers_start = 1000;
	made_block(&t->m, 1, 1, true, 1);
	memcpy(t->params.origin, t->m.hash, HASH_SIZE);
	fixture_dir(t->dir, sizeof t->dir);
	reopen(t);
}

static void end(struct test *t)
{
	struct fixture f;

	assert_int_equal(chain_close(t->chain), ERR_OK);
	memcpy(f.dir, t->dir, sizeof f.dir);
	fixture_remove(&f);
	assert_int_equal(t->limits.max_draws.used, 0);
	assert_int_equal(t->limits.max_key_strengths.used, 0);
	assert_int_equal(mem_blocks(), 0);
}

/* A candidate at that index on the present chain; salt tells rivals apart and `score` is its hash
 * difficulty at the front. */
static void candidate(struct test *t, uint64_t index, bool full, uint8_t salt, unsigned score)
{
	made_block(&t->m, index, (unsigned)index, full, 1);
	chain_hash_at(t->chain, index - 1, t->m.prev);
	if (full)
		t->m.b.tx.data = slice_str(DATA);
	if (index > 1 || salt)
		memset(t->m.hash, 0, HASH_SIZE);
	if (index > 1 || salt) {
		t->m.hash[score / 8] = (uint8_t)(0x80 >> score % 8);
		memcpy(t->m.hash + 16, &index, sizeof index);
		t->m.hash[31] = (uint8_t)(2 * salt + 1);
	}
}

static struct outcome submit(struct test *t, uint64_t max_height)
{
	return chain_submit(t->chain, &t->m.b, &t->facts, FAR, max_height);
}

static void grow(struct test *t, uint64_t height)
{
	struct chain_tip tip;

	for (chain_get_tip(t->chain, &tip); tip.height < height;) {
		candidate(t, tip.height + 1, tip.height % 4 == 0, 0, 8);
		struct outcome o = submit(t, 0);
		if (o.verdict != VERDICT_GOOD)
			fail_msg("%s", o.why);
		assert_int_equal(o.err, ERR_OK);
		assert_int_equal(o.action, CHAIN_APPENDED);
		chain_get_tip(t->chain, &tip);
	}
}

static void expect_tip(struct test *t, uint64_t height, uint64_t full, uint64_t committed)
{
	struct chain_tip tip;

	chain_get_tip(t->chain, &tip);
	assert_int_equal(tip.height, height);
	assert_int_equal(tip.last_full, full);
	assert_int_equal(tip.committed, committed);
}

static void expect_action(struct test *t, uint64_t max_height, enum verdict v, enum chain_action a)
{
	struct outcome o = submit(t, max_height);

	assert_int_equal(o.err, ERR_OK);
	assert_string_equal(verdict_name(o.verdict), verdict_name(v));
	assert_int_equal(o.action, a);
}

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
	struct head full;
	struct draw d;
	t.chain->params.block_signers_start = 5;
	assert_true(view_head(chain_view(t.chain), 9, &full));
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

static void test_strengths(void **state)
{
	struct test t;
	uint8_t key[KEY_SIZE];
	(void)state;

	start(&t);
	t.limits.max_key_strengths.max = 3;
	t.facts.key_strength = 9;
	grow(&t, 1);
	made_key(1, key);
	assert_int_equal(chain_strength(t.chain, key), 9);
	candidate(&t, 2, true, 0, 3);
	made_key(1, t.m.key);
	t.facts.key_strength = -1; /* known already */
	t.params.keystore_difficulty = 9;
	expect_action(&t, 0, VERDICT_GOOD, CHAIN_APPENDED);
	for (unsigned i = 2; i < 50; i++) {
		made_key(i, key);
		chain_remember_strength(t.chain, key, (int)i);
		assert_int_equal(chain_strength(t.chain, key), i);
	}
	assert_int_equal(t.limits.max_key_strengths.used, 3);
	assert_int_equal(t.limits.max_key_strengths.hits, 46);
	chain_remember_strength(t.chain, key, -1);
	assert_int_equal(chain_strength(t.chain, key), 49);
	made_key(99, key);
	assert_int_equal(chain_strength(t.chain, key), -1);
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
	end(&t);
}

static void test_store_failure_stops(void **state)
{
	struct test t;
	struct fixture f;
	(void)state;

	start(&t);
	grow(&t, 3);
	candidate(&t, 4, false, 0, 8);
	mem_fail_nth(1);
	struct outcome o = submit(&t, 0);
	mem_fail_nth(0);
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

/* ---- two stores side by side ---- */

static void put(struct test *t, enum store_table table, const char *key, const char *value)
{
	row_put(t->chain->store, table, slice_str(key), slice_str(value));
}

static void drop(struct test *t, enum store_table table, const char *key)
{
	row_delete(t->chain->store, table, slice_str(key));
}

/* Both ways round; what differs is named. */
static void expect_same(struct test *t, struct test *u, enum store_table table, bool same)
{
	char what[200];

	for (int round = 0; round < 2; round++) {
		assert_int_equal(chain_compare(round ? u->chain : t->chain,
					 round ? t->chain : u->chain, what, sizeof what),
			same);
		if (!same)
			assert_non_null(strstr(what, store_table_names[table]));
	}
}

static void test_compare(void **state)
{
	struct test t, u;
	(void)state;

	start(&t);
	grow(&t, 6);
	memset(&u, 0, sizeof u);
	u.params = t.params;
	limits_default(&u.limits);
	u.facts = t.facts;
	fixture_dir(u.dir, sizeof u.dir);
	reopen(&u);
	grow(&u, 6);
	for (int i = 0; i < TABLE_META; i++) {
		enum store_table table = (enum store_table)i;
		expect_same(&t, &u, table, true);
		put(&t, table, "\x7f one", "v"); /* a row too many */
		expect_same(&t, &u, table, false);
		put(&u, table, "\x7f two", "v"); /* as many, with another key */
		expect_same(&t, &u, table, false);
		drop(&u, table, "\x7f two");
		put(&u, table, "\x7f one", "w"); /* with another value */
		expect_same(&t, &u, table, false);
		drop(&t, table, "\x7f one");
		drop(&u, table, "\x7f one");
	}
	put(&t, TABLE_META, "one", "v"); /* what does not follow from the blocks may differ */
	expect_same(&t, &u, TABLE_META, true);
	assert_int_equal(chain_close(t.chain), ERR_OK);
	struct fixture f;
	memcpy(f.dir, t.dir, sizeof f.dir);
	fixture_remove(&f);
	end(&u);
}

/* ---- the start-up check ---- */

static const uint8_t seed[32] = {7};

static void prove(struct made *m)
{
	uint8_t text[2048];
	uint8_t(*words)[32] = mem_alloc((size_t)65536 * 32);
	struct wr w = wr_of(text, sizeof text);

	assert_non_null(words);
	crypto_public(seed, m->key);
	block_preimage(&m->b, PREIMAGE_HASH, &w);
	blakeout_scalar(wr_done(&w), m->hash, words);
	w.n = 0;
	block_preimage(&m->b, PREIMAGE_SIGNATURE, &w);
	crypto_sign_with(seed, wr_done(&w), m->signature);
	mem_free(words);
}

/* Real blocks 1 … height, appended with facts that nobody computed. */
static void grow_real(struct test *t, uint64_t height)
{
	struct chain_tip tip;

	t->facts.key_strength = 60;
	for (chain_get_tip(t->chain, &tip); tip.height < height;) {
		candidate(t, tip.height + 1, tip.height % 4 == 0, 0, 8);
		prove(&t->m);
		if (tip.height == 0) {
			memcpy(t->params.origin, t->m.hash, HASH_SIZE);
			struct fixture f;
			assert_int_equal(chain_close(t->chain), ERR_OK);
			t->chain = NULL;
			memcpy(f.dir, t->dir, sizeof f.dir);
			fixture_remove(&f);
			fixture_dir(t->dir, sizeof t->dir);
			reopen(t);
		}
		struct outcome o = submit(t, 0);
		if (o.verdict != VERDICT_GOOD)
			fail_msg("%s", o.why);
		chain_get_tip(t->chain, &tip);
	}
}

static void test_startup_check(void **state)
{
	struct test t;
	uint64_t height;
	(void)state;

	start(&t);
	assert_int_equal(chain_startup_check(t.chain, 8, FAR, &height), ERR_OK);
	assert_int_equal(height, 0);
	/* The first block is no last full block here: nobody can be drawn for those behind it. */
	grow_real(&t, 4);
	t.chain->params.block_signers_start = 1;
	assert_int_equal(chain_startup_check(t.chain, 100, FAR, &height), ERR_OK);
	assert_int_equal(height, 4);
	t.chain->params.block_signers_start = t.params.block_signers_start;
	grow_real(&t, 20);
	reopen(&t);
	assert_int_equal(chain_startup_check(t.chain, 100, FAR, &height), ERR_OK);
	assert_int_equal(height, 20);
	/* Block 21 was let in by facts that lie: its signature is another's. */
	candidate(&t, 21, false, 0, 8);
	prove(&t.m);
	t.m.signature[0] ^= 1;
	expect_action(&t, 0, VERDICT_GOOD, CHAIN_APPENDED);
	grow_real(&t, 24);
	reopen(&t);
	assert_int_equal(chain_startup_check(t.chain, 3, FAR, &height), ERR_OK);
	assert_int_equal(height, 24); /* not looked at */
	assert_int_equal(chain_startup_check(t.chain, 0, FAR, &height), ERR_OK);
	assert_int_equal(height, 24);
	assert_int_equal(chain_startup_check(t.chain, 4, FAR, &height), ERR_OK);
	assert_int_equal(height, 20);
	expect_tip(&t, 20, 17, 20);
	assert_int_equal(store_group_bytes(t.chain->store), 0); /* and durable */
	/* A clock that went back: all that is in the future is dropped. */
	assert_int_equal(chain_startup_check(t.chain, 8, 1170 - 61, &height), ERR_OK);
	assert_int_equal(height, 16);
	expect_tip(&t, 16, 13, 16);
	end(&t);
}

static void test_startup_other_origin(void **state)
{
	struct test t;
	uint64_t height;
	(void)state;

	start(&t);
	grow(&t, 2);
	t.chain->params.origin[0] ^= 1;
	assert_int_equal(chain_startup_check(t.chain, 8, FAR, &height), ERR_CORRUPT);
	t.chain->params.origin[0] ^= 1;
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append_and_commit),
		cmocka_unit_test(test_opened_for_reading),
		cmocka_unit_test(test_fork_choice),
		cmocka_unit_test(test_lagged),
		cmocka_unit_test(test_block_one_stays),
		cmocka_unit_test(test_strengths),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_store_failure_stops),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_startup_check),
		cmocka_unit_test(test_startup_other_origin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
