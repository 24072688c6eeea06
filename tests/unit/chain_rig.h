/* A chain in a directory of its own, and candidates for it whose facts the test chooses. */
#ifndef TESTS_UNIT_CHAIN_RIG_H
#define TESTS_UNIT_CHAIN_RIG_H

#include "chain/chain_internal.h"
#include "domain/domain.h"
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

static inline void reopen_as(struct test *t, bool read_only)
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

static inline void reopen(struct test *t)
{
	reopen_as(t, false);
}

/* `set` may change the parameters of the network; NULL = nothing. */
static inline void start_with(struct test *t, void (*set)(struct chain_params *p))
{
	*t = (struct test){.params = params_mainnet, .facts = {true, true, 0, DOMAIN_UNREAD}};
	limits_default(&t->limits);
	t->params.origin_difficulty = t->params.domain_difficulty = 0;
	t->params.signer_difficulty = t->params.keystore_difficulty = 0;
	t->params.new_domains_interval = 0;
	t->params.block_signers_start = 1000;
	if (set)
		set(&t->params);
	made_block(&t->m, 1, 1, true, 1);
	memcpy(t->params.origin, t->m.hash, HASH_SIZE);
	fixture_dir(t->dir, sizeof t->dir);
	reopen(t);
}

static inline void start(struct test *t)
{
	start_with(t, NULL);
}

static inline void end(struct test *t)
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
static inline void candidate(
	struct test *t, uint64_t index, bool full, uint8_t salt, unsigned score)
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

static inline struct outcome submit(struct test *t, uint64_t max_height)
{
	struct block_owned *block = block_copy(&t->m.b);

	facts_read_domain(&t->facts, &t->m.b);
	struct outcome o = chain_submit(t->chain, block, &t->facts, FAR, max_height);

	mem_free(block);
	return o;
}

static inline void grow(struct test *t, uint64_t height)
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

static inline void expect_tip(struct test *t, uint64_t height, uint64_t full, uint64_t committed)
{
	struct chain_tip tip;

	chain_get_tip(t->chain, &tip);
	assert_int_equal(tip.height, height);
	assert_int_equal(tip.last_full, full);
	assert_int_equal(tip.committed, committed);
}

static inline void expect_action(
	struct test *t, uint64_t max_height, enum verdict v, enum chain_action a)
{
	struct outcome o = submit(t, max_height);

	assert_int_equal(o.err, ERR_OK);
	assert_string_equal(verdict_name(o.verdict), verdict_name(v));
	assert_int_equal(o.action, a);
}

#endif
