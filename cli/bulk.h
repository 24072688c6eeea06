/* Many blocks through the checkers, in order, on all processors: import and verify. Blocks go in
 * one after another; each comes out to `done` in the same order with its facts. */
#ifndef CLI_BULK_H
#define CLI_BULK_H

#include "chain/chain.h"
#include "chain/verify.h"

struct bulk_settings {
	struct chain *chain; /* asked for key strengths that are known */
	const struct chain_params *params;
	struct limits *limits;
	unsigned threads;
	/* The block is borrowed. Any error but ERR_OK ends the work and comes back to the caller.
	 */
	enum err (*done)(void *ctx, const struct block_owned *block, const struct block_facts *f);
	void *ctx;
};

struct bulk;
struct bulk *bulk_start(const struct bulk_settings *s); /* NULL: memory or threads */

/* Takes the block over; may wait until earlier ones are done. */
enum err bulk_add(struct bulk *b, struct block_owned *block);

/* Waits for all. */
enum err bulk_finish(struct bulk *b);
void bulk_free(struct bulk *b); /* also after an error */

#endif
