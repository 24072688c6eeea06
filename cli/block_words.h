/* A block in a file, said in words before it is signed, and tested as far as that goes without the
 * chain. Before: cli/block_sign.c. After: chain/, domain/, api/query.h, cli/print.h. */
#ifndef CLI_BLOCK_WORDS_H
#define CLI_BLOCK_WORDS_H

#include "chain/block.h"
#include "chain/params.h"
#include "cli/cli.h"
#include "owner/key_file.h"

enum { BLOCK_WORDS_NAME = 256, BLOCK_WORDS_CIPHER = 1024 };

struct block_words {
	const struct block *b; /* searched; borrowed, as all here */
	const struct chain_params *params;
	const uint8_t *origin; /* HASH_SIZE bytes: of which network it says to be */
	const char *key;       /* the name of the author's key; NULL = not looked at yet */
	struct key_public pub; /* of that key */
	/* The name, where the key can read it. */
	uint8_t name[BLOCK_WORDS_NAME];
	size_t name_size; /* 0 = not known */
};

/* The first thing that is wrong with the block, words for the user; NULL = nothing. With a name
 * also that it is the one of the block. Takes as long as one hash. */
const char *block_words_fault(const struct block_words *w);

/* The encrypted name in the block, when it is one for w->pub; else empty. */
struct slice block_words_cipher(const struct block_words *w, uint8_t to[BLOCK_WORDS_CIPHER]);

/* Prints what is signed. */
void block_words_print(const struct block_words *w);

/* Prints that it was signed, or would be, and how long it is good. */
void block_words_done(const struct cli *cli, const struct block_words *w);

#endif
