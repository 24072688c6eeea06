/* Internal to chain/verify*.c: runs one batch of blocks through the hash and the signature check,
 * on the calling thread. It knows nothing of threads or queues. */
#ifndef CHAIN_VERIFY_BATCH_H
#define CHAIN_VERIFY_BATCH_H

#include "chain/hash_scratch.h"
#include "chain/verify.h"

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
