/* A node of release 0.10 that is behind, as those see it who feed it, and the nodes of ours that
 * do; time moves a millisecond at a time, so what is measured here is the same on every machine.
 *
 * The node has one thread, reads one frame a readable event and is deaf while it checks a block or
 * has just written (protocol.md 5.14). Its peers hold all blocks of the rig's chain. */
#ifndef TESTS_UNIT_FEED_MODEL_H
#define TESTS_UNIT_FEED_MODEL_H

#include "tests/unit/sync_rig.h"

enum { FEEDERS_MAX = 12, FRAMES_MAX = 64, FEEDER_PEER = 1 };

struct wire_frame {
	enum message_type type;
	uint64_t number; /* index or height */
	uint64_t at;     /* when it arrives */
};

/* Frames on their way, or that wait to be read. */
struct wire {
	struct wire_frame frame[FRAMES_MAX];
	size_t first, count;
	size_t there; /* of these, arrived */
};

/* One of our nodes and its connection to the node of release 0.10. */
struct feeder {
	struct announce_model *model;
	struct sync_peers peers;
	struct serve serve;
	struct announcer announce;
	struct node_peer *np;
	struct peer_info info;
	uint64_t soft_at; /* when it last sent what demands no answer */
	/* What the other end knows of the connection. */
	struct wire to, from;
	bool edge; /* something came since it read last */
	struct wire_frame reply;
	bool replies;
	uint64_t height, highest_received;
	bool requested[RIG_BLOCKS + 1];
	/* What went over it. */
	unsigned sent[MSG_COUNT];
};

struct announce_model {
	struct rig *rig;
	struct feeder feeder[FEEDERS_MAX];
	size_t feeders;
	/* Its habits, in milliseconds. */
	uint64_t checks_ms, pauses_ms, travel_ms, forgets_ms;
	bool ticks;                     /* asks by itself when it has four peers or more */
	unsigned drops[RIG_BLOCKS + 1]; /* so many copies of this block are thrown away, */
	bool remembers[RIG_BLOCKS + 1]; /* and the next ones not looked at for a while */
	/* Its state. */
	struct rng_seeded seed;
	struct rng rng;
	uint64_t own_height, busy_until, tick_at, forget_at;
	struct feeder *wrote; /* it pauses after writing to this one */
	uint64_t checking;    /* this block */
	size_t turn;
	bool seen[RIG_BLOCKS + 1], early[RIG_BLOCKS + 1];
	uint64_t pending_ms[RIG_BLOCKS + 1];
	/* What came of it. */
	unsigned unasked; /* Blocks that it would ban us for */
	unsigned doubles; /* GetBlocks that it sent again before it had read the Block */
};

/* A node with blocks 1 … height, and that many of ours, which are greeted by it. */
void announce_model_begin(struct announce_model *m, struct rig *r, size_t feeders, uint64_t height);
void announce_model_end(struct announce_model *m);

/* A GetPeers that is not the announcer's. */
void feeder_exchanges(struct feeder *f);

void announce_model_pass(struct announce_model *m, uint64_t ms);

/* Milliseconds until it has that block; `most` when it takes as long. */
uint64_t announce_model_reaches(struct announce_model *m, uint64_t height, uint64_t most);

#endif
