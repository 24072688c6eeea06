/* Finds blocks by our keys that were not made here: then another node has the key too, and the two
 * may sign two blocks for one place; or this is a restored backup. What was made here is told by
 * own_blocks_made(), and the journal of signatures knows the last ones of each key. Each block is
 * found once, also after a restart; blocks that were there before the first look are history.
 * Pure functions of the chain; when a read of the store fails the result is meaningless.
 * Before: node/node_foreign.c. After: chain/view.h, owner/said.h. */
#ifndef OWNER_OWN_BLOCKS_H
#define OWNER_OWN_BLOCKS_H

#include "chain/view.h"
#include "owner/own_keys.h"
#include "owner/said.h"

enum {
	OWN_BLOCKS_TAIL = CONFIDENCE_DEPTH, /* blocks that a branch may replace */
	OWN_BLOCKS_STEP = 2000,             /* that one look reads at most */
	OWN_FOREIGN_MAX = 16,               /* keys that one look tells of */
};

struct own_blocks {
	struct said known; /* hashes: made here, or told of */
	uint64_t looked;   /* all up to this index were looked at; 0 = none yet */
	uint8_t tail[OWN_BLOCKS_TAIL][HASH_SIZE]; /* hashes of the last of them, the highest first
						   */
	uint64_t foreign;                         /* how many were found */
	uint64_t newest;                          /* index of the last one that was; 0 = none */
};

/* What a look found of one key. */
struct own_foreign {
	unsigned key; /* its place among ours */
	uint64_t count, first, last;
};

/* `row` bounds the hashes that are remembered; borrowed. */
void own_blocks_init(struct own_blocks *o, struct bound *row);
void own_blocks_clear(struct own_blocks *o);

/* This block is made here, whatever becomes of it. */
void own_blocks_made(struct own_blocks *o, struct slice hash);

/* Looks at what is new. Returns how many keys have foreign blocks. */
unsigned own_blocks_look(struct own_blocks *o, struct view *v, const struct own_key *keys,
	unsigned n, struct own_foreign to[OWN_FOREIGN_MAX]);

/* Its form on disk: own_blocks_size() bytes; and read again. */
size_t own_blocks_size(const struct own_blocks *o);
void own_blocks_encode(const struct own_blocks *o, struct wr *w);
void own_blocks_decode(struct own_blocks *o, struct slice bytes);

/* Index of the newest block of this author, 0 = it has none. */
uint64_t own_newest(struct view *v, const uint8_t key[KEY_SIZE]);

#endif
