/* A full block that its author signed twice. The hash does not cover the signature, and the draw
 * of signers starts from it (protocol.md 7.7, 12.3 item 2): nodes that hold different copies of one
 * block let different keys sign above it. Before: sync/twin.c. After: chain/signers.h and the
 * store. */
#ifndef CHAIN_COPY_H
#define CHAIN_COPY_H

#include "chain/chain.h"
#include "chain/view.h"

/* What the signing rule asks of a block. */
struct refused {
	uint64_t index; /* 0 = nothing is offered */
	int64_t timestamp;
	int strength; /* bits of the author's key, −1 = not known */
	bool full;
	uint8_t key[KEY_SIZE];
};

/* Copies from a refused block what the signing rule (protocol.md 7.10) needs. */
struct refused refused_of(const struct block *b, const struct block_facts *f);

/* The full block whose signature decides who may sign a block of that index on our chain. False
 * when there is none: no draw yet, or the index is not above our last full block, and blocks there
 * are judged by one that they compete with (7.3 item 2). */
bool chain_window_root(struct chain *c, uint64_t index, struct block_summary *root);

/* Does the signing rule take the offered block, and ours between the root and it, when the
 * signature of the root ends in `tail`? The block below the offered one is ours. */
bool chain_copy_explains(
	struct chain *c, const struct block_summary *root, uint64_t tail, const struct refused *o);

/* Puts this copy, whose signature is verified, in the place of ours; the blocks above go. In the
 * open group. ERR_REFUSED when ours is another block, or more than CONFIDENCE_DEPTH down; else the
 * store's failure. */
enum err chain_take_copy(struct chain *c, const struct block_owned *o);

#endif
