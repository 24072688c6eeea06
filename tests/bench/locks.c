/* How signers lock full blocks: the searches that come to nothing, and the time. Twenty-four keys,
 * each on a node of its own, sign one made chain; the clock moves by itself, hashes are made up,
 * and a search takes as long as it would at one speed for all. First our nodes decide
 * (owner/jobs.h), then the policy of release 0.10 (protocol.md 10.3), as favourable as its text can
 * be read.
 *
 * usage: locks DIR LOCKS AWAY    DIR: an empty folder; AWAY: so many of the keys are silent */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "chain/blakeout.h"
#include "chain/crypto.h"
#include "chain/signers.h"
#include "tests/unit/jobs_hooks.h"
#include "tools/mkchain/maker.h"

enum {
	KEYS = 24,
	FIRST = 120,     /* seconds between a lock and the next full block */
	PATIENCE = 1200, /* seconds after which silent keys sign, too: no window stays open */
	LOOK = 30,       /* seconds between two looks of release 0.10 */
	SPREAD = 90,     /* its starts, in seconds before and after the offer */
	OLD = 60,        /* seconds that its tip must be old */
};

static const double SEARCH_S = 7282.0 / 620; /* mean of a signature's search on one core */

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "locks: %s\n", what);
	exit(1);
}

struct signer {
	const struct author *key;
	bool away;
	bool searches, cancelled;
	double found_at;
	struct block_owned *block; /* ours: that is searched, then signed, then submitted */
	bool signs, submits;
	struct jobs *jobs;
	struct bound count, bytes;
	/* Release 0.10: */
	bool queued;
	int64_t starts, looks; /* looks: at which second of LOOK */
	uint64_t index;        /* of the block that it searches */
};

static struct world {
	struct maker m;
	struct limits limits;
	struct rng_seeded seed;
	struct rng rng;
	int64_t now;
	bool old; /* release 0.10 */
	struct signer signers[KEYS];
	unsigned started, signed_;
	bool all; /* silent keys sign now, too */
} w;

/* ---- the chain ---- */

static uint64_t height(void)
{
	struct chain_tip t;

	chain_get_tip(w.m.chain, &t);
	return t.height;
}

/* The last full block; false when it is locked. */
static bool is_open(struct block_summary *full)
{
	struct view *v = chain_view(w.m.chain);

	return view_last_full(v, height() + 1, full) && !signers_locked(v, full, UINT64_MAX);
}

static void append(const struct block_owned *b)
{
	must(maker_append_owned(&w.m, b), "a block is refused");
	if (chain_group_full(w.m.chain))
		must(chain_commit(w.m.chain) == ERR_OK, "the store failed");
}

/* With a made-up hash, signed by the key. */
static struct block_owned *finished(const struct block *draft, const struct author *key)
{
	static uint8_t text[PREIMAGE_MAX];
	uint8_t hash[HASH_SIZE], signature[SIGNATURE_SIZE];
	struct block b = *draft;
	struct wr t = wr_of(text, sizeof text);

	rng_fill(&w.rng, hash, sizeof hash);
	memset(hash, 0, 2);
	b.timestamp = w.now;
	b.hash = slice_of(hash, sizeof hash);
	b.signature = (struct slice){NULL, 0};
	block_preimage(&b, PREIMAGE_SIGNATURE, &t);
	crypto_sign_with(key->seed, wr_done(&t), signature);
	b.signature = slice_of(signature, sizeof signature);
	return block_copy(&b);
}

/* ---- searching ---- */

static double search_time(void)
{
	return -SEARCH_S * log((rng_below(&w.rng, 1000000) + 1) / 1000001.0);
}

static void begin_search(struct signer *s)
{
	s->searches = true;
	s->cancelled = false;
	s->found_at = (double)w.now + search_time();
	w.started++;
}

/* ---- ours ---- */

static int64_t wall(void *ctx)
{
	(void)ctx;
	return w.now;
}

static uint64_t mono(void *ctx)
{
	(void)ctx;
	return (uint64_t)w.now * 1000;
}

static bool ready(void *ctx, char line[DRAFT_WORDS_MAX])
{
	(void)ctx;
	line[0] = '\0';
	return true;
}

static enum job_key key_of(void *ctx, const uint8_t signing[KEY_SIZE], uint8_t encryption[KEY_SIZE])
{
	const struct signer *s = ctx;

	memset(encryption, 0, KEY_SIZE);
	return memcmp(s->key->pub_key, signing, KEY_SIZE) == 0 ? JOB_KEY_OPEN : JOB_KEY_NONE;
}

static size_t open_keys(void *ctx, uint8_t (*to)[KEY_SIZE], size_t max)
{
	const struct signer *s = ctx;

	memcpy(to[0], s->key->pub_key, KEY_SIZE);
	return max > 0;
}

static uint64_t max_height(void *ctx)
{
	(void)ctx;
	return 0;
}

static enum err on_search(void *ctx, const struct block *b, unsigned threads)
{
	struct signer *s = ctx;

	(void)threads;
	mem_free(s->block);
	s->block = block_copy(b);
	must(s->block != NULL, "no memory");
	begin_search(s);
	return ERR_OK;
}

static void on_cancel(void *ctx)
{
	((struct signer *)ctx)->cancelled = true;
}

static bool on_sign(void *ctx, const struct block *b, uint64_t window)
{
	(void)b;
	(void)window;
	return ((struct signer *)ctx)->signs = true;
}

static enum err on_submit(void *ctx, struct block_owned **b)
{
	struct signer *s = ctx;

	mem_free(s->block);
	s->block = *b;
	*b = NULL;
	s->submits = true;
	return ERR_OK;
}

/* No signature waits here, so that none is read again. */
static bool keep_found(void *ctx, uint64_t id, const struct block *b)
{
	(void)ctx;
	(void)id;
	(void)b;
	return true;
}

static const struct clock sim_clock = {.wall = wall, .mono = mono};

static void start_ours(struct signer *s)
{
	s->count = (struct bound){.name = "max_jobs", .max = 1};
	s->bytes = (struct bound){.name = "job_bytes", .max = 1};
	struct jobs_settings settings = {.chain = w.m.chain,
		.params = &w.m.params,
		.clock = &sim_clock,
		.rng = &w.rng,
		.count = &s->count,
		.bytes = &s->bytes,
		.hooks = {.ready = ready,
			.key = key_of,
			.open_keys = open_keys,
			.max_height = max_height,
			.search = on_search,
			.cancel = on_cancel,
			.sign = on_sign,
			.submit = on_submit,
			.keep = keep_nothing,
			.forget = forget_nothing,
			.keep_found = keep_found,
			.hashes = no_hashes,
			.key_name = key_is_main,
			.ctx = s}};

	s->jobs = jobs_new(&settings);
	must(s->jobs != NULL, "no memory");
}

/* What was found is signed, and checked by the chain. */
static void found_ours(struct signer *s)
{
	struct block_owned *b = finished(&s->block->b, s->key);

	must(b != NULL, "no memory");
	jobs_search_ended(s->jobs, &b->b, 1);
	if (s->signs)
		jobs_signed(s->jobs, b->b.signature.p, false, NULL);
	s->signs = false;
	mem_free(b);
	if (!s->submits)
		return;
	s->submits = false;
	bool fits = s->block->b.index == height() + 1;
	if (fits)
		append(s->block);
	w.signed_ += fits;
	jobs_submitted(s->jobs, fits ? NULL : "another block came first");
}

static void turn_ours(struct signer *s)
{
	if (s->searches && s->cancelled) {
		s->searches = false;
		jobs_search_ended(s->jobs, NULL, 1);
	} else if (s->searches && s->found_at <= (double)w.now) {
		s->searches = false;
		found_ours(s);
	}
	jobs_tick(s->jobs);
}

/* ---- release 0.10 ---- */

static int64_t tip_time(void)
{
	struct block_summary tip;

	must(view_summary(chain_view(w.m.chain), height(), &tip), "no tip");
	return tip.timestamp;
}

/* Items 1 to 3 of the offer: drawn, and without a block in the window. */
static bool is_offered(const struct signer *s)
{
	struct view *v = chain_view(w.m.chain);
	struct block_summary full;
	struct draw d;

	if (!is_open(&full) || tip_time() + OLD > w.now)
		return false;
	signers_draw(v, &full, &d);
	return draw_has(&d, s->key->pub_key) && view_count(v, s->key->pub_key, UINT64_MAX) ==
							view_count(v, s->key->pub_key, full.index);
}

static void look_old(struct signer *s)
{
	struct block_summary full;

	if (!s->queued && is_offered(s)) {
		s->queued = true;
		s->starts = w.now + (int64_t)rng_below(&w.rng, 2 * SPREAD - 1) - (SPREAD - 1);
	}
	if (!s->queued || s->starts >= w.now)
		return;
	s->queued = false;
	if (!is_open(&full))
		return;
	s->index = height() + 1;
	begin_search(s);
}

static void found_old(struct signer *s)
{
	struct view *v = chain_view(w.m.chain);
	struct chain_tip tip;
	struct block_summary full;
	struct draw d;

	chain_get_tip(w.m.chain, &tip);
	must(view_last_full(v, tip.height + 1, &full), "no full block");
	signers_draw(v, &full, &d);
	bool may =
		draw_has(&d, s->key->pub_key) && view_count(v, s->key->pub_key, UINT64_MAX) ==
							 view_count(v, s->key->pub_key, full.index);
	if (!may || tip.height == full.index + 7)
		return; /* its own check refuses the block */
	struct block draft = {.version = CHAIN_VERSION,
		.index = s->index,
		.difficulty = (uint32_t)w.m.params.signer_difficulty,
		.prev_hash = slice_of(tip.hash, HASH_SIZE),
		.pub_key = slice_of(s->key->pub_key, KEY_SIZE)};
	struct block_owned *b = finished(&draft, s->key);
	must(b != NULL, "no memory");
	append(b);
	mem_free(b);
	w.signed_++;
}

static void turn_old(struct signer *s)
{
	if (s->searches && height() >= s->index) {
		s->searches = false; /* a new block cancels it */
	} else if (s->searches && s->found_at <= (double)w.now) {
		s->searches = false;
		found_old(s);
	}
	if (!s->searches && w.now % LOOK == s->looks)
		look_old(s);
}

/* ---- one lock after the other ---- */

static void second(void)
{
	unsigned first = rng_below(&w.rng, KEYS);

	w.now++;
	for (unsigned i = 0; i < KEYS; i++) {
		struct signer *s = &w.signers[(first + i) % KEYS];
		if (s->away && !w.all)
			continue;
		if (w.old)
			turn_old(s);
		else
			turn_ours(s);
	}
}

/* Seconds until the next full block, which is made now, is locked. */
static double lock(void)
{
	struct block_summary full;
	struct block b;
	int64_t begun;

	for (int i = 0; i < FIRST; i++)
		second();
	w.m.time = begun = w.now;
	must(maker_next(&w.m, &b), "no full block");
	must(b.full, "a block that nobody asked for");
	for (w.all = false; is_open(&full); second())
		w.all = w.now - begun > PATIENCE;
	return (double)(w.now - begun);
}

static void say(const char *what, double value)
{
	printf("{\"name\":\"%s %s\",\"value\":%.4f,\"unit\":\"\"}\n", w.old ? "0.10" : "ours", what,
		value);
}

static void open_world(const char *dir, unsigned away)
{
	struct chain_settings s = {
		.dir = dir, .params = &w.m.params, .limits = &w.limits, .no_sync = true};
	struct chain_error e;
	struct block b;

	maker_genesis(&w.m, &b);
	w.m.chain = chain_open(&s, &e);
	must(w.m.chain && maker_append(&w.m, &b), "no chain");
	while (height() < 40 || is_open(&(struct block_summary){0}))
		must(maker_next(&w.m, &b), "no chain");
	w.now = w.m.time;
	for (unsigned i = 0; i < KEYS; i++) {
		struct signer *n = &w.signers[i];
		*n = (struct signer){.key = &w.m.authors.all[i], .away = i < away};
		n->looks = rng_below(&w.rng, LOOK);
		if (!w.old)
			start_ours(n);
	}
}

static void close_world(const char *dir)
{
	static const char *const files[] = {"chain.mdb", "chain.mdb-lock", "lock"};
	char path[600];

	for (unsigned i = 0; i < KEYS; i++) {
		jobs_free(w.signers[i].jobs);
		mem_free(w.signers[i].block);
	}
	chain_close(w.m.chain);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, files[i]);
		remove(path);
	}
}

static void run(const char *dir, unsigned locks, unsigned away, void *scratch)
{
	double sum = 0;

	limits_default(&w.limits);
	w.m = (struct maker){.params = params_mainnet,
		.limits = &w.limits,
		.scratch = scratch,
		.time = 1600000000,
		.made_up_hashes = true};
	w.m.params.origin_difficulty = w.m.params.domain_difficulty = 2;
	w.m.params.keystore_difficulty = 2;
	w.m.params.signer_difficulty = 1;
	w.m.params.new_domains_interval = 0;
	w.m.params.has_origin = false;
	w.rng = rng_from_seed(&w.seed, 5);
	w.m.rng = w.rng;
	authors_make(&w.m.authors, 1, KEYS, w.m.params.keystore_difficulty, scratch);
	open_world(dir, away);
	w.started = w.signed_ = 0;
	for (unsigned i = 0; i < locks; i++)
		sum += lock();
	say("time to lock", sum / locks);
	say("wasted", (double)(w.started - w.signed_) / locks);
	say("signatures", (double)w.signed_ / locks);
	close_world(dir);
}

int main(int argc, char **argv)
{
	void *scratch = aligned_alloc(64, MINING_SCRATCH);

	log_setup(&(struct log_settings){.level = LOG_ERROR});
	must(argc == 4, "usage: locks DIR LOCKS AWAY");
	must(crypto_init() && scratch, "no memory");
	for (int old = 0; old < 2; old++) {
		w.old = old;
		run(argv[1], (unsigned)atoi(argv[2]), (unsigned)atoi(argv[3]), scratch);
	}
	free(scratch);
	return 0;
}
