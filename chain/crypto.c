/* Role: signatures and digests, by libsodium, and by libcrypto for Ed25519 signatures that
 * libsodium refuses but the network accepts.
 * Before: chain/verify.c and chain/rules.c ask. After: the two libraries. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "base/log.h"
#include "base/mem.h"
#include "chain/block.h"
#include "chain/crypto.h"

/* Checks the plain Ed25519 equation (protocol.md 9.4). libcrypto does not refuse points of small
 * order or non-canonical encodings, and compares the recomputed R byte by byte; it agrees with all
 * 2,065 lines of that section's table. */
static bool verify_plain(struct slice key, struct slice message, struct slice signature)
{
	EVP_PKEY *k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key.p, key.n);
	EVP_MD_CTX *c = k ? EVP_MD_CTX_new() : NULL;
	bool good = c && EVP_DigestVerifyInit(c, NULL, NULL, NULL, k) == 1 &&
		    EVP_DigestVerify(c, signature.p, signature.n, message.p, message.n) == 1;

	EVP_MD_CTX_free(c);
	EVP_PKEY_free(k);
	return good;
}

/* libsodium is stricter and takes half the time of libcrypto. Whatever it accepts satisfies the
 * plain equation, too. So libcrypto is asked only about signatures that libsodium refuses: forged
 * ones, and the few that satisfy only the plain equation. */
bool crypto_verify(struct slice key, struct slice message, struct slice signature)
{
	if (key.n != KEY_SIZE || signature.n != SIGNATURE_SIZE)
		return false;
	return crypto_sign_verify_detached(signature.p, message.p, message.n, key.p) == 0 ||
	       verify_plain(key, message, signature);
}

/* Does libcrypto check the plain equation? With the neutral element as key and R, and s = 0, the
 * equation holds for every message. A libcrypto that refuses this (in FIPS mode, or a stricter
 * version) would refuse blocks that the network accepts. */
static bool takes_plain_equation(void)
{
	static const uint8_t neutral[SIGNATURE_SIZE] = {1};

	return verify_plain(
		slice_of(neutral, KEY_SIZE), slice_str("any"), slice_of(neutral, SIGNATURE_SIZE));
}

/* ---- libcrypto's memory ---- */

static void *counted_alloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return mem_library_alloc(size);
}

static void *counted_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return mem_library_realloc(p, size);
}

static void counted_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	mem_library_free(p);
}

bool crypto_count_memory(void)
{
	static bool counted;

	if (!counted)
		counted =
			CRYPTO_set_mem_functions(counted_alloc, counted_realloc, counted_free) == 1;
	return counted;
}

void crypto_end(void)
{
	OPENSSL_cleanup();
}

/* ---- start ---- */

bool crypto_init(void)
{
	if (!crypto_count_memory()) {
		log_error(
			"crypto: OpenSSL's libcrypto was used before its memory could be counted");
		return false;
	}
	if (sodium_init() < 0) {
		log_error("crypto: libsodium cannot start");
		return false;
	}
	/* Sets up libcrypto now. Later it would not notice that memory for that was lacking, and
	 * crash. */
	if (!OSSL_LIB_CTX_get0_global_default()) {
		log_error("crypto: OpenSSL's libcrypto cannot start: out of memory");
		return false;
	}
	if (!takes_plain_equation()) {
		log_error("crypto: OpenSSL's libcrypto refuses plain Ed25519, which the chain "
			  "needs; check openssl.cnf (FIPS mode?) and its version");
		return false;
	}
	return true;
}

void crypto_public(const uint8_t seed[32], uint8_t pub_key[32])
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES];

	crypto_sign_seed_keypair(pub_key, secret, seed);
	sodium_memzero(secret, sizeof secret);
}

void crypto_sign_with(const uint8_t seed[32], struct slice message, uint8_t signature[64])
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES], pub_key[crypto_sign_PUBLICKEYBYTES];

	crypto_sign_seed_keypair(pub_key, secret, seed);
	crypto_sign_detached(signature, NULL, message.p, message.n, secret);
	sodium_memzero(secret, sizeof secret);
}

void crypto_sha256(struct slice in, uint8_t out[32])
{
	crypto_hash_sha256(out, in.p, in.n);
}

void crypto_digest(struct slice in, uint8_t out[32])
{
	crypto_generichash(out, 32, in.p, in.n, NULL, 0);
}

uint64_t crypto_short_hash(const uint8_t key[16], struct slice in)
{
	uint64_t hash;

	_Static_assert(sizeof hash == crypto_shorthash_BYTES, "SipHash-2-4 has 64 bits");
	crypto_shorthash((uint8_t *)&hash, in.p, in.n, key);
	return hash;
}

void crypto_identity(
	struct slice name, struct slice owner_key, uint8_t identity[32], uint8_t *confirmation)
{
	crypto_hash_sha256_state s;
	uint8_t inner[32];

	crypto_sha256(name, inner);
	crypto_sha256(slice_of(inner, sizeof inner), identity);
	if (!confirmation)
		return;
	crypto_hash_sha256_init(&s);
	crypto_hash_sha256_update(&s, inner, sizeof inner);
	crypto_hash_sha256_update(&s, owner_key.p, owner_key.n);
	crypto_hash_sha256_final(&s, confirmation);
}
