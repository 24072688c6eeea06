/* Role: key agreement, encryption and decryption of names that are encrypted for one key (ECIES).
 * Before: owner/draft.c, and tests and tools that make chains. After: libsodium and libcrypto. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include "chain/ecies.h"

enum { POINT = 32, NONCE = 12, TAG = 16, BITS = 255 };

static const uint8_t neutral[POINT] = {1};

void ecies_public(const uint8_t secret[32], uint8_t public_key[32])
{
	/* If the result is the neutral element libsodium reports an error, but has written the
	 * result. */
	if (crypto_scalarmult_ed25519_base_noclamp(public_key, secret) != 0)
		return;
}

bool ecies_is_point(const uint8_t point[32])
{
	uint8_t sum[POINT];

	return crypto_core_ed25519_add(sum, point, neutral) == 0;
}

bool ecies_is_small_order(const uint8_t point[32])
{
	uint8_t sum[POINT];

	if (crypto_core_ed25519_add(sum, point, neutral) != 0)
		return false;
	for (int i = 0; i < 3; i++)
		if (crypto_core_ed25519_add(sum, sum, sum) != 0)
			return false;
	return memcmp(sum, neutral, POINT) == 0;
}

/* secret · point by doubling and adding, for points that libsodium's multiplication refuses and the
 * network accepts: of small order or with a part of it, non-canonical. Both sums are made at every
 * bit, so that its time does not depend on the secret. Slow: 6 ms, sixty times as long as the
 * other. */
static bool multiply_any(uint8_t out[POINT], const uint8_t secret[32], const uint8_t point[POINT])
{
	uint8_t sum[POINT], more[POINT];
	bool good = true;

	memcpy(sum, neutral, sizeof sum);
	for (int bit = BITS - 1; good && bit >= 0; bit--) {
		uint8_t mask = (uint8_t) - (secret[bit / 8] >> bit % 8 & 1);
		good = crypto_core_ed25519_add(sum, sum, sum) == 0 &&
		       crypto_core_ed25519_add(more, sum, point) == 0;
		for (int i = 0; i < POINT; i++)
			sum[i] ^= mask & (sum[i] ^ more[i]);
	}
	memcpy(out, sum, POINT);
	sodium_memzero(sum, sizeof sum);
	sodium_memzero(more, sizeof more);
	return good;
}

/* secret, with only bit 255 cleared, · point, in a time that depends on the point alone. */
static bool multiply(uint8_t out[POINT], const uint8_t secret[32], const uint8_t point[POINT])
{
	return crypto_scalarmult_ed25519_noclamp(out, secret, point) == 0 ||
	       multiply_any(out, secret, point);
}

/* HKDF-SHA-256 without salt, one block: extract, then expand. */
static bool derive(const uint8_t both[2 * POINT], uint8_t key[32])
{
	static const uint8_t info[] = "ecies-ed25519\x01", no_salt[32];
	uint8_t middle[32];
	unsigned n;

	bool good = HMAC(EVP_sha256(), no_salt, sizeof no_salt, both, 2 * POINT, middle, &n) &&
		    HMAC(EVP_sha256(), middle, sizeof middle, info, sizeof info - 1, key, &n);
	sodium_memzero(middle, sizeof middle);
	return good;
}

static bool open_gcm(const uint8_t key[32], struct slice in, uint8_t *to)
{
	const uint8_t *nonce = in.p + POINT, *cipher = nonce + NONCE;
	int size = (int)(in.n - ECIES_OVERHEAD), n = 0, last = 0;
	uint8_t tag[TAG];
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

	memcpy(tag, cipher + size, TAG);
	bool good = c && EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
		    EVP_DecryptUpdate(c, to, &n, cipher, size) == 1 &&
		    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG, tag) == 1 &&
		    EVP_DecryptFinal_ex(c, to + n, &last) == 1;
	EVP_CIPHER_CTX_free(c);
	return good;
}

bool ecies_decrypt(const uint8_t secret[32], struct slice in, uint8_t *to, size_t *n)
{
	uint8_t both[2 * POINT], key[32];

	*n = 0;
	if (in.n < ECIES_OVERHEAD || in.n > INT16_MAX || !ecies_is_point(in.p))
		return false;
	memcpy(both, in.p, POINT);
	bool good =
		multiply(both + POINT, secret, in.p) && derive(both, key) && open_gcm(key, in, to);
	*n = good ? in.n - ECIES_OVERHEAD : 0;
	sodium_memzero(both, sizeof both);
	sodium_memzero(key, sizeof key);
	return good;
}

static bool seal_gcm(
	const uint8_t key[32], const uint8_t nonce[NONCE], struct slice in, uint8_t *to)
{
	int n = 0, last = 0;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	bool good = c && EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
		    EVP_EncryptUpdate(c, to, &n, in.p, (int)in.n) == 1 &&
		    EVP_EncryptFinal_ex(c, to + n, &last) == 1 &&
		    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG, to + in.n) == 1;

	EVP_CIPHER_CTX_free(c);
	return good;
}

bool ecies_encrypt(
	const uint8_t public_key[32], struct slice in, const struct rng *rng, uint8_t *to)
{
	uint8_t secret[32], both[2 * POINT], key[32];

	if (in.n > INT16_MAX - ECIES_OVERHEAD || !ecies_is_point(public_key))
		return false;
	rng_fill(rng, secret, sizeof secret);
	rng_fill(rng, to + POINT, NONCE);
	ecies_public(secret, both);
	memcpy(to, both, POINT);
	bool good = multiply(both + POINT, secret, public_key) && derive(both, key) &&
		    seal_gcm(key, to + POINT, in, to + POINT + NONCE);
	sodium_memzero(secret, sizeof secret);
	sodium_memzero(both, sizeof both);
	sodium_memzero(key, sizeof key);
	return good;
}
