/* A bounded set of 32-byte digests that forgets the oldest ones. It has two generations: when the
 * young one holds half of the bound it becomes the old one, and the old one is forgotten.
 * recent_set_age() does the same when time has passed. Used by one thread, that of its bound. */
#ifndef BASE_RECENT_SET_H
#define BASE_RECENT_SET_H

#include "base/map.h"

struct recent_set {
	struct bound *bound;      /* counts digests; borrowed, must outlive the set */
	struct bound half[2];     /* half of the bound for each generation */
	struct map generation[2]; /* maps without values */
	int young;                /* index of the generation that gets new digests */
};

/* `seed` is for the maps' hash. recent_set_clear() frees everything; the set is usable again. */
void recent_set_init(struct recent_set *g, struct bound *b, uint64_t seed);
void recent_set_clear(struct recent_set *g);
bool recent_set_has(const struct recent_set *g, const uint8_t digest[32]);

/* Adds a digest; at the bound it counts a hit and forgets the old generation. False only when
 * memory ran out. */
bool recent_set_add(struct recent_set *g, const uint8_t digest[32]);

/* Forgets the old generation and starts a new one. */
void recent_set_age(struct recent_set *g);

#endif
