/* Blocks ahead of this machine's clock, and the hosts that sent them. Such a block may be an honest
 * one under a clock that is behind, or made to hold everybody up: it is refused without a ban, and
 * its host is not asked for that index for a minute, over reconnects too. What strangers do who
 * dial in from a host is not charged to a connection that we dialled.
 *
 * Before: sync/sync_ahead.c. After: api/reason.c asks whether the clock is wrong. */
#ifndef SYNC_AHEAD_H
#define SYNC_AHEAD_H

#include "base/map.h"
#include "p2p/p2p.h"

enum {
	AHEAD_HOLD_MS = 60000,   /* so long a host is not asked for the index again, */
	AHEAD_VOICE_MS = 600000, /* and so long it counts as one that says what the time is */
	AHEAD_KEY = 17,          /* netaddr_host(), and whether we dialled */
	AHEAD_GROUPS = 64,       /* no more are counted */
};

struct ahead_host {
	uint64_t index;   /* the lowest of the blocks that it sent lately, */
	int64_t time;     /* the time of that one, */
	uint64_t told_ms; /* and when the last one came, monotonic */
	uint8_t group[NETGROUP_SIZE];
	bool outbound;
};

struct ahead {
	struct map blocks; /* hash, which the proof of work was verified for → its time */
	struct map hosts;  /* AHEAD_KEY → struct ahead_host */
};

void ahead_init(struct ahead *a, struct bound *blocks, struct bound *hosts, uint64_t seed);
void ahead_clear(struct ahead *a);

/* A verified block that is ahead of the clock. At the bound the one that is furthest ahead goes. */
void ahead_note_block(struct ahead *a, const uint8_t hash[32], int64_t time);

/* Is the block of this hash known to be later than `latest`? *time is when it is of, then. */
bool ahead_has(const struct ahead *a, const uint8_t hash[32], int64_t latest, int64_t *time);

/* `who` sent such a block. At the bound the host goes that sent its own first. True when the host
 * was not held before. */
bool ahead_note_host(struct ahead *a, const struct peer_info *who, uint64_t index, int64_t time,
	uint64_t now_ms);

/* The index that this host is not asked for now, nor for any above it; 0 = none. */
uint64_t ahead_held(const struct ahead *a, const struct peer_info *who, uint64_t now_ms);

/* Forgets what is no longer later than `latest` or counts no more. True when a host is free that
 * was held. */
bool ahead_expire(struct ahead *a, int64_t latest, uint64_t now_ms);

struct ahead_claims {
	unsigned groups; /* network groups that sent blocks ahead of the clock within ten minutes */
	bool outbound;   /* of a host that we dialled, among others */
	int64_t time;    /* of the one that is least ahead */
};

/* Fills `groups` with the different ones; returns how many. */
size_t ahead_claims(const struct ahead *a, uint64_t now_ms, struct ahead_claims *c,
	uint8_t groups[AHEAD_GROUPS][NETGROUP_SIZE]);

/* Adds a group unless it is there already or there is no room; returns how many there are then. */
size_t ahead_add_group(
	uint8_t groups[AHEAD_GROUPS][NETGROUP_SIZE], size_t n, const uint8_t group[NETGROUP_SIZE]);

#endif
