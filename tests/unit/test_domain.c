/* JSON look-ups and writing, and domain data: the corners of protocol.md 8.3 to 8.5 by hand. The
 * large tables are played by replay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/json.h"
#include "chain/domain.h"
#include "chain/jsontext.h"
#include "chain/names.h"
#include "chain/txjson.h"

/* ---- look-ups and writing ---- */

static void test_find(void **state)
{
	struct slice o = slice_str("{\"a\":1,\"b\":[1, {\"x\":\"]\\\"\"},3 ],\"c\":\"h\\u00e9\","
				   "\"d\":-5,\"e\":18446744073709551615,\"f\":true}");
	struct slice v, e;
	uint64_t u;
	int64_t i;
	bool b;
	uint8_t text[16];
	size_t n, count = 0;
	(void)state;

	assert_true(json_find(o, "a", &v) && json_get_u64(v, &u) && u == 1);
	assert_true(json_find(o, "b", &v));
	for (size_t at = 0; json_element(v, &at, &e);)
		count++;
	assert_int_equal(count, 3);
	assert_true(json_find(o, "c", &v) && json_get_text(v, text, sizeof text, &n));
	assert_int_equal(n, 3);
	assert_true(json_find(o, "d", &v) && json_get_i64(v, &i) && i == -5);
	assert_true(json_find(o, "e", &v) && json_get_u64(v, &u) && u == UINT64_MAX);
	assert_true(json_find(o, "f", &v) && json_get_bool(v, &b) && b);
	assert_false(json_find(o, "g", &v));
	assert_false(json_find(slice_str("{\"a\""), "a", &v));
	assert_false(json_find(slice_str(""), "a", &v));
	assert_false(json_get_u64(slice_str("18446744073709551616"), &u));
	assert_true(json_get_i64(slice_str("-9223372036854775808"), &i) && i == INT64_MIN);
	assert_false(json_get_i64(slice_str("9223372036854775808"), &i));
}

static void test_write(void **state)
{
	char space[128];
	struct wr w = wr_of(space, sizeof space);
	struct json_wr j = {.w = &w};
	(void)state;

	json_open(&j, NULL, '{');
	json_str(&j, "a", "x\"y\n");
	json_open(&j, "l", '[');
	json_u64(&j, NULL, 5);
	json_i64(&j, NULL, -6);
	json_close(&j, ']');
	json_bool(&j, "z", false);
	json_close(&j, '}');
	assert_true(slice_is(wr_done(&w), "{\"a\":\"x\\\"y\\u000a\",\"l\":[5,-6],\"z\":false}"));
}

/* ---- domain data ---- */

#define HEAD "{\"encrypted\":\"\",\"zone\":\"z\""

static bool parses(const char *text)
{
	return domain_parses(slice_str(text));
}

static void test_shapes(void **state)
{
	(void)state;
	assert_true(parses(HEAD "}"));
	assert_true(parses(" [\"\",\"z\"] "));
	assert_true(parses("[\"\",\"z\",\"\",[],[]]"));
	assert_false(parses("[\"\",\"z\",\"\",[],[],0]"));
	assert_false(parses("[\"\"]"));
	assert_false(parses(HEAD ",}"));
	assert_false(parses(HEAD "}x"));
	assert_false(parses("\xEF\xBB\xBF" HEAD "}"));
	assert_false(parses("{\"zone\":\"z\"}"));
	assert_false(parses(HEAD ",\"zone\":\"z\"}"));
	assert_false(parses(HEAD ",\"z\\u006fne\":\"z\"}")); /* the same key, escaped */
	assert_false(parses(HEAD ",\"info\":null}"));
	assert_true(parses(HEAD ",\"other\":1,\"other\":2}"));
	assert_false(parses(HEAD ",\"info\":\"\x01\"}"));
	assert_true(parses(HEAD ",\"info\":\"\\u0001\x7f\"}"));
}

static void test_encrypted(void **state)
{
	(void)state;
	assert_true(parses("{\"encrypted\":\"aB\",\"zone\":\"\"}"));
	assert_true(parses("{\"encrypted\":\"+f\",\"zone\":\"\"}"));
	assert_true(parses("{\"encrypted\":\" aB \",\"zone\":\"\"}"));
	assert_true(parses("{\"encrypted\":\"\\u002baB \",\"zone\":\"\"}") == false);
	assert_false(
		parses("{\"encrypted\":\" aB\",\"zone\":\"\"}")); /* odd before it is stripped */
	assert_false(parses("{\"encrypted\":\"  \",\"zone\":\"\"}"));
	assert_false(parses("{\"encrypted\":\"f+\",\"zone\":\"\"}"));
	assert_false(parses("{\"encrypted\":\"a b \",\"zone\":\"\"}"));
}

/* Keys that nobody knows: only syntax counts, at any depth. */
static void test_ignored(void **state)
{
	char *deep = malloc(30000);
	size_t n = (size_t)sprintf(deep, HEAD ",\"x\":");
	(void)state;

	memset(deep + n, '[', 10000);
	memset(deep + n + 10000, ']', 10000);
	memcpy(deep + n + 20000, "}", 2);
	assert_true(parses(deep));
	deep[n + 10000] = '}';
	assert_false(parses(deep));
	free(deep);
	assert_true(parses(HEAD ",\"x\":1e999,\"y\":\"\\ud800\",\"z\":{\"\\udc00\":-0.0}}"));
	assert_false(parses(HEAD ",\"\\ud800\":1}"));
	assert_false(parses(HEAD ",\"x\":01}"));
	assert_false(parses(HEAD ",\"x\":\"\\u12g4\"}"));
	assert_false(parses(HEAD ",\"x\":[1,]}"));
}

static bool record(const char *text)
{
	char data[4096];

	snprintf(data, sizeof data, HEAD ",\"records\":[%s]}", text);
	return parses(data);
}

static void test_records(void **state)
{
	(void)state;
	assert_true(record("{\"ttl\":1,\"addr\":\"1.2.3.4\",\"domain\":\"@\",\"type\":\"A\"}"));
	assert_true(record("[\"A\",\"@\",\"1.2.3.4\",300]"));
	assert_false(record("[\"A\",\"@\",\"1.2.3.4\",300,1]"));
	assert_false(record("[\"A\",\"@\",\"1.2.3.4\"]"));
	assert_false(record("{\"type\":\"A\",\"addr\":\"1.2.3.4\",\"domain\":\"@\"}"));
	assert_false(record("{\"type\":\"a\",\"addr\":\"1.2.3.4\",\"domain\":\"@\",\"ttl\":1}"));
	assert_false(record("[\"A\",\"@\",\"01.2.3.4\",300]"));
	assert_false(record("[\"A\",\"@\",\"1.2.3.4\",300.0]"));
	assert_false(record("[\"A\",\"@\",\"1.2.3.4\",-0]"));
	assert_true(record("[\"A\",\"@\",\"1.2.3.4\",4294967295]"));
	assert_false(record("[\"A\",\"@\",\"1.2.3.4\",4294967296]"));
	assert_true(record("[\"TLSA\",\"_443\",3,1,1,[0,255],60]"));
	assert_false(record("[\"TLSA\",\"_443\",3,1,1,[256],60]"));
	assert_false(record("[\"TLSA\",\"_443\",3,1,1,\"00\",60]"));
	assert_true(
		record("{\"type\":\"OPT\",\"packet_len\":1,\"flags\":2,\"data\":\"\",\"x\":[]}"));
	assert_false(record(
		"{\"type\":\"OPT\",\"packet_len\":1,\"flags\":2,\"data\":\"\",\"x\":1e309}"));
	assert_false(record("{\"type\":\"OPT\",\"packet_len\":1,\"flags\":2,\"data\":\"\","
			    "\"x\":\"\\ud800\"}"));
}

/* Object 1, records 2, record 3: 124 more levels fit. */
static void test_record_depth(void **state)
{
	char text[600], nest[300];
	(void)state;

	for (int depth = 123; depth <= 125; depth++) {
		memset(nest, '[', (size_t)depth);
		memset(nest + depth, ']', (size_t)depth);
		nest[2 * depth] = 0;
		snprintf(text, sizeof text,
			"{\"type\":\"OPT\",\"packet_len\":1,\"flags\":2,\"data\":\"\",\"x\":%s}",
			nest);
		assert_int_equal(record(text), depth <= 124);
	}
}

static void test_magnitude(void **state)
{
	static const struct {
		const char *number;
		bool ok;
	} rows[] = {
		{"0", true},
		{"-0", true},
		{"1e308", true},
		{"1e309", false},
		{"1e999", false},
		{"0e999999999999", true},
		{"1e-999999999999", true},
		{"1e999999999999", false},
		{"1.79769313486231580790E+308", false},
		{"0.179769313486231585e309", true},
		{"18446744073709551616", true},
		{"-9223372036854775808", true},
		{"0.0e400", true},
	};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(jt_magnitude_ok(slice_str(rows[i].number)), rows[i].ok);
}

/* ---- 12d, 12e ---- */

static enum domain_check check(const char *zone, const char *one, int times)
{
	char data[8192];
	size_t n = (size_t)snprintf(data, sizeof data, "{\"encrypted\":\"\",\"records\":[");

	for (int i = 0; i < times; i++)
		n += (size_t)snprintf(data + n, sizeof data - n, "%s%s", i ? "," : "", one);
	snprintf(data + n, sizeof data - n, "],\"zone\":\"%s\"}", zone);
	return domain_check(slice_str(data));
}

static void test_record_rules(void **state)
{
	const char *four = "[\"A\",\"@\",\"1.2.3.4\",1]", *clear = "[\"AAAA\",\"@\",\"400::1\",1]";
	const char *ygg = "[\"AAAA\",\"@\",\"3ff::1\",1]";
	char text[600], zeros[300];
	(void)state;

	assert_int_equal(check("mob", four, 30), DOMAIN_OK);
	assert_int_equal(check("mob", four, 31), DOMAIN_MANY_RECORDS);
	assert_int_equal(check("ygg", four, 31), DOMAIN_MANY_RECORDS);
	assert_int_equal(check("ygg", four, 1), DOMAIN_CLEARNET);
	assert_int_equal(check("anon", clear, 1), DOMAIN_CLEARNET);
	assert_int_equal(check("YGG", clear, 1), DOMAIN_OK);
	assert_int_equal(check("ygg", ygg, 1), DOMAIN_OK);
	for (int n = 255; n <= 256; n++) {
		memset(zeros, '0', (size_t)n);
		zeros[n] = 0;
		snprintf(text, sizeof text, "[\"TXT\",\"@\",\"%s\",1]", zeros);
		assert_int_equal(check("ygg", text, 1), n == 255 ? DOMAIN_OK : DOMAIN_LONG);
		assert_int_equal(check("mob", text, 1), DOMAIN_OK);
	}
	memset(zeros, '0', 252); /* m_name " @ " r_name */
	zeros[252] = 0;
	snprintf(text, sizeof text, "[\"SOA\",\"@\",\"%s\",\"\",1,1,1,1,1,1]", zeros);
	assert_int_equal(check("ygg", text, 1), DOMAIN_OK);
	snprintf(text, sizeof text, "[\"SOA\",\"@\",\"%s\",\"a\",1,1,1,1,1,1]", zeros);
	assert_int_equal(check("ygg", text, 1), DOMAIN_LONG);
	snprintf(text, sizeof text, "[\"SOA\",\"@\",\"%s\",\"\\u0061\",1,1,1,1,1,1]", zeros);
	assert_int_equal(check("ygg", text, 1), DOMAIN_LONG);
}

static void test_canonical(void **state)
{
	char space[512];
	struct wr w = wr_of(space, sizeof space);
	struct slice data =
		slice_str("{ \"zone\":\"\\u007a\\n\", \"contacts\":[[\"n\",\"v\"]],"
			  "\"encrypted\":\" aB \",\"records\":[{\"ttl\":7,\"addr\":"
			  "\"0300:0::01\",\"domain\":\"\",\"type\":\"AAAA\"}],\"q\":0}");
	(void)state;

	assert_true(domain_canonical(data, &w));
	assert_true(slice_is(wr_done(&w),
		"{\"encrypted\":\"AB\",\"zone\":\"z\\n\",\"records\":[{\"type\":\"AAAA\","
		"\"domain\":\"\",\"addr\":\"300::1\",\"ttl\":7}],"
		"\"contacts\":[{\"name\":\"n\",\"value\":\"v\"}]}"));
	w = wr_of(space, 20);
	assert_true(domain_canonical(data, &w));
	assert_true(w.bad);
}

/* ---- names and transactions ---- */

static void test_names(void **state)
{
	static const char *const good[] = {"abc0", "a.b.c", "a-b.c", "a-0-b.c", "777.com", "a.-b"};
	static const char *const bad[] = {
		"ab..c", "a--b.c", "-ab.c", "ab.c-", ".ab.c", "77.com", "a.-.b", "a_b.c", "A.c"};
	(void)state;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(name_is_valid(slice_str(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(name_is_valid(slice_str(bad[i])));
	assert_true(slice_is(name_zone(slice_str("a.b.ygg")), "ygg"));
	assert_true(zone_is_known(slice_str("merch")));
	assert_false(zone_is_known(slice_str("com")));
}

static void test_transaction(void **state)
{
	uint8_t space[256], out[256];
	struct transaction tx;
	struct wr w = wr_of(out, sizeof out);
	struct slice text =
		slice_str("{\"class\":\"domain\",\"identity\":\"00\",\"signing\":\"aB\","
			  "\"data\":\"{\\\"z\\\":1}\",\"unknown\":[{}]}");
	(void)state;

	assert_true(txjson_read(text, &tx, space, sizeof space));
	assert_int_equal(tx.identity.n, 0); /* zeros are none */
	assert_true(slice_is(tx.data, "{\"z\":1}"));
	txjson_write(&tx, &w);
	assert_true(slice_is(wr_done(&w),
		"{\"class\":\"domain\",\"signing\":\"AB\",\"data\":\"{\\\"z\\\":1}\"}"));
	assert_false(txjson_read(slice_str("{\"identity\":\"\"}"), &tx, space, sizeof space));
	assert_false(txjson_read(text, &tx, space, 8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_encrypted),
		cmocka_unit_test(test_ignored),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_record_depth),
		cmocka_unit_test(test_magnitude),
		cmocka_unit_test(test_record_rules),
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_transaction),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
