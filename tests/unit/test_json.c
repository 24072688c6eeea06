/* JSON twice: look-ups and the writer (base/json.h), and the exact reader of consensus
 * (chain/jsontext.h, protocol.md 8.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/utf8.h"
#include "chain/jsontext.h"

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
	json_text(&j, "t", slice_of("a\"\\\x01\n\xC3\xA9\x7f", 8));
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
		"{\"empty\":[],\"t\":\"a\\\"\\\\\\u0001\\u000a\xC3\xA9\x7f\",\"h\":\"AB00\","
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

/* ---- the exact reader ---- */

/* Does the whole text pass as a value of an ignored key? */
static bool ignores(const char *text)
{
	struct rd r = rd_of(slice_str(text));

	jt_ignore(&r);
	jt_space(&r);
	return rd_done(&r);
}

/* … and as a value inside a record? */
static bool valid(const char *text)
{
	struct rd r = rd_of(slice_str(text));

	jt_value(&r, 3);
	jt_space(&r);
	return rd_done(&r);
}

static void test_grammar(void **state)
{
	static const char *const good[] = {"0", "-0", "10.50", "1e5", "1E+05", "-0.0e-1", "true",
		"false", "null", "\"\"", "[]", "{}", " [ 1 , 2 ] ", "{\"a\":{\"a\":[{}]}}",
		"\t\r\n[[],[[]]]", "\"\x7f\\u0000\\/\""};
	static const char *const bad[] = {"", " ", "01", "-", "-01", "+1", ".5", "1.", "1.e1", "1e",
		"1e+", "0x1", "NaN", "tru", "truee", "nul", "True", "[", "]", "[1", "[1}", "[1,]",
		"[,]", "[1 2]", "{", "{}}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
		"{\"a\":1]", "{1:1}", "{\"a\" 1}", "\"", "\"\n\"", "\"\x1f\"", "\"\\a\"",
		"\"\\u123\"", "\"\\U0041\"", "\f1", "\v1", "1 1", "//", "\"a\"\"b\""};
	(void)state;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(ignores(good[i]) && valid(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(ignores(bad[i]) || valid(bad[i]));
	struct rd r = rd_of(slice_of("\0", 1));
	jt_ignore(&r);
	assert_true(r.bad);
}

/* What an ignored value may do and a record may not. */
static void test_two_degrees(void **state)
{
	static const char *const lax[] = {"1e309", "-1e999999999999", "[1e400]", "\"\\ud800\"",
		"\"\\udc00\\ud800\"", "\"\\ud800\\n\"", "{\"\\udfff\":1}", "{\"a\":\"\\ud800x\"}",
		"\"\\ud800\\ud800\""};
	(void)state;

	for (size_t i = 0; i < sizeof lax / sizeof lax[0]; i++) {
		assert_true(ignores(lax[i]));
		assert_false(valid(lax[i]));
	}
	assert_true(valid("\"\\ud800\\udc00\"") && valid("\"\\uDBFF\\uDFFF\""));
	assert_false(ignores("\"\\ud8\""));
}

static void test_depth(void **state)
{
	char text[600];
	(void)state;

	for (size_t n = 123; n <= 126; n++) {
		memset(text, '[', n);
		memset(text + n, ']', n);
		text[2 * n] = 0;
		assert_int_equal(valid(text), n <= JSON_DEPTH_MAX - 3);
		assert_true(ignores(text));
		text[2 * n - 1] = '}';
		assert_false(ignores(text));
	}
}

static bool is_integer(const char *text, uint64_t max, uint64_t expected)
{
	uint64_t v;

	return jt_integer(slice_str(text), max, &v) && v == expected;
}

static void test_integers(void **state)
{
	(void)state;
	assert_true(is_integer("0", 255, 0) && is_integer("255", 255, 255));
	assert_false(is_integer("256", 255, 256) || is_integer("1000", 255, 1000));
	assert_true(is_integer("65535", UINT16_MAX, 65535));
	assert_false(is_integer("65536", UINT16_MAX, 65536));
	assert_true(is_integer("18446744073709551615", UINT64_MAX, UINT64_MAX));
	assert_false(is_integer("18446744073709551616", UINT64_MAX, 0));
	assert_false(is_integer("-1", 255, 1) || is_integer("-0", 255, 0));
	assert_false(is_integer("1.0", 255, 1) || is_integer("1e0", 255, 1));
	assert_false(is_integer("", 255, 0));
}

static bool magnitude(const char *text)
{
	return jt_magnitude_ok(slice_str(text));
}

/* Around the largest binary64, with the digits that step (a) and (b) keep and drop. */
static void test_magnitude(void **state)
{
	static const char *const good[] = {"0", "-0", "18446744073709551615",
		"18446744073709551616", "-9223372036854775808", "-9223372036854775809", "1e308",
		"17976931348623157e292", "0.179769313486231585e309", "1e-2147483648",
		"0e2147483648", "0.000e99999999999", "1e-99999999999999999999", "1e0000000308",
		"10e307", "0.1e309", "18446744073709551615e288", "18446744073709551616e288",
		"1.0e308"};
	static const char *const bad[] = {"1e309", "-1e309", "1e999", "17976931348623159e292",
		"1.79769313486231580790E+308", "1e2147483647", "1e2147483648",
		"1e99999999999999999999", "18446744073709551615e289", "10e308", "0.1e310", "2e308"};
	char digits[400];
	(void)state;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(magnitude(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(magnitude(bad[i]));
	memset(digits, '1', sizeof digits);
	assert_true(jt_magnitude_ok(slice_of(digits, 309)));
	assert_false(jt_magnitude_ok(slice_of(digits, 310)));
	memset(digits, '0', sizeof digits); /* zeros behind the point pull it down */
	memcpy(digits, "0.", 2);
	memcpy(digits + 302, "1e609", 5);
	assert_true(jt_magnitude_ok(slice_of(digits, 307)));
	memcpy(digits + 302, "1e610", 5);
	assert_false(jt_magnitude_ok(slice_of(digits, 307)));
}

static void test_decoding(void **state)
{
	struct slice raw = slice_str("t\\u0079p\\u00e9\\ud83d\\ude00\\n");
	char to[16];
	size_t n;
	(void)state;

	assert_true(jt_is(slice_str("type"), "type") && jt_is(slice_str("t\\u0079pe"), "type"));
	assert_true(jt_is(slice_str("\\u0074\\u0079\\u0070\\u0065"), "type"));
	assert_false(jt_is(slice_str("typ"), "type") || jt_is(slice_str("types"), "type"));
	assert_false(jt_is(slice_str("Type"), "type") || jt_is(slice_str("type\\u0000"), "type"));
	assert_int_equal(jt_decoded_size(raw), 3 + 2 + 4 + 1);
	assert_true(jt_decode(raw, to, sizeof to, &n));
	assert_true(slice_is(slice_of(to, n), "typ\xC3\xA9\xF0\x9F\x98\x80\n"));
	assert_false(jt_decode(raw, to, 9, &n));
}

int main(void)
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
		cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_two_degrees),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_magnitude),
		cmocka_unit_test(test_decoding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
