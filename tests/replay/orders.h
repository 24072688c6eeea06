/* The blocks of a script again, now through the sync engine, from several model peers at once and
 * in an order that a seed decides: honest ones have the chain that the script ends with, a liar has
 * whatever else the script offers. The chain must come out the same. */
#ifndef TESTS_REPLAY_ORDERS_H
#define TESTS_REPLAY_ORDERS_H

#include "chain/chain.h"

/* A block that a script offered. */
struct offered {
	uint64_t index;
	struct slice bytes; /* owned */
	bool bad;           /* whatever the chain */
};

struct orders {
	const struct chain_params *params;
	struct chain *chain; /* what the script ended with */
	struct offered *offered;
	size_t count, room;
	int64_t now; /* the latest of the script */
};

/* Keeps a copy; false when memory runs out. */
bool orders_note(struct orders *o, const struct block *b, bool bad);
void orders_clear(struct orders *o);

/* False with the reason. */
bool orders_play(const struct orders *o, uint64_t seed, char *why, size_t size);

#endif
