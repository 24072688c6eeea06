/* A block of ours whose proof of work was found, and that is not part of the chain yet: where it
 * belongs, and its form on disk. It is kept before its signature is asked for, because its key
 * signs no other one for that place. Nothing in it is secret. Pure. Before: owner/jobs_found.c.
 * After: the store keeps it (node/node_mine_keep.c). */
#ifndef OWNER_FOUND_H
#define OWNER_FOUND_H

#include "chain/block.h"
#include "chain/chain.h"

struct found {
	bool is; /* there is one */
	bool is_signed;
	uint64_t index;
	uint8_t prev_hash[HASH_SIZE]; /* zeros for the first block of a chain */
	uint8_t hash[HASH_SIZE];
	uint8_t author[KEY_SIZE];
	int64_t again; /* not tried before; seconds since 1970 */
};

/* The most that the form on disk takes, in bytes. */
enum { FOUND_BYTES_MAX = BLOCK_MAX_ENCODED + 64 };

/* Where this block belongs, which has its hash and its author. */
void found_of(const struct block *b, struct found *f);

/* Where it belongs as seen from this tip. */
enum found_place {
	FOUND_NEXT,  /* above the tip: it may be taken */
	FOUND_LATER, /* the chain is shorter: it is read again, or was rewound */
	FOUND_OVER,  /* the chain has its place, or another block below it: it can never be taken */
};
enum found_place found_place(const struct found *f, const struct chain_tip *tip);

/* Its form on disk, for the job with this number (0: a signature of a full block). The writer's
 * error is set when FOUND_BYTES_MAX do not suffice, which is so for no block that was decoded. */
void found_encode(uint64_t id, const struct block *b, struct wr *w);

/* Reads it again; the caller frees the block with mem_free(). ERR_MALFORMED: it was damaged, or is
 * another job's; ERR_NOMEM. On any error *out is NULL. */
enum err found_decode(struct slice bytes, uint64_t id, struct block_owned **out);

#endif
