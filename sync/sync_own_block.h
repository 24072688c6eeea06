/* Blocks that this node's owner made. Before: node/node_own_block.c. After: the checkers, then
 * sync/sync_own_block.c. */
#ifndef SYNC_SYNC_OWN_BLOCK_H
#define SYNC_SYNC_OWN_BLOCK_H

#include "base/err.h"
#include "chain/block.h"

struct sync;

/* One of the reasons of settings.own_block(): nobody has judged the block, and it may be submitted
 * again. Known by its address. */
extern const char SYNC_OWN_NO_MEMORY[];

/* Takes a block that this node's owner made. It goes the way of a peer's block: checkers, rules,
 * store, announcement; but only as the next one on our tip. settings.own_block() tells what became
 * of it, under `number`, which is not 0; never within this call. ERR_FULL: the checkers have too
 * much to do; ERR_NOMEM; ERR_STOPPING. `block` is taken in every case and the pointer set NULL. */
enum err sync_own_block(struct sync *s, struct block_owned **block, uint64_t number);

#endif
