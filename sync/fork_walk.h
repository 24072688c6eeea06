/* A branch of a peer that is walked back to where it leaves ours (protocol.md 5.10): its verified
 * blocks, from the one that the walk began with downwards. They are held until the choice, so that
 * a branch which is chosen is followed at once and whole: were its blocks asked for anew, a peer
 * of the branch just left could answer first, and the node go to and fro between the two for ever.
 * Before and after: sync/sync_fork.c. */
#ifndef SYNC_FORK_WALK_H
#define SYNC_FORK_WALK_H

#include "sync/future_blocks.h"

/* The allowed depth, the block above our tip, and room for a tip that others move meanwhile. */
enum { WALK_BLOCKS = CONFIDENCE_DEPTH + 3 };

struct walk {
	struct limits *limits;                 /* max_walk_backs, max_future_bytes */
	struct future_block down[WALK_BLOCKS]; /* blocks owned; each one's parent is the next */
	size_t count;
};

/* ERR_FULL at limits.max_walk_backs, ERR_NOMEM. */
enum err walk_new(struct limits *l, struct walk **w);
void walk_free(struct walk *w); /* NULL is fine */

/* Takes the block. False without room for it: it is gone. */
bool walk_add(struct walk *w, struct future_block *b);

/* Gives the lowest block to the caller, who owns it then. */
bool walk_take(struct walk *w, struct future_block *out);

/* The block that it began with, and the lowest one; NULL when there is none, or w is NULL. */
const struct block *walk_top(const struct walk *w);
const struct block *walk_low(const struct walk *w);

#endif
