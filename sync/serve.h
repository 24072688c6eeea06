/* Serving blocks: GetBlock in, Block out, straight from the store.
 * Towards release 0.10 the same block is never sent twice before it is proven that the first copy
 * was read: its set of requests would take the second for an unasked one and ban us
 * (protocol.md 5.14). The proof is its answer to a GetPeers that we sent after the Block. */
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

/* False when memory ran out. */
bool serve_init(struct serve *s, struct chain *chain, struct net net);
void serve_free(struct serve *s);

enum serve_result {
	SERVE_SENT,
	SERVE_NONE,   /* we do not have it, or it does not fit a frame: silence is the answer */
	SERVE_REPEAT, /* asked again before the first copy was surely read: ignored */
	SERVE_WAITS,  /* its output is full: goes on with serve_drained() */
};
enum serve_result serve_get_block(struct serve *s, struct node_peer *np, uint64_t index);

/* Room in its output again. */
void serve_drained(struct serve *s, struct node_peer *np);

#endif
