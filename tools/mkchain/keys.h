/* The authors of a made chain: Ed25519 keys that follow from a seed, each strong enough. */
#ifndef MKCHAIN_KEYS_H
#define MKCHAIN_KEYS_H

#include "chain/block.h"
#include "chain/params.h"

enum { MADE_KEYS_MAX = 64 };

#define MINING_SCRATCH blakeout_scratch_size(BLAKEOUT_LANES, BLAKEOUT_SEGMENTS)

struct author {
	uint8_t seed[32];
	uint8_t pub_key[KEY_SIZE];
	int strength; /* bits */
};

struct authors {
	struct author all[MADE_KEYS_MAX];
	size_t count;
};

/* The same seed and count give the same keys. `scratch` of
 * MINING_SCRATCH bytes for blakeout_lanes(). */
void authors_make(
	struct authors *a, uint64_t seed, size_t count, uint64_t min_strength, void *scratch);

/* Another valid signature of the message for each number. */
void author_sign_again(const struct author *a, struct slice message, uint64_t number,
	uint8_t signature[SIGNATURE_SIZE]);

/* Writes the key with its secrets in plain, as the network's own program does (protocol.md 9.3), to
 * a new file for its user alone. Its encryption key follows from the seed. False with errno. */
bool author_put_file(const struct author *a, const char *path);

/* NULL when it is not one of ours. */
const struct author *authors_find(const struct authors *a, const uint8_t key[KEY_SIZE]);

#endif
