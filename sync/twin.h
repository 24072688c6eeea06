/* A full block that its author signed twice (chain/copy.h; protocol.md 12.3 item 2). Both copies
 * are valid, but the rules derive the signers of the next blocks from the signature (7.7). If the
 * network uses the other copy, its next block does not fit ours, though the peer that sends it has
 * done nothing wrong. Before: sync/sync.c and sync/sync_fork.c, when the signing rule refused a
 * block on our chain. After: chain/copy.c.
 *
 * The steps of a case:
 *   suspected  We ask the peer whose block was refused for its copy of the full block.
 *   sure       It sent another valid copy. We ask every peer once and count the network groups that
 *              show each copy.
 *   decided    We exchange our copy for the one that most network groups show, if a block that
 *              their peers offer fits it and the full block is at most CONFIDENCE_DEPTH below our
 *              tip. Ours stays when as many groups show it.
 *
 * The same is done for a block whose fields stand in other places in our copy (chain/split.h), and
 * at any depth, because that replaces no block above it.
 *
 * A connection, a host and a network group have one vote each, so a peer that changes its answer
 * gains nothing. After each exchange the next one must wait, twice as long each time. */
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
	bool others;     /* another case waits for the end of this one */
	uint64_t branch; /* counts changes of our branch: host.refused counts on one branch only */
	uint64_t begun_ms; /* when the case began; monotonic, as all times here */
	uint64_t number; /* of the question that peers are asked, from 1; 0 = none was asked yet */
	bool sure;       /* two valid copies were seen */
	bool split;      /* their fields stand in different places (chain/split.h) */
	uint64_t index;  /* of the full block */
	uint8_t hash[HASH_SIZE];
	uint64_t tail;       /* names our copy: the last bytes of its signature, or split_name() */
	uint64_t stuck_at;   /* our height when a block above was refused last, 0 = not stuck */
	uint64_t vote_ms;    /* when all peers were asked */
	uint64_t decide_ms;  /* until when we wait for their answers */
	uint64_t asked_ms;   /* when the peers that show the chosen copy were asked for it again */
	unsigned taken;      /* exchanges in a row, with less than an hour between them */
	uint64_t taken_ms;   /* when the last one was */
	size_t ours, theirs; /* groups that show our copy, and the one that most others show */
	uint64_t seen_total, taken_total; /* cases that were sure, exchanges */
};

/* The rules refused a block for the reason `why`. True when that may be because we have another
 * copy of a full block than the sender (np; NULL = gone). Then the refusal proves nothing against
 * it, and it is not asked for this index for a minute. */
bool twin_refused(struct sync *s, struct node_peer *np, const struct block *b,
	const struct block_facts *f, const char *why);

/* The peer's branch leaves ours at `index`, too far down to follow. Asks the peer for its copy of
 * the last full block below, to find out whether that was signed twice and so began the branch. The
 * answer only changes what twin_below() tells the operator. */
void twin_suspect_below(struct sync *s, struct node_peer *np, uint64_t index);

/* np sent this verified block at or below our tip. True when it answers a question about a copy;
 * np may be gone afterwards. The block stays the caller's. */
bool twin_copy(struct sync *s, struct node_peer *np, const struct future_block *f);

/* Asks the peers that were not asked yet, and decides when it is time. */
void twin_tick(struct sync *s);

/* Our branch changed: blocks that were refused on the old one may fit now. */
void twin_branch_changed(struct sync *s);

/* True when the peer must not be asked for this index, because a block of its host at or below it
 * was refused within the last minute. Its blocks above that one would only occupy the waiting room,
 * so that we would not request those of other peers. */
bool twin_bars(const struct sync *s, const struct node_peer *np, uint64_t index);

/* A branch left ours at index `fork_at` or below. Fills *c with how many network groups show which
 * copy; false, with *c untouched, when the last full block below is not the one of this case. */
bool twin_below(const struct sync *s, uint64_t fork_at, struct twin_counts *c);

/* True while our tip cannot advance because of a block of which two copies were seen. */
bool twin_stuck(const struct sync *s);

#endif
