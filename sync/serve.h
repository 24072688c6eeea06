/* Serving blocks: answers GetBlock with Block, straight from the store.
 * A peer of release 0.10 is never sent the same block twice before it is proven that it read the
 * first copy. It keeps its open requests as a set of indices, so the second copy would count as one
 * that it did not request, and it would ban us (protocol.md 5.14). The proof is its answer to a
 * GetPeers that we sent after the Block. */
#ifndef SYNC_SERVE_H
#define SYNC_SERVE_H

#include "chain/chain.h"
#include "sync/sync_peer.h"

struct serve {
	struct chain *chain;
	struct net net;
	uint8_t *block; /* BLOCK_MAX_ENCODED bytes of work space */
	uint64_t blocks_served;
	uint64_t repeats_ignored; /* GetBlocks not answered a second time */
};

/* `chain` is borrowed. False when memory ran out. */
bool serve_init(struct serve *s, struct chain *chain, struct net net);
void serve_free(struct serve *s);

enum serve_result {
	SERVE_SENT,
	SERVE_NONE,   /* not answered: we do not have it, it does not fit a frame, or an error */
	SERVE_REPEAT, /* not answered: it was sent before, perhaps the peer has not read it yet */
	SERVE_WAITS,  /* the peer's output is full: it is sent by serve_drained() */
};

/* The peer requests a block. Closes the connection when too many of its requests wait, or memory
 * ran out. */
enum serve_result serve_get_block(struct serve *s, struct node_peer *np, uint64_t index);

/* The peer's output has room again: sends what waits for it. */
void serve_drained(struct serve *s, struct node_peer *np);

#endif
