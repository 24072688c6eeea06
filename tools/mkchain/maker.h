/* Puts blocks on top of a chain: full blocks with domains, signing blocks that obey the draw, and,
 * where asked for, windows in which drawn signers stay away and the standby pool heals. */
#ifndef MKCHAIN_MAKER_H
#define MKCHAIN_MAKER_H

#include "base/rng.h"
#include "chain/chain.h"
#include "tools/mkchain/keys.h"

struct maker {
	struct chain_params params;
	struct chain *chain; /* NULL until there is an origin */
	struct limits *limits;
	struct authors authors;
	struct rng rng;
	void *scratch;
	int64_t time;        /* timestamp of the next block */
	uint64_t full_count; /* full blocks made, names and authors follow from it */
	uint64_t heal_every; /* every so many windows; 0 = never */
	bool made_up_hashes; /* hard enough, but not the hash of anything: fast */
	uint64_t branch;     /* tells two chains that grow from one block apart */
	const char *domain;  /* NAME.ZONE for the next full block; NULL = a made-up name */
	uint8_t space[BLOCK_MAX_ENCODED]; /* where the fields of the block in work live */
	uint8_t preimage[PREIMAGE_MAX];
};

/* Block 1; its hash becomes the origin in m->params. The block is valid until the next one. */
bool maker_genesis(struct maker *m, struct block *b);

/* The next block; it is not appended. False with a line on standard error. */
bool maker_make(struct maker *m, struct block *b);

/* The next block on the chain; it is appended. False with a line on standard error. */
bool maker_next(struct maker *m, struct block *b);

/* Signs a block of ours once more: the hash stays, the signature is another for each number. Valid
 * as long as the maker makes no other block. */
void maker_sign_again(struct maker *m, struct block *b, uint64_t number);

/* Appends a block as the chain's rules want it; false with a line on standard error. */
bool maker_append(struct maker *m, const struct block *b);
bool maker_append_owned(struct maker *m, const struct block_owned *block);

#endif
