/* Telling peers of our blocks, and driving release 0.10 peers that are behind: such a node asks for
 * the next block only after a Ping or Pong, so it gets one as soon as it took the last block
 * (reference-peers, part b). */
#ifndef NODE_FEED_H
#define NODE_FEED_H

#include "base/clock.h"
#include "base/rng.h"
#include "chain/chain.h"
#include "node/peers.h"

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

/* It asked for a block; `repeat`: one that it asked for before (another node drives it too). */
void feed_asked(struct feed *f, struct node_peer *np, uint64_t index, bool sent, bool repeat);

/* Its Ping or Pong, with its height. */
void feed_height(struct feed *f, struct node_peer *np, uint64_t height, bool pong);
void feed_kick_answered(struct feed *f, struct node_peer *np);

/* Our durable tip moved: tell at once all who are behind, at most once a second while it races.
 * After a replacement also those who are not: they may be on the branch that we left. */
void feed_new_tip(struct feed *f, bool replaced);

/* Sends what is due. Returns the milliseconds until something is due again. */
uint64_t feed_tick(struct feed *f);

#endif
