/* Checks proof of work, key strength and signature of blocks on worker threads: everything about a
 * block that takes long and needs no chain (protocol.md 7.2 steps 8 and 9, 7.4, 9.4). Several
 * blocks are hashed at once, one in each lane of a vector. The loop's thread submits jobs and takes
 * finished ones back; all functions here are for it alone. Workers touch nothing but the jobs.
 * Before: sync/sync_check.c has the block. After: chain/rules.c judges it with these facts. */
#ifndef CHAIN_VERIFY_H
#define CHAIN_VERIFY_H

#include "base/bound.h"
#include "chain/rules.h"

/* One block to be checked. The submitter owns it; from verify_submit() until verify_take() gives it
 * back nobody else may touch it. */
struct verify_job {
	const struct block *block;
	struct block_facts facts;
	bool want_strength; /* compute facts.key_strength, which chain_prepare() did not know */
	bool failed; /* out: not checked (no memory, or stopping); says nothing about the block */
	void *owner; /* for the submitter's use; not read here */
	struct verify_job *next; /* for the pool's use */
};

struct verify_pool;

struct verify_settings {
	unsigned threads;      /* 1 … 64; fewer run when each could not have the least scratch */
	size_t scratch_bytes;  /* for all threads together; one thread takes 394,304 at least */
	struct bound *scratch; /* the row that counts them; borrowed, as is the next */
	struct bound *queue;   /* the row that counts jobs submitted and not yet taken back */
	/* Called when finished jobs wait: by a worker, on its thread and with the pool's lock held,
	 * or by verify_quiesce(). It must only wake the loop. */
	void (*wake)(void *ctx);
	void *ctx;
};

/* Starts the threads. NULL when memory or threads cannot be had. The caller ends it with
 * verify_quiesce() and verify_stop(). */
struct verify_pool *verify_start(const struct verify_settings *s);

/* Queues a job. ERR_FULL at the bound of the queue, ERR_STOPPING after verify_quiesce(); the job is
 * then not queued. */
enum err verify_submit(struct verify_pool *p, struct verify_job *job);

/* Takes back a finished job, in the order of completion; NULL when there is none now. */
struct verify_job *verify_take(struct verify_pool *p);

struct verify_stats {
	uint64_t batches, hashes; /* computed since the start */
};

/* Fills *out. Waits for the workers' lock, which is never held for long. */
void verify_get_stats(struct verify_pool *p, struct verify_stats *out);

/* The number of jobs submitted and not yet taken back. */
size_t verify_pending(const struct verify_pool *p);

/* Do jobs wait for a thread, or are some being checked? For any thread while the pool is there; it
 * takes no lock, so that whoever asks cannot hold up the loop or the workers. */
bool verify_is_working(const struct verify_pool *p);

/* Frees the scratch memory if no batch was computed since the previous call. The loop calls it now
 * and then, so that an idle node does not hold that memory. */
void verify_idle(struct verify_pool *p);

/* Gives the threads less scratch memory: `bytes` for all of them, each from its next batch on, so
 * that something else may have the rest. They hash more slowly then. False, with nothing changed,
 * when a thread could not have the least. */
bool verify_lower_scratch(struct verify_pool *p, size_t bytes);

/* Accepts no new jobs. Jobs that no worker has begun are finished at once as `failed`, with all
 * facts false and key_strength −1; all jobs must still be taken back. Does not wait. */
void verify_quiesce(struct verify_pool *p);

/* Waits for the threads and frees the pool. All jobs must have been taken back before. */
void verify_stop(struct verify_pool *p);

/* Checks n jobs on the calling thread, without a pool (start-up check, replay, tests; any thread),
 * with scratch memory allocated for the call. ERR_NOMEM: the facts of the jobs that it reached are
 * false, those of the others untouched. */
enum err verify_now(struct verify_job *jobs, size_t n, size_t scratch_bytes);

#endif
