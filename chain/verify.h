/* Proof of work, key strength and signature: everything about a block that costs time and needs no
 * chain. Batches as wide as the hash's lanes, on worker threads. The loop thread hands blocks in
 * and takes finished ones out; workers touch nothing else.
 * Before: sync/sync.c asked for the block. After: chain/rules.c judges it with these facts. */
#ifndef CHAIN_VERIFY_H
#define CHAIN_VERIFY_H

#include "base/bound.h"
#include "chain/rules.h"

/* One block to be checked. The submitter owns it; from verify_submit() until verify_take() gives it
 * back nobody else may touch it. */
struct verify_job {
	const struct block *block;
	struct block_facts facts;
	bool want_strength; /* compute facts.key_strength (it was not known): chain_prepare() */
	bool failed; /* out: not checked (no memory, or stopping); says nothing about the block */
	void *owner; /* for the submitter */
	struct verify_job *next;
};

struct verify_pool;

struct verify_settings {
	unsigned threads;      /* 1 … 64; fewer run when each could not have the least scratch */
	size_t scratch_bytes;  /* for all threads together; one thread takes 394,304 at least */
	struct bound *scratch; /* row that accounts them */
	struct bound *queue;   /* row: jobs handed in and not yet taken back */
	/* Called from a worker when finished jobs wait; must only wake the loop. */
	void (*wake)(void *ctx);
	void *ctx;
};

/* NULL when memory or threads could not be had. */
struct verify_pool *verify_start(const struct verify_settings *s);

/* ERR_FULL at the queue's bound, ERR_STOPPING after verify_quiesce(). */
enum err verify_submit(struct verify_pool *p, struct verify_job *job);

/* A finished job or NULL; in order of completion. */
struct verify_job *verify_take(struct verify_pool *p);

struct verify_stats {
	uint64_t batches, hashes; /* computed since the start */
};

/* Fills *out. Waits for the workers' lock, which is never held for long. */
void verify_get_stats(struct verify_pool *p, struct verify_stats *out);

/* Jobs handed in and not taken back. */
size_t verify_pending(const struct verify_pool *p);

/* Gives the scratch back when nothing was done since the previous call; called now and then by the
 * loop. */
void verify_idle(struct verify_pool *p);

/* No new jobs; those not begun come back through verify_take() with facts all false and
 * key_strength −1. Returns at once. */
void verify_quiesce(struct verify_pool *p);

/* Waits for the threads, frees the pool. All jobs must have been taken back. */
void verify_stop(struct verify_pool *p);

/* The same for n jobs at once on the calling thread (start-up check, replay, tests), with scratch
 * made for the call. ERR_NOMEM: facts that were reached are false, the others untouched. */
enum err verify_now(struct verify_job *jobs, size_t n, size_t scratch_bytes);

#endif
