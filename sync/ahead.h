/* Blocks ahead of this machine's clock, which protocol.md 7.2 step 4 calls bad, and the hosts that
 * sent them. Such a block may be honest, and our clock behind; or it was made to delay us. So we
 * refuse it without a ban, and do not ask its host for that index for a minute, also after it
 * reconnects. A host that we dialled and the same host dialling in count as two, because a stranger
 * may dial in from the same address.
 *
 * Before: sync/sync_ahead.c. After: api/reason.c asks whether the clock is wrong. */
#ifndef SYNC_AHEAD_H
#define SYNC_AHEAD_H

#include "base/map.h"
#include "p2p/p2p.h"

enum {
	AHEAD_HOLD_MS = 60000,   /* so long a host is not asked for the index again, */
	AHEAD_VOICE_MS = 600000, /* and so long it counts as evidence that our clock is behind */
	AHEAD_KEY = 17,          /* netaddr_host(), and whether we dialled */
	AHEAD_GROUPS = 64,       /* network groups that are counted, at most */
};

struct ahead_host {
	uint64_t index;   /* the lowest of the blocks ahead of the clock that it sent lately, */
	int64_t time;     /* the timestamp of that one, */
	uint64_t told_ms; /* and when the last one came, monotonic */
	uint8_t group[NETGROUP_SIZE];
	bool outbound; /* we dialled it */
};

struct ahead {
	struct map blocks; /* hash whose proof of work was verified → the block's timestamp */
	struct map hosts;  /* AHEAD_KEY → struct ahead_host */
};

/* `time` and `latest` below are in seconds since 1970: a block's timestamp, and the latest
 * timestamp that the rules accept now. `now_ms` is monotonic. */

/* The bounds are borrowed. */
void ahead_init(struct ahead *a, struct bound *blocks, struct bound *hosts, uint64_t seed);
void ahead_clear(struct ahead *a);

/* Remembers a verified block that is ahead of the clock. At the bound the one furthest ahead is
 * forgotten. Without memory the block is not remembered, which does no harm. */
void ahead_note_block(struct ahead *a, const uint8_t hash[32], int64_t time);

/* True when a block of this hash is remembered and still later than `latest`; *time is its
 * timestamp, set whenever it is remembered. */
bool ahead_has(const struct ahead *a, const uint8_t hash[32], int64_t latest, int64_t *time);

/* `who` sent such a block. At the bound the host is forgotten whose last such block is the oldest.
 * True when ahead_held() was 0 for it before. */
bool ahead_note_host(struct ahead *a, const struct peer_info *who, uint64_t index, int64_t time,
	uint64_t now_ms);

/* The index from which on this host is not asked for blocks now; 0 = it may be asked for any. */
uint64_t ahead_held(const struct ahead *a, const struct peer_info *who, uint64_t now_ms);

/* Forgets blocks that are no longer later than `latest`, hosts whose lowest block is not, and hosts
 * that sent none for ten minutes. True when a host may be asked again that might not before. */
bool ahead_expire(struct ahead *a, int64_t latest, uint64_t now_ms);

struct ahead_claims {
	unsigned groups; /* network groups that sent blocks ahead of the clock within ten minutes */
	bool outbound;   /* we dialled one of the hosts that sent them */
	int64_t time;    /* timestamp of the block that is least ahead; INT64_MAX = there is none */
};

/* Fills *c, and `groups` with the different groups that sent such blocks; returns how many. */
size_t ahead_claims(const struct ahead *a, uint64_t now_ms, struct ahead_claims *c,
	uint8_t groups[AHEAD_GROUPS][NETGROUP_SIZE]);

/* Adds a group to the first `n` unless it is among them or there is no room; returns how many there
 * are then. */
size_t ahead_add_group(
	uint8_t groups[AHEAD_GROUPS][NETGROUP_SIZE], size_t n, const uint8_t group[NETGROUP_SIZE]);

#endif
