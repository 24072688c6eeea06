/* A bounded hash map from keys of one fixed size to values of one fixed size: open addressing, its
 * table doubles as it fills. The hash is seeded, so that outsiders cannot choose keys that collide.
 * Pointers to values are valid until the next put or delete. Used by one thread, that of its bound.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>

#include "base/bound.h"
#include "base/err.h"

struct map {
	struct bound *bound; /* counts entries; borrowed, must outlive the map */
	uint64_t seed;
	size_t key_size, value_size; /* bytes */
	size_t count;
	size_t slots;   /* 0 or a power of two */
	uint8_t *table; /* slots × (key, value, used flag) */
};

/* Makes an empty map without memory. `seed` should be random. */
void map_init(struct map *m, struct bound *b, size_t key_size, size_t value_size, uint64_t seed);

/* Frees everything and gives the entries back to the bound; the map is empty and usable again. */
void map_clear(struct map *m);

/* The value of the key, or NULL. */
void *map_get(const struct map *m, const void *key);

/* The value of the key; if it was absent it is added with a zeroed value. NULL with *err = ERR_FULL
 * at the bound (counted as a hit) or ERR_NOMEM. `err` may be NULL. */
void *map_put(struct map *m, const void *key, enum err *err);

/* False when the key is absent. */
bool map_delete(struct map *m, const void *key);

/* Iterates over all entries in no particular order: start with *at = 0; false at the end. During
 * the iteration nothing may be added, and only map_delete_here() may delete. */
bool map_next(const struct map *m, size_t *at, const void **key, void **value);

/* Deletes the entry that map_next() returned last. The iteration then returns all entries it has
 * not yet returned, but may return some of the others a second time. */
void map_delete_here(struct map *m, size_t *at);

/* The seeded hash itself. Not cryptographic. */
uint64_t map_hash(uint64_t seed, const void *p, size_t n);

/* The most bytes that a map of `count` entries may use, for the worst-case sum: a table is at most
 * 3/4 full before it doubles, and both tables exist while it does. */
#define MAP_WORST_BYTES(count, key, value) ((uint64_t)(count)*4 * (16 + (key) + (value)) + 4096)

#endif
