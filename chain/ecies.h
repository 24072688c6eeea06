/* The cipher of domain names (protocol.md 9.2, 9.5). Used for nothing in consensus; here so that
 * owners' keys can be checked and made chains carry real names. */
#ifndef CHAIN_ECIES_H
#define CHAIN_ECIES_H

#include "base/cursor.h"
#include "base/rng.h"

enum { ECIES_OVERHEAD = 32 + 12 + 16 };

/* Computes the public key: the secret, with only bit 255 cleared, times the Edwards base point. */
void ecies_public(const uint8_t secret[32], uint8_t public_key[32]);

/* True when this is the encoding of a point of the curve, canonical or not. */
bool ecies_is_point(const uint8_t point[32]);

/* True when it is a point of small order, in any encoding: eight times it is the neutral one, so
 * that it is nobody's key. False for what is no point. */
bool ecies_is_small_order(const uint8_t point[32]);

/* Decrypts a ciphertext (9.5) to *n bytes; `to` needs room for in.n bytes. False when it was not
 * encrypted for this secret, or was changed. */
bool ecies_decrypt(const uint8_t secret[32], struct slice in, uint8_t *to, size_t *n);

/* Encrypts a text of at most 32,000 bytes for a public key: in.n + ECIES_OVERHEAD bytes to `to`.
 * Takes 32 random bytes, then 12; each call gives another ciphertext. False when the key is no
 * point of the curve, the text is longer, or memory runs out; `to` is then not to be used. */
bool ecies_encrypt(
	const uint8_t public_key[32], struct slice in, const struct rng *rng, uint8_t *to);

#endif
