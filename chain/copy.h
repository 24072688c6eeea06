/* Full blocks that their author signed twice. The hash does not cover the signature, but the draw
 * of signers starts from it (protocol.md 7.7, 12.3 item 2). So nodes that have different copies of
 * one block accept different signers above it, and follow different branches. This file finds out
 * whether another copy explains why a block was refused, and replaces ours.
 * Before: sync/twin.c. After: chain/signers.h and the store. */
#ifndef CHAIN_COPY_H
#define CHAIN_COPY_H

#include "chain/chain.h"
#include "chain/view.h"

/* What the signing rule needs of a block that was refused. */
struct refused {
	uint64_t index; /* 0 = no block */
	int64_t timestamp;
	int strength; /* bits of the author's key, −1 = not known */
	bool full;
	uint8_t key[KEY_SIZE];
};

/* Copies from a refused block what the signing rule (protocol.md 7.10) needs. */
struct refused refused_of(const struct block *b, const struct block_facts *f);

/* Fills *root with the full block whose signature decides who may sign a block of that index on our
 * chain. False when there is none: that low there is no draw yet, or the index is not above our
 * last full block (blocks there are judged by a full block that they compete with, 7.3 item 2). */
bool chain_window_root(struct chain *c, uint64_t index, struct block_summary *root);

/* True when the signing rule (7.10) accepts the refused block, and all our blocks between the root
 * and it, if the signature of the root ends in `tail` (its last 8 bytes as a number). The block
 * before the refused one must be ours. */
bool chain_copy_explains(
	struct chain *c, const struct block_summary *root, uint64_t tail, const struct refused *o);

/* Replaces our copy of the block by this one, whose signature the caller has verified, and removes
 * the blocks above it. Durable with the next commit. ERR_REFUSED when we have another block at this
 * index, when it is more than CONFIDENCE_DEPTH below the tip, or when we only read; else the
 * store's failure. `o` stays the caller's. */
enum err chain_take_copy(struct chain *c, const struct block_owned *o);

#endif
