/* The search for a block and for a key beside the hash alone, batch by batch, in the processor time
 * of the threads; and how fast a search lets go of what is not wanted any more. The clock and the
 * random numbers that a search is given are where its batches are seen. */
#include "tests/bench/micro.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "base/mem.h"
#include "chain/hash_scratch.h"
#include "mine/block_search.h"
#include "owner/draft.h"
#include "owner/keys_process_internal.h"

enum {
	ROUNDS = 5,  /* in which the sides take turns */
	BATCHES = 8, /* of each side in a round */
	SAMPLES = 4096,
	NEVER = 200,    /* a difficulty that nobody meets */
	LET_GO = 15,    /* cancelled and changed searches */
	WARM = 3,       /* batches of a thread before it is told */
	KEY_TRIES = 16, /* seeds of a batch */
};

static double now_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench mine: %s\n", what);
	exit(1);
}

/* ---- what the batches of a search took ---- */

/* One thread's batches. */
struct pace {
	double began_cpu, began; /* of the batch that runs */
	atomic_uint batches;     /* begun */
	_Atomic double at;       /* when the last one began */
	double longest;
};

struct samples {
	unsigned n;
	double seconds[SAMPLES];
};

static struct {
	struct pace pace[SEARCH_THREADS_MAX];
	atomic_uint threads;
	unsigned wanted; /* batches of each thread; then `enough` is posted */
	sem_t enough, ended;
	pthread_mutex_t lock;
	struct samples *into; /* guarded by the lock */
} seen;

static __thread struct pace *mine;

static void on_batch(void)
{
	double cpu = now_of(CLOCK_THREAD_CPUTIME_ID), wall = now_of(CLOCK_MONOTONIC);

	if (!mine) {
		mine = &seen.pace[atomic_fetch_add(&seen.threads, 1)];
	} else {
		pthread_mutex_lock(&seen.lock);
		if (seen.into->n < SAMPLES)
			seen.into->seconds[seen.into->n++] = cpu - mine->began_cpu;
		pthread_mutex_unlock(&seen.lock);
		if (wall - mine->began > mine->longest)
			mine->longest = wall - mine->began;
	}
	mine->began_cpu = cpu;
	mine->began = wall;
	atomic_store(&mine->at, wall);
	if (atomic_fetch_add(&mine->batches, 1) == seen.wanted)
		sem_post(&seen.enough);
}

static void on_ended(void *ctx)
{
	(void)ctx;
	sem_post(&seen.ended);
}

static int64_t wall(void *ctx)
{
	(void)ctx;
	on_batch();
	return 1700000500;
}

static void watch(struct samples *into, unsigned batches)
{
	memset(seen.pace, 0, sizeof seen.pace);
	atomic_store(&seen.threads, 0);
	seen.wanted = batches;
	seen.into = into;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double middle(struct samples *s)
{
	must(s->n > 0, "nothing was measured");
	qsort(s->seconds, s->n, sizeof s->seconds[0], by_size);
	return s->seconds[s->n / 2];
}

/* Other work on the machine only makes slower. */
static double rate(struct samples *s)
{
	middle(s);
	return BLAKEOUT_LANES / s->seconds[s->n / 10];
}

/* ---- a search for a block ---- */

static uint8_t some[HASH_SIZE] = {0x5a}, domain_data[300];

static struct block draft(uint32_t difficulty)
{
	memset(domain_data, 'x', sizeof domain_data);
	return (struct block){.index = 40,
		.version = 1,
		.timestamp = 1700000000,
		.difficulty = difficulty,
		.prev_hash = slice_of(some, HASH_SIZE),
		.pub_key = slice_of(some, KEY_SIZE),
		.full = true,
		.tx = {.class_name = slice_str("domain"),
			.identity = slice_of(some, HASH_SIZE),
			.confirmation = slice_of(some, HASH_SIZE),
			.data = slice_of(domain_data, sizeof domain_data)}};
}

static const struct clock batch_clock = {.wall = wall};
static struct bound scratch_row = {.name = "mine_scratch_bytes", .max = UINT64_MAX};

static struct search_settings settings_of(unsigned threads, size_t scratch)
{
	return (struct search_settings){.threads = threads,
		.scratch_bytes = threads * scratch,
		.scratch = &scratch_row,
		.ended = on_ended};
}

static struct block_search *start(unsigned threads, size_t scratch)
{
	struct search_settings s = settings_of(threads, scratch);
	struct block b = draft(NEVER);
	enum err err;
	struct block_search *search = block_search_start(&s, &batch_clock, &rng_system, &b, &err);

	must(search != NULL, err_name(err));
	for (unsigned i = 0; i < threads; i++)
		while (sem_wait(&seen.enough) != 0)
			;
	return search;
}

static void end(struct block_search *search)
{
	block_search_cancel(search);
	while (sem_wait(&seen.ended) != 0)
		;
	block_search_free(search);
}

static void add_search(struct samples *into, unsigned threads, size_t scratch)
{
	watch(into, BATCHES);
	end(start(threads, scratch));
}

/* ---- the hash alone, in lanes and one at a time ---- */

static void add_lanes(struct samples *into)
{
	struct hash_scratch scratch = {.limit = hash_scratch_most()};
	uint8_t hash[BLAKEOUT_LANES][BLAKEOUT_SIZE];
	struct slice in[BLAKEOUT_LANES];

	must(hash_scratch_open(&scratch), "no memory");
	for (int i = 0; i < BATCHES && into->n < SAMPLES; i++) {
		for (unsigned lane = 0; lane < BLAKEOUT_LANES; lane++)
			in[lane] = slice_str("Science is poetry of reality!");
		double begun = now_of(CLOCK_THREAD_CPUTIME_ID);
		blakeout_lanes(
			in, BLAKEOUT_LANES, hash, scratch.aligned, hash_scratch_room(&scratch));
		into->seconds[into->n++] = now_of(CLOCK_THREAD_CPUTIME_ID) - begun;
	}
	hash_scratch_clear(&scratch);
}

/* As release 0.10 does it: the preimage is written anew for each nonce. Sixteen of them are a
 * batch. */
static void add_scalar(struct samples *into)
{
	struct hash_scratch scratch = {.limit = hash_scratch_most()};
	static uint8_t text[PREIMAGE_MAX];
	uint8_t hash[1][BLAKEOUT_SIZE];
	struct block b = draft(NEVER);

	must(hash_scratch_open(&scratch), "no memory");
	double begun = now_of(CLOCK_THREAD_CPUTIME_ID);
	for (b.nonce = 0; b.nonce < BLAKEOUT_LANES; b.nonce++) {
		struct wr w = wr_of(text, sizeof text);
		block_preimage(&b, PREIMAGE_HASH, &w);
		struct slice in = wr_done(&w);
		blakeout_lanes(&in, 1, hash, scratch.aligned, hash_scratch_room(&scratch));
	}
	into->seconds[into->n++] = now_of(CLOCK_THREAD_CPUTIME_ID) - begun;
	hash_scratch_clear(&scratch);
}

/* ---- the search for a key ---- */

static void fill_seed(void *ctx, void *to, size_t n)
{
	static __thread unsigned tries;

	if (tries++ % KEY_TRIES == 0)
		on_batch();
	rng_system.fill(ctx, to, n);
}

static void add_key(struct samples *into)
{
	static const struct rng counted = {.fill = fill_seed};
	struct seal_key seal = {.salt = {0}};
	char line[KEYS_TEXT_MAX];
	int to_node[2];
	FILE *journal = tmpfile();

	must(sodium_init() >= 0, "libsodium");
	must(journal && socketpair(AF_UNIX, SOCK_STREAM, 0, to_node) == 0, "no descriptors");
	struct keys_process *p = process_new(
		to_node[0], dup(to_node[0]), dup(fileno(journal)), &clock_system, &rng_system);
	must(p != NULL, "no key process");
	p->settings = (struct keys_settings){
		.strength = NEVER, .search_threads = 1, .search_scratch = hash_scratch_most()};
	p->search.rng = &counted;
	watch(into, BATCHES);
	must(make_start(p, "", &seal, line) == KEYS_DONE, "no search for a key");
	while (sem_wait(&seen.enough) != 0)
		;
	process_free(p);
	close(to_node[1]);
	fclose(journal);
}

/* ---- how fast it lets go ---- */

/* Seconds from the cancel to the end of the last thread; with `changes` from another block to the
 * last thread's next batch. *batch: the longest that a batch took. */
static double let_go(unsigned threads, bool changes, double *batch)
{
	static struct samples dropped;
	struct block b = draft(NEVER);

	dropped.n = 0;
	watch(&dropped, WARM);
	struct block_search *search = start(threads, hash_scratch_most());
	double told = now_of(CLOCK_MONOTONIC), last = told;
	unsigned begun[SEARCH_THREADS_MAX];
	if (changes) {
		must(block_search_change(search, &b) == ERR_OK, "no memory");
		for (unsigned i = 0; i < threads; i++)
			begun[i] = atomic_load(&seen.pace[i].batches);
		for (unsigned i = 0; i < threads; i++)
			while (atomic_load(&seen.pace[i].batches) == begun[i])
				nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
		for (unsigned i = 0; i < threads; i++)
			last = seen.pace[i].at > last ? seen.pace[i].at : last;
		end(search);
	} else {
		end(search);
		last = now_of(CLOCK_MONOTONIC);
	}
	for (unsigned i = 0; i < threads; i++)
		*batch = seen.pace[i].longest > *batch ? seen.pace[i].longest : *batch;
	return last - told;
}

static void say_let_go(unsigned threads, bool changes)
{
	static struct samples late;

	late.n = 0;
	for (int i = 0; i < LET_GO; i++) {
		double batch = 0, took = let_go(threads, changes, &batch);
		late.seconds[late.n++] = took - batch;
	}
	micro_say(changes ? "beyond a batch: new block" : "beyond a batch: cancel",
		1000 * middle(&late), "ms");
}

void micro_mine(bool quick)
{
	static struct samples lanes, scalar, one, least, key, all;
	unsigned cores = search_threads_wanted(0);

	sem_init(&seen.enough, 0, 0);
	sem_init(&seen.ended, 0, 0);
	pthread_mutex_init(&seen.lock, NULL);
	micro_say("width", 0, blakeout_width());
	for (int i = 0; i < ROUNDS; i++) {
		add_lanes(&lanes);
		add_search(&one, 1, hash_scratch_most());
		add_scalar(&scalar);
		if (quick)
			continue;
		add_search(&least, 1, hash_scratch_least());
		add_key(&key);
		add_search(&all, cores, hash_scratch_most());
	}
	micro_say("lanes", rate(&lanes), "1/s");
	micro_say("block", rate(&one), "1/s");
	micro_say("scalar", rate(&scalar), "1/s");
	if (quick)
		return;
	micro_say("least scratch", rate(&least), "1/s");
	micro_say("key", rate(&key), "1/s");
	micro_say("all cores", cores * rate(&all), "1/s");
	micro_say("cores", cores, "");
	say_let_go(cores, false);
	say_let_go(cores, true);
}

/* ---- how many hashes until one is found ---- */

static int64_t still(void *ctx)
{
	(void)ctx;
	return 1700000500;
}

/* The mean of `count` searches for a block of this difficulty, with threads of one processor. */
void micro_found(unsigned seed, unsigned count)
{
	enum { DIFFICULTY = 4 };
	static const struct clock clock = {.wall = still};
	struct search_settings s = settings_of(1, 4 << 20);
	struct block b = draft(DIFFICULTY);
	struct rng_seeded state;
	struct rng rng = rng_from_seed(&state, seed);
	struct block_found found;
	double sum = 0;
	enum err err;

	sem_init(&seen.ended, 0, 0);
	for (unsigned i = 0; i < count; i++) {
		b.index++;
		struct block_search *search = block_search_start(&s, &clock, &rng, &b, &err);
		must(search != NULL, err_name(err));
		while (sem_wait(&seen.ended) != 0)
			;
		must(block_search_found(search, &found), "nothing was found");
		/* The nonces before it in its batch, and all batches before, were misses. */
		sum += (double)(block_search_hashes(search) - BLAKEOUT_LANES + found.nonce + 1);
		block_search_free(search);
	}
	micro_say("hashes until found", sum / count, "");
	micro_say("mean", draft_mean_hashes(DIFFICULTY), "");
}
