/* What the node remembers of a host, over its connections: what it delivered, withheld and passed
 * over, how fast it is, what it did wrong. A reconnect changes nothing; time does: within minutes a
 * host is as good as a new one. A host is an IPv4 address or an IPv6 /64. What strangers do who
 * dial in from it is not charged to the connection that we dialled: that one has a row of its own.
 *
 * Before: node/sync*.c notes what a peer did. After: sync/sync_choose.c chooses by it. */
#ifndef SYNC_HOSTS_H
#define SYNC_HOSTS_H

#include "base/bound.h"
#include "p2p/p2p.h"

enum {
	HOST_KEY = 19,      /* netaddr_host(), whether we dialled, the port of a configured peer */
	HOST_DOUBT_MAX = 8, /* a bad day is over after so many minutes */
	HOST_GOOD_MS = 3600000,
};

struct host {
	uint8_t key[HOST_KEY];
	uint8_t group[NETGROUP_SIZE];
	bool used;          /* the row holds a host */
	bool ours;          /* we dialled it */
	bool configured;    /* the operator named it */
	uint16_t id;        /* of the host, and … */
	uint16_t group_id;  /* … of its group, never 0: what a slot remembers of whom it asked */
	unsigned peers;     /* connections now */
	size_t in_flight;   /* requests of all its connections */
	uint64_t seen_ms;   /* when a connection came or went; monotonic, as all times here */
	uint64_t aged_ms;   /* until when it has decayed */
	uint64_t good_ms;   /* when a block of it was appended last; 0 = never */
	uint64_t probed_ms; /* when it was asked only to be measured; 0 = never */
	uint64_t rtt_ms;    /* smoothed, at least 1; 0 = it never answered a request */
	uint64_t pace;  /* smoothed time between two answers in a row, tenths of ms; 0 = unknown */
	unsigned doubt; /* it let the block wait that everything waited for, or a kick */
	unsigned score; /* misbehaviour; banned at SYNC_BAN_SCORE */
	uint64_t refused; /* a block of it at that index fits no copy of ours (sync/twin.c), … */
	uint64_t refused_ms, refused_on; /* … when, and on which of our branches */
};

struct hosts {
	struct host *rows; /* owned */
	size_t size;
	struct bound *bound;
	uint64_t seed;
};

/* False when memory ran out. As many rows as the bound says now. */
bool hosts_init(struct hosts *h, struct bound *row, uint64_t seed);
void hosts_clear(struct hosts *h);

/* The row of the host of a new connection, until hosts_leave(). Without a free one it is that of a
 * host without connections, of the group that has most of these: nobody can drive out others than
 * its own. NULL when every row has a connection. */
struct host *hosts_enter(struct hosts *h, const struct peer_info *who, uint64_t now);
void hosts_leave(struct host *h, uint64_t now);

/* Frees the rows of hosts that have been away for an hour. */
void hosts_forget(struct hosts *h, uint64_t now);

/* For the connection that gets no row: a record of its own. */
void host_init(struct host *row, uint64_t seed, const struct peer_info *who, uint64_t now);

/* What lies back some minutes counts less and less. */
void host_age(struct host *h, uint64_t now);

void host_doubt(struct host *h, unsigned more);

/* It answered after `took` ms, with nothing else asked of it meanwhile; or so long after the answer
 * before. */
void host_measured(struct host *h, uint64_t took);
void host_paced(struct host *h, uint64_t took);

/* A block of it was appended within the last hour. */
static inline bool host_is_good(const struct host *h, uint64_t now)
{
	return h->good_ms && now - h->good_ms < HOST_GOOD_MS;
}

#endif
