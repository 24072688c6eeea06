/* What the sync engine reports about itself and about the peers it downloads from. Nothing here
 * changes the engine. Before: sync/sync.h counts. After: api/figures.c, api/reason.c and
 * api/health.c show it. */
#ifndef SYNC_SYNC_STATS_H
#define SYNC_SYNC_STATS_H

#include "chain/rules.h"
#include "chain/verify.h"
#include "p2p/p2p.h"

struct sync;

struct sync_stats {
	/* Blocks, ever growing */
	uint64_t received, appended, replaced, bad, unsolicited;
	uint64_t verdicts[VERDICTS];
	uint64_t commits, commit_ms; /* the time that commits took */
	struct verify_stats verify;
	size_t in_flight;     /* blocks asked for and not yet here */
	size_t future_blocks; /* checked blocks that wait for the ones before them */
	size_t checking;      /* blocks at the checkers */
	double block_pace;    /* blocks appended a second, over the last minutes at most */
	double hash_pace;     /* the same of hashes */
	uint64_t best;        /* sync_best_height() */
	uint64_t quiet_ms;    /* since a block was appended, or we fell behind */
	size_t peers;         /* that are ready */
};

/* Fills *out with the values of this moment. */
void sync_get_stats(const struct sync *s, struct sync_stats *out);

/* How many ready peers claim more than this height. */
size_t sync_peers_above(const struct sync *s, uint64_t height);

struct sync_peer_stats {
	uint64_t good;    /* its blocks that were appended, on this connection */
	size_t in_flight; /* blocks requested from it and not yet here */
	unsigned score;   /* points for misbehaviour of its host */
};

/* All 0 for a peer that is not ready. */
struct sync_peer_stats sync_peer_stats(const struct sync *s, peer_id id);

/* What the block after our tip waits for. */
struct sync_wait {
	bool checking; /* it is at the checkers, */
	uint64_t last; /* and so are others, up to this index */
	size_t before; /* else: answers that its peer sends before it; SIZE_MAX = not requested */
	size_t here, size;   /* bytes of its frame that are here, of how many; 0 = none came yet */
	double rate;         /* bytes a second of all peers that were asked for blocks */
	uint64_t silence_ms; /* since bytes of an answer came from any peer; UINT64_MAX = never */
};

/* Fills *out. */
void sync_wait_of(const struct sync *s, struct sync_wait *out);

/* A full block of which there are two valid copies (sync/twin.h). */
struct sync_twin {
	uint64_t index;
	bool split;          /* the fields of the copies stand in different places */
	size_t ours, theirs; /* network groups that show our copy, and the other that most show */
	bool more;           /* more show the other; set by sync_twin_below() only */
};

/* True when our tip cannot advance because of such a block. Always fills *out. */
bool sync_twin_stuck(const struct sync *s, struct sync_twin *out);

/* True when such a block began the branch that left ours at index `fork_at` or below. Always fills
 * *out, with zeros when false. */
bool sync_twin_below(const struct sync *s, uint64_t fork_at, struct sync_twin *out);

#endif
