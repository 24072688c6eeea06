/* A domain block whose fields can be read in several ways. Absent fields leave no trace in what is
 * hashed and signed (protocol.md 4.4, 12.3 item 3): where one of identity, confirmation, signing
 * and encryption is absent, the others can be moved to other places, and hash and signature stay
 * right. So anybody can give a node a copy with another name or owner in it, and blocks of the
 * network break the rules about names there. Before: sync/twin.c. After: chain/store.h. */
#ifndef CHAIN_SPLIT_H
#define CHAIN_SPLIT_H

#include "chain/chain.h"
#include "chain/view.h"

/* Tells copies of one block apart: by where the signature ends, and by which fields are there. */
uint64_t split_name(const struct block *b);

/* A block was refused for `why`. The latest of our blocks below it that the refusal may hang on:
 * one that can be read in several ways, with the identity of the refused block among its fields.
 * *name is that of our copy. False when there is none among the latest SPLIT_SEEN of its kind. Each
 * block of the chain is looked at once. */
bool split_root(struct chain *c, const struct block *b, const char *why, struct block_summary *root,
	uint64_t *name);

/* The chain was cut off at `from`. */
struct split_seen;
void split_forget(struct split_seen *seen, uint64_t from);

/* Puts this verified copy in the place of ours, at any depth: hash and signature are the same, so
 * that all blocks above stay. In the open group. ERR_REFUSED when ours is another block; else the
 * store's failure. */
enum err split_take(struct chain *c, const struct block_owned *o);

#endif
