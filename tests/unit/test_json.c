/* Look-ups in JSON, the JSON writer, and characters of UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/utf8.h"
#include "tests/unit/main.h"

/* ---- look-ups ---- */

static size_t members(const char *text)
{
	struct slice key, value;
	size_t count = 0;

	for (size_t at = 0; json_member(slice_str(text), &at, &key, &value);)
		count++;
	return count;
}

static size_t elements(const char *text)
{
	struct slice value;
	size_t count = 0;

	for (size_t at = 0; json_element(slice_str(text), &at, &value);)
		count++;
	return count;
}

static void test_walks(void **state)
{
	(void)state;
	assert_int_equal(members("{}"), 0);
	assert_int_equal(members(" { \"a\" : 1 , \"b\" : { \"c\" : [ 2 ] } } "), 2);
	assert_int_equal(members("{\"a\":1 \"b\":2}"), 1); /* what is whole is given */
	assert_int_equal(members("{\"a\"1}"), 0);
	assert_int_equal(members("{1:2}"), 0);
	assert_int_equal(members("{\"a\":}"), 0);
	assert_int_equal(members("{\"a\":\"b}"), 0);
	assert_int_equal(members("{\"a\":[1"), 0);
	assert_int_equal(members("{\"a\":[\"]\"}"), 1); /* brackets are only counted */
	assert_int_equal(members("[1]"), 0);
	assert_int_equal(elements("[]"), 0);
	assert_int_equal(elements("[1,\"]\",[2,3],{\"x\":\"\\\"]\"},null]"), 5);
	assert_int_equal(elements("[1,]"), 1);
	assert_int_equal(elements("[,1]"), 0);
	assert_int_equal(elements("{\"a\":1}"), 0);
	assert_int_equal(elements(""), 0);
}

static void test_walk_gives_raw_text(void **state)
{
	struct slice text = slice_str("{\"a\\n\" : [1, 2] }"), key, value;
	size_t at = 0;
	(void)state;

	assert_true(json_member(text, &at, &key, &value));
	assert_true(slice_is(key, "\"a\\n\"") && slice_is(value, "[1, 2]"));
	assert_false(json_member(text, &at, &key, &value));
	at = text.n + 1; /* nobody's place */
	assert_false(json_member(text, &at, &key, &value));
	at = 0;
	assert_false(json_element(slice_of(NULL, 0), &at, &value));
}

static void test_find(void **state)
{
	struct slice value;
	(void)state;

	assert_true(json_find(slice_str("{\"aa\":1,\"a\":2,\"a\":3}"), "a", &value));
	assert_true(slice_is(value, "2"));
	assert_false(json_find(slice_str("{\"x\":{\"a\":1}}"), "a", &value));
	assert_false(json_find(slice_str("[\"a\",1]"), "a", &value));
}

/* Nesting is counted, not recursed into. */
static void test_deep(void **state)
{
	enum { DEPTH = 200000 };
	char *text = malloc(2 * DEPTH + 2);
	struct slice value;
	size_t at = 0;
	(void)state;

	memset(text, '[', DEPTH + 1);
	memset(text + DEPTH + 1, ']', DEPTH + 1);
	assert_true(json_element(slice_of(text, 2 * DEPTH + 2), &at, &value));
	assert_int_equal(value.n, 2 * DEPTH);
	at = 0;
	assert_false(json_element(slice_of(text, 2 * DEPTH), &at, &value));
	free(text);
}

static void assert_text(const char *json, const char *expected)
{
	uint8_t to[64];
	size_t n;

	assert_true(json_get_text(slice_str(json), to, sizeof to, &n));
	assert_true(slice_is(slice_of(to, n), expected));
}

static void test_texts(void **state)
{
	static const char *const bad[] = {"a", "\"", "\"a", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"",
		"\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\\"", "7", ""};
	uint8_t to[4];
	size_t n;
	(void)state;

	assert_text("\"\"", "");
	assert_text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
	assert_text(
		"\"\\u0041\\u00e9\\u20AC\\ud83D\\uDE00\"", "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
	assert_text("\"\xC3\xA9\"", "\xC3\xA9");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(json_get_text(slice_str(bad[i]), to, sizeof to, &n));
	assert_true(json_get_text(slice_str("\"abcd\""), to, sizeof to, &n));
	assert_false(json_get_text(slice_str("\"abcde\""), to, sizeof to, &n));
}

static void test_numbers_and_words(void **state)
{
	uint64_t u;
	int64_t i;
	bool b;
	(void)state;

	assert_true(json_get_u64(slice_str("18446744073709551615"), &u) && u == UINT64_MAX);
	assert_false(json_get_u64(slice_str("18446744073709551616"), &u));
	assert_false(json_get_u64(slice_str("99999999999999999999999"), &u));
	assert_false(json_get_u64(slice_str("-1"), &u) || json_get_u64(slice_str("1.0"), &u));
	assert_false(json_get_u64(slice_str(""), &u) || json_get_u64(slice_str("\"1\""), &u));
	assert_true(json_get_i64(slice_str("9223372036854775807"), &i) && i == INT64_MAX);
	assert_true(json_get_i64(slice_str("-9223372036854775808"), &i) && i == INT64_MIN);
	assert_true(json_get_i64(slice_str("-0"), &i) && i == 0);
	assert_false(json_get_i64(slice_str("9223372036854775808"), &i));
	assert_false(json_get_i64(slice_str("-9223372036854775809"), &i));
	assert_false(json_get_i64(slice_str("-"), &i) || json_get_i64(slice_str("--1"), &i));
	assert_true(json_get_bool(slice_str("true"), &b) && b);
	assert_true(json_get_bool(slice_str("false"), &b) && !b);
	assert_false(json_get_bool(slice_str("1"), &b));
	assert_true(json_is_null(slice_str("null")));
	assert_false(json_is_null(slice_str("nul")));
}

/* ---- writer ---- */

static void write_sample(struct wr *w)
{
	struct json_wr j = {.w = w};

	json_open(&j, NULL, '{');
	json_open(&j, "empty", '[');
	json_close(&j, ']');
	json_text(&j, "t",
		slice_of("a\"\\\x01\n\xC3\xA9\x7f\xC2\x9b\xE2\x80\xAE\xF3\xA0\x80\x81", 17));
	json_hex(&j, "h", slice_of("\xAB\x00", 2));
	json_open(&j, "l", '[');
	json_u64(&j, NULL, UINT64_MAX);
	json_i64(&j, NULL, INT64_MIN);
	json_open(&j, NULL, '{');
	json_close(&j, '}');
	json_close(&j, ']');
	json_bool(&j, "b\"", true);
	json_close(&j, '}');
}

static void test_writer(void **state)
{
	char space[256];
	struct wr w = wr_of(space, sizeof space), small;
	(void)state;

	write_sample(&w);
	assert_true(slice_is(wr_done(&w),
		"{\"empty\":[],\"t\":\"a\\\"\\\\\\u0001\\u000a\xC3\xA9\\u007f\\u009b\\u202e\\udb40\\udc01\",\"h\":\"AB00\","
		"\"l\":[18446744073709551615,-9223372036854775808,{}],\"b\\\"\":true}"));
	for (size_t size = 0; size <= w.n; size++) { /* too small a buffer says so */
		uint8_t *exact = malloc(size + 1);
		small = wr_of(exact, size);
		write_sample(&small);
		assert_int_equal(small.bad, size < w.n);
		free(exact);
	}
}

static void test_utf8(void **state)
{
	static const int32_t codes[] = {
		0, 0x7F, 0x80, 0x7FF, 0x800, 0xFFFD, 0xFFFF, 0x10000, 0x10FFFF};
	(void)state;

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		char space[4];
		struct wr w = wr_of(space, sizeof space);
		utf8_put(&w, codes[i]);
		assert_int_equal(w.n, utf8_size(codes[i]));
		struct rd r = rd_of(wr_done(&w));
		assert_int_equal(utf8_take(&r), codes[i]);
		assert_int_equal(utf8_take(&r), -1);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walks),
		cmocka_unit_test(test_walk_gives_raw_text),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_numbers_and_words),
		cmocka_unit_test(test_writer),
		cmocka_unit_test(test_utf8),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
