#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "base/hex.h"
#include "chain/blakeout.h"
#include "chain/crypto.h"
#include "chain/ecies.h"
#include "tools/mkchain/keys.h"

static void seed_of(uint64_t seed, uint64_t number, uint8_t to[32])
{
	uint8_t text[32];
	struct wr w = wr_of(text, sizeof text);

	wr_bytes(&w, "alfisd devnet ", 14);
	wr_be(&w, seed, 8);
	wr_be(&w, number, 8);
	crypto_sha256(wr_done(&w), to);
}

/* Candidates sixteen at a time: finding strong keys is as costly as finding blocks. */
void authors_make(
	struct authors *a, uint64_t seed, size_t count, uint64_t min_strength, void *scratch)
{
	uint64_t number = 0;

	a->count = 0;
	while (a->count < count) {
		struct author batch[BLAKEOUT_LANES];
		struct slice in[BLAKEOUT_LANES];
		uint8_t hash[BLAKEOUT_LANES][BLAKEOUT_SIZE];
		for (int i = 0; i < BLAKEOUT_LANES; i++) {
			seed_of(seed, number++, batch[i].seed);
			crypto_public(batch[i].seed, batch[i].pub_key);
			in[i] = slice_of(batch[i].pub_key, KEY_SIZE);
		}
		blakeout_lanes(in, BLAKEOUT_LANES, hash, scratch, MINING_SCRATCH);
		for (int i = 0; i < BLAKEOUT_LANES && a->count < count; i++) {
			batch[i].strength = key_difficulty(slice_of(hash[i], BLAKEOUT_SIZE));
			if ((uint64_t)batch[i].strength >= min_strength)
				a->all[a->count++] = batch[i];
		}
	}
}

/* SHA-512 of the parts, modulo the order of the group. */
static void scalar_of(uint8_t to[32], struct slice a, struct slice b, struct slice c)
{
	crypto_hash_sha512_state h;
	uint8_t hash[64];

	crypto_hash_sha512_init(&h);
	crypto_hash_sha512_update(&h, a.p, a.n);
	crypto_hash_sha512_update(&h, b.p, b.n);
	crypto_hash_sha512_update(&h, c.p, c.n);
	crypto_hash_sha512_final(&h, hash);
	crypto_core_ed25519_scalar_reduce(to, hash);
}

/* Ed25519 with a nonce of another choice: the equation does not ask where it comes from. */
void author_sign_again(const struct author *a, struct slice message, uint64_t number,
	uint8_t signature[SIGNATURE_SIZE])
{
	uint8_t secret[64], nonce[32], k[32], key[64] = {0}, times[32];
	const struct slice seed = slice_of(a->seed, sizeof a->seed);

	crypto_hash_sha512(secret, a->seed, sizeof a->seed);
	secret[0] &= 248;
	secret[31] = (uint8_t)((secret[31] & 63) | 64);
	scalar_of(nonce, seed, slice_of((const uint8_t *)&number, sizeof number), message);
	crypto_scalarmult_ed25519_base_noclamp(signature, nonce);
	scalar_of(k, slice_of(signature, 32), slice_of(a->pub_key, KEY_SIZE), message);
	memcpy(key, secret, 32);
	crypto_core_ed25519_scalar_reduce(secret, key);
	crypto_core_ed25519_scalar_mul(times, k, secret);
	crypto_core_ed25519_scalar_add(signature + 32, nonce, times);
}

static void put_pair(FILE *f, const char *name, const uint8_t *pub, const uint8_t *secret)
{
	char text[2 * KEY_SIZE + 1];

	hex_upper(slice_of(pub, KEY_SIZE), text);
	fprintf(f, "\n\n[%s]\npublic = \"%s\"\n", name, text);
	hex_upper(slice_of(secret, KEY_SIZE), text);
	fprintf(f, "secret = \"%s\"", text);
}

bool author_put_file(const struct author *a, const char *path)
{
	uint8_t secret[KEY_SIZE], pub[KEY_SIZE];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	crypto_sha256(slice_of(a->seed, sizeof a->seed), secret);
	secret[KEY_SIZE - 1] &= 0x7F;
	ecies_public(secret, pub);
	fprintf(f, "encrypted = false");
	put_pair(f, "signing", a->pub_key, a->seed);
	put_pair(f, "encryption", pub, secret);
	return fclose(f) == 0;
}

const struct author *authors_find(const struct authors *a, const uint8_t key[KEY_SIZE])
{
	for (size_t i = 0; i < a->count; i++)
		if (memcmp(a->all[i].pub_key, key, KEY_SIZE) == 0)
			return &a->all[i];
	return NULL;
}
