/* Telling peers of our blocks, and driving release 0.10 peers that are behind: such a node asks for
 * the next block only after a Ping or Pong, so it gets one as soon as it took the last block
 * (reference-peers, part b). */
#ifndef SYNC_ANNOUNCE_H
#define SYNC_ANNOUNCE_H

#include "base/clock.h"
#include "base/rng.h"
#include "chain/chain.h"
#include "sync/sync_peer.h"

struct feed {
	struct chain *chain;
	struct peers *peers;
	struct net net;
	const struct clock *clock;
	const struct rng *rng;
	uint64_t announced_ms; /* when all were last told */
	uint64_t announced;    /* the height they were told */
	uint64_t pings, kicks;
};

void feed_init(struct feed *f, struct chain *c, struct peers *p, struct net net,
	const struct clock *clock, const struct rng *rng);

void feed_peer_ready(struct feed *f, struct node_peer *np);

/* It asked for a block. `sent`: it gets it; `repeat`: not now, for it was served and perhaps not
 * read, and is not served again before that is proven. */
void feed_asked(struct feed *f, struct node_peer *np, uint64_t index, bool sent, bool repeat);

/* Its Ping or Pong, with its height. */
void feed_height(struct feed *f, struct node_peer *np, uint64_t height, bool pong);

/* Its Peers, whoever asked for them: each answers the oldest GetPeers of the connection. */
void feed_kick_answered(struct feed *f, struct node_peer *np);

/* Our durable tip moved: tell at once all who are behind, at most once a second while it races.
 * After a replacement also those who are not: they may be on the branch that we left. */
void feed_new_tip(struct feed *f, bool replaced);

/* Sends what is due. Returns the milliseconds until something is due again. */
uint64_t feed_tick(struct feed *f);

/* ---- between the files of the feed ---- */

enum { FEED_GAP_MS = 10 }; /* between a Block and the driving Ping; 5 is the lower edge */

uint64_t feed_now(const struct feed *f); /* monotonic milliseconds */
uint64_t feed_our_height(const struct feed *f);
void feed_ping_in(struct feed *f, struct node_peer *np, uint64_t ms);

/* How long its answer to a driving Ping may take before it is kicked. */
uint64_t feed_patience(const struct node_peer *np);

/* GetPeers, but not while the peer pauses after it wrote, and a Ping after its answer, at the
 * earliest when we have listened. `base`: the index that the peer wants now, or 0. */
void feed_look(struct feed *f, struct node_peer *np, uint64_t base, bool listen);

#endif
