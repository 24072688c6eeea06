/* Blocks that came before their parent, so that their verdict would be Future (protocol.md 7.2 step
 * 5). Their proof of work and signature are verified. There is one for each index. Bounded in
 * number and in bytes. Before: sync/sync_check.c got them from the checkers. After: sync/sync.c
 * takes them out in the chain's order. */
#ifndef SYNC_FUTURE_BLOCKS_H
#define SYNC_FUTURE_BLOCKS_H

#include "base/map.h"
#include "chain/rules.h"
#include "p2p/p2p.h"

/* A verified block with what was found out about it. A function that takes one frees or keeps its
 * block in every case, also on error, and sets the caller's pointer to NULL. */
struct future_block {
	struct block_owned *block; /* owned; NULL = taken */
	struct block_facts facts;
	peer_id from;       /* who sent it */
	uint8_t digest[32]; /* of its canonical encoding */
};

struct future_blocks {
	struct map by_index; /* u64 → struct future_block */
	struct bound *bytes; /* limits.max_future_bytes */
};

/* Frees the block and sets it NULL. */
void future_block_drop(struct future_block *b);

/* Makes an empty table. `l` (max_future_blocks, max_future_bytes) is borrowed; `seed` is a secret
 * random number for its hash. */
void future_blocks_init(struct future_blocks *f, struct limits *l, uint64_t seed);
void future_blocks_clear(struct future_blocks *f); /* frees all blocks and the table */

/* Takes the block. ERR_EXISTS when a block of this index waits already; that one stays.
 * At a bound it drops others: first those outside −100 … +2000 around `height` (the tip); if there
 * are none, the quarter farthest above the tip, but never one up to height + 16. ERR_FULL when that
 * made no room for the new one; ERR_NOMEM. */
enum err future_blocks_put(struct future_blocks *f, uint64_t height, struct future_block *b);

/* Removes the block of this index and gives it to the caller, who owns it then. False when none
 * waits. */
bool future_blocks_take(struct future_blocks *f, uint64_t index, struct future_block *out);
bool future_blocks_has(const struct future_blocks *f, uint64_t index);

/* The block of this index, which stays here: borrowed until the next change. NULL when none waits.
 */
const struct block *future_blocks_peek(const struct future_blocks *f, uint64_t index);
size_t future_blocks_count(const struct future_blocks *f);

/* Frees all blocks but those of the indices low … high. */
void future_blocks_keep(struct future_blocks *f, uint64_t low, uint64_t high);

#endif
