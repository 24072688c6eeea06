/* Blocks that the node's owner made: to the sync engine, and its answer back to who waits for it.
 * Before: node/node_api.c. After: sync/sync.h, http/server.h. */
#ifndef NODE_NODE_OWN_BLOCK_H
#define NODE_NODE_OWN_BLOCK_H

#include "base/err.h"
#include "chain/block.h"

struct node;

/* Submits the block for the HTTP request of this number; sync_own_block(). */
enum err node_own_block_submit(struct node *n, uint64_t call, struct block_owned **block);

/* sync_settings.own_block; ctx is the node. */
void node_own_block_told(void *ctx, uint64_t number, const char *why);

#endif
