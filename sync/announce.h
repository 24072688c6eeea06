/* Tells peers of our blocks, and drives peers of release 0.10 that are behind. Such a node requests
 * the next block only after a Ping or Pong, so we send it a Ping as soon as it has taken the last
 * block (protocol.md 5.14). Before: node/dispatch.c. After: sync/peer_link.h. */
#ifndef SYNC_ANNOUNCE_H
#define SYNC_ANNOUNCE_H

#include "base/clock.h"
#include "base/rng.h"
#include "chain/chain.h"
#include "sync/sync_peer.h"

struct announcer {
	struct chain *chain;
	struct sync_peers *peers;
	struct net net;
	const struct clock *clock;
	const struct rng *rng;
	uint64_t announced_ms; /* when all peers were last told; monotonic */
	uint64_t announced;    /* the height they were told */
	uint64_t pings, kicks; /* Pings and GetPeers sent, ever growing */
};

/* All pointers are borrowed. */
void announce_init(struct announcer *f, struct chain *c, struct sync_peers *p, struct net net,
	const struct clock *clock, const struct rng *rng);

/* The connection is ready: the peer is sent a first Ping. */
void announce_peer_ready(struct announcer *f, struct node_peer *np);

/* The peer requested a block. `sent`: it gets it (SERVE_SENT, SERVE_WAITS); `repeat`: it does not,
 * because it was sent that block before and perhaps has not read it (SERVE_REPEAT). */
void announce_asked(
	struct announcer *f, struct node_peer *np, uint64_t index, bool sent, bool repeat);

/* The peer told its height in a Pong, or else in a Ping. */
void announce_height(struct announcer *f, struct node_peer *np, uint64_t height, bool pong);

/* The peer sent a Peers. It answers the oldest open GetPeers of the connection, whichever part of
 * the program sent that. */
void announce_kick_answered(struct announcer *f, struct node_peer *np);

/* Our committed tip moved: lets all peers that are behind be told at once; at most once a second
 * while several blocks come in that time. `replaced`: blocks of our branch were replaced, so all
 * peers are told, because some may be on the branch that we left. */
void announce_new_tip(struct announcer *f, bool replaced);

/* Sends what is due. Returns the milliseconds until something is due again. */
uint64_t announce_tick(struct announcer *f);

/* ---- between the files of the announcer ---- */

/* Milliseconds between a Block and the Ping that follows it, so that the peer reads them as two
 * (protocol.md 5.14 b, d); 5 is the lower edge. */
enum { ANNOUNCE_GAP_MS = 10 };

uint64_t announce_now(const struct announcer *f);        /* monotonic milliseconds */
uint64_t announce_our_height(const struct announcer *f); /* of our chain; 0 = no blocks */

/* The peer is to be sent a Ping `ms` milliseconds from now, instead of when it was due before. */
void announce_ping_in(struct announcer *f, struct node_peer *np, uint64_t ms);

/* Milliseconds that the answer to a driving Ping may take before a GetPeers follows. */
uint64_t announce_patience(const struct node_peer *np);

/* Begins to look how far the peer comes without us: a GetPeers now (after the gap), then silence,
 * and one Ping after the GetPeers was answered. `base`: the index that the peer wants now; 0 = not
 * known. `listen`: keep silent for LISTEN_MS at least; else the Ping may follow the answer at once.
 */
void announce_probe(struct announcer *f, struct node_peer *np, uint64_t base, bool listen);

#endif
