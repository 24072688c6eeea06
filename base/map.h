/* A bounded hash map from keys of one fixed size to values of one fixed size: open addressing,
 * grown by doubling as it fills, never beyond its bound. The hash is seeded, so that outsiders
 * cannot aim at one chain of slots. Pointers to values are valid until the next put or delete. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>

#include "base/bound.h"
#include "base/err.h"

struct map {
	struct bound *bound; /* one unit an entry; borrowed */
	uint64_t seed;
	size_t key_size, value_size; /* bytes */
	size_t count;
	size_t slots;   /* 0 or a power of two */
	uint8_t *table; /* slots × (key, value, used flag) */
};

void map_init(struct map *m, struct bound *b, size_t key_size, size_t value_size, uint64_t seed);

/* Frees everything and gives the entries back to the bound; the map is empty and usable again. */
void map_clear(struct map *m);

/* The value of the key, or NULL. */
void *map_get(const struct map *m, const void *key);

/* The value of the key, made (zeroed) when it was absent. NULL with *err = ERR_FULL at the bound
 * (counted as a hit) or ERR_NOMEM. `err` may be NULL. */
void *map_put(struct map *m, const void *key, enum err *err);

bool map_delete(struct map *m, const void *key);

/* Walks all entries in no particular order: start with *at = 0; false at the end. Meanwhile nothing
 * may be put, and nothing deleted but by map_delete_here(). */
bool map_next(const struct map *m, size_t *at, const void **key, void **value);

/* Deletes the entry that map_next() returned last. The walk then goes on with those not yet
 * returned, but may return others, which were kept, a second time. */
void map_delete_here(struct map *m, size_t *at);

/* Seeded hash of a few bytes, for those who need one of their own. */
uint64_t map_hash(uint64_t seed, const void *p, size_t n);

/* The most bytes that a map of `count` entries may come to hold, for the worst-case sum: its table
 * is at most 3/4 full before it doubles, and both tables exist while it does. */
#define MAP_WORST_BYTES(count, key, value) ((uint64_t)(count)*4 * (16 + (key) + (value)) + 4096)

#endif
