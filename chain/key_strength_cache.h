/* Remembered key strengths (protocol.md 7.4): each costs a hash to find and never changes. */
#ifndef CHAIN_KEY_STRENGTH_CACHE_H
#define CHAIN_KEY_STRENGTH_CACHE_H

#include "base/map.h"
#include "chain/block.h"

struct strengths {
	struct map known; /* key → bits */
	size_t at;        /* where the search for one to forget goes on */
};

/* Makes an empty cache. `b` (limits.max_key_strengths) is borrowed; `seed` is a secret random
 * number, so that nobody can choose keys that collide. */
void strengths_init(struct strengths *s, struct bound *b, uint64_t seed);
void strengths_clear(struct strengths *s); /* frees the entries */

/* Bits, or −1 when not known. */
int strengths_get(const struct strengths *s, const uint8_t key[KEY_SIZE]);

/* At the bound an arbitrary other one is forgotten. Negative strengths are not kept. */
void strengths_put(struct strengths *s, const uint8_t key[KEY_SIZE], int bits);

#endif
