/* Records of a domain on the wire (8.3, 8.9), names in the chain filter that are more than ASCII,
 * and the names that are addresses (8.9b). */
#include "tests/unit/dns_zone_rig.h"

static const char *answers(struct zone_rig *r, const char *record, uint16_t type)
{
	static char data[1 << 18];
	static const char none[] = "0 aa | n ygg 6 60 ";

	snprintf(data, sizeof data, DATA("%s"), record);
	const char *line = ask(r, data, "x.ygg", type);
	return strncmp(line, none, sizeof none - 1) == 0 ? "none" : line;
}

/* ---- forms ---- */

static void test_forms(void **state)
{
	struct zone_rig *r = *state;

	assert_string_equal(answers(r,
				    "{\"type\":\"AAAA\",\"domain\":\"@\",\"addr\":"
				    "\"2\\u0030\\u0030::1\",\"ttl\":2147483647}",
				    DNS_TYPE_AAAA),
		"0 aa | a x.ygg 28 2147483647 02000000000000000000000000000001");
	assert_string_equal(answers(r, "[\"MX\",\"@\",65535,\"m\\u0061il.x.ygg\",60]", DNS_TYPE_MX),
		"0 aa | a x.ygg 15 60 FFFF046D61696C01780379676700");
	assert_string_equal(answers(r, "[\"SRV\",\"@\",1,2,3,\"h\",60]", DNS_TYPE_SRV),
		"0 aa | a x.ygg 33 60 000100020003016800");
	assert_string_equal(
		answers(r, "[\"SOA\",\"@\",\"m\",\"r\",1,2,3,4,4294967295,60]", DNS_TYPE_SOA),
		"0 aa | a x.ygg 6 60 016D000172000000000100000002000000030000"
		"0004FFFFFFFF");
	assert_string_equal(answers(r, "[\"TLSA\",\"@\",3,1,255,[ 1, 255 ,0],60]", DNS_TYPE_TLSA),
		"0 aa | a x.ygg 52 60 0301FF01FF00");
	assert_string_equal(answers(r, "[\"TLSA\",\"@\",3,1,2,[ ],60]", DNS_TYPE_TLSA),
		"0 aa | a x.ygg 52 60 030102");
	assert_string_equal(answers(r, "[\"HTTPS\",\"@\",1,\"t.org\",[9],60]", DNS_TYPE_HTTPS),
		"0 aa | a x.ygg 65 60 00010174036F72670009");
	assert_string_equal(answers(r, "[\"PTR\",\"@\",\"t\",60]", DNS_TYPE_PTR),
		"0 aa | a x.ygg 12 60 017400");
}

static void test_ttl_of_31_bits(void **state)
{
	struct zone_rig *r = *state;

	assert_string_equal(answers(r, "[\"PTR\",\"@\",\"t\",2147483648]", DNS_TYPE_PTR),
		"0 aa | a x.ygg 12 0 017400");
}

static void test_final_dot_and_root(void **state)
{
	struct zone_rig *r = *state;

	assert_string_equal(answers(r, "[\"CNAME\",\"@\",\"t.\",60]", DNS_TYPE_A),
		"0 aa | a x.ygg 5 60 017400");
	assert_string_equal(answers(r, "[\"MX\",\"@\",0,\".\",60]", DNS_TYPE_MX),
		"0 aa | a x.ygg 15 60 000000");
	assert_string_equal(
		answers(r, "[\"MX\",\"@\",0,\"\",60]", DNS_TYPE_MX), "0 aa | a x.ygg 15 60 000000");
}

static void test_what_cannot_be_written_is_left_out(void **state)
{
	static const char *const hosts[] = {"a..b", "t..", ".t",
		"0123456789012345678901234567890123456789012345678901234567890123"};
	struct zone_rig *r = *state;
	char text[1024];
	struct wr w = wr_of(text, sizeof text);

	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		snprintf(text, sizeof text, "[\"CNAME\",\"@\",\"%s\",60]", hosts[i]);
		assert_string_equal(answers(r, text, DNS_TYPE_A), "none");
		assert_int_equal(r->answer->left_out, 1);
		snprintf(text, sizeof text, "[\"MX\",\"@\",1,\"%s\",60],[\"MX\",\"@\",2,\"t\",60]",
			hosts[i]);
		assert_string_equal(
			answers(r, text, DNS_TYPE_MX), "0 aa | a x.ygg 15 60 0002017400");
		assert_int_equal(r->answer->left_out, 1);
	}
	wr_format(&w, "[\"NS\",\"@\",\"");
	for (int i = 0; i < 5; i++)
		wr_format(&w, "%0*d.", 63, i);
	wr_format(&w, "\",60]");
	assert_string_equal(answers(r, text, DNS_TYPE_NS), "none");
}

/* ---- TXT ---- */

static void assert_txt(struct zone_rig *r, size_t length)
{
	static char record[1 << 18];
	int at = snprintf(record, sizeof record, "[\"TXT\",\"@\",\"");

	memset(record + at, 't', length);
	snprintf(record + at + length, sizeof record - at - length, "\",60]");
	answers(r, record, DNS_TYPE_TXT);
	assert_int_equal(r->answer->count, 1);
	struct rd data = rd_of(r->answer->rr[0].rdata);
	size_t sum = 0;
	while (data.left) {
		size_t n = rd_u8(&data);
		assert_true(n == 255 || data.left == n);
		sum += n;
		rd_bytes(&data, n);
	}
	assert_true(rd_done(&data));
	assert_int_equal(sum, length);
	assert_int_equal(r->answer->rr[0].rdata.n, length + (length ? (length + 254) / 255 : 1));
}

static void test_txt_in_strings(void **state)
{
	static const size_t lengths[] = {0, 1, 254, 255, 256, 510, 511, 65278};
	struct zone_rig *r = *state;

	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
		assert_txt(r, lengths[i]);
	assert_string_equal(answers(r, "[\"TXT\",\"@\",\"\\u00e9\\n.\",60]", DNS_TYPE_TXT),
		"0 aa | a x.ygg 16 60 04C3A90A2E");
}

static void test_txt_longer_than_a_record(void **state)
{
	static char record[1 << 18];
	struct zone_rig *r = *state;
	int at = snprintf(record, sizeof record, "[\"TXT\",\"@\",\"");

	memset(record + at, 't', 65300);
	snprintf(record + at + 65300, 16, "\",60]");
	assert_string_equal(answers(r, record, DNS_TYPE_TXT), "none");
	assert_int_equal(r->answer->left_out, 1);
}

/* Texts that together are more than an answer holds: the server says SERVFAIL. */
static void test_more_than_fits(void **state)
{
	static char record[1 << 18];
	struct zone_rig *r = *state;
	struct wr w = wr_of(record, sizeof record);

	size_t third = (DNS_ANSWER_ROOM - 2000) / 3;
	for (int i = 0; i < 3; i++) {
		wr_format(&w, "%s[\"TXT\",\"@\",\"", i ? "," : "");
		memset(w.p + w.n, 't', third);
		w.n += third;
		wr_format(&w, "\",60]");
	}
	assert_false(w.bad);
	answers(r, record, DNS_TYPE_TXT);
	assert_false(r->answer->bad);
	wr_format(&w, ",[\"TXT\",\"@\",\"");
	memset(w.p + w.n, 't', 2000);
	w.n += 2000;
	wr_format(&w, "\",60]");
	answers(r, record, DNS_TYPE_TXT);
	assert_true(r->answer->bad);
}

/* ---- names ---- */

static const char any[] =
	DATA("[\"PTR\",\"\xC3\xA9\",\"one\",60],[\"PTR\",\"*\",\"all\",60],[\"MX\","
	     "\"a.b\",1,\"one\",60]");

static void ask_bytes(struct zone_rig *r, const void *wire, size_t n)
{
	r->q.name.size = (uint8_t)n;
	memcpy(r->q.name.wire, wire, n);
}

static void test_names_beyond_ascii(void **state)
{
	struct zone_rig *r = *state;
	char top[64];
	size_t n;

	assert_string_equal(ask(r, any, "\xC3\x89.x.ygg", DNS_TYPE_PTR),
		"0 aa | a \\195\\137.x.ygg 12 60 036F6E6500");
	assert_true(dns_zone_top(&r->q.name, top, sizeof top, &n));
	assert_true(slice_is(slice_of(top, n), "x.ygg"));
	assert_true(dns_name_from_text(slice_str("a.\xE2\x84\xAA.Ygg"), &r->q.name));
	assert_true(dns_zone_top(&r->q.name, top, sizeof top, &n));
	assert_true(slice_is(slice_of(top, n), "k.ygg"));
}

/* A dot within a label separates nothing, and broken UTF-8 is no text: no record has such a name,
 * but a wildcard stands for it. */
static void test_labels_that_are_no_text(void **state)
{
	struct zone_rig *r = *state;
	char top[64];
	size_t n;

	ask_bytes(r, "\3a.b\1x\3ygg", 11);
	assert_string_equal(
		ask_wire(r, any, DNS_TYPE_PTR), "0 aa | a a\\046b.x.ygg 12 60 03616C6C00");
	assert_string_equal(ask_wire(r, any, DNS_TYPE_MX), "0 aa" NEGATIVE("ygg"));
	assert_true(dns_zone_top(&r->q.name, top, sizeof top, &n));
	ask_bytes(r, "\2\xC3(\1x\3ygg", 10);
	assert_string_equal(
		ask_wire(r, any, DNS_TYPE_PTR), "0 aa | a \\195(.x.ygg 12 60 03616C6C00");
	ask_bytes(r, "\3x.y\3ygg", 9); /* x.y is one label */
	assert_string_equal(ask_wire(r, NULL, DNS_TYPE_A), "3 aa" NEGATIVE("ygg"));
	assert_false(dns_zone_top(&r->q.name, top, sizeof top, &n));
	ask_bytes(r, "\2\xC3(\3ygg", 8);
	assert_string_equal(ask_wire(r, any, DNS_TYPE_A), "3 aa" NEGATIVE("ygg"));
	ask_bytes(r, "\1x\4ygg.", 8);
	assert_string_equal(ask_wire(r, any, DNS_TYPE_A), "pass");
}

static void test_top(void **state)
{
	struct dns_name name;
	char top[8];
	size_t n;
	(void)state;

	assert_true(dns_name_from_text(slice_str("a.b.EXA.ygg"), &name));
	assert_true(dns_zone_top(&name, top, 7, &n));
	assert_true(slice_is(slice_of(top, n), "exa.ygg"));
	assert_false(dns_zone_top(&name, top, 6, &n));
	assert_true(dns_name_from_text(slice_str("ygg"), &name));
	assert_false(dns_zone_top(&name, top, 8, &n));
	assert_true(dns_name_from_text(slice_str(""), &name));
	assert_false(dns_zone_top(&name, top, 8, &n));
	assert_true(dns_name_from_text(slice_str("a.org"), &name));
	assert_false(dns_zone_top(&name, top, 8, &n));
}

/* Each letter of the longest name becomes three bytes. */
static void test_longest_name(void **state)
{
	struct zone_rig *r = *state;
	size_t at = 0;

	for (int label = 0; label < 4; label++) {
		size_t n = label < 3 ? 62 : 60;
		r->q.name.wire[at++] = (uint8_t)n;
		for (size_t i = 0; i < n; i += 2)
			memcpy(r->q.name.wire + at + i, "\xC8\xBA", 2); /* U+023A to U+2C65 */
		at += n;
	}
	memcpy(r->q.name.wire + at, "\3ygg", 5);
	r->q.name.size = (uint8_t)(at + 5);
	assert_int_equal(at + 5, 255);
	assert_int_equal(strncmp(ask_wire(r, any, DNS_TYPE_A), "3 aa", 4), 0);
}

/* ---- v6 and q6 ---- */

#define CODEC_SOA(zone)                                                                            \
	" | n " zone " 6 60 026E7305616C666973046E616D65000561646D696E05616C666973046E616D6500"    \
	"0000000100000E100000012C00093A800000003C"

static const char *codec(struct zone_rig *r, const char *name, uint16_t type)
{
	assert_true(dns_name_from_text(slice_str(name), &r->q.name));
	r->q.type = type;
	return write_line(r, dns_codec_answer(&r->q, r->answer));
}

static void test_addresses_as_names(void **state)
{
	static const char *const good[] = {
		"YGpo-napu-ygg-pape.v6", "0203-1904-null-0001.V6", "bamag-dohaH-ygg-babad.q6"};
	static const char *const bad[] = {"a.0203-1904-null-0001.v6", "0203--0001-null.v6",
		"0203-null-0001-null.v6", "02-null-0001.v6", "0203.v6", "ct-hollow.v6",
		"0203-1904-null-00\xC3\xA9.v6", "0203-1904-null-\xFF.v6",
		"0203-0203-0203-0203-0203-0203-0203-0203-null.v6",
		"0203-0203-0203-0203-0203-0203-0203-0203-02.v6", "-.v6", "bamag-x-y.q6",
		"bamag.q6"};
	struct zone_rig *r = *state;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		const char *line = codec(r, good[i], DNS_TYPE_AAAA);
		assert_non_null(strstr(line, " 28 86400 02031904000000000000000000000001"));
		assert_non_null(strstr(line, good[i]));
		assert_int_equal(strncmp(line, "0 aa | a ", 9), 0);
		assert_int_equal(strncmp(codec(r, good[i], DNS_TYPE_A), "0 aa | n ", 9), 0);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(strncmp(codec(r, bad[i], DNS_TYPE_AAAA), "3 aa | n ", 9), 0);
}

static void test_zones_of_addresses(void **state)
{
	struct zone_rig *r = *state;

	assert_string_equal(codec(r, "V6", DNS_TYPE_SOA), "0 aa" CODEC_SOA("v6"));
	assert_string_equal(codec(r, "q6", DNS_TYPE_AAAA), "0 aa" CODEC_SOA("q6"));
	assert_string_equal(codec(r, "nil.q6", DNS_TYPE_TXT), "0 aa" CODEC_SOA("q6"));
	assert_string_equal(codec(r, "v6.org", DNS_TYPE_AAAA), "pass");
	assert_string_equal(codec(r, "", DNS_TYPE_AAAA), "pass");
	assert_string_equal(codec(r, "x.ygg", DNS_TYPE_AAAA), "pass");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_forms),
		TEST(test_ttl_of_31_bits),
		TEST(test_final_dot_and_root),
		TEST(test_what_cannot_be_written_is_left_out),
		TEST(test_txt_in_strings),
		TEST(test_txt_longer_than_a_record),
		TEST(test_more_than_fits),
		TEST(test_names_beyond_ascii),
		TEST(test_labels_that_are_no_text),
		TEST(test_top),
		TEST(test_longest_name),
		TEST(test_addresses_as_names),
		TEST(test_zones_of_addresses),
	};
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
