/* Tables about the hash, signatures and identities. */
#include "tests/replay/tables_crypto.h"

#include <stdlib.h>

#include "base/json.h"
#include "chain/blakeout.h"
#include "chain/block.h"
#include "chain/crypto.h"
#include "tests/replay/row.h"

enum { KEPT = 0, ALIGNMENT = 64 };

/* One lane of the implementation that the workers use, with the least memory. */
static bool hash(struct slice in, uint8_t out[BLAKEOUT_SIZE])
{
	size_t size = (blakeout_scratch_size(KEPT) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	void *scratch = aligned_alloc(ALIGNMENT, size);

	if (!scratch)
		return false;
	blakeout_lanes(&in, 1, (uint8_t(*)[BLAKEOUT_SIZE])out, scratch, KEPT);
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
