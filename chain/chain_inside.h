/* Inside of the chain, for chain/chain.c, chain/copy.c and chain/startup.c. */
#ifndef CHAIN_CHAIN_INSIDE_H
#define CHAIN_CHAIN_INSIDE_H

#include "chain/chain.h"
#include "chain/signers.h"
#include "chain/store.h"
#include "chain/strengths.h"

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
	size_t uncommitted;   /* blocks */
	uint64_t plain_below; /* no block below that index can be read in several ways (split.h) */
};

/* Appends a block that the rules took, in the open group. The store's failure. */
enum err chain_append(struct chain *c, const struct block *b);

#endif
