/* The owner's work for tests: a chain with one key of ours and one of somebody else, and the work
 * behind the hooks done by the test. */
#ifndef TESTS_UNIT_JOBS_RIG_H
#define TESTS_UNIT_JOBS_RIG_H

#include "base/hex.h"
#include "chain/ecies.h"
#include "owner/jobs.h"
#include "tests/unit/chain_rig.h"
#include "tests/unit/found_rig.h"
#include "tests/unit/jobs_hooks.h"

#define YGG "{\"encrypted\":\"\",\"zone\":\"ygg\"}"

enum { ME = 7, HER = 9 };

struct bench {
	struct test t;
	struct jobs *jobs;
	struct bound count, bytes;
	struct clock clock;
	struct rng_seeded seed;
	struct rng rng;
	int64_t wall;
	uint64_t max_height;
	bool ready;
	enum job_key key, hers; /* hers is none of ours at first */
	size_t open;            /* keys */
	/* what the hooks were asked */
	unsigned threads, searches, cancels, signs, submits, keeps, forgets;
	struct block_owned *searched; /* the last one */
	struct block_owned *submitted;
	uint64_t window, hashed;
	enum err search_err, submit_err;
	bool no_sign;
	uint8_t signed_hash[HASH_SIZE]; /* of the last one */
	uint8_t kept[8][JOB_BYTES_MAX];
	size_t kept_size[8];
};

static struct bench b;
static uint8_t secret[32] = {5};

static inline int64_t wall(void *ctx)
{
	return ((struct bench *)ctx)->wall;
}

static inline uint64_t mono(void *ctx)
{
	return (uint64_t)((struct bench *)ctx)->wall * 1000;
}

static inline bool ready(void *ctx, char line[DRAFT_WORDS_MAX])
{
	(void)ctx;
	snprintf(line, DRAFT_WORDS_MAX, "no peer confirms our tip");
	return b.ready;
}

static inline enum job_key key(
	void *ctx, const uint8_t signing[KEY_SIZE], uint8_t encryption[KEY_SIZE])
{
	uint8_t me[KEY_SIZE], her[KEY_SIZE];

	(void)ctx;
	made_key(ME, me);
	made_key(HER, her);
	ecies_public(secret, encryption);
	if (memcmp(signing, her, KEY_SIZE) == 0)
		return b.hers;
	return memcmp(signing, me, KEY_SIZE) == 0 ? b.key : JOB_KEY_NONE;
}

static inline size_t open_keys(void *ctx, uint8_t (*to)[KEY_SIZE], size_t max)
{
	(void)ctx;
	assert_true(max >= b.open);
	for (size_t i = 0; i < b.open; i++)
		made_key((unsigned)i + 1, to[i]);
	return b.open;
}

static inline uint64_t max_height(void *ctx)
{
	(void)ctx;
	return b.max_height;
}

static inline enum err search(void *ctx, const struct block *block, unsigned threads)
{
	b.threads = threads;
	(void)ctx;
	if (b.search_err)
		return b.search_err;
	b.searches++;
	mem_free(b.searched);
	b.searched = block_copy(block);
	return b.searched ? ERR_OK : ERR_NOMEM;
}

static inline void cancel(void *ctx)
{
	(void)ctx;
	b.cancels++;
}

static inline bool sign(void *ctx, const struct block *block, uint64_t window)
{
	(void)ctx;
	assert_int_equal(block->hash.n, HASH_SIZE);
	memcpy(b.signed_hash, block->hash.p, HASH_SIZE);
	b.signs++;
	b.window = window;
	return !b.no_sign;
}

static inline enum err submit_block(void *ctx, struct block_owned **block)
{
	(void)ctx;
	b.submits++;
	mem_free(b.submitted);
	b.submitted = *block;
	*block = NULL;
	return b.submit_err;
}

static inline void keep(void *ctx, const struct job *job)
{
	size_t i = job->id % 8;
	struct wr w = wr_of(b.kept[i], sizeof b.kept[i]);

	(void)ctx;
	b.keeps++;
	job_encode(job, &w);
	assert_false(w.bad);
	b.kept_size[i] = w.n;
}

static inline void forget(void *ctx, uint64_t id)
{
	(void)ctx;
	b.forgets++;
	b.kept_size[id % 8] = 0;
}

static inline uint64_t hashes(void *ctx)
{
	(void)ctx;
	return b.hashed;
}

static inline void new_jobs(void)
{
	struct jobs_settings s = {.chain = b.t.chain,
		.params = &b.t.params,
		.clock = &b.clock,
		.rng = &b.rng,
		.count = &b.count,
		.bytes = &b.bytes,
		.hooks = {ready, key, open_keys, max_height, search, cancel, sign, submit_block,
			keep, forget, keep_found, read_found, hashes, key_is_main, NULL}};

	b.jobs = jobs_new(&s);
	assert_non_null(b.jobs);
}

static inline void set_params(struct chain_params *p)
{
	p->domain_difficulty = 9;
	p->blocks_without_discount = 0;
	p->new_domains_interval = 1000;
}

static inline void begin_bench(void)
{
	memset(&b, 0, sizeof b);
	memset(&found_disk, 0, sizeof found_disk);
	start_with(&b.t, set_params);
	b.clock = (struct clock){.wall = wall, .mono = mono, .ctx = &b};
	b.rng = rng_from_seed(&b.seed, 3);
	b.wall = FAR;
	b.ready = true;
	b.key = JOB_KEY_OPEN;
	b.count = (struct bound){.name = "max_jobs", .max = 4};
	b.bytes = (struct bound){.name = "job_bytes", .max = 200000};
	candidate(&b.t, 1, true, 0, 0);
	assert_int_equal(submit(&b.t, 0).action, CHAIN_APPENDED);
	new_jobs();
}

static inline void end_bench(void)
{
	jobs_free(b.jobs);
	mem_free(b.searched);
	mem_free(b.submitted);
	assert_int_equal(b.count.used, 0);
	assert_int_equal(b.bytes.used, 0);
	end(&b.t);
}

static inline uint64_t add_by(unsigned author, const char *name)
{
	uint8_t me[KEY_SIZE];
	struct draft_request r = {.name = slice_str(name), .data = slice_str(YGG), .author = me};
	uint64_t id = 0;

	made_key(author, me);
	assert_int_equal(jobs_add(b.jobs, &r, &id), ERR_OK);
	assert_true(id > 0);
	return id;
}

static inline uint64_t add(const char *name)
{
	return add_by(ME, name);
}

static inline void expect(uint64_t id, enum job_state state, const char *words)
{
	const struct job *job = jobs_find(b.jobs, id);

	assert_non_null(job);
	if (!strstr(job->line, words))
		fail_msg("\"%s\" has not \"%s\"", job->line, words);
	assert_string_equal(job_state_name(job->state), job_state_name(state));
	assert_int_equal(job->ended != 0, job_has_ended(state));
}

/* The search finds something: a hash that is hard enough, as the facts of the test say. */
static inline void find(void)
{
	struct block found = b.searched->b;
	uint8_t hash[HASH_SIZE] = {0};

	hash[8] = 0xAB;
	memcpy(hash + 16, &found.index, sizeof found.index);
	hash[24] = found.pub_key.p[1];
	hash[31] = 1;
	found.hash = slice_of(hash, HASH_SIZE);
	found.timestamp = b.wall;
	jobs_search_ended(b.jobs, &found, 100);
}

static inline void give_signature(void)
{
	static const uint8_t signature[SIGNATURE_SIZE] = {1, 2, 3};

	jobs_signed(b.jobs, signature, false, NULL);
}

/* The chain takes what was submitted, if a rule does not refuse it. */
static inline void apply(void)
{
	struct outcome o;

	facts_read_domain(&b.t.facts, &b.submitted->b);
	o = chain_submit(b.t.chain, b.submitted, &b.t.facts, b.wall, 0);
	jobs_submitted(b.jobs, o.action == CHAIN_APPENDED ? NULL : o.why);
	b.wall++;
	jobs_tick(b.jobs);
}

static inline void mine(uint64_t id)
{
	expect(id, JOB_SEARCHES, "difficulty");
	find();
	expect(id, JOB_SIGNS, "");
	give_signature();
	expect(id, JOB_CHECKS, "");
	assert_int_equal(jobs_cancel(b.jobs, id), ERR_EXISTS);
	assert_int_equal(jobs_pause(b.jobs, id, true), ERR_EXISTS);
	apply();
}

/* Another author's block comes; with the name of a block, if there is one, for this owner. */
static inline void block_gives(const struct block *rival, unsigned owner)
{
	uint8_t signing[KEY_SIZE];
	struct chain_tip tip;

	chain_get_tip(b.t.chain, &tip);
	candidate(&b.t, tip.height + 1, rival, 0, 8);
	made_key(HER, b.t.m.key);
	b.t.m.b.timestamp = b.wall;
	if (rival) {
		b.t.m.b.tx = rival->tx;
		made_key(owner, signing);
		b.t.m.b.tx.signing = slice_of(signing, KEY_SIZE);
		b.t.m.b.difficulty = 9;
		memset(b.t.m.hash, 0, 3);
	}
	facts_read_domain(&b.t.facts, &b.t.m.b);
	struct block_owned *block = block_copy(&b.t.m.b);
	struct outcome o = chain_submit(b.t.chain, block, &b.t.facts, b.wall, 0);
	mem_free(block);
	if (o.action != CHAIN_APPENDED)
		fail_msg("%s", o.why);
}

static inline void block_comes(const struct block *rival)
{
	block_gives(rival, HER);
}

/* The searched block has the name encrypted for its owner. */
static inline void expect_name(const char *name)
{
	static const char before[] = "{\"encrypted\":\"";
	struct slice data = b.searched->b.tx.data;
	uint8_t cipher[256], plain[256];
	size_t n = strlen(name) + ECIES_OVERHEAD, size;

	assert_true(data.n > sizeof before + 2 * n);
	assert_memory_equal(data.p, before, sizeof before - 1);
	assert_true(hex_decode(
		slice_of(data.p + sizeof before - 1, 2 * n), cipher, sizeof cipher, &size));
	assert_true(ecies_decrypt(secret, slice_of(cipher, n), plain, &size));
	assert_int_equal(size, strlen(name));
	assert_memory_equal(plain, name, size);
}

#endif
