/* Signatures by the plain equation and the digests (protocol.md 8.6, 9.4). */
#include "tests/unit/unhex.h"

#include <pthread.h>

#include "chain/block.h"
#include "chain/crypto.h"
#include "tests/unit/main.h"
#include "tests/unit/real_blocks.h"

struct signature_row {
	const char *what;
	bool accept;
	const char *pub_key, *message, *signature;
};

/* The first five are what libsodium refuses and the network takes. */
static const struct signature_row corners[] = {
	{"good-key-small-R", true,
		"d9884f5ee6b3b65a29240504a45bbb8e595aafee1bb1b50807b092c32f2c238f", "c55e7318",
		"01000000000000000000000000000000000000000000000000000000000000008841e49c526ac6aa36"
		"9edd0f9432642bd623d98a904e1b44389887dc8326760d"},
	{"small-A-small-R-s0", true,
		"0100000000000000000000000000000000000000000000000000000000000000", "b6bad7b3",
		"0100000000000000000000000000000000000000000000000000000000000000000000000000000000"
		"0000000000000000000000000000000000000000000000"},
	{"small-A-match", true, "0100000000000000000000000000000000000000000000000000000000000000",
		"1c01b5fd39422de0",
		"58666666666666666666666666666666666666666666666666666666666666e6ecd3f55c1a631258d6"
		"9cf7a2def9de1400000000000000000000000000000010"},
	{"y-edge-R-identity", true,
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "",
		"0100000000000000000000000000000000000000000000000000000000000000000000000000000000"
		"0000000000000000000000000000000000000000000000"},
	{"identity-key-s-canonical", true,
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "74dc88ef",
		"58666666666666666666666666666666666666666666666666666666666666e6ecd3f55c1a631258d6"
		"9cf7a2def9de1400000000000000000000000000000010"},
	{"mixed-order-key-mixed-R-match", true,
		"3aebb181d767a9b9b7d2427f98c07a4cb8f101ac7d43ba5b17025a283e51d734", "62",
		"2ce7ee051faaba3bb5a786ddc71b473fc518007fbab86f7520a238c73c5062bc0d154c9f8a092b9c99"
		"f8d9c24490527bcf70cf420b7c534d961fae647093b500"},
	{"good-key-small-R", false,
		"d9884f5ee6b3b65a29240504a45bbb8e595aafee1bb1b50807b092c32f2c238f", "aca0df60",
		"01000000000000000000000000000000000000000000000000000000000000803b6e6d1a2defd55fad"
		"972741231a19a89ada2fca7599951f0b2215b5b91b8702"},
	{"identity-key-s-noncanonical", false,
		"0100000000000000000000000000000000000000000000000000000000000080", "d5bfa10e",
		"58666666666666666666666666666666666666666666666666666666666666e6679faee7d21893c0b2"
		"e6bc17f5cef7a600000000000000000000000000000080"},
	{"s-plus-1L", false, "2bbd62faf7a49da5d946a74ae614984c8846d2f6967702906c7c633021eb909a",
		"62",
		"58ecef17c4acccf0df490f731d1b8b2be0e28fc1cb613d0ca208b71456fda5ecca66f493dc4dd5493e"
		"d2c88d6b43d182ff9bb045a9e4ae3be600f4153d571f1f"},
	{"mixed-order-R", false, "2bbd62faf7a49da5d946a74ae614984c8846d2f6967702906c7c633021eb909a",
		"62",
		"e3b97bafaaff89d5daa423e9d78e9506371d40f044b78353daed01f30e3e687e85c5ee26f1ceee90c5"
		"3c3c23970f828f5996e44b8d576ed6ad5ed4691cb32a02"},
	{"mixed-order-key-mixed-R-mismatch", false,
		"3aebb181d767a9b9b7d2427f98c07a4cb8f101ac7d43ba5b17025a283e51d734", "62",
		"cea86e1a69a0717650fd578778021b6b239f5e4732676c78b846fbb00932cc3de06419761b062a6a7f"
		"0d85581757e07a3717755d585979dfe1c184726a0a7a0b"},
	{"small-A-small-R-s0", false,
		"0100000000000000000000000000000000000000000000000000000000000000", "753fa048",
		"0100000000000000000000000000000000000000000000000000000000000080000000000000000000"
		"0000000000000000000000000000000000000000000000"},
	{"y-edge-R-identity", false,
		"efffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "",
		"0100000000000000000000000000000000000000000000000000000000000000000000000000000000"
		"0000000000000000000000000000000000000000000000"},
	{"random-key-off-curve", false,
		"48be538a7e24114658006d463e78b50090f0e9c9baccdd9c0692d6e9c8ac6c59", "2b646150c9",
		"5cc3f9551773db204edafacd2ce46078d7b679cc05d01e55e4803b0e85496221a6475275bc8ca4c542"
		"23b56fb06e1e06628f5384a9ff29e787a4654f60d6a409"},
};

static bool verdict(const struct signature_row *r)
{
	return crypto_verify(unhex(r->pub_key), unhex(r->message), unhex(r->signature));
}

static void test_corners(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof corners / sizeof corners[0]; i++)
		if (verdict(&corners[i]) != corners[i].accept)
			fail_msg("row %zu, %s: should be %s", i, corners[i].what,
				corners[i].accept ? "accepted" : "refused");
}

/* RFC 8032, 7.1. */
static void test_sign(void **state)
{
	static const struct {
		const char *seed, *pub_key, *message, *signature;
	} rows[] = {
		{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
			"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
			"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590"
			"a"
			"33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
		{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
			"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
			"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e"
			"1"
			"5996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t pub_key[32], signature[64];
		const uint8_t *seed = unhex(rows[i].seed).p;
		struct slice message = unhex(rows[i].message);
		crypto_public(seed, pub_key);
		assert_hex(slice_of(pub_key, 32), rows[i].pub_key);
		crypto_sign_with(seed, message, signature);
		assert_hex(slice_of(signature, 64), rows[i].signature);
		assert_true(crypto_verify(slice_of(pub_key, 32), message, slice_of(signature, 64)));
	}
}

/* Every bit of the signature and of the message counts. */
static void test_bits(void **state)
{
	uint8_t seed[32] = {1}, pub_key[32], signature[64], message[8] = "message";
	struct slice key = slice_of(pub_key, 32), text = slice_of(message, 8);
	struct slice sig = slice_of(signature, 64);
	(void)state;

	crypto_public(seed, pub_key);
	crypto_sign_with(seed, text, signature);
	for (size_t bit = 0; bit < 8 * sizeof signature; bit++) {
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(crypto_verify(key, text, sig));
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * sizeof message; bit++) {
		message[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(crypto_verify(key, text, sig));
		message[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_true(crypto_verify(key, text, sig));
}

static void test_lengths(void **state)
{
	uint8_t seed[32] = {2}, pub_key[33] = {0}, signature[65] = {0};
	struct slice none = {NULL, 0};
	(void)state;

	crypto_public(seed, pub_key);
	crypto_sign_with(seed, none, signature);
	assert_true(crypto_verify(slice_of(pub_key, 32), none, slice_of(signature, 64)));
	assert_false(crypto_verify(none, none, slice_of(signature, 64)));
	assert_false(crypto_verify(slice_of(pub_key, 31), none, slice_of(signature, 64)));
	assert_false(crypto_verify(slice_of(pub_key, 33), none, slice_of(signature, 64)));
	assert_false(crypto_verify(slice_of(pub_key, 32), none, none));
	assert_false(crypto_verify(slice_of(pub_key, 32), none, slice_of(signature, 63)));
	assert_false(crypto_verify(slice_of(pub_key, 32), none, slice_of(signature, 65)));
}

static void test_real_blocks(void **state)
{
	static const char *const encodings[] = {block_1, block_36};
	static uint8_t space[4096], text[PREIMAGE_MAX];
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		struct block b;
		struct wr w = wr_of(text, sizeof text);
		assert_int_equal(
			block_decode(unhex(encodings[i]), &b, space, sizeof space), ERR_OK);
		block_preimage(&b, PREIMAGE_SIGNATURE, &w);
		assert_true(crypto_verify(b.pub_key, wr_done(&w), b.signature));
		text[0] ^= 1;
		assert_false(crypto_verify(b.pub_key, wr_done(&w), b.signature));
	}
}

static void test_digests(void **state)
{
	uint8_t d[32];
	(void)state;

	crypto_sha256(slice_str("abc"), d);
	assert_hex(slice_of(d, 32),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	crypto_sha256((struct slice){NULL, 0}, d);
	assert_hex(slice_of(d, 32),
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	crypto_digest(slice_str("abc"), d); /* BLAKE2b with a 32-byte digest */
	assert_hex(slice_of(d, 32),
		"bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

static void test_identity(void **state)
{
	uint8_t identity[32], confirmation[32];
	(void)state;

	crypto_identity(slice_str("alfis.ygg"),
		unhex("5A38BC24935467F80E23B6FA049AB94C8E8CE9D99AA2E7AC1F2400CF017D710C"), identity,
		confirmation);
	assert_hex(slice_of(identity, 32),
		"370114213C433CB9AE6FC8CFCD17BD3847CA58758EBBB2B9C1A4408A0C3E9FE6");
	assert_hex(slice_of(confirmation, 32),
		"D3669BBD07E20DBFAFD4C750B15E30C2BCC243F4AA8636FDB76DFBE0D1F051D3");
	crypto_identity(slice_str("example.ygg"), unhex("63F38C53F5"), identity, confirmation);
	assert_hex(slice_of(confirmation, 32),
		"7B9E8B712713C534C1254FE4EFBF1674C72C5DD5A3F9321BE1DF248AAB8942A4");
	crypto_identity(slice_str("example.ygg"),
		unhex("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"), identity,
		confirmation);
	assert_hex(slice_of(confirmation, 32),
		"0EF1A3ECDFF766CAC5743517CDF0B7C02686D3F9B6872A65322EDCB6BC7D2621");
	memset(identity, 0, sizeof identity);
	crypto_identity(slice_str("example.ygg"), (struct slice){NULL, 0}, identity, NULL);
	assert_hex(slice_of(identity, 32),
		"B74C0055FA7EF5BB4896C20732FD64517E3BBFDDABE6686EEFAE9E7A2C3F1A06");
}

/* The checkers ask from several threads, and half of these go to libcrypto. */
struct asker {
	pthread_t thread;
	struct slice key, message, good, bad;
	unsigned wrong;
};

static void *ask(void *ctx)
{
	struct asker *a = ctx;

	for (int i = 0; i < 40; i++)
		a->wrong += !crypto_verify(a->key, a->message, a->good) +
			    crypto_verify(a->key, a->message, a->bad);
	return NULL;
}

static void test_threads(void **state)
{
	const struct signature_row *r = &corners[0]; /* only libcrypto accepts it */
	uint8_t bad[64];
	struct asker askers[4];
	(void)state;

	memcpy(bad, unhex(r->signature).p, sizeof bad);
	bad[40] ^= 1;
	for (int i = 0; i < 4; i++) {
		askers[i] = (struct asker){.key = unhex(r->pub_key),
			.message = unhex(r->message),
			.good = unhex(r->signature),
			.bad = slice_of(bad, sizeof bad)};
		assert_int_equal(pthread_create(&askers[i].thread, NULL, ask, &askers[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(askers[i].thread, NULL);
		assert_int_equal(askers[i].wrong, 0);
	}
}

static int begin(void **state)
{
	(void)state;
	return crypto_init() && crypto_init() ? 0 : -1; /* again does no harm */
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corners),
		cmocka_unit_test(test_sign),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_real_blocks),
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_threads),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, begin, NULL);
}
