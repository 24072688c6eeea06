/* Records as lines of a zone file, to JSON and back. */
#include "owner/zone_text.h"
#include "base/mem.h"
#include "tests/unit/main.h"
#include "tests/unit/russian.h"

static struct zone_text *z;

static int setup(void **state)
{
	(void)state;
	return zone_text_new(slice_str("example.ygg"), &z) != ERR_OK;
}

static int teardown(void **state)
{
	(void)state;
	zone_text_free(z);
	return mem_blocks() != 0;
}

/* The records of a text, one behind the other. */
struct all {
	char text[4096];
	size_t n;
};

static void collect(void *ctx, struct slice json)
{
	struct all *a = ctx;

	a->n += (size_t)snprintf(
		a->text + a->n, sizeof a->text - a->n, "%.*s", (int)json.n, (const char *)json.p);
}

static void assert_read(const char *text, enum zone_form form, const char *json)
{
	struct all a = {.n = 0};
	struct zone_error e;

	if (!zone_text_read(z, slice_str(text), form, collect, &a, &e))
		fail_msg("%u:%u: %s", e.line, e.column, e.text);
	assert_string_equal(a.text, json);
}

static void assert_refused(
	const char *text, enum zone_form form, unsigned line, unsigned column, const char *words)
{
	struct zone_error e;

	assert_false(zone_text_read(z, slice_str(text), form, NULL, NULL, &e));
	assert_string_equal(e.text, words);
	assert_has_russian(e.text);
	assert_int_equal(e.line, line);
	assert_int_equal(e.column, column);
}

static void test_types(void **state)
{
	static const char *const rows[][2] = {
		{"@ A 1.2.3.4",
			"{\"type\":\"A\",\"domain\":\"@\",\"addr\":\"1.2.3.4\",\"ttl\":3600}"},
		{"www AAAA 0200:0::1 60",
			"{\"type\":\"AAAA\",\"domain\":\"www\",\"addr\":\"200::1\",\"ttl\":60}"},
		{"WWW 1m aaaa 200::1",
			"{\"type\":\"AAAA\",\"domain\":\"www\",\"addr\":\"200::1\",\"ttl\":60}"},
		{"* IN 1h30m AAAA 200::1",
			"{\"type\":\"AAAA\",\"domain\":\"*\",\"addr\":\"200::1\",\"ttl\":5400}"},
		{"a.b 5 in AAAA 200::1",
			"{\"type\":\"AAAA\",\"domain\":\"a.b\",\"addr\":\"200::1\",\"ttl\":5}"},
		{"www.example.ygg. CNAME @",
			"{\"type\":\"CNAME\",\"domain\":\"www\",\"host\":\"example.ygg\",\"ttl\":3600}"},
		{"example.ygg. NS ns",
			"{\"type\":\"NS\",\"domain\":\"@\",\"host\":\"ns.example.ygg\",\"ttl\":3600}"},
		{"@ MX 10 Mail.Example.Net. 300",
			"{\"type\":\"MX\",\"domain\":\"@\",\"priority\":10,\"host\":\"mail.example.net\","
			"\"ttl\":300}"},
		{"_xmpp._tcp SRV 1 2 5222 xmpp",
			"{\"type\":\"SRV\",\"domain\":\"_xmpp._tcp\",\"priority\":1,\"weight\":2,"
			"\"port\":5222,\"host\":\"xmpp.example.ygg\",\"ttl\":3600}"},
		{"@ MX 0 .",
			"{\"type\":\"MX\",\"domain\":\"@\",\"priority\":0,\"host\":\".\",\"ttl\":3600}"},
		{"@ TXT \"v=spf1 \\\"-all\\\"; x\" 60",
			"{\"type\":\"TXT\",\"domain\":\"@\",\"data\":\"v=spf1 \\\"-all\\\"; x\","
			"\"ttl\":60}"},
		{"@ 60 TXT \"a\" 60",
			"{\"type\":\"TXT\",\"domain\":\"@\",\"data\":\"a60\",\"ttl\":60}"},
		{"@ TXT a 60", "{\"type\":\"TXT\",\"domain\":\"@\",\"data\":\"a60\",\"ttl\":3600}"},
		{"@ TXT 60", "{\"type\":\"TXT\",\"domain\":\"@\",\"data\":\"60\",\"ttl\":3600}"},
		{"@ TXT \"\"", "{\"type\":\"TXT\",\"domain\":\"@\",\"data\":\"\",\"ttl\":3600}"},
		{"@ TXT \"\\001\\195\\164ä\"",
			"{\"type\":\"TXT\",\"domain\":\"@\",\"data\":\"\\u0001ää\",\"ttl\":3600}"},
		{"_443._tcp TLSA 3 1 1 0aFF 60",
			"{\"type\":\"TLSA\",\"domain\":\"_443._tcp\",\"certificate_usage\":3,"
			"\"selector\":1,\"matching_type\":1,\"data\":[10,255],\"ttl\":60}"},
		{"1 PTR host.example.net.",
			"{\"type\":\"PTR\",\"domain\":\"1\",\"data\":\"host.example.net\",\"ttl\":3600}"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct domain_text text;
		char data[1024];
		assert_read(rows[i][0], ZONE_LINE, rows[i][1]);
		snprintf(data, sizeof data, "{\"encrypted\":\"\",\"zone\":\"x\",\"records\":[%s]}",
			rows[i][1]);
		assert_true(domain_read(
			slice_str(data), &text, &(struct domain_visitor){.record = NULL}));
	}
}

static void test_file(void **state)
{
	(void)state;

	assert_read("", ZONE_FILE, "");
	assert_read("; nothing\n\n   ; at all\n", ZONE_FILE, "");
	assert_read("$TTL 1d\r\n@ AAAA 200::1 ; one\r\n  60 AAAA 200::2\n$ORIGIN sub\n"
		    "a CNAME b\n@ CNAME a.b\n$ORIGIN example.ygg.\nt TXT (\"a\" ; first\n  b\n )\n"
		    "_t TLSA 1 2 0 ( 00\n 01\n )",
		ZONE_FILE,
		"{\"type\":\"AAAA\",\"domain\":\"@\",\"addr\":\"200::1\",\"ttl\":86400}"
		"{\"type\":\"AAAA\",\"domain\":\"@\",\"addr\":\"200::2\",\"ttl\":60}"
		"{\"type\":\"CNAME\",\"domain\":\"a.sub\",\"host\":\"b.sub.example.ygg\",\"ttl\":86400}"
		"{\"type\":\"CNAME\",\"domain\":\"sub\",\"host\":\"a.b.sub.example.ygg\",\"ttl\":86400}"
		"{\"type\":\"TXT\",\"domain\":\"t\",\"data\":\"ab\",\"ttl\":86400}"
		"{\"type\":\"TLSA\",\"domain\":\"_t\",\"certificate_usage\":1,\"selector\":2,"
		"\"matching_type\":0,\"data\":[0,1],\"ttl\":86400}");
}

static void test_errors(void **state)
{
	static const struct {
		enum zone_form form;
		const char *text;
		unsigned line, column;
		const char *words;
	} rows[] = {
		{ZONE_LINE, "", 1, 1, "a record is missing, such as 'www AAAA 200::1 3600'"},
		{ZONE_LINE, "www", 1, 4, "the type of the record is missing, such as AAAA"},
		{ZONE_LINE, "www SOA a b 1 2 3 4 5", 1, 5,
			"SOA is no type that can be mined from text: A, AAAA, CNAME, NS, MX, SRV, TXT, "
			"TLSA, PTR"},
		{ZONE_LINE, "www AAAA abc", 1, 10, "abc is no IPv6 address such as 200::1"},
		{ZONE_LINE, "ä A 1.2.3.4", 1, 1, "ä: names are ASCII, without control characters"},
		{ZONE_LINE, "a A 1.2.3", 1, 5, "1.2.3 is no IPv4 address such as 1.2.3.4"},
		{ZONE_LINE, "a A", 1, 4, "an address such as 1.2.3.4 is missing"},
		{ZONE_LINE, "a MX 65536 b", 1, 6, "priority is a number of 0 to 65535, not 65536"},
		{ZONE_LINE, "a TLSA 256 0 0 00", 1, 8,
			"certificate_usage is a number of 0 to 255, not 256"},
		{ZONE_LINE, "a TLSA 1 0 0 0", 1, 14,
			"0: hex digits, two for each byte, 256 bytes at most"},
		{ZONE_LINE, "a CNAME b.net", 1, 9,
			"b.net: a whole name has a dot at its end (b.net.); without it, it would be "
			"b.net.example.ygg"},
		{ZONE_LINE, "a A 1.2.3.4 5 6", 1, 15,
			"6: nothing may follow a record of type A here"},
		{ZONE_FILE, "a A 1.2.3.4 5", 1, 13,
			"5: nothing may follow a record of type A here"},
		{ZONE_LINE, "a A 1.2.3.4\nb A 1.2.3.4", 2, 1, "one record is one line"},
		{ZONE_FILE, "@ A 1.2.3.4\n\n  b.com. A 1", 3, 3,
			"b.com. is no type that can be mined from text: A, AAAA, CNAME, NS, MX, SRV, "
			"TXT, TLSA, PTR"},
		{ZONE_FILE, "b.com. A 1.2.3.4", 1, 1,
			"b.com. is not below example.ygg: a name without a dot at its end is"},
		{ZONE_FILE, "xexample.ygg. A 1.2.3.4", 1, 1,
			"xexample.ygg. is not below example.ygg: a name without a dot at its end is"},
		{ZONE_FILE, "  A 1.2.3.4", 1, 3,
			"the first record begins with its name, or with @"},
		{ZONE_FILE, "*.a A 1.2.3.4", 1, 1,
			"*.a: only * alone stands for all names; it is answered at any depth"},
		{ZONE_LINE, "$a A 1.2.3.4", 1, 1, "$a: no name begins with a dollar sign"},
		{ZONE_FILE, "a..b A 1.2.3.4", 1, 1, "a..b: a part between two dots is empty"},
		{ZONE_FILE, ".a A 1.2.3.4", 1, 1, ".a: a part between two dots is empty"},
		{ZONE_FILE, "a\\.b A 1.2.3.4", 1, 1, "a name has neither quotes nor backslashes"},
		{ZONE_FILE, "@ TXT \"abc\n\"", 1, 7, "the quotes are not closed"},
		{ZONE_FILE, "@ TXT \"\\256\"", 1, 8,
			"a backslash has three digits of a byte behind it, 000 to 255, or one other "
			"character"},
		{ZONE_FILE, "@ TXT \"\\1x\"", 1, 8,
			"a backslash has three digits of a byte behind it, 000 to 255, or one other "
			"character"},
		{ZONE_FILE, "@ TXT \"\\255\"", 1, 1, "the text of a record is UTF-8"},
		{ZONE_FILE, "@ TXT ( a\nb", 1, 7, "the bracket is not closed"},
		{ZONE_FILE, "@ TXT a )", 1, 9, "no bracket is open"},
		{ZONE_FILE, "@ TXT \"ä\" )", 1, 11, "no bracket is open"},
		{ZONE_FILE, "$TTL 24855d11648", 1, 6,
			"24855d11648 is no TTL: seconds up to 2147483647, or such as 1h30m"},
		{ZONE_FILE, "www.example.com. A 1.2.3.4", 1, 1,
			"www.example.com. is not below example.ygg: a name without a dot at its end "
			"is"},
		{ZONE_FILE, "$TTL 2147483648", 1, 6,
			"2147483648 is no TTL: seconds up to 2147483647, or such as 1h30m"},
		{ZONE_FILE, "$INCLUDE a", 1, 1,
			"$INCLUDE: of these, $TTL and $ORIGIN are read here"},
		{ZONE_FILE, "$TTL", 1, 1, "$TTL has one value behind it"},
		{ZONE_FILE, "$ORIGIN com.", 1, 9,
			"com. is not below example.ygg: a name without a dot at its end is"},
		{ZONE_FILE, "@ CH TXT a", 1, 3,
			"CH is no type that can be mined from text: A, AAAA, CNAME, NS, MX, SRV, TXT, "
			"TLSA, PTR"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_refused(
			rows[i].text, rows[i].form, rows[i].line, rows[i].column, rows[i].words);
}

/* Names at their longest: 253 characters in all, 63 in a part. */
static void test_lengths(void **state)
{
	char text[512], json[512], name[300];
	struct zone_error e;
	(void)state;

	memset(name, 'a', sizeof name);
	for (size_t i = 60; i < sizeof name; i += 61)
		name[i] = '.';
	snprintf(text, sizeof text, "%.*s A 1.2.3.4", 241, name);
	snprintf(json, sizeof json,
		"{\"type\":\"A\",\"domain\":\"%.*s\",\"addr\":\"1.2.3.4\",\"ttl\":3600}", 241,
		name);
	assert_read(text, ZONE_LINE, json);
	snprintf(text, sizeof text, "%.*s A 1.2.3.4", 242, name);
	assert_refused(text, ZONE_LINE, 1, 1, "the whole name has more than 253 characters");
	memset(name, 'a', sizeof name);
	snprintf(text, sizeof text, "%.*s A 1.2.3.4", 64, name);
	assert_refused(text, ZONE_LINE, 1, 1, "a part of a name has 63 characters at most");
	snprintf(text, sizeof text, "%.*s A 1.2.3.4", 63, name);
	assert_true(zone_text_read(z, slice_str(text), ZONE_LINE, NULL, NULL, &e));
}

static void test_patterns(void **state)
{
	struct zone_pattern p;
	struct zone_error e;
	(void)state;

	assert_true(zone_text_pattern(z, slice_str("www AAAA"), &p, &e));
	assert_true(slice_is(p.owner, "www"));
	assert_string_equal(p.type->name, "AAAA");
	assert_int_equal(p.json.n, 0);
	assert_true(zone_text_pattern(z, slice_str("@ MX 10 mail"), &p, &e));
	assert_true(slice_is(p.json, "{\"type\":\"MX\",\"domain\":\"@\",\"priority\":10,\"host\":"
				     "\"mail.example.ygg\",\"ttl\":3600}"));
	assert_false(zone_text_pattern(z, slice_str("www"), &p, &e));
	assert_string_equal(e.text, "the type of the record is missing, such as AAAA");
	assert_false(zone_text_pattern(z, slice_str(""), &p, &e));
	assert_string_equal(e.text, "name and type are missing, such as 'www AAAA'");
	assert_false(zone_text_pattern(z, slice_str("a A\nb A"), &p, &e));
	assert_string_equal(e.text, "one record is one line");
}

static void write_one(void *ctx, const struct dns_record *r)
{
	struct wr *w = ctx;

	zone_text_write(z, r, w);
}

/* What lines can say is said so, anything else as a comment. */
static void test_write(void **state)
{
	static const char data[] =
		"{\"encrypted\":\"\",\"zone\":\"ygg\",\"records\":["
		"[\"AAAA\",\"@\",\"200::1\",60],[\"TXT\",\"@\",\"a\\\"\\\\b\\u0001;ä\",60],"
		"[\"MX\",\"@\",1,\"mail.example.net\",60],[\"TLSA\",\"_t\",3,1,1,[1,255],60],"
		"[\"MX\",\"@\",1,\".\",60],[\"PTR\",\"1\",\"a.b\",60],"
		"[\"A\",\"WWW\",\"1.2.3.4\",60],[\"A\",\"www\",\"1.2.3.4\",4294967295],"
		"[\"NS\",\"@\",\"a.b.\",60],[\"NS\",\"@\",\"a b\",60],[\"A\",\"a\\nb\",\"1.2.3.4\",60],"
		"[\"TLSA\",\"_t\",3,1,1,[],60],[\"OPT\",1,2,\"x\"],[\"A\",\";\",\"1.2.3.4\",60]]}";
	static const char lines[] =
		"@ 60 AAAA 200::1\n"
		"@ 60 TXT \"a\\\"\\\\b\\001;ä\"\n"
		"@ 60 MX 1 mail.example.net.\n"
		"_t 60 TLSA 3 1 1 01FF\n"
		"@ 60 MX 1 .\n"
		"1 60 PTR a.b.\n"
		"; {\"type\":\"A\",\"domain\":\"WWW\",\"addr\":\"1.2.3.4\",\"ttl\":60}\n"
		"; {\"type\":\"A\",\"domain\":\"www\",\"addr\":\"1.2.3.4\",\"ttl\":4294967295}\n"
		"; {\"type\":\"NS\",\"domain\":\"@\",\"host\":\"a.b.\",\"ttl\":60}\n"
		"; {\"type\":\"NS\",\"domain\":\"@\",\"host\":\"a b\",\"ttl\":60}\n"
		"; {\"type\":\"A\",\"domain\":\"a\\nb\",\"addr\":\"1.2.3.4\",\"ttl\":60}\n"
		"; {\"type\":\"TLSA\",\"domain\":\"_t\",\"certificate_usage\":3,\"selector\":1,"
		"\"matching_type\":1,\"data\":[],\"ttl\":60}\n"
		"; {\"type\":\"OPT\",\"packet_len\":1,\"flags\":2,\"data\":\"x\"}\n"
		"; {\"type\":\"A\",\"domain\":\";\",\"addr\":\"1.2.3.4\",\"ttl\":60}\n";
	char text[4096];
	struct wr w = wr_of(text, sizeof text);
	struct domain_text t;
	(void)state;

	assert_true(domain_read(
		slice_str(data), &t, &(struct domain_visitor){.record = write_one, .ctx = &w}));
	assert_int_equal(w.n, strlen(lines));
	assert_memory_equal(text, lines, w.n);
}

/* A long text is several strings, cut between characters. */
static void test_long_text(void **state)
{
	static char data[2048];
	static const char begin[] =
		"{\"encrypted\":\"\",\"zone\":\"x\",\"records\":[[\"TXT\",\"@\",\"";
	char text[4096];
	struct wr w = wr_of(text, sizeof text);
	struct domain_text t;
	(void)state;

	int n = snprintf(data, sizeof data, "%s", begin);
	memset(data + n, 'a', 254);
	snprintf(data + n + 254, sizeof data - (size_t)n - 254, "äb\",60]]}");
	assert_true(domain_read(
		slice_str(data), &t, &(struct domain_visitor){.record = write_one, .ctx = &w}));
	assert_memory_equal(text + 10 + 254, "\" \"äb\"\n", 8);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_long_text),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, setup, teardown);
}
