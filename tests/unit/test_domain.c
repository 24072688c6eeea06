/* Domain data: the corners of protocol.md 8.3 to 8.5 by hand. The large tables are played by
 * replay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "domain/domain.h"
#include "domain/jsontext.h"
#include "tests/unit/main.h"

/* ---- domain data ---- */

#define HEAD "{\"encrypted\":\"\",\"zone\":\"z\""

static bool parses(const char *text)
{
	return domain_check(slice_str(text)) != DOMAIN_MALFORMED;
}

static void test_shapes(void **state)
{
	(void)state;
	assert_true(parses(HEAD "}"));
	assert_true(parses(" [\"\",\"z\"] "));
	assert_true(parses("[\"\",\"z\",\"\",[],[]]"));
	assert_false(parses("[\"\",\"z\",\"\",[],[],0]"));
	assert_false(parses("[\"\"]"));
	assert_false(parses("[\"\" \"z\"]"));
	assert_false(parses("[\"\",\"z\",null]"));
	assert_false(parses("[\"0\",\"z\"]"));
	assert_false(parses("[\"\",\"z\",\"\",[],[]"));
	assert_false(parses(""));
	assert_false(parses("\"\""));
	assert_false(parses(HEAD ",:1}"));
	assert_false(parses(HEAD ",\"info\":\"\xFF\"}"));
	assert_false(parses(HEAD ",}"));
	assert_false(parses(HEAD "\"info\":\"\"}"));
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
	assert_false(record("[]"));
	assert_false(record("{}"));
	assert_false(record("{\"type\":\"OPT\" \"packet_len\":1,\"flags\":2,\"data\":\"\"}"));
	assert_false(record("{\"type\":\"OPT\",\"packet_len\" 1,\"flags\":2,\"data\":\"\"}"));
	assert_false(record("\"A\""));
	assert_false(record("[1,\"@\",\"1.2.3.4\",300]"));
	assert_false(record("[\"X\",\"@\",\"1.2.3.4\",300]"));
	assert_false(record("[\"A\" \"@\",\"1.2.3.4\",300]"));
	assert_false(record("[\"A\",1,\"1.2.3.4\",300]"));
	assert_false(record("[\"A\",\"@\",\"::1\",300]"));
	assert_false(record("[\"A\",\"@\",1234,300]"));
	assert_false(record("[\"AAAA\",\"@\",\"0000000000000000000000000000000000000000000000000000"
			    "0000000000000000::\",300]"));
	assert_false(record("[\"A\",\"@\",\"1.2.3.4\",\"300\"]"));
	assert_false(record("{\"type\":1,\"addr\":\"1.2.3.4\",\"domain\":\"@\",\"ttl\":1}"));
	assert_false(record("{\"type\":\"A\",\"t\\u0079pe\":\"A\",\"addr\":\"1.2.3.4\","
			    "\"domain\":\"@\",\"ttl\":1}"));
	assert_false(record("{\"type\":\"A\",\"addr\":\"1.2.3.4\",\"domain\":\"@\",\"ttl\":1,"
			    "\"ttl\":1}"));
	assert_true(record("[\"TLSA\",\"_443\",3,1,1,[],60]"));
	assert_false(record("[\"TLSA\",\"_443\",3,1,1,{},60]"));
	assert_false(record("[\"TLSA\",\"_443\",3,1,1,[1,null],60]"));
	assert_false(record("[\"TLSA\",\"_443\",256,1,1,[],60]"));
	assert_false(record("[\"MX\",\"@\",65536,\"h\",60]"));
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

static void test_contacts(void **state)
{
	static const char *const good[] = {"[]", "[[\"\",\"\"]]",
		"[{\"name\":\"\",\"value\":\"\"}]",
		"[{\"value\":\"\",\"x\":[1e999],\"n\\u0061me\":\"\",\"x\":\"\\ud800\"}]"};
	static const char *const bad[] = {"null", "{}", "[null]", "[[]]", "[[\"\"]]", "[\"\"]",
		"[[\"\",\"\",\"\"]]", "[[\"\",1]]", "[{\"name\":\"\"}]", "[{\"value\":\"\"}]",
		"[{\"name\":null,\"value\":\"\"}]", "[{\"name\":\"\",\"value\":\"\",}]",
		"[{\"name\":\"\",\"value\":\"\",\"value\":\"\"}]", "[[\"\",\"\"],]",
		"[{\"name\":\"\\ud800\",\"value\":\"\"}]"};
	char data[256];
	(void)state;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		snprintf(data, sizeof data, HEAD ",\"contacts\":%s}", good[i]);
		assert_true(parses(data));
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		snprintf(data, sizeof data, HEAD ",\"contacts\":%s}", bad[i]);
		assert_false(parses(data));
	}
}

/* Every type, the length of its text form (8.5), and whether it is clearnet. */
static const struct {
	const char *text;
	int64_t size;
	bool clearnet;
} type_rows[] = {
	{"[\"UNKNOWN\",\"abc\",1,2,3]", 3, false}, {"[\"A\",\"@\",\"1.2.3.4\",1]", 7, true},
	{"[\"NS\",\"@\",\"ns\",1]", 2, false}, {"[\"CNAME\",\"@\",\"\\u00e9\",1]", 2, false},
	{"[\"SOA\",\"@\",\"m\",\"r\",1,2,3,4,5,6]", 5, false},
	{"[\"PTR\",\"@\",\"data\",1]", 4, false}, {"[\"MX\",\"@\",10,\"host\",1]", 4, false},
	{"[\"TXT\",\"@\",\"\",1]", 0, false}, {"[\"AAAA\",\"@\",\"0200::0:1\",1]", 6, false},
	{"[\"AAAA\",\"@\",\"3ff::1\",1]", 6, false}, {"[\"AAAA\",\"@\",\"1ff::1\",1]", 6, true},
	{"[\"AAAA\",\"@\",\"400::1\",1]", 6, true}, {"[\"AAAA\",\"@\",\"2::1\",1]", 4, true},
	{"[\"SRV\",\"@\",1,2,3,\"host\",1]", 4, false}, {"[\"OPT\",1,2,\"x\"]", -1, false},
	{"[\"TLSA\",\"_1\",3,10,100,[1,255],1]", 16, false}, /* _1 3 10 100 01FF */
	{"[\"HTTPS\",\"@\",10,\"t\",[ 0 ],1]", 7, false},    /* 10 t 00 */
};

static void see_type(void *ctx, const struct dns_record *r)
{
	size_t *i = ctx;

	assert_true(record_text_size(r) == type_rows[*i].size);
	assert_int_equal(record_is_clearnet(r), type_rows[*i].clearnet);
	++*i;
}

static void test_types(void **state)
{
	enum { COUNT = sizeof type_rows / sizeof type_rows[0] };
	size_t n = 0, seen = 0;
	char data[4096];
	struct domain_text out;
	(void)state;

	n += (size_t)snprintf(data, sizeof data, HEAD ",\"records\":");
	for (size_t i = 0; i < COUNT; i++)
		n += (size_t)snprintf(
			data + n, sizeof data - n, "%c%s", i ? ',' : '[', type_rows[i].text);
	snprintf(data + n, sizeof data - n, "]}");
	struct domain_visitor v = {.record = see_type, .ctx = &seen};
	assert_true(domain_read(slice_str(data), &out, &v));
	assert_int_equal(seen, COUNT);
}

/* One rule decides at the first record that breaks one, not at the worst. */
static void test_first_record_decides(void **state)
{
	char text[400], zeros[257];
	const char *four = "[\"A\",\"@\",\"1.2.3.4\",1]";
	(void)state;

	memset(zeros, '0', 256);
	zeros[256] = 0;
	snprintf(text, sizeof text, "[\"TXT\",\"@\",\"%s\",1],%s", zeros, four);
	assert_int_equal(check("ygg", text, 1), DOMAIN_LONG);
	snprintf(text, sizeof text, "%s,[\"TXT\",\"@\",\"%s\",1]", four, zeros);
	assert_int_equal(check("ygg", text, 1), DOMAIN_CLEARNET);
	snprintf(text, sizeof text, "[\"OPT\",1,2,\"%s\"]", zeros);
	assert_int_equal(check("ygg", text, 1), DOMAIN_OK);
	assert_int_equal(check("ygg\",\"x\":\"", "[\"A\"]", 1), DOMAIN_MALFORMED);
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

/* Several of each, and characters of every length. */
static void test_canonical_lists(void **state)
{
	char space[512];
	struct wr w = wr_of(space, sizeof space);
	struct slice data = slice_str(
		"[\"+aCd9\\u0030\",\"\\u0080\\u00e9\\u20ac\\ud83d\\ude00\\u007f\",\"\\u0000\\/\","
		"[[\"OPT\",1,2,\"\"],[\"TLSA\",\"@\",0,1,2,[ 10 , 200 ],9]],"
		"[{\"value\":\"b\",\"name\":\"a\"},[\"c\",\"d\"]]]");
	(void)state;

	assert_true(domain_canonical(data, &w));
	assert_true(slice_is(wr_done(&w),
		"{\"encrypted\":\"0ACD90\",\"zone\":"
		"\"\xC2\x80\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\x7F\","
		"\"info\":\"\\u0000/\",\"records\":[{\"type\":\"OPT\",\"packet_len\":1,\"flags\":2,"
		"\"data\":\"\"},{\"type\":\"TLSA\",\"domain\":\"@\",\"certificate_usage\":0,"
		"\"selector\":1,\"matching_type\":2,\"data\":[10,200],\"ttl\":9}],\"contacts\":"
		"[{\"name\":\"a\",\"value\":\"b\"},{\"name\":\"c\",\"value\":\"d\"}]}"));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_encrypted),
		cmocka_unit_test(test_ignored),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_record_depth),
		cmocka_unit_test(test_magnitude),
		cmocka_unit_test(test_record_rules),
		cmocka_unit_test(test_contacts),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_first_record_decides),
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_canonical_lists),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
