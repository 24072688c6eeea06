/* What the node remembers of a host across its connections: what it delivered and what it did not,
 * how fast it is, which rules it broke. A host cannot clear that record by connecting again, but
 * within minutes of good behaviour it is as good as a new host. A host is an IPv4 address or an
 * IPv6 /64. A connection that we dialled has a row of its own, so that strangers who dial in from
 * the same address cannot spoil it.
 *
 * Before: sync/sync*.c notes what a peer did. After: sync/sync_choose.c chooses by it. */
#ifndef SYNC_HOSTS_H
#define SYNC_HOSTS_H

#include "base/bound.h"
#include "p2p/p2p.h"

enum {
	HOST_KEY = 19,      /* netaddr_host(), whether we dialled, the port of a configured peer */
	HOST_DOUBT_MAX = 8, /* one is taken off each minute */
	HOST_GOOD_MS = 3600000, /* so long an appended block makes a host good, and its row stays */
};

struct host {
	uint8_t key[HOST_KEY];
	uint8_t group[NETGROUP_SIZE];
	bool used;          /* the row holds a host */
	bool ours;          /* we dialled it */
	bool configured;    /* the operator named it */
	uint16_t id;        /* hash of key and … */
	uint16_t group_id;  /* … of group, never 0: how a slot notes which hosts it asked */
	unsigned peers;     /* connections now */
	size_t in_flight;   /* requests of all its connections */
	uint64_t seen_ms;   /* when a connection came or went; monotonic, as all times here */
	uint64_t aged_ms;   /* until when host_age() has lowered doubt and score */
	uint64_t good_ms;   /* when a block of it was appended last; 0 = never */
	uint64_t probed_ms; /* when it was asked only to be measured; 0 = never */
	uint64_t rtt_ms;    /* smoothed, at least 1; 0 = it never answered a request */
	uint64_t pace;  /* smoothed time between two answers in a row, tenths of ms; 0 = unknown */
	unsigned doubt; /* for answers that were late or did not come: SYNC_DOUBT_LATE and so on */
	unsigned
		score; /* for misbehaviour: SYNC_SCORE_CLAIMS and so on; banned at SYNC_BAN_SCORE */
	uint64_t refused; /* index of its block that does not fit our copy (sync/twin.c), … */
	uint64_t refused_ms, refused_on; /* … when, and on which of our branches: twin.branch */
};

struct hosts {
	struct host *rows; /* owned */
	size_t size;
	struct bound *bound;
	uint64_t seed;
};

/* Makes as many rows as the bound (borrowed) allows now. False when memory ran out. */
bool hosts_init(struct hosts *h, struct bound *bound, uint64_t seed);
void hosts_clear(struct hosts *h);

/* The row of the host of a new connection, borrowed until hosts_leave(). When no row is free, a
 * host without connections is forgotten, from the network group that has most such hosts, so that
 * one group cannot make us forget those of others. NULL when every row has a connection. */
struct host *hosts_enter(struct hosts *h, const struct peer_info *who, uint64_t now);
void hosts_leave(struct host *h, uint64_t now);

/* Frees the rows of hosts that have been away for an hour. */
void hosts_forget(struct hosts *h, uint64_t now);

/* Fills a record that is in no table, for a connection that got no row. */
void host_init(struct host *row, uint64_t seed, const struct peer_info *who, uint64_t now);

/* Lowers doubt by 1 and score by 10 for each full minute since the last call that did. */
void host_age(struct host *h, uint64_t now);

/* Adds to the doubt, up to HOST_DOUBT_MAX. */
void host_doubt(struct host *h, unsigned more);

/* It answered a request after `took` ms, while no other request was open: a round trip. */
void host_measured(struct host *h, uint64_t took);

/* It answered one of several open requests `took` ms after its previous answer. */
void host_paced(struct host *h, uint64_t took);

/* True when a block of it was appended within the last hour. */
static inline bool host_is_good(const struct host *h, uint64_t now)
{
	return h->good_ms && now - h->good_ms < HOST_GOOD_MS;
}

#endif
