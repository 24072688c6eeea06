/* A bounded set of 32-byte digests in two generations. When the young one holds half of the bound
 * it becomes the old one and the old one is forgotten; recent_set_age() does the same by time. */
#ifndef BASE_RECENT_SET_H
#define BASE_RECENT_SET_H

#include "base/map.h"

struct recent_set {
	struct bound *bound;      /* one unit a digest; borrowed */
	struct bound half[2];     /* each generation's own share */
	struct map generation[2]; /* digest → nothing */
	int young;                /* index of the one that is filled */
};

void recent_set_init(struct recent_set *g, struct bound *b, uint64_t seed);
void recent_set_clear(struct recent_set *g);
bool recent_set_has(const struct recent_set *g, const uint8_t digest[32]);

/* False only when memory ran out. */
bool recent_set_add(struct recent_set *g, const uint8_t digest[32]);

/* Forgets the old generation and starts a new one. */
void recent_set_age(struct recent_set *g);

#endif
