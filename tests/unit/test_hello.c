/* The hellos (protocol.md 6.1, 6.2). */
#include "tests/unit/unhex.h"

#include "p2p/hello.h"
#include "tests/unit/main.h"

static void fill(uint8_t *p, size_t n, uint8_t first)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(first + i);
}

/* Whatever has arrived of a whole hello, it is complete exactly with its last byte. */
static void assert_client(const uint8_t *hello, size_t size, const uint8_t *expected)
{
	uint8_t key[HELLO_KEY] = {0};

	assert_int_equal(hello_client_size(hello[0]), size);
	for (size_t n = 0; n < size; n++)
		assert_int_equal(hello_client_parse(slice_of(hello, n), key), 0);
	assert_true(slice_zero(slice_of(key, sizeof key)));
	assert_int_equal(hello_client_parse(slice_of(hello, size), key), size);
	assert_memory_equal(key, expected, sizeof key);
	assert_int_equal(hello_client_parse(slice_of(hello, size + 1), key), size);
}

static void assert_server(
	const uint8_t *hello, size_t size, const uint8_t *expected, const uint8_t *expected_nonce)
{
	uint8_t key[HELLO_KEY] = {0}, nonce[HELLO_NONCE] = {0};

	assert_int_equal(hello_server_size(hello[0]), size);
	for (size_t n = 0; n < size; n++)
		assert_int_equal(hello_server_parse(slice_of(hello, n), key, nonce), 0);
	assert_true(slice_zero(slice_of(key, sizeof key)));
	assert_int_equal(hello_server_parse(slice_of(hello, size), key, nonce), size);
	assert_memory_equal(key, expected, sizeof key);
	assert_memory_equal(nonce, expected_nonce, sizeof nonce);
	assert_int_equal(hello_server_parse(slice_of(hello, size + 1), key, nonce), size);
}

static void test_every_length(void **state)
{
	uint8_t hello[HELLO_SERVER_MAX + 1];
	(void)state;

	for (unsigned garbage = 0; garbage < 256; garbage++) {
		fill(hello, sizeof hello, 3);
		hello[0] = (uint8_t)(garbage ^ 0x0a);
		const uint8_t *key = hello + 1 + garbage;
		assert_client(hello, 1 + garbage + 32, key);
		assert_server(hello, 1 + garbage + 32 + 12, key, key + 32);
	}
	assert_int_equal(hello_client_parse(slice_of(NULL, 0), hello), 0);
	assert_int_equal(hello_server_parse(slice_of(NULL, 0), hello, hello), 0);
	assert_int_equal(hello_client_size(0x15), 64); /* the example: 31 */
	assert_int_equal(hello_client_size(0xd7), 254);
}

/* Both lengths are reached at both ends, nothing beyond, and what is built is what is read. */
static void test_built(void **state)
{
	struct rng_seeded seed;
	struct rng rng = rng_from_seed(&seed, 1);
	uint8_t hello[HELLO_SENT_MAX + 1], key[HELLO_KEY], nonce[HELLO_NONCE];
	size_t least = SIZE_MAX, most = 0;
	(void)state;

	fill(key, sizeof key, 100);
	fill(nonce, sizeof nonce, 200);
	for (int i = 0; i < 4000; i++) {
		size_t n = hello_client_build(&rng, key, hello);
		assert_client(hello, n, key);
		least = n < least ? n : least;
		most = n > most ? n : most;
		n = hello_server_build(&rng, key, nonce, hello);
		assert_server(hello, n, key, nonce);
		assert_in_range(n, HELLO_SENT_MIN, HELLO_SENT_MAX);
	}
	assert_int_equal(least, HELLO_SENT_MIN);
	assert_int_equal(most, HELLO_SENT_MAX);
}

static void test_garbage_is_random(void **state)
{
	struct rng_seeded seed;
	struct rng rng = rng_from_seed(&seed, 2);
	uint8_t a[HELLO_SENT_MAX], b[HELLO_SENT_MAX], key[HELLO_KEY] = {0};
	(void)state;

	hello_client_build(&rng, key, a);
	hello_client_build(&rng, key, b);
	assert_memory_not_equal(a + 1, b + 1, 31);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_built),
		cmocka_unit_test(test_garbage_is_random),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
