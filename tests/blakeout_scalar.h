/* Blakeout word for word as protocol.md 3 has it, on libcrypto's BLAKE2s: slow, and shares nothing
 * with the code under test. */
#ifndef TESTS_BLAKEOUT_SCALAR_H
#define TESTS_BLAKEOUT_SCALAR_H

#include <stdlib.h>

#include <openssl/evp.h>

#include "chain/blakeout.h"

enum { SCALAR_SLOTS = 65536, SCALAR_BYTES = SCALAR_SLOTS * BLAKEOUT_SIZE };

static inline void scalar_blake2s(EVP_MD_CTX *ctx, const void *p, size_t n, uint8_t *out)
{
	if (!EVP_DigestInit_ex(ctx, EVP_blake2s256(), NULL) || !EVP_DigestUpdate(ctx, p, n) ||
		!EVP_DigestFinal_ex(ctx, out, NULL))
		abort();
}

/* `words` holds SCALAR_SLOTS × 32 bytes and has the slots afterwards. */
static inline void blakeout_scalar(
	struct slice in, uint8_t out[BLAKEOUT_SIZE], uint8_t (*words)[BLAKEOUT_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t *both = malloc((size_t)2 * SCALAR_BYTES);
	const uint8_t *all = (const uint8_t *)words;

	if (!ctx || !both)
		abort();
	scalar_blake2s(ctx, in.p, in.n, words[0]);
	scalar_blake2s(ctx, words[0], BLAKEOUT_SIZE, words[1]);
	for (size_t i = 2; i < SCALAR_SLOTS; i++)
		scalar_blake2s(ctx, words[i - 2], (size_t)2 * BLAKEOUT_SIZE, words[i]);
	for (size_t i = 0; i < SCALAR_BYTES; i++) {
		both[i] = all[i];
		both[2 * (size_t)SCALAR_BYTES - 1 - i] = all[i];
	}
	scalar_blake2s(ctx, both, (size_t)2 * SCALAR_BYTES, out);
	EVP_MD_CTX_free(ctx);
	free(both);
}

#endif
