/* Signatures of full blocks among the owner's work: a made chain whose authors are all ours, and
 * which ends with a full block. */
#ifndef TESTS_UNIT_JOBS_SIGN_RIG_H
#define TESTS_UNIT_JOBS_SIGN_RIG_H

#include "base/mem.h"
#include "chain/ecies.h"
#include "owner/jobs.h"
#include "sync/sync_own_block.h"
#include "tests/unit/found_rig.h"
#include "tests/unit/jobs_hooks.h"
#include "tests/unit/sync_rig.h"

#define YGG "{\"encrypted\":\"\",\"zone\":\"ygg\"}"

struct bench {
	struct rig r;
	struct branch branch;
	struct jobs *jobs;
	struct bound count, bytes;
	uint64_t max_height;
	size_t open;         /* how many of the authors' keys are */
	const uint8_t *only; /* or this one alone; NULL = not so */
	unsigned searches, cancels, signs, submits;
	struct block_owned *searched;
	uint64_t window;
	uint8_t locked[KEY_SIZE]; /* none of ours, or one that is */
};

static struct bench b;

static inline bool ready(void *ctx, char line[DRAFT_WORDS_MAX])
{
	(void)ctx;
	(void)line;
	return true;
}

static inline enum job_key key(
	void *ctx, const uint8_t signing[KEY_SIZE], uint8_t encryption[KEY_SIZE])
{
	static const uint8_t secret[32] = {5};

	(void)ctx;
	ecies_public(secret, encryption);
	return memcmp(signing, b.locked, KEY_SIZE) ? JOB_KEY_OPEN : JOB_KEY_LOCKED;
}

static inline size_t open_keys(void *ctx, uint8_t (*to)[KEY_SIZE], size_t max)
{
	(void)ctx;
	if (b.only) {
		memcpy(to[0], b.only, KEY_SIZE);
		return 1;
	}
	size_t n = 0;
	for (size_t i = 0; i < b.open && n < max; i++)
		if (memcmp(b.r.maker->authors.all[i].pub_key, b.locked, KEY_SIZE))
			memcpy(to[n++], b.r.maker->authors.all[i].pub_key, KEY_SIZE);
	return n;
}

static inline uint64_t max_height(void *ctx)
{
	(void)ctx;
	return b.max_height;
}

static inline enum err search(void *ctx, const struct block *block, unsigned threads)
{
	(void)threads;
	(void)ctx;
	b.searches++;
	mem_free(b.searched);
	b.searched = block_copy(block);
	return ERR_OK;
}

static inline void cancel(void *ctx)
{
	(void)ctx;
	b.cancels++;
}

static inline bool sign(void *ctx, const struct block *block, uint64_t window)
{
	(void)ctx;
	(void)block;
	b.signs++;
	b.window = window;
	return true;
}

static inline enum err submit_block(void *ctx, struct block_owned **block)
{
	(void)ctx;
	b.submits++;
	mem_free(*block);
	*block = NULL;
	return ERR_OK;
}

static inline void new_jobs(void)
{
	struct jobs_settings s = {.chain = b.r.chain,
		.params = &b.r.params,
		.clock = &b.r.clock,
		.rng = &b.r.rng,
		.count = &b.count,
		.bytes = &b.bytes,
		.hooks = {ready, key, open_keys, max_height, search, cancel, sign, submit_block,
			keep_nothing, forget_nothing, keep_found, read_found, no_hashes,
			key_is_main, NULL}};
	b.jobs = jobs_new(&s);
	assert_non_null(b.jobs);
}

/* A full block is the tip and has no signature yet. */
static inline void begin_bench(void)
{
	struct block_owned *block;
	uint64_t at = 0;

	memset(&b, 0, sizeof b);
	memset(&found_disk, 0, sizeof found_disk);
	rig_begin_with(&b.r, &b.branch, 60);
	for (uint64_t h = 30; h < 55 && !at; h++) {
		assert_int_equal(block_decode_owned(b.branch.block[h], &block), ERR_OK);
		if (block->b.full) {
			at = h;
			b.r.wall = block->b.timestamp;
		}
		mem_free(block);
	}
	assert_true(at > 0);
	rig_fill(&b.r, &b.branch, at);
	b.open = b.r.maker->authors.count;
	b.count = (struct bound){.name = "max_jobs", .max = 4};
	b.bytes = (struct bound){.name = "job_bytes", .max = 200000};
	new_jobs();
}

static inline void end_bench(void)
{
	jobs_free(b.jobs);
	mem_free(b.searched);
	rig_end_with(&b.r, &b.branch);
}

static inline void find(void)
{
	struct block found = b.searched->b;
	uint8_t hash[HASH_SIZE] = {0, 1};

	found.hash = slice_of(hash, HASH_SIZE);
	jobs_search_ended(b.jobs, &found, 10);
}

/* Time passes until a search begins. */
static inline void until_search(unsigned n)
{
	for (int i = 0; i < 1000 && b.searches < n; i++) {
		b.r.wall++;
		jobs_tick(b.jobs);
	}
	assert_int_equal(b.searches, n);
}

#endif
