/* Remembered key strengths (protocol.md 7.4): each costs a hash to find and never changes. */
#ifndef CHAIN_KEY_STRENGTH_CACHE_H
#define CHAIN_KEY_STRENGTH_CACHE_H

#include "base/map.h"
#include "chain/block.h"

struct key_strength_cache {
	struct map known; /* key → bits */
	size_t at;        /* where the search for one to forget goes on */
};

/* Makes an empty cache. `b` (limits.max_key_strengths) is borrowed; `seed` is a secret random
 * number, so that nobody can choose keys that collide. */
void key_strength_cache_init(struct key_strength_cache *s, struct bound *b, uint64_t seed);
void key_strength_cache_clear(struct key_strength_cache *s); /* frees the entries */

/* Bits, or −1 when not known. */
int key_strength_cache_get(const struct key_strength_cache *s, const uint8_t key[KEY_SIZE]);

/* At the bound an arbitrary other one is forgotten. Negative strengths are not kept. */
void key_strength_cache_put(struct key_strength_cache *s, const uint8_t key[KEY_SIZE], int bits);

#endif
