/* A bounded set of 32-byte digests in two generations. When the young one holds half of the bound
 * it becomes the old one and the old one is forgotten; genset_age() does the same by time. */
#ifndef BASE_RECENT_SET_H
#define BASE_RECENT_SET_H

#include "base/map.h"

struct genset {
	struct bound *bound;      /* one unit a digest; borrowed */
	struct bound half[2];     /* each generation's own share */
	struct map generation[2]; /* digest → nothing */
	int young;                /* index of the one that is filled */
};

void genset_init(struct genset *g, struct bound *b, uint64_t seed);
void genset_clear(struct genset *g);
bool genset_has(const struct genset *g, const uint8_t digest[32]);

/* False only when memory ran out. */
bool genset_add(struct genset *g, const uint8_t digest[32]);

/* Forgets the old generation and starts a new one. */
void genset_age(struct genset *g);

#endif
