/* The signatures of a full block as the pages show them: the empty blocks of its window
 * (protocol.md 7.7 … 7.10). */
#ifndef WEB_SIGNATURES_H
#define WEB_SIGNATURES_H

#include "chain/signers.h"

enum { SIGNATURES_SHOWN = 16 }; /* a window that nobody locks takes any number */

struct signature {
	uint64_t block; /* index of the empty block */
	int64_t time;   /* seconds since 1970 */
	uint8_t key[KEY_SIZE];
	bool drawn; /* its author was drawn; else a standby signer */
};

struct signatures {
	struct block_summary full;
	struct draw draw;
	bool locked;
	size_t count; /* of the next, which is cut at its bound */
	struct signature of[SIGNATURES_SHOWN];
};

/* How many empty blocks follow the full block `index`, counted to SIGNATURES_SHOWN. A few reads. */
unsigned signatures_count(struct view *v, uint64_t index);

/* Fills *out for a full block. */
void signatures_read(struct view *v, const struct block_summary *full, struct signatures *out);

/* True when this drawn key is among the signatures. */
bool signatures_have(const struct signatures *s, const uint8_t key[KEY_SIZE]);

#endif
