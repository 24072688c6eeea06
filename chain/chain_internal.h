/* Internal to chain/chain*.c, chain/copy.c, chain/split.c, chain/startup.c and
 * chain/store_compare.c. */
#ifndef CHAIN_CHAIN_INTERNAL_H
#define CHAIN_CHAIN_INTERNAL_H

#include "chain/chain.h"
#include "chain/signers.h"
#include "chain/store.h"
#include "chain/key_strength_cache.h"

enum { SPLIT_SEEN = 16 };

/* All full blocks below `below` were examined. These are the latest of them that can be read in
 * several ways (chain/split.h), highest index first. */
struct split_seen {
	uint64_t below, index[SPLIT_SEEN];
	size_t count;
};

struct chain {
	struct chain_params params;
	struct limits *limits; /* borrowed */
	bool read_only;
	const struct clock *clock; /* NULL = no ban is worth a warning */
	struct store *store;
	struct view view;
	struct key_strength_cache key_strengths;
	struct block_summary tip, last_full;
	bool has_tip, has_full;
	uint64_t committed; /* height that a power cut cannot undo */
	uint64_t written;   /* height of the last commit */
	bool settles_later;
	size_t uncommitted; /* blocks */
	struct split_seen seen;
};

/* Append(B) of protocol.md 7.12, for a block that the rules accepted, in the open group. Returns
 * the store's failure. */
enum err chain_append(struct chain *c, const struct block_owned *o);

/* Loads the tip (T) and the last full block (LF) from the store. LF is the highest stored full
 * block, also after a truncation (7.12). */
void chain_load_tip(struct chain *c);

#endif
