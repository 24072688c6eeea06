/* The file in which a block travels between machines while it is made: prepared where the chain is,
 * searched anywhere, signed where the key is, and brought back. Text, so that it can be mailed:
 *
 *     alfisd block 1
 *     # lines like this one are for people
 *     origin <hash of the network's first block, hex>
 *     block <its encoding (protocol.md 4.3), hex>
 *
 * How far it has come is seen from the block: without a hash it is prepared, with one searched,
 * with a signature signed. Pure functions on bytes. Before: cli/block.c. After: chain/block.h. */
#ifndef MINE_BLOCK_FILE_H
#define MINE_BLOCK_FILE_H

#include "chain/block.h"

enum {
	BLOCK_FILE_VERSION = 1,
	/* The longest file that is read: a block in hex, and comments. */
	BLOCK_FILE_MAX = 2 * BLOCK_MAX_ENCODED + 4096,
};

enum block_file_state { BLOCK_PREPARED, BLOCK_SEARCHED, BLOCK_SIGNED };

struct block_file {
	uint8_t origin[HASH_SIZE];
	struct block_owned *block; /* owned: mem_free() */
};

/* Reads the text of a file. NULL when it is good; else why not, words for the user, and *line is
 * where, counted from 1. With a reason nothing is left to be freed. */
const char *block_file_read(struct slice text, struct block_file *out, unsigned *line);

/* Writes the text. The writer is bad when it does not fit; BLOCK_FILE_MAX bytes suffice. */
void block_file_write(const uint8_t origin[HASH_SIZE], const struct block *b, struct wr *w);

/* How far the block has come. */
enum block_file_state block_file_state(const struct block *b);

#endif
