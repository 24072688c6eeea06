/* Internal to chain/verify*.c: runs one batch of blocks through the hash and the signature check,
 * on the calling thread. It knows nothing of threads or queues. */
#ifndef CHAIN_VERIFY_BATCH_H
#define CHAIN_VERIFY_BATCH_H

#include "chain/blakeout.h"
#include "chain/verify.h"

/* The scratch memory of one thread. The hash uses it; before and after, the preimages are written
 * there. It starts with all fields zero except the limit. */
struct hash_scratch {
	size_t limit;     /* bytes that it may hold, hash_scratch_least() at any rate */
	size_t held;      /* bytes that it holds */
	void *memory;     /* as allocated; NULL = none yet */
	uint8_t *aligned; /* in `memory`, where the hash needs it */
};

/* The least scratch memory that the hash can work with, in bytes. */
size_t hash_scratch_least(void);

/* Frees its memory; the next batch allocates it again. */
void hash_scratch_clear(struct hash_scratch *d);

/* One lane: the hash of a block, or the strength of its key. */
struct lane {
	struct verify_job *job;
	bool strength;
};

/* Jobs whose inputs are hashed together. All zero when empty. */
struct batch {
	struct verify_job *jobs[BLAKEOUT_LANES];
	struct lane lanes[BLAKEOUT_LANES];
	unsigned job_count, lane_count;
	size_t text; /* most bytes that the preimages of all jobs can have */
};

/* Resets the job's results and adds it to the batch. False, and nothing has happened, when the
 * lanes or the space for preimages are used up. The first job always fits. */
bool batch_add(struct batch *b, struct verify_job *job);

/* Fills in the facts of all jobs, or sets `failed` in each. */
void batch_run(struct hash_scratch *d, struct batch *b);

#endif
