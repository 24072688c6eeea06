/* Signatures and plain digests of the chain. The only user of libsodium and libcrypto here.
 * Any thread may ask; the start and the end are the main thread's. */
#ifndef CHAIN_CRYPTO_H
#define CHAIN_CRYPTO_H

#include "base/slice.h"

/* From now on libcrypto's memory is counted by base/mem.h (mem_library_bytes()). First in main(),
 * of a test too: libcrypto takes no such functions once it has asked for memory. Does nothing when
 * it was called before. False when it is too late. */
bool crypto_count_memory(void);

/* Call before anything else that follows; false, and logged, when a library cannot do its part. */
bool crypto_init(void);

/* Gives back what libcrypto keeps. Once, in the end: no thread may use it any more, nor any
 * function of this file after it. */
void crypto_end(void);

/* protocol.md 9.4: the plain cofactorless equation. Wrong lengths are simply false. */
bool crypto_verify(struct slice pub_key, struct slice message, struct slice signature);

/* RFC 8032 from a 32-byte seed (tools and tests). */
void crypto_public(const uint8_t seed[32], uint8_t pub_key[32]);
void crypto_sign_with(const uint8_t seed[32], struct slice message, uint8_t signature[64]);

/* SHA-256, as the identity of a name uses it (protocol.md 8.6). */
void crypto_sha256(struct slice in, uint8_t out[32]);

/* BLAKE2b-256: names received encodings in our own tables, never part of consensus. */
void crypto_digest(struct slice in, uint8_t out[32]);

/* SipHash-2-4 for tables of our own: who does not know the key cannot make inputs that collide. */
uint64_t crypto_short_hash(const uint8_t key[16], struct slice in);

/* protocol.md 8.6; `name` is lower case. `confirmation` may be NULL. */
void crypto_identity(
	struct slice name, struct slice owner_key, uint8_t identity[32], uint8_t *confirmation);

#endif
