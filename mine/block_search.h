/* Searches for the proof of work of one block: the timestamp, random and nonce with which its hash
 * has the difficulty that it states (protocol.md 7.4, 10.1). A search has no memory, so its block
 * may become another one at any time, for example with another tip before it, and each batch has a
 * new timestamp. It sees no secret: the signature comes after the hash.
 *
 * Before: who made the block. After: mine/search.c runs the threads. */
#ifndef MINE_BLOCK_SEARCH_H
#define MINE_BLOCK_SEARCH_H

#include "base/clock.h"
#include "base/rng.h"
#include "chain/block.h"
#include "mine/search.h"

/* What was found: these go into the block. */
struct block_found {
	int64_t timestamp; /* seconds since 1970 */
	uint32_t random;
	uint64_t nonce;
	uint8_t hash[HASH_SIZE];
};

struct block_search;

/* Begins to search for `b`, which is copied: all its fields but hash, signature, random and nonce.
 * Its timestamp is the earliest that it may have, that of the block before it. Clock and rng are
 * borrowed, and used by the search's threads. `s->ended` is called when a hash was found, and after
 * block_search_cancel(). Errors as search_start(). */
struct block_search *block_search_start(const struct search_settings *s, const struct clock *clock,
	const struct rng *rng, const struct block *b, enum err *err);

/* From the next batches on it is another block. What was found for the block before is thrown away,
 * and then the search may have ended without a result. ERR_NOMEM: it goes on with the block before.
 */
enum err block_search_change(struct block_search *s, const struct block *b);

/* Asks it to end; it has ended within a batch. */
void block_search_cancel(struct block_search *s);
bool block_search_has_ended(const struct block_search *s);

/* True when it has ended and found something, which is in *out. */
bool block_search_found(const struct block_search *s, struct block_found *out);

/* Candidates that were hashed so far, and the greatest difficulty among their hashes. */
uint64_t block_search_hashes(const struct block_search *s);
unsigned block_search_best(const struct block_search *s);

/* How many threads work on it. */
unsigned block_search_threads(const struct block_search *s);

/* Frees it; see search_free(). */
void block_search_free(struct block_search *s);

#endif
