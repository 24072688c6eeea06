/* Domain blocks whose fields can be read in several ways. An absent field leaves no trace in the
 * bytes that are hashed and signed (protocol.md 4.4, 12.3 item 3). So where one of identity,
 * confirmation, signing and encryption is absent, the others can be moved to other places while
 * hash and signature stay valid. Anybody can send a node such a copy, with another name or owner in
 * it; that node then refuses blocks of the network that depend on the name. This file finds the
 * block and replaces our copy. Before: sync/twin.c. After: chain/store.h. */
#ifndef CHAIN_SPLIT_H
#define CHAIN_SPLIT_H

#include "chain/chain.h"
#include "chain/view.h"

/* A number that differs between copies of one block: made from the end of the signature and from
 * which fields are present. */
uint64_t split_name(const struct block *b);

/* Finds the block that may be the reason why `b` was refused with `why`: the latest of our blocks
 * below it that can be read in several ways and has the identity of b among its fields. *root is
 * that block, *name the split_name() of our copy. False when `why` has nothing to do with names, or
 * when none of the latest SPLIT_SEEN ambiguous blocks fits. The first call reads the latest 8192
 * full blocks, later ones only what is new. */
bool split_root(struct chain *c, const struct block *b, const char *why, struct block_summary *root,
	uint64_t *name);

/* To be called when blocks from the index `from` on were removed: forgets what it knows of them. */
struct split_seen;
void split_forget(struct split_seen *seen, uint64_t from);

/* Replaces our copy of the block by this one, whose signature the caller has verified; at any
 * depth, because hash and signature stay the same and so all blocks above stay valid. Durable with
 * the next commit. ERR_REFUSED when we have another block at this index, or only read; else the
 * store's failure. `o` stays the caller's. */
enum err split_take(struct chain *c, const struct block_owned *o);

#endif
