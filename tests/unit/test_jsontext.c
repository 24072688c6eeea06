/* JSON exactly as consensus reads it (protocol.md 8.3): grammar, the two degrees of strictness,
 * depth, numbers, decoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "domain/jsontext.h"
#include "tests/unit/main.h"

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
		"1e+", "0x1", "NaN", "tru", "truee", "trux", "falsy", "nulL", "nul", "True", "[",
		"]", "[1", "[1}", "[1,]", "[,]", "[1 2]", "{", "{}}", "{\"a\"}", "{\"a\":}",
		"{\"a\":1,}", "{a:1}", "{\"a\":1]", "{1:1}", "{\"a\" 1}", "{:1}", "{\"a\":1,:2}",
		"\"", "\"\n\"", "\"\x1f\"", "\"\\a\"", "\"\\u123\"", "\"\\U0041\"", "\f1", "\v1",
		"1 1", "//", "\"a\"\"b\""};
	(void)state;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(ignores(good[i]) && valid(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(ignores(bad[i]) || valid(bad[i]));
	struct rd r = rd_of(slice_of("\0", 1));
	jt_ignore(&r);
	assert_true(r.bad);
	r = rd_of(slice_of("\"\\\0\"", 4)); /* a zero byte is no letter behind a backslash */
	jt_ignore(&r);
	assert_true(r.bad);
}

/* What an ignored value may do and a record may not. */
static void test_two_degrees(void **state)
{
	static const char *const lax[] = {"1e309", "-1e999999999999", "[1e400]", "\"\\ud800\"",
		"\"\\udc00\\ud800\"", "\"\\ud800\\n\"", "{\"\\udfff\":1}", "{\"a\":\"\\ud800x\"}",
		"\"\\ud800\\ud800\"", "\"\\udc00\\udc00\""};
	(void)state;

	for (size_t i = 0; i < sizeof lax / sizeof lax[0]; i++) {
		assert_true(ignores(lax[i]));
		assert_false(valid(lax[i]));
	}
	assert_true(valid("\"\\ud800\\udc00\"") && valid("\"\\uDBFF\\uDFFF\""));
	assert_false(ignores("\"\\ud8\""));
}

/* Each level is closed by its own kind, also where a byte of levels ends. */
static void test_mixed_levels(void **state)
{
	char text[300];
	size_t n;
	(void)state;

	for (size_t wrong = 0; wrong <= 40; wrong++) {
		n = 0;
		for (int i = 0; i < 40; i++)
			n += (size_t)sprintf(text + n, i % 3 ? "[" : "{\"k\":");
		text[n++] = '0';
		for (size_t i = 40; i-- > 0;)
			text[n++] = (i % 3 == 0) == (i + 1 != wrong) ? '}' : ']';
		text[n] = 0;
		assert_int_equal(ignores(text), wrong == 0);
		assert_int_equal(valid(text), wrong == 0);
	}
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
		"1.0e308", "0e400"};
	static const char *const bad[] = {"1e309", "-1e309", "1e999", "17976931348623159e292",
		"1.79769313486231580790E+308", "1e2147483647", "1e2147483648",
		"1e99999999999999999999", "18446744073709551615e289", "18446744073709551620e290",
		"10e308", "0.1e310", "2e308"};
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
	raw = slice_str("\\\"\\\\\\/\\b\\f\\r\\t\\u0000x");
	assert_int_equal(jt_decoded_size(raw), 9);
	assert_true(jt_decode(raw, to, sizeof to, &n) && n == 9);
	assert_memory_equal(to, "\"\\/\b\f\r\t\0x", 9);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_two_degrees),
		cmocka_unit_test(test_mixed_levels),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_magnitude),
		cmocka_unit_test(test_decoding),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
