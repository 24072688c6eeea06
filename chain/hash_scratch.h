/* The scratch memory with which one thread hashes (chain/blakeout.h). Made when it is first needed,
 * as large as the limit allows and the hash can use, smaller when memory is short.
 * Before: chain/verify_batch.c, mine/search.c. After: chain/blakeout.c. */
#ifndef CHAIN_HASH_SCRATCH_H
#define CHAIN_HASH_SCRATCH_H

#include "chain/blakeout.h"

/* It starts with all fields zero except the limit. Before and after a hash its owner may write
 * there, for example the inputs. */
struct hash_scratch {
	size_t limit;     /* bytes that it may hold, hash_scratch_least() at any rate */
	size_t held;      /* bytes that it holds */
	void *memory;     /* as allocated; NULL = none yet */
	uint8_t *aligned; /* in `memory`, where the hash needs it */
};

/* The least scratch memory that the hash can work with, and the most that it can use, in bytes. */
size_t hash_scratch_least(void);
size_t hash_scratch_most(void);

/* Makes it if it is not there. False when not even hash_scratch_least() bytes can be had. */
bool hash_scratch_open(struct hash_scratch *d);

/* Bytes at `aligned`, at least hash_scratch_room_least(); 0 before it is made. */
size_t hash_scratch_room(const struct hash_scratch *d);
size_t hash_scratch_room_least(void);

/* Frees its memory; hash_scratch_open() allocates it again. */
void hash_scratch_clear(struct hash_scratch *d);

#endif
