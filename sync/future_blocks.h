/* Blocks that are verified (proof of work and signature) and wait for their parent, one an index.
 * Bounded in number and in bytes. Before: sync/sync.c got them back from the checkers.
 * After: sync/sync.c takes them out in the chain's order. */
#ifndef SYNC_FUTURE_BLOCKS_H
#define SYNC_FUTURE_BLOCKS_H

#include "base/map.h"
#include "chain/rules.h"
#include "p2p/p2p.h"

/* A verified block on its way. Who is given one to keep takes its block always, whatever comes of
 * it, and sets the giver's pointer NULL. */
struct future_block {
	struct block_owned *block; /* owned; NULL = taken */
	struct block_facts facts;
	peer_id from;       /* who sent it */
	uint8_t digest[32]; /* of its canonical encoding */
};

struct future {
	struct map by_index; /* u64 → struct future_block */
	struct bound *bytes; /* limits.max_future_bytes */
};

/* Frees its block, and sets it NULL. */
void future_block_drop(struct future_block *b);

void future_init(struct future *f, struct limits *l, uint64_t seed);
void future_clear(struct future *f);

/* Takes the block. An index that is held already keeps the first block.
 * At a bound room is made around `height` (the tip): first those outside −100 … +2000, then the
 * farthest quarter, never those up to height + 16. ERR_FULL when the new one had to go,
 * ERR_EXISTS, ERR_NOMEM. */
enum err future_put(struct future *f, uint64_t height, struct future_block *b);

/* Takes the block of this index out; the caller owns it then. */
bool future_take(struct future *f, uint64_t index, struct future_block *out);
bool future_has(const struct future *f, uint64_t index);

/* Looks at it without taking it; valid until the next change. NULL when there is none. */
const struct block *future_peek(const struct future *f, uint64_t index);
size_t future_count(const struct future *f);

/* Drops all indices but low … high. */
void future_keep(struct future *f, uint64_t low, uint64_t high);

#endif
