/* What the sync engine tells of itself and of the peers it downloads from, for whoever shows it.
 * Nothing here changes the engine. Before: sync/sync.h counts. After: api/figures.c,
 * api/reason.c, api/health.c. */
#ifndef SYNC_SYNC_STATS_H
#define SYNC_SYNC_STATS_H

#include "chain/rules.h"
#include "chain/verify.h"
#include "p2p/p2p.h"

struct sync;

struct sync_stats {
	/* Blocks, ever growing */
	uint64_t received, appended, replaced, bad, unasked;
	uint64_t verdicts[VERDICTS];
	uint64_t commits, commit_ms; /* the time that commits took */
	struct verify_stats verify;
	size_t in_flight;  /* blocks asked for and not yet here */
	size_t future;     /* checked blocks that wait for the ones before them */
	size_t checking;   /* blocks at the checkers */
	double block_pace; /* blocks appended a second, over the last minutes at most */
	double hash_pace;  /* the same of hashes */
	uint64_t best;     /* sync_best_height() */
	uint64_t quiet_ms; /* since a block was appended, or we fell behind */
	size_t peers;      /* that are ready */
};
void sync_get_stats(const struct sync *s, struct sync_stats *out);

/* How many ready peers claim more than this height. */
size_t sync_peers_above(const struct sync *s, uint64_t height);

struct sync_peer_stats {
	uint64_t good;    /* blocks of it that were appended, on this connection */
	size_t in_flight; /* blocks asked of it and not yet here */
	unsigned score;   /* points for misbehaviour of its host */
};

/* All 0 for a peer that is not ready. */
struct sync_peer_stats sync_peer_stats(const struct sync *s, peer_id id);

/* What the next block waits for. */
struct sync_wait {
	bool checking;       /* it is at the checkers, */
	uint64_t last;       /* and so are others, up to this one */
	size_t before;       /* else: so many blocks of its peer come before it, */
	size_t here, size;   /* and so much of its frame is here; 0 = it has not begun */
	double rate;         /* bytes a second of all peers */
	uint64_t silence_ms; /* since bytes of an answer came; UINT64_MAX = never */
};
void sync_wait_of(const struct sync *s, struct sync_wait *out);

/* A full block of which there are two valid copies. */
struct sync_twin {
	uint64_t index;
	bool split;          /* the copies differ by the places of their fields */
	size_t ours, theirs; /* networks that show our copy, and the one that most others show */
	bool more;           /* that one has more than ours; told by sync_twin_below() alone */
};

/* True when we are stuck above such a block. */
bool sync_twin_stuck(const struct sync *s, struct sync_twin *out);

/* True when such a block is where a branch begins that left ours at index `fork_at` or below. */
bool sync_twin_below(const struct sync *s, uint64_t fork_at, struct sync_twin *out);

#endif
