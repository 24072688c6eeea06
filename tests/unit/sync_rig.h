/* The sync engine, serving and announcing against model peers: a network that is a table, chains
 * made on the spot, a clock that only moves when told. */
#ifndef TESTS_UNIT_SYNC_RIG_H
#define TESTS_UNIT_SYNC_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sync/announce.h"
#include "sync/serve.h"
#include "sync/sync.h"
#include "tools/mkchain/maker.h"

enum { RIG_PEERS = 40, RIG_BLOCKS = 220, RIG_SENT = 2048 };

/* A chain in memory: encodings by index, from 1. */
struct branch {
	struct slice block[RIG_BLOCKS + 1];
	uint64_t height;
};

/* What the engine did to a model peer. */
struct model_peer {
	bool there, banned, closed;
	bool full; /* there is no room in its output */
	struct peer_info info;
	uint64_t credits;
};

struct sent {
	peer_id to;
	enum message_type type;
	uint64_t index, height;
};

struct rig {
	struct limits limits;
	struct chain_params params;
	struct maker *maker;
	uint8_t *scratch;
	char dir[64], maker_dir[64];
	uint64_t mono;
	int64_t wall;
	struct clock clock;
	struct rng_seeded seed;
	struct rng rng;
	struct chain *chain;
	struct sync_peers peers;
	struct sync *sync;
	struct serve serve;
	struct announcer announce;
	struct model_peer model[RIG_PEERS + 1]; /* by peer_id */
	struct line_life line;                  /* rig_hears() */
	struct sent sent[RIG_SENT];
	size_t sent_count;
	unsigned new_tips;
	unsigned own_told; /* calls of own_block() */
	uint64_t own_number;
	char own_why[192];  /* of the last call; "" = the block was taken */
	bool told_replaced; /* one of them was not only upwards */
	bool fatal;
	int64_t later; /* seconds, added to the time of the first block that rig_branch() makes */
	uint64_t failing; /* this allocation does: starting may fail, and the engine may give up */
};

void rig_begin(struct rig *r);
void rig_end(struct rig *r);
bool rig_start(struct rig *r);   /* in r->dir if there is one; false only when failing */
void rig_stop(struct rig *r);    /* the store stays */
void rig_forget(struct rig *r);  /* removes it */
void rig_restart(struct rig *r); /* with an empty store; the branches stay good */

/* Block 1 alone: what every branch begins with. */
const struct branch *rig_origin(void);

/* Appends `more` blocks behind `from` (its blocks 1 … at), made differently for each number. */
void rig_branch(struct rig *r, struct branch *b, const struct branch *from, uint64_t at,
	uint64_t number, uint64_t more);
void branch_free(struct branch *b, uint64_t from);

/* `from` with its last block signed once more. */
void rig_sign_again(struct rig *r, struct branch *b, const struct branch *from, uint64_t number);

/* With a branch of that height, which others have. */
void rig_begin_with(struct rig *r, struct branch *b, uint64_t height);
void rig_end_with(struct rig *r, struct branch *b);

/* The node under test gets blocks 1 … height without the network. */
void rig_fill(struct rig *r, const struct branch *b, uint64_t height);

struct netaddr rig_address(unsigned network, unsigned host); /* 10.network.0.host */

/* A peer of a host that is known as a quick one and dialled in from 10.id.0.1; or as `info` says,
 * and unknown. */
struct node_peer *rig_peer_as(struct rig *r, const struct peer_info *info);
struct node_peer *rig_peer(struct rig *r, peer_id id, bool own_kind, uint64_t height);
void rig_leave(struct rig *r, peer_id id);

/* Its Ping or Pong: height, and the hash of that block of its branch. */
void rig_tells(struct rig *r, peer_id id, const struct branch *b, uint64_t height);

/* Gives it a Block and lets the checkers finish. */
void rig_gives(struct rig *r, peer_id id, uint64_t index, struct slice block);

/* It answers its oldest GetPeers with Peers. */
void rig_sends_peers(struct rig *r, peer_id id);

/* Answers every GetBlock to this peer from the branch (silence where it has none) until nothing is
 * asked any more. Returns how many were answered. */
unsigned rig_serves(struct rig *r, peer_id id, const struct branch *b);

/* Lets the checkers finish what they have. */
void rig_settle(struct rig *r);
void rig_hears(struct rig *r);             /* bytes of somebody, whoever it is */
void rig_pass(struct rig *r, uint64_t ms); /* time passes in steps of 50 ms, with ticks */

uint64_t rig_height(struct rig *r);
bool rig_on(struct rig *r, const struct branch *b); /* our tip is the tip of b */

/* How many messages of this kind went to the peer since the beginning. */
unsigned rig_count(const struct rig *r, peer_id id, enum message_type type);

#endif
