/* The announcer with one peer of release 0.10, step by step: what it gets, and after how many
 * milliseconds. A chain of OURS blocks; the peer says that it has 10. */
#ifndef TESTS_UNIT_FEED_RIG_H
#define TESTS_UNIT_FEED_RIG_H

#include "tests/unit/sync_rig.h"

enum { OURS = 40, LONG = 100000, PEER = 1 };

/* The rig and its chain are made once; each test has the announcer and the peer to itself. */
static struct rig rig;
static struct branch branch;

static inline struct node_peer *begin(void)
{
	struct net net = rig.announce.net;

	if (rig.model[PEER].there)
		rig_leave(&rig, PEER);
	rig.sent_count = 0;
	announce_init(&rig.announce, rig.chain, &rig.peers, net, &rig.clock, &rig.rng);
	rig.announce.announced = OURS;
	rig.announce.announced_ms = rig.mono;
	return rig_peer(&rig, PEER, false, 10);
}

/* Milliseconds until something of this kind is sent; LONG when nothing is. */
static inline uint64_t until(enum message_type type)
{
	unsigned before = rig_count(&rig, PEER, type);
	uint64_t begun = rig.mono;

	while (rig.mono - begun < LONG) {
		announce_tick(&rig.announce);
		if (rig_count(&rig, PEER, type) > before)
			return rig.mono - begun;
		rig.mono++;
	}
	return LONG;
}

static inline void pass(uint64_t ms)
{
	for (uint64_t i = 0; i < ms; i++) {
		rig.mono++;
		announce_tick(&rig.announce);
	}
}

static inline unsigned pings(void)
{
	return rig_count(&rig, PEER, MSG_PING);
}

static inline unsigned kicks(void)
{
	return rig_count(&rig, PEER, MSG_GET_PEERS);
}

static inline void asks(struct node_peer *np, uint64_t index)
{
	announce_asked(&rig.announce, np, index, true, false);
}

static inline void repeats(struct node_peer *np, uint64_t index)
{
	announce_asked(&rig.announce, np, index, false, true);
}

static inline void pongs(struct node_peer *np, uint64_t height)
{
	np->sync.height = height;
	announce_height(&rig.announce, np, height, true);
}

static inline uint64_t told(void)
{
	for (size_t i = rig.sent_count; i-- > 0;)
		if (rig.sent[i].type == MSG_PING)
			return rig.sent[i].height;
	return 0;
}

/* It asks, is pinged, and answers that Ping with a request after so many milliseconds. */
static inline void driven_in(struct node_peer *np, uint64_t index, uint64_t ms)
{
	asks(np, index);
	until(MSG_PING);
	pass(ms);
	asks(np, index + 1);
}

static inline int make_rig(void **state)
{
	(void)state;
	rig_begin_with(&rig, &branch, OURS);
	rig_fill(&rig, &branch, OURS);
	return 0;
}

static inline int free_rig(void **state)
{
	(void)state;
	rig_end_with(&rig, &branch);
	return 0;
}

#endif
