/* The hash (protocol.md 3): its vectors, and the lanes against the scalar form. */
#include "tests/unit/unhex.h"

#include "tests/blakeout_scalar.h"
#include "tests/unit/main.h"

enum { GUARD = 64, MARK = 0xA5 };

typedef uint8_t digest[BLAKEOUT_SIZE];

static const unsigned kepts[] = {0, 1, 17, 255, BLAKEOUT_SEGMENTS};
enum { KEPTS = sizeof kepts / sizeof kepts[0] };

struct fixture {
	uint8_t (*words)[32];
	uint8_t *scratch; /* of the largest size and GUARD bytes more */
};

static int begin(void **state)
{
	static struct fixture f;

	f.words = malloc(SCALAR_BYTES);
	f.scratch =
		aligned_alloc(64, blakeout_scratch_size(BLAKEOUT_LANES, BLAKEOUT_SEGMENTS) + GUARD);
	*state = &f;
	return f.words && f.scratch ? 0 : -1;
}

static int end(void **state)
{
	struct fixture *f = *state;

	free(f->words);
	free(f->scratch);
	return 0;
}

/* What n inputs need with so many segments kept. */
static size_t size_for(unsigned n, unsigned kept)
{
	return blakeout_scratch_size(blakeout_lanes_for(n), kept);
}

/* ---- the vectors ---- */

struct vector {
	struct slice in;
	const char *hash;
};

static const uint8_t counting[32] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
	18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
static const uint8_t zeros[32];

static unsigned vectors(struct vector v[BLAKEOUT_LANES])
{
	const struct vector all[] = {
		{slice_str("hello world"),
			"6cc4bddb52416711be65e4b0201106fda4ceb0de48dfdce7e3a136e490d8586f"},
		{slice_str("Science is poetry of reality!"),
			"4be892daff5d5432b43bf05c9d2ea4769daf2dd1ec482c23839ce5d6950e9e62"},
		{slice_of(NULL, 0),
			"1c997c631625c9b5f15469fc96785f56e57fbfa49e9a09b692f19b41e9722728"},
		{slice_str("abc"),
			"65a4f09ec26e8d5ccab9db378096f8627e67bab937c856cc884c903923781174"},
		{slice_of(counting, 32),
			"0f966709466307492294cc8c4057ef1c506098aaa24494eb0d8d80d3bfb8b6af"},
		{slice_of(zeros, 32),
			"b72c004862e07a5920da6c7c7020ef18d232cd7a6748a7c4fa6e09b92b0015a9"},
		{slice_str("ab"),
			"cc363381da5b79f69e932cf2b8d88656a0bdcc0e0d86d89312965f2be60dd7ab"},
	};

	memcpy(v, all, sizeof all);
	return sizeof all / sizeof all[0];
}

static void test_vectors(void **state)
{
	struct fixture *f = *state;
	struct vector v[BLAKEOUT_LANES];
	struct slice in[BLAKEOUT_LANES];
	unsigned n = vectors(v);
	digest one, lanes[BLAKEOUT_LANES];

	for (unsigned i = 0; i < n; i++) {
		in[i] = v[i].in;
		blakeout_scalar(v[i].in, one, f->words);
		assert_hex(slice_of(one, sizeof one), v[i].hash);
	}
	for (int k = 0; k < KEPTS; k++) {
		blakeout_lanes(in, n, lanes, f->scratch, size_for(n, kepts[k]));
		for (unsigned i = 0; i < n; i++)
			assert_hex(slice_of(lanes[i], BLAKEOUT_SIZE), v[i].hash);
	}
}

/* A second update hashes the first result with its data behind. */
static void test_two_updates(void **state)
{
	static const struct {
		const char *first, *second, *hash;
	} rows[] = {
		{"Science is poetry of reality!", "Science is poetry of reality!",
			"a1b6cd16c9e718b876afb7bf4d61b64291a98a3dea0f20731da663b0358e68b9"},
		{"a", "b", "2ee225f71b855f108d3dbe269bff10652ee2a82a34fd3565a43af308eba9f55b"},
		{"", "", "cf259089e8dd03d90f27ef928280e6f1b2f838002534b557e341a1b22ffe3627"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t text[BLAKEOUT_SIZE + 64];
		digest hash;
		size_t n = strlen(rows[i].second);
		blakeout_scalar(slice_str(rows[i].first), text, f->words);
		memcpy(text + BLAKEOUT_SIZE, rows[i].second, n);
		blakeout_scalar(slice_of(text, BLAKEOUT_SIZE + n), hash, f->words);
		assert_hex(slice_of(hash, sizeof hash), rows[i].hash);
	}
}

static void test_words(void **state)
{
	static const struct {
		unsigned slot;
		const char *word;
	} rows[] = {
		{0, "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"},
		{1, "4fc81429a06db63df17d1b4a9ea1592b2ceb48443e136cd255b2c3f737a88283"},
		{2, "8831d68a943548ffc4ea3a502e29ce396e7cdf5d005668b7f0ddbeec064a2f2c"},
		{3, "361ad2af1a2145d92b168678199c903123c7781c8c4059100dfb5011a3a969dc"},
		{65535, "c228e653b3ff5d98a089a1e54b7e66cda3296be97c06a557fb2330fe6e7a7fec"},
	};
	struct fixture *f = *state;
	digest hash;

	blakeout_scalar(slice_str("abc"), hash, f->words);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_hex(slice_of(f->words[rows[i].slot], 32), rows[i].word);
}

/* ---- the lanes against the scalar form ---- */

/* Both sides of each block's end, and what blocks and keys have. */
static const uint16_t lengths[] = {0, 1, 31, 32, 33, 55, 63, 64, 65, 100, 127, 128, 129, 191, 192,
	193, 255, 256, 257, 300, 319, 320, 321, 350, 383, 384, 385, 400};
enum { INPUTS = sizeof lengths / sizeof lengths[0] };

struct inputs {
	uint8_t bytes[INPUTS + 400];
	struct slice in[INPUTS];
	digest hash[INPUTS]; /* by the scalar form */
};

static void make_inputs(struct inputs *x, uint8_t (*words)[32])
{
	uint32_t r = 1;

	for (size_t i = 0; i < sizeof x->bytes; i++)
		x->bytes[i] = (uint8_t)((r = r * 1664525 + 1013904223) >> 24);
	for (unsigned i = 0; i < INPUTS; i++) {
		x->in[i] = slice_of(x->bytes + i, lengths[i]);
		blakeout_scalar(x->in[i], x->hash[i], words);
	}
}

/* n inputs from the list, beginning anywhere; those behind it must stay as they are. */
static void compare(const struct inputs *x, unsigned from, unsigned n, unsigned kept, uint8_t *s)
{
	struct slice in[BLAKEOUT_LANES];
	digest out[BLAKEOUT_LANES], untouched;

	memset(out, MARK, sizeof out);
	memset(untouched, MARK, sizeof untouched);
	for (unsigned i = 0; i < n; i++)
		in[i] = x->in[(from + i) % INPUTS];
	blakeout_lanes(in, n, out, s, size_for(n, kept));
	for (unsigned i = 0; i < BLAKEOUT_LANES; i++) {
		const uint8_t *right = i < n ? x->hash[(from + i) % INPUTS] : untouched;
		if (memcmp(out[i], right, BLAKEOUT_SIZE) != 0)
			fail_msg("%u inputs, %u kept: lane %u, %zu bytes", n, kept, i,
				i < n ? in[i].n : 0);
	}
}

static void test_against_scalar(void **state)
{
	static struct inputs x;
	struct fixture *f = *state;

	make_inputs(&x, f->words);
	for (unsigned n = 1; n <= BLAKEOUT_LANES; n++) /* every number of inputs with every kept */
		for (unsigned k = 0; k < KEPTS; k++)
			compare(&x, n * 5 + k, n, kepts[k], f->scratch);
	for (unsigned k = 0; k < KEPTS; k++) /* every length with every kept */
		for (unsigned from = 0; from < INPUTS; from += BLAKEOUT_LANES)
			compare(&x, from, BLAKEOUT_LANES, kepts[k], f->scratch);
}

/* ---- the scratch ---- */

static bool all_marked(const uint8_t *p, size_t n)
{
	while (n && *p == MARK)
		n--, p++;
	return n == 0;
}

/* Exact: the last bytes are used, those behind are not. What was in it does not matter. */
static void assert_exact(struct fixture *f, unsigned n, unsigned kept)
{
	size_t size = size_for(n, kept);
	struct slice in[BLAKEOUT_LANES];
	digest hash[BLAKEOUT_LANES];

	for (unsigned i = 0; i < n; i++)
		in[i] = slice_str("abc");
	memset(f->scratch, MARK, size + GUARD);
	blakeout_lanes(in, n, hash, f->scratch, size);
	assert_false(all_marked(f->scratch + size - 4 * blakeout_lanes_for(n), GUARD / 16));
	assert_true(all_marked(f->scratch + size, GUARD));
	assert_hex(slice_of(hash[n - 1], BLAKEOUT_SIZE),
		"65a4f09ec26e8d5ccab9db378096f8627e67bab937c856cc884c903923781174");
}

static void test_scratch_is_exact(void **state)
{
	static const unsigned inputs[] = {1, 4, 8, 16};

	for (int i = 0; i < 4; i++)
		for (int k = 0; k < KEPTS; k++)
			assert_exact(*state, inputs[i], kepts[k]);
}

/* Bytes between two numbers of segments are left alone. */
static void test_odd_size(void **state)
{
	struct fixture *f = *state;
	size_t size = size_for(1, 3) - 1;
	struct slice in = slice_str("abc");
	digest hash;

	memset(f->scratch, MARK, size);
	blakeout_lanes(&in, 1, &hash, f->scratch, size);
	assert_true(all_marked(f->scratch + size_for(1, 2), size - size_for(1, 2)));
	assert_hex(slice_of(hash, BLAKEOUT_SIZE),
		"65a4f09ec26e8d5ccab9db378096f8627e67bab937c856cc884c903923781174");
}

/* The inputs may lie in the scratch, anywhere. */
static void test_inputs_in_scratch(void **state)
{
	struct fixture *f = *state;
	size_t size = size_for(BLAKEOUT_LANES, 0);
	struct slice in[BLAKEOUT_LANES];
	digest out[BLAKEOUT_LANES];

	for (unsigned i = 0; i < BLAKEOUT_LANES; i++) {
		uint8_t *at = f->scratch + i * (size - 3) / (BLAKEOUT_LANES - 1);
		memcpy(at, "abc", 3);
		in[i] = slice_of(at, 3);
	}
	blakeout_lanes(in, BLAKEOUT_LANES, out, f->scratch, size);
	for (unsigned i = 0; i < BLAKEOUT_LANES; i++)
		assert_hex(slice_of(out[i], BLAKEOUT_SIZE),
			"65a4f09ec26e8d5ccab9db378096f8627e67bab937c856cc884c903923781174");
}

static void test_lanes_for(void **state)
{
	(void)state;

	for (unsigned n = 1; n <= BLAKEOUT_LANES; n++)
		assert_int_equal(blakeout_lanes_for(n), n == 1 ? 1 : n <= 4 ? 4 : n <= 8 ? 8 : 16);
	assert_true(size_for(BLAKEOUT_LANES, 0) < 400000);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_two_updates),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_against_scalar),
		cmocka_unit_test(test_scratch_is_exact),
		cmocka_unit_test(test_inputs_in_scratch),
		cmocka_unit_test(test_odd_size),
		cmocka_unit_test(test_lanes_for),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, begin, end);
}
