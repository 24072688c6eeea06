/* The walk-back along a peer's branch to where it leaves ours (protocol.md 5.10): the branch's
 * verified blocks, from the one that the walk began with downwards. We store them until we choose
 * a branch, so that we can switch to the whole branch in one step. If we requested them again, a
 * peer of the branch just left could answer first, and the node could switch back and forth
 * without end. Before and after: sync/sync_fork.c. */
#ifndef SYNC_FORK_WALK_H
#define SYNC_FORK_WALK_H

#include "sync/future_blocks.h"

/* The depth at which blocks may be replaced, the block above our tip, and two more for a tip that
 * moves while the walk goes on. */
enum { FORK_WALK_MAX = CONFIDENCE_DEPTH + 3 };

struct fork_walk {
	struct limits *limits;                   /* max_walk_backs, max_future_bytes */
	struct future_block down[FORK_WALK_MAX]; /* blocks owned; each one's parent is the next */
	size_t count;
};

/* An empty walk, freed with fork_walk_free(). `l` is borrowed. ERR_FULL at limits.max_walk_backs,
 * ERR_NOMEM; *w is NULL then. */
enum err fork_walk_new(struct limits *l, struct fork_walk **w);
void fork_walk_free(struct fork_walk *w); /* NULL is fine */

/* Takes the block, as the new lowest one. False when the walk has FORK_WALK_MAX or
 * limits.max_future_bytes is reached; then the block is freed. */
bool fork_walk_add(struct fork_walk *w, struct future_block *b);

/* Gives the lowest block to the caller, who owns it then. False when there is none. */
bool fork_walk_take(struct fork_walk *w, struct future_block *out);

/* The highest block, with which the walk began, and the lowest one; borrowed until the walk
 * changes. NULL when there is none, or w is NULL. */
const struct block *fork_walk_top(const struct fork_walk *w);
const struct block *fork_walk_low(const struct fork_walk *w);

#endif
