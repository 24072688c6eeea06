/* Limits inbound connections: by host, by network group, by unfinished handshakes and in total; and
 * chooses which inbound peer is closed for a new one when a limit is reached.
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

/* May a connection from this address be opened? May mark another one for eviction. False: refuse
 * it (CLOSE_LIMIT). Nothing is taken yet. */
bool admission_ask(struct admission *a, const struct netaddr *from);

/* Takes the inbound peer's place; false when there is none after all, or memory ran out. */
bool admission_take(struct admission *a, struct peer *peer);
/* Gives back what it took; harmless when nothing. */
void admission_give(struct admission *a, struct peer *peer);

/* The handshake is over: its place among the unfinished ones is free. Harmless when it was. */
void admission_done(struct admission *a, struct peer *peer);

#endif
