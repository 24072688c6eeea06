/* Threads that search for an input with a rare hash, many candidates at a time: for the proof of
 * work of a block (mine/block_search.h), and for a key that is strong enough. What a candidate is,
 * the task knows; nothing here knows a block or a secret.
 *
 * The threads are the search's own: those that check blocks (chain/verify.h) never wait for it, and
 * go first.
 * There are none before it starts and none after its end, so that nothing is held while nothing is
 * looked for.
 *
 * Before: who looks for something. After: chain/blakeout.c hashes. */
#ifndef MINE_SEARCH_H
#define MINE_SEARCH_H

#include "base/bound.h"
#include "base/err.h"
#include "chain/blakeout.h"

enum { SEARCH_THREADS_MAX = 64, SEARCH_NOTE = 32 };

/* The candidates that one thread hashes together. */
struct search_batch {
	/* For the task's fill(): */
	uint8_t *room;    /* where inputs may be written; gone when they are hashed */
	size_t room_size; /* bytes */
	unsigned most;    /* candidates that the task may make, 1 … BLAKEOUT_LANES */
	unsigned n;       /* how many it made */
	struct slice in[BLAKEOUT_LANES]; /* their inputs */
	/* What the task wants to know of each candidate later; wiped after judge(). */
	uint8_t note[BLAKEOUT_LANES][SEARCH_NOTE];
	/* For the task's judge(): */
	uint8_t hash[BLAKEOUT_LANES][BLAKEOUT_SIZE];
};

/* What is looked for. Both functions are called on the search's threads, several at a time. */
struct search_task {
	size_t input_size; /* bytes of the longest input, as far as it is known at the start */
	/* Makes the next candidates, from one to b->most; fewer when there is no room for more.
	 * False: there is nothing to look for any more, and all threads end. */
	bool (*fill)(void *ctx, struct search_batch *b);
	/* Looks at the hashes. True: all threads end. It is also told of batches that were begun
	 * before another thread's found something. */
	bool (*judge)(void *ctx, const struct search_batch *b);
	void *ctx;
};

struct search_settings {
	unsigned threads; /* 1 … SEARCH_THREADS_MAX; fewer run when the scratch is too small */
	size_t scratch_bytes; /* for all of them together */
	struct bound
		*scratch; /* the row that counts these bytes; borrowed, of the caller's thread */
	bool lower;       /* the threads run only when nobody else wants the processor */
	/* Is there work that goes first? While it says so no thread begins a batch. Asked on the
	 * search's threads before each batch; it must take no lock. NULL = there is none. */
	bool (*gives_way)(void *ctx);
	/* Called on the last thread that ends, as its last act. It must only wake the loop. */
	void (*ended)(void *ctx);
	void *ctx;
};

/* How many threads a search is to have: `wanted`, or with 0 one for each processor;
 * SEARCH_THREADS_MAX at most. */
unsigned search_threads_wanted(uint64_t wanted);

struct search;

/* Starts it. The task is copied. NULL and *err: ERR_NOMEM, or ERR_FULL when the row has no room for
 * the least scratch of one thread. One thread needs hash_scratch_least() bytes and is fastest with
 * hash_scratch_most() (chain/hash_scratch.h). */
struct search *search_start(
	const struct search_settings *s, const struct search_task *task, enum err *err);

/* Asks all threads to end. Returns at once; each ends with its batch. */
void search_cancel(struct search *s);

/* True when no thread works any more. */
bool search_has_ended(const struct search *s);

/* Candidates that were hashed so far. */
uint64_t search_hashes(const struct search *s);

/* How many threads it began with. */
unsigned search_threads(const struct search *s);

/* Ends and frees it, gives the row its bytes back. While threads work it waits for them, at most
 * the time of a batch; a loop calls it only when search_has_ended(). NULL is fine. */
void search_free(struct search *s);

#endif
