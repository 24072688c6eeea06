/* Checks many blocks on all processors, for import and verify. Blocks are added one after another;
 * `done` gets each in the same order, with what the checkers found. */
#ifndef CLI_BULK_H
#define CLI_BULK_H

#include "chain/chain.h"
#include "chain/verify.h"

struct bulk_settings {
	struct chain *chain; /* borrowed; its table of known key strengths saves work */
	struct limits *limits;
	unsigned threads;
	/* Called in the thread that called bulk_add() or bulk_finish(). The block is borrowed for
	 * the call. Anything but ERR_OK ends the work: the error is returned to that caller, and
	 * the blocks that follow are freed without a call. */
	enum err (*done)(void *ctx, const struct block_owned *block, const struct block_facts *f);
	void *ctx;
};

struct bulk;
struct bulk *bulk_start(const struct bulk_settings *s); /* NULL: out of memory or threads */

/* Takes ownership of the block, also on failure, and sets *block NULL. May wait for earlier blocks
 * when the queue is full, and call `done` for them. Returns the first error of the work so far. */
enum err bulk_add(struct bulk *b, struct block_owned **block);

/* Waits until `done` was called for all blocks. Returns the first error, ERR_OK if there was none.
 */
enum err bulk_finish(struct bulk *b);
void bulk_free(struct bulk *b); /* frees blocks that are left; NULL is allowed */

#endif
