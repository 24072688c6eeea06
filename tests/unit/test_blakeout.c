/* The hash: the vectors of protocol.md 3, and the lanes against the scalar form with every kind of
 * length, number of inputs and amount of kept segments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/hex.h"
#include "base/mem.h"
#include "base/rng.h"
#include "chain/blakeout.h"

enum { LENGTH_MAX = 400 };

struct bench {
	uint8_t *memory, *scratch;
	uint8_t (*words)[32];
};

static void begin(struct bench *b)
{
	b->memory = mem_alloc(blakeout_scratch_size(BLAKEOUT_SEGMENTS) + 64);
	b->words = mem_alloc(65536 * 32);
	assert_non_null(b->memory);
	assert_non_null(b->words);
	b->scratch = b->memory + (64 - (uintptr_t)b->memory % 64);
}

static void end(struct bench *b)
{
	mem_free(b->memory);
	mem_free(b->words);
}

static const struct {
	const char *input, *hash;
} vectors[] = {
	{"hello world", "6CC4BDDB52416711BE65E4B0201106FDA4CEB0DE48DFDCE7E3A136E490D8586F"},
	{"Science is poetry of reality!",
		"4BE892DAFF5D5432B43BF05C9D2EA4769DAF2DD1EC482C23839CE5D6950E9E62"},
	{"", "1C997C631625C9B5F15469FC96785F56E57FBFA49E9A09B692F19B41E9722728"},
	{"abc", "65A4F09EC26E8D5CCAB9DB378096F8627E67BAB937C856CC884C903923781174"},
	{"ab", "CC363381DA5B79F69E932CF2B8D88656A0BDCC0E0D86D89312965F2BE60DD7AB"},
};

enum { VECTORS = sizeof vectors / sizeof vectors[0] };

static void expect(const uint8_t hash[32], const char *hex)
{
	char text[65];

	hex_upper(slice_of(hash, 32), text);
	assert_string_equal(text, hex);
}

static void test_vectors_scalar(void **state)
{
	struct bench b;
	uint8_t hash[32];
	(void)state;

	begin(&b);
	for (int i = 0; i < VECTORS; i++) {
		blakeout_scalar(slice_str(vectors[i].input), hash, b.words);
		expect(hash, vectors[i].hash);
	}
	end(&b);
}

static void test_vectors_lanes(void **state)
{
	uint8_t hash[BLAKEOUT_LANES][32];
	struct slice in[VECTORS];
	struct bench b;
	(void)state;

	begin(&b);
	for (int i = 0; i < VECTORS; i++)
		in[i] = slice_str(vectors[i].input);
	blakeout_lanes(in, VECTORS, hash, b.scratch, BLAKEOUT_SEGMENTS);
	for (int i = 0; i < VECTORS; i++)
		expect(hash[i], vectors[i].hash);
	end(&b);
}

/* Inputs of lengths that begin, fill and cross blocks of the hash. */
static void test_lanes_equal_scalar(void **state)
{
	static const unsigned kept[] = {0, 1, 17, 255, 256};
	static const size_t lengths[] = {
		0, 1, 32, 63, 64, 65, 127, 128, 129, 180, 191, 192, 255, 256, 399, 400};
	uint8_t text[LENGTH_MAX], wanted[BLAKEOUT_LANES][32], hash[BLAKEOUT_LANES][32];
	struct slice in[BLAKEOUT_LANES];
	struct rng_seeded seed;
	struct rng rng = rng_from_seed(&seed, 11);
	struct bench b;
	(void)state;

	begin(&b);
	rng_fill(&rng, text, sizeof text);
	for (int i = 0; i < BLAKEOUT_LANES; i++) {
		in[i] = slice_of(text, lengths[i]);
		blakeout_scalar(in[i], wanted[i], b.words);
	}
	for (size_t k = 0; k < sizeof kept / sizeof kept[0]; k++)
		for (unsigned n = k ? 16 : 1; n <= BLAKEOUT_LANES; n += 5) {
			memset(b.scratch, 0xA5, blakeout_scratch_size(kept[k]));
			memset(hash, 0, sizeof hash);
			blakeout_lanes(in, n, hash, b.scratch, kept[k]);
			assert_memory_equal(hash, wanted, n * sizeof hash[0]);
		}
	end(&b);
}

/* Nothing is written beyond the scratch. */
static void test_scratch_size(void **state)
{
	uint8_t hash[1][32];
	struct slice in = slice_str("abc");
	(void)state;

	for (unsigned kept = 0; kept <= 2; kept += 2) {
		size_t size = blakeout_scratch_size(kept);
		uint8_t *memory = mem_alloc(size + 128);
		uint8_t *scratch = memory + (64 - (uintptr_t)memory % 64);
		memset(scratch, 0x5A, size + 64);
		blakeout_lanes(&in, 1, hash, scratch, kept);
		expect(hash[0], vectors[3].hash);
		for (int i = 0; i < 64; i++)
			assert_int_equal(scratch[size + (size_t)i], 0x5A);
		mem_free(memory);
		assert_int_equal(blakeout_kept_for(size), kept);
		assert_int_equal(blakeout_kept_for(size + 1), kept);
	}
	assert_int_equal(blakeout_kept_for(blakeout_scratch_size(0) - 1), -1);
	assert_int_equal(blakeout_kept_for(SIZE_MAX), BLAKEOUT_SEGMENTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors_scalar),
		cmocka_unit_test(test_vectors_lanes),
		cmocka_unit_test(test_lanes_equal_scalar),
		cmocka_unit_test(test_scratch_size),
	};
	printf("lanes run as %s\n", blakeout_width());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
