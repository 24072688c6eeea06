/* A full block that was signed twice (chain/copy.h): the next block of the network fits the other
 * signature, not ours, and whoever sends it has done nothing wrong. Before: sync/sync.c and
 * sync/sync_fork.c, when the signing rule refused a block on our chain. After: chain/copy.c.
 *
 * The way of a case:
 *   suspected  the peer whose block was refused is asked for its copy of the full block;
 *   sure       another valid signature came: every peer is asked once, and the networks count;
 *   decided    the copy that most networks show is taken, if a block that they offer fits it and
 *              the full block is at most CONFIDENCE_DEPTH down. Ours stays when as many show it.
 * A block whose fields stand in other places in our copy (chain/split.h) goes the same way, at any
 * depth: nothing above it is replaced.
 * Who changes its mind costs nobody but itself: a connection has one voice, a host one and a
 * network one. After each exchange the next one waits, twice as long each time. */
#ifndef SYNC_TWIN_H
#define SYNC_TWIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chain/block.h"

struct sync;
struct node_peer;
struct future_block;
struct block_facts;
struct twin_counts;

struct twin {
	bool others;       /* another case waits for the end of this one */
	uint64_t branch;   /* changes with ours: a host's refusals are forgotten */
	uint64_t begun_ms; /* when the case began */
	uint64_t number; /* of the question that peers were asked, from 1; 0 = there was none yet */
	bool sure;       /* two valid copies were seen */
	bool split;      /* they differ by the places of their fields (chain/split.h) */
	uint64_t index;  /* of the full block */
	uint8_t hash[HASH_SIZE];
	uint64_t tail;       /* names our copy: where its signature ends, or split_name() */
	uint64_t stuck_at;   /* our height when a block above was refused last, 0 = not stuck */
	uint64_t vote_ms;    /* when all were asked, */
	uint64_t decide_ms;  /* answers are waited for until then */
	uint64_t asked_ms;   /* when those who show the chosen copy were asked for it again */
	unsigned taken;      /* exchanges in a row, */
	uint64_t taken_ms;   /* and the last one */
	size_t ours, theirs; /* networks that show our copy, and the one that most others show */
	uint64_t seen_total, taken_total; /* cases that were sure, exchanges */
};

/* A block that was refused for this reason. True when that may come from a copy of our own: then it
 * is no proof against the sender (np, may be NULL), who is not asked for this index again for a
 * while. */
bool twin_refused(struct sync *s, struct node_peer *np, const struct block *b,
	const struct block_facts *f, const char *why);

/* A branch leaves ours at that index, too far down to follow. Did the full block below begin it?
 * What the peer answers changes nothing but what the operator is told. */
void twin_suspect_below(struct sync *s, struct node_peer *np, uint64_t index);

/* A verified block at or below our tip. True when it answers a question about a copy; np may be
 * gone afterwards. The block stays the caller's. */
bool twin_copy(struct sync *s, struct node_peer *np, const struct future_block *f);

/* Asks those who were not asked yet, and decides when it is time. */
void twin_tick(struct sync *s);

/* The branch changed: what was refused on the old one may fit. */
void twin_branch_changed(struct sync *s);

/* Must the peer not be asked for this index? Nor for any above the one that was refused: its blocks
 * would wait there and hide those of others. */
bool twin_bars(const struct sync *s, const struct node_peer *np, uint64_t index);

/* A branch left ours at that index or below. False when the full block below is not the one that
 * was signed twice; else how many networks show which copy of that. */
bool twin_below(const struct sync *s, uint64_t fork_at, struct twin_counts *c);

/* It is stuck above a block that was signed twice. */
bool twin_stuck(const struct sync *s);

#endif
