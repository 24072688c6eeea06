/* Limits inbound connections: by host, by network group, by unfinished handshakes and in total; and
 * chooses which inbound peer is closed for a new one when a limit is reached (protocol.md 12.2).
 * Before: p2p/p2p_peers.c. After: p2p/conn.c. */
#ifndef P2P_ADMISSION_H
#define P2P_ADMISSION_H

#include "base/map.h"
#include "p2p/conn.h"

struct peer;

struct admission {
	struct limits *limits;
	struct conn_pool *pool;             /* to choose whom to evict */
	struct map hosts, groups;           /* inbound connections of each: uint32_t */
	struct bound host_rows, group_rows; /* no more than max_inbound */
};

/* Starts with no connections. `pool` and its limits are borrowed; `seed` is a secret random number,
 * so that nobody can choose addresses that collide. */
void admission_init(struct admission *a, struct conn_pool *pool, uint64_t seed);
void admission_fini(struct admission *a); /* frees the counts */

/* True when a connection from this address may be accepted; another one may have been marked for
 * eviction to make room. False: refuse it (CLOSE_LIMIT). No place is taken yet. */
bool admission_ask(struct admission *a, const struct netaddr *from);

/* Takes a place for the inbound peer. False when there is none after all, or memory runs out. */
bool admission_take(struct admission *a, struct peer *peer);
/* Gives back the peer's place; harmless when it has none. */
void admission_give(struct admission *a, struct peer *peer);

/* The peer's handshake is over: frees its place among the unfinished ones. Harmless when it has
 * none there. */
void admission_done(struct admission *a, struct peer *peer);

#endif
