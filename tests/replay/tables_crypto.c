/* Tables about the hash, signatures, identities, key files and the cipher of names. */
#include "tests/replay/tables_crypto.h"

#include <stdlib.h>

#include "base/json.h"
#include "chain/blakeout.h"
#include "chain/block.h"
#include "chain/crypto.h"
#include "chain/ecies.h"
#include "chain/keyfile.h"
#include "tests/replay/row.h"

enum { KEPT = 0, ALIGNMENT = 64 };

/* One lane of the implementation that the workers use, with the least memory. */
static bool hash(struct slice in, uint8_t out[BLAKEOUT_SIZE])
{
	size_t size = blakeout_scratch_size(1, KEPT);
	void *scratch = aligned_alloc(ALIGNMENT, size);

	if (!scratch)
		return false;
	blakeout_lanes(&in, 1, (uint8_t(*)[BLAKEOUT_SIZE])out, scratch, size);
	free(scratch);
	return true;
}

static uint64_t number_of(struct row *r, const char *key)
{
	struct slice value;
	uint64_t n = 0;

	if (!json_find(r->line, key, &value) || !json_get_u64(value, &n))
		row_differ(r, "%s: expected a number", key);
	return n;
}

bool play_blakeout(struct slice line, char *what, size_t what_size)
{
	struct row r;
	uint8_t digest[BLAKEOUT_SIZE];

	row_open(&r, line, what, what_size);
	if (!hash(row_hex(&r, "hex"), digest)) {
		row_differ(&r, "blakeout: out of memory");
		return row_close(&r);
	}
	struct slice got = slice_of(digest, sizeof digest);
	row_same_bytes(&r, "blakeout", row_hex(&r, "blakeout"), got);
	if (row_has(&r, "strength"))
		row_same_number(
			&r, "strength", number_of(&r, "strength"), (uint64_t)key_difficulty(got));
	return row_close(&r);
}

bool play_ed25519_verify(struct slice line, char *what, size_t what_size)
{
	struct row r;

	row_open(&r, line, what, what_size);
	struct slice key = row_hex(&r, "pub"), message = row_hex(&r, "msg");
	row_same_flag(&r, "accept", row_flag(&r, "accept"),
		crypto_verify(key, message, row_hex(&r, "sig")));
	return row_close(&r);
}

bool play_ed25519_sign(struct slice line, char *what, size_t what_size)
{
	struct row r;
	uint8_t key[KEY_SIZE], signature[SIGNATURE_SIZE];

	row_open(&r, line, what, what_size);
	struct slice seed = row_hex(&r, "seed");
	if (seed.n == 32) {
		crypto_public(seed.p, key);
		crypto_sign_with(seed.p, row_hex(&r, "msg"), signature);
		row_same_bytes(&r, "public", row_hex(&r, "public"), slice_of(key, sizeof key));
		row_same_bytes(
			&r, "sig", row_hex(&r, "sig"), slice_of(signature, sizeof signature));
	} else {
		row_differ(&r, "seed: expected 32 bytes, got %zu", seed.n);
	}
	return row_close(&r);
}

bool play_identity(struct slice line, char *what, size_t what_size)
{
	struct row r;
	uint8_t identity[32], confirmation[32];

	row_open(&r, line, what, what_size);
	crypto_identity(row_text(&r, "name"), row_hex(&r, "key"), identity, confirmation);
	row_same_bytes(&r, "identity", row_hex(&r, "identity"), slice_of(identity, 32));
	row_same_bytes(&r, "confirmation", row_hex(&r, "confirmation"), slice_of(confirmation, 32));
	return row_close(&r);
}

bool play_encryption_public_key(struct slice line, char *what, size_t what_size)
{
	uint8_t public_key[32] = {0};
	struct row r;

	row_open(&r, line, what, what_size);
	struct slice secret = row_hex(&r, "secret");
	if (secret.n == 32) {
		ecies_public(secret.p, public_key);
		row_same_bytes(&r, "public", row_hex(&r, "public"), slice_of(public_key, 32));
	} else { /* no key: the reference aborts, our callers cannot ask */
		row_same_bytes(&r, "public", row_text(&r, "public"), slice_str("crash"));
	}
	return row_close(&r);
}

bool play_ecies_decrypt(struct slice line, char *what, size_t what_size)
{
	struct row r;
	size_t n;

	row_open(&r, line, what, what_size);
	struct slice secret = row_hex(&r, "secret"), in = row_hex(&r, "ciphertext");
	uint8_t *plain = row_take(&r, in.n + 1);
	bool accept = row_flag(&r, "accept");
	bool taken = secret.n == 32 && ecies_decrypt(secret.p, in, plain, &n);
	row_same_flag(&r, "accept", accept, taken);
	if (accept && taken)
		row_same_bytes(&r, "plain", row_hex(&r, "plain"), slice_of(plain, n));
	return row_close(&r);
}

bool play_key_file(struct slice line, char *what, size_t what_size)
{
	struct key_pair k;
	struct row r;

	row_open(&r, line, what, what_size);
	bool accept = row_flag(&r, "accept");
	bool taken = keyfile_parse(row_hex(&r, "hex"), &k) == ERR_OK;
	row_same_flag(&r, "accept", accept, taken);
	if (accept && taken) {
		const struct {
			const char *key;
			const uint8_t *bytes;
		} fields[] = {{"signing_secret", k.signing_secret},
			{"signing_public", k.signing_public},
			{"encryption_secret", k.encryption_secret},
			{"encryption_public", k.encryption_public}};
		for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
			row_same_bytes(&r, fields[i].key, row_hex(&r, fields[i].key),
				slice_of(fields[i].bytes, 32));
	}
	return row_close(&r);
}
