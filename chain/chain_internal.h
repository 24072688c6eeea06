/* Inside of the chain, for chain/chain.c, chain/copy.c and chain/startup.c. */
#ifndef CHAIN_CHAIN_INTERNAL_H
#define CHAIN_CHAIN_INTERNAL_H

#include "chain/chain.h"
#include "chain/signers.h"
#include "chain/store.h"
#include "chain/key_strength_cache.h"

enum { SPLIT_SEEN = 16 };

/* Full blocks below `below` were looked at; these are the latest of them that can be read in
 * several ways (split.h), the highest first. */
struct split_seen {
	uint64_t below, index[SPLIT_SEEN];
	size_t count;
};

struct chain {
	struct chain_params params;
	struct limits *limits; /* borrowed */
	bool read_only;
	const struct clock *clock; /* NULL = what happens is past */
	struct store *store;
	struct view view;
	struct strengths strengths;
	struct head tip, last_full;
	bool has_tip, has_full;
	uint64_t committed; /* height that a power cut cannot undo */
	uint64_t written;   /* height of the last commit */
	bool settles_later;
	size_t uncommitted; /* blocks */
	struct split_seen seen;
};

/* Appends a block that the rules took, in the open group. The store's failure. */
enum err chain_append(struct chain *c, const struct block_owned *o);

#endif
