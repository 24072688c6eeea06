/* The cipher of names (protocol.md 9.5). */
#include "tests/unit/unhex.h"

#include "base/mem.h"
#include "chain/ecies.h"
#include "tests/unit/main.h"

enum { NAME_SIZE = 64 };

/* Gives the bytes of a text, one after the other. */
struct told {
	struct slice bytes;
	size_t at;
};

static void told_fill(void *ctx, void *to, size_t n)
{
	struct told *t = ctx;

	assert_true(n <= t->bytes.n - t->at);
	memcpy(to, t->bytes.p + t->at, n);
	t->at += n;
}

static const char secret_text[] =
	"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";

/* Vector (ii): the bytes that the network's own program makes of the same random numbers. */
static void test_vector(void **state)
{
	struct told t = {unhex("65666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f8081828384"
			       "000102030405060708090a0b"),
		0};
	struct rng rng = {told_fill, &t};
	uint8_t public_key[32], out[NAME_SIZE + ECIES_OVERHEAD];
	(void)state;

	ecies_public(unhex(secret_text).p, public_key);
	assert_hex(slice_of(public_key, 32),
		"ce92350b547b6cf028df0618bf9aba55f949930059308d83ebd727e13472ed99");
	assert_true(ecies_encrypt(public_key, slice_str("example.ygg"), &rng, out));
	assert_int_equal(t.at, t.bytes.n);
	assert_hex(slice_of(out, 11 + ECIES_OVERHEAD),
		"761d128e19f6990e66e6a0875c0f3297dfba3687201f0e90b5c70cd431691645"
		"000102030405060708090a0bce1e4e692050dbd185817568c108ccb4f0f75aaf8aa79b6af05ee5");
}

static void test_back(void **state)
{
	struct rng_seeded s;
	struct rng rng = rng_from_seed(&s, 7);
	uint8_t secret[32], public_key[32], once[NAME_SIZE + ECIES_OVERHEAD];
	uint8_t again[NAME_SIZE + ECIES_OVERHEAD], name[NAME_SIZE], plain[sizeof once];
	size_t n;
	(void)state;

	for (size_t size = 0; size <= NAME_SIZE; size++) {
		rng_fill(&rng, secret, sizeof secret);
		rng_fill(&rng, name, size);
		ecies_public(secret, public_key);
		assert_true(ecies_encrypt(public_key, slice_of(name, size), &rng, once));
		assert_true(ecies_encrypt(public_key, slice_of(name, size), &rng, again));
		assert_memory_not_equal(once, again, size + ECIES_OVERHEAD);
		assert_true(
			ecies_decrypt(secret, slice_of(once, size + ECIES_OVERHEAD), plain, &n));
		assert_int_equal(n, size);
		assert_memory_equal(plain, name, size);
		once[size + ECIES_OVERHEAD - 1] ^= 1;
		assert_false(
			ecies_decrypt(secret, slice_of(once, size + ECIES_OVERHEAD), plain, &n));
	}
}

/* Points of small order are keys of the network, too; what is no point is none. */
static void test_keys(void **state)
{
	static const uint8_t small[32] = {1}, none[32] = {2};
	static uint8_t long_text[1 << 15], out[sizeof long_text + ECIES_OVERHEAD];
	struct slice text = slice_str("a.ygg");
	(void)state;

	assert_true(ecies_encrypt(small, text, &rng_system, out));
	assert_false(ecies_encrypt(none, text, &rng_system, out));
	assert_true(ecies_encrypt(small, slice_of(long_text, 32000), &rng_system, out));
	assert_false(ecies_encrypt(small, slice_of(long_text, sizeof long_text), &rng_system, out));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vector),
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_keys),
	};

	choose_tests(argc, argv);
	if (!crypto_init())
		return EXIT_FAILURE;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_end();
	return failed;
}
