/* Telling peers of our blocks, and driving release 0.10 peers that are behind: such a node asks for
 * the next block only after a Ping or Pong, so it gets one as soon as it took the last block
 * (reference-peers, part b). */
#ifndef SYNC_ANNOUNCE_H
#define SYNC_ANNOUNCE_H

#include "base/clock.h"
#include "base/rng.h"
#include "chain/chain.h"
#include "sync/sync_peer.h"

struct announcer {
	struct chain *chain;
	struct peers *peers;
	struct net net;
	const struct clock *clock;
	const struct rng *rng;
	uint64_t announced_ms; /* when all were last told */
	uint64_t announced;    /* the height they were told */
	uint64_t pings, kicks;
};

void announce_init(struct announcer *f, struct chain *c, struct peers *p, struct net net,
	const struct clock *clock, const struct rng *rng);

void announce_peer_ready(struct announcer *f, struct node_peer *np);

/* It asked for a block. `sent`: it gets it; `repeat`: not now, for it was served and perhaps not
 * read, and is not served again before that is proven. */
void announce_asked(
	struct announcer *f, struct node_peer *np, uint64_t index, bool sent, bool repeat);

/* Its Ping or Pong, with its height. */
void announce_height(struct announcer *f, struct node_peer *np, uint64_t height, bool pong);

/* Its Peers, whoever asked for them: each answers the oldest GetPeers of the connection. */
void announce_kick_answered(struct announcer *f, struct node_peer *np);

/* Our durable tip moved: tell at once all who are behind, at most once a second while it races.
 * After a replacement also those who are not: they may be on the branch that we left. */
void announce_new_tip(struct announcer *f, bool replaced);

/* Sends what is due. Returns the milliseconds until something is due again. */
uint64_t announce_tick(struct announcer *f);

/* ---- between the files of the announcer ---- */

enum { ANNOUNCE_GAP_MS = 10 }; /* between a Block and the driving Ping; 5 is the lower edge */

uint64_t announce_now(const struct announcer *f); /* monotonic milliseconds */
uint64_t announce_our_height(const struct announcer *f);
void announce_ping_in(struct announcer *f, struct node_peer *np, uint64_t ms);

/* How long its answer to a driving Ping may take before it is kicked. */
uint64_t announce_patience(const struct node_peer *np);

/* GetPeers, but not while the peer pauses after it wrote, and a Ping after its answer, at the
 * earliest when we have listened. `base`: the index that the peer wants now, or 0. */
void announce_look(struct announcer *f, struct node_peer *np, uint64_t base, bool listen);

#endif
