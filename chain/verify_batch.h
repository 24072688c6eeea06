/* Inside of the checkers, for chain/verify*.c alone: one batch of blocks through the hash and the
 * signature check, on the calling thread. Knows nothing of threads or queues. */
#ifndef CHAIN_VERIFY_BATCH_H
#define CHAIN_VERIFY_BATCH_H

#include "chain/blakeout.h"
#include "chain/verify.h"

/* What one thread works in: the scratch of the hash, and nothing else. Preimages are written into
 * it too, before the hash needs it and after. All zero but the limit to begin with. */
struct desk {
	size_t limit;     /* bytes that it may hold, desk_least() at any rate */
	size_t held;      /* bytes that it holds */
	void *memory;     /* as allocated; NULL = none yet */
	uint8_t *scratch; /* in `memory`, aligned */
};

/* The least bytes that a desk can work with. */
size_t desk_least(void);

/* Gives its memory back; it can be used again. */
void desk_clear(struct desk *d);

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
	size_t text; /* bytes that the preimages of all jobs can come to */
};

/* Resets the job's results and puts it in; false, and nothing happened, when the lanes or the room
 * for preimages are used up. The first job always finds room. */
bool batch_add(struct batch *b, struct verify_job *job);

/* Fills in the facts of all jobs, or sets `failed` in each. */
void batch_run(struct desk *d, struct batch *b);

#endif
