/* CBOR heads, strings, skipping and UTF-8 (protocol.md 4.3). */
#include "tests/unit/unhex.h"

#include "base/cbor.h"
#include "base/utf8.h"
#include "tests/unit/main.h"

static struct cbor_item read_one(const char *hex, bool *done)
{
	struct rd r = rd_of(unhex(hex));
	struct cbor_item item = cbor_read(&r);

	*done = rd_done(&r);
	return item;
}

static void assert_item(const char *hex, enum cbor_kind kind, uint64_t value)
{
	bool done;
	struct cbor_item item = read_one(hex, &done);

	assert_int_equal(item.kind, kind);
	assert_true(item.value == value);
	assert_true(done);
}

static void test_heads(void **state)
{
	(void)state;
	assert_item("00", CBOR_UINT, 0);
	assert_item("17", CBOR_UINT, 23);
	assert_item("1818", CBOR_UINT, 24);
	assert_item("1800", CBOR_UINT, 0); /* longer than needed is read */
	assert_item("190100", CBOR_UINT, 256);
	assert_item("1a00010000", CBOR_UINT, 65536);
	assert_item("1bffffffffffffffff", CBOR_UINT, UINT64_MAX);
	assert_item("20", CBOR_NINT, 0);
	assert_item("3bffffffffffffffff", CBOR_NINT, UINT64_MAX);
	assert_item("83", CBOR_ARRAY, 3);
	assert_item("9b0000000100000005", CBOR_ARRAY, UINT64_C(0x100000005));
	assert_item("b903e8", CBOR_MAP, 1000);
	assert_item("f4", CBOR_BOOL, 0);
	assert_item("f5", CBOR_BOOL, 1);
	assert_item("f6", CBOR_NULL, 0);
}

static void test_refused_heads(void **state)
{
	/* reserved lengths, indefinite forms, tags, floats, undefined, simple values, a break,
	   lengths beyond the input */
	static const char *const bad[] = {"", "18", "1900", "1a000000", "1b00000000000000", "1c",
		"1d", "1e", "1f", "3f", "5f4100ff", "7f6161ff", "9fff", "bfff", "c000", "d81800",
		"e0", "f0", "f3", "f7", "f814", "f820", "f97c00", "fa00000000",
		"fb0000000000000000", "ff", "61", "6261", "41", "7b0000000100000000",
		"7bffffffffffffffff", "fc", "dc"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		bool done;
		assert_int_equal(read_one(bad[i], &done).kind, CBOR_NONE);
		assert_false(done);
	}
}

static void test_strings(void **state)
{
	struct rd r = rd_of(unhex("63616263430001ff60"));
	(void)state;

	assert_true(slice_is(cbor_read_text(&r), "abc"));
	assert_hex(cbor_read(&r).text, "0001FF");
	assert_int_equal(cbor_read_text(&r).n, 0);
	assert_true(rd_done(&r));
	r = rd_of(unhex("4161"));
	cbor_read_text(&r); /* bytes are no text */
	assert_true(r.bad);
	r = rd_of(unhex("61ff"));
	cbor_read_text(&r);
	assert_true(r.bad);
}

static void test_typed(void **state)
{
	struct rd r = rd_of(unhex("1affffffff1b7fffffffffffffff3b7ffffffffffffffff5a180"));
	(void)state;

	assert_true(cbor_read_uint(&r, UINT32_MAX) == UINT32_MAX);
	assert_true(cbor_read_int64(&r) == INT64_MAX);
	assert_true(cbor_read_int64(&r) == INT64_MIN);
	assert_true(cbor_read_bool(&r));
	assert_true(cbor_read_map(&r) == 1);
	assert_true(cbor_read_array(&r) == 0);
	assert_true(rd_done(&r));
}

static void test_typed_out_of_range(void **state)
{
	static const char *const not_int64[] = {
		"1b8000000000000000", "3b8000000000000000", "f4", "60", "f6", "80"};
	(void)state;

	for (size_t i = 0; i < sizeof not_int64 / sizeof not_int64[0]; i++) {
		struct rd r = rd_of(unhex(not_int64[i]));
		assert_true(cbor_read_int64(&r) == 0);
		assert_true(r.bad);
	}
	struct rd r = rd_of(unhex("1b0000000100000000"));
	assert_true(cbor_read_uint(&r, UINT32_MAX) == 0);
	assert_true(r.bad);
	r = rd_of(unhex("20"));
	cbor_read_uint(&r, UINT64_MAX);
	assert_true(r.bad);
	r = rd_of(unhex("01"));
	assert_false(cbor_read_bool(&r));
	assert_true(r.bad);
}

static bool skips(struct slice s, unsigned depth)
{
	struct rd r = rd_of(s);

	cbor_skip(&r, depth);
	return rd_done(&r);
}

static void test_skip(void **state)
{
	(void)state;
	assert_true(skips(unhex("05"), 0));
	assert_true(skips(unhex("80"), 0));
	assert_true(skips(unhex("a0"), 0));
	assert_true(skips(unhex("8301a1616102820304"), 0));
	assert_true(skips(unhex("a2616180f6a143000000f5"), 0));
	assert_false(skips(unhex("0505"), 0)); /* one item only */
	assert_false(skips(unhex("8201"), 0));
	assert_false(skips(unhex("a101"), 0));
	assert_false(skips(unhex("bb8000000000000000"), 0)); /* twice that would be 0 */
	assert_false(skips(unhex("bbffffffffffffffff00"), 0));
	assert_false(skips(unhex("81f7"), 0));
}

static void test_skip_depth(void **state)
{
	uint8_t nested[200];
	(void)state;

	memset(nested, 0x81, sizeof nested);
	nested[127] = 0;
	assert_true(skips(slice_of(nested, 128), 0));
	assert_false(skips(slice_of(nested, 128), 1));
	assert_true(skips(slice_of(nested + 2, 126), 2));
	nested[127] = 0x81;
	nested[128] = 0;
	assert_false(skips(slice_of(nested, 129), 0));
	assert_false(skips(slice_of(nested, 1), 127));
	assert_true(skips(slice_of(nested + 128, 1), 127));
}

static void test_keys(void **state)
{
	static const char *const names[] = {"a", "bc"};
	struct rd r = rd_of(unhex("626263"
				  "617a80"
				  "6161"
				  "626263"));
	uint32_t seen = 0;
	(void)state;

	assert_int_equal(cbor_read_key(&r, names, 2, &seen, 1), 1);
	assert_int_equal(seen, 2);
	assert_int_equal(cbor_read_key(&r, names, 2, &seen, 1), -1);
	assert_false(r.bad);
	assert_int_equal(cbor_read_key(&r, names, 2, &seen, 1), 0);
	assert_int_equal(seen, 3);
	assert_int_equal(cbor_read_key(&r, names, 2, &seen, 1), -1); /* again */
	assert_true(r.bad);
}

static void assert_written(const struct wr *w, const char *hex)
{
	assert_false(w->bad);
	assert_hex(wr_done(w), hex);
}

static void test_writing(void **state)
{
	static const struct {
		int64_t value;
		const char *hex;
	} rows[] = {{0, "00"}, {23, "17"}, {24, "1818"}, {255, "18ff"}, {256, "190100"},
		{65535, "19ffff"}, {65536, "1a00010000"}, {UINT32_MAX, "1affffffff"},
		{INT64_C(1) << 32, "1b0000000100000000"}, {INT64_MAX, "1b7fffffffffffffff"},
		{-1, "20"}, {-24, "37"}, {-25, "3818"}, {-256, "38ff"}, {-257, "390100"},
		{INT64_MIN, "3b7fffffffffffffff"}};
	uint8_t space[64];
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct wr w = wr_of(space, sizeof space);
		cbor_write_int64(&w, rows[i].value);
		assert_written(&w, rows[i].hex);
	}
	struct wr w = wr_of(space, sizeof space);
	cbor_write_uint(&w, UINT64_MAX);
	cbor_write_bool(&w, true);
	cbor_write_bool(&w, false);
	cbor_write_map(&w, 11);
	cbor_write_array(&w, 1000);
	cbor_write_text(&w, slice_str("hash"));
	cbor_write_hex(&w, unhex("00ab"));
	assert_written(&w, "1bfffffffffffffffff5f4ab9903e864686173686430304142");
}

static void test_writing_full(void **state)
{
	uint8_t space[5];
	struct wr w = wr_of(space, 2);
	(void)state;

	cbor_write_uint(&w, 500);
	assert_true(w.bad);
	assert_int_equal(w.n, 0);
	w = wr_of(space, sizeof space);
	cbor_write_text(&w, slice_str("abcde"));
	assert_true(w.bad);
	cbor_write_uint(&w, 1);
	assert_int_equal(wr_done(&w).n, 0);
	w = wr_of(space, sizeof space);
	cbor_write_hex(&w, unhex("000102"));
	assert_true(w.bad);
}

static void test_utf8(void **state)
{
	static const char *const good[] = {"", "00", "7f", "c280", "dfbf", "e0a080", "ed9fbf",
		"ee8080", "efbfbf", "f0908080", "f48fbfbf", "61c3a962"};
	static const char *const bad[] = {"80", "bf", "c0", "c080", "c1bf", "c2", "c241", "e08080",
		"e09fbf", "e0a0", "e0a041", "eda080", "edbfbf", "f0808080", "f08fbfbf", "f0908041",
		"f4908080", "f5808080", "ff", "61e282"};
	(void)state;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(utf8_valid(unhex(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(utf8_valid(unhex(bad[i])));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_refused_heads),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_typed),
		cmocka_unit_test(test_typed_out_of_range),
		cmocka_unit_test(test_skip),
		cmocka_unit_test(test_skip_depth),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_writing),
		cmocka_unit_test(test_writing_full),
		cmocka_unit_test(test_utf8),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
