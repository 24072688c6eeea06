/* Names (protocol.md 8.2, 8.7), and two kinds of text inside domain data: bytes in hex (2.2) and
 * addresses (8.3, 8.5). */
#include "tests/unit/unhex.h"

#include "domain/domain.h"
#include "domain/names.h"
#include "tests/unit/main.h"

/* ---- names ---- */

static void assert_lower(const char *name, const char *expected)
{
	char space[64];
	struct wr w = wr_of(space, sizeof space);

	name_lower(slice_str(name), &w);
	assert_true(slice_is(wr_done(&w), expected));
}

static void test_lower(void **state)
{
	(void)state;
	assert_lower("", "");
	assert_lower("AZaz09-.@[`{", "azaz09-.@[`{");
	assert_lower("\xE2\x84\xAA.ygg", "k.ygg"); /* the Kelvin sign */
	assert_lower("\xC3\x89", "\xC3\xA9");
	assert_lower("\xC4\xB0", "i\xCC\x87"); /* a dotted capital I becomes two */
	assert_lower("\xE1\xBA\x9E", "\xC3\x9F");
	assert_lower("\xCE\xA3\xCE\x91\xCE\xA3", "\xCF\x83\xCE\xB1\xCF\x82"); /* last sigma */
	assert_lower("\xCE\xA3\xCE\x91\xCE\xA3.X", "\xCF\x83\xCE\xB1\xCF\x83.x");
	assert_lower("\\u0041\\N.ygg", "\\u0041\\n.ygg"); /* no JSON: nothing is escaped */
	assert_lower("a\\", "a\\");
}

static bool valid(const char *name)
{
	return name_is_valid(slice_str(name));
}

static void test_name_rules(void **state)
{
	static const char *const good[] = {"abc0", "a.b.c", "a-b.c", "a-0-b.c", "777.com", "7a.com",
		"7", "77", "a.-b", "a-.b", "1.2.c", "ygg"};
	static const char *const bad[] = {".ab.c", "-ab.c", "ab.c.", "ab.c-", ".", "-", "7.com",
		"77.com", "ab..c", "a--b.c", "a.-.b", "a-.-b", "A.c", "a_b.c", "a b.c",
		"\xC3\xA9.ygg", "a\\.ygg", "a/b"};
	(void)state;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(valid(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(valid(bad[i]));
}

static void test_zones(void **state)
{
	static const char *const zones[] = {
		"anon", "btn", "conf", "index", "merch", "mirror", "mob", "screen", "srv", "ygg"};
	(void)state;

	for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
		assert_true(zone_is_known(slice_str(zones[i])));
		assert_int_equal(zone_is_yggdrasil_only(slice_str(zones[i])), i == 0 || i == 9);
	}
	assert_false(zone_is_known(slice_str("YGG")) || zone_is_known(slice_str("yg")) ||
		     zone_is_known(slice_str("")));
	assert_true(zone_is_yggdrasil_only(slice_str("y\\u0067g")));
	assert_false(zone_is_yggdrasil_only(slice_str("Ygg")));
	assert_true(slice_is(name_zone(slice_str("a.b.ygg")), "ygg"));
	assert_true(slice_is(name_zone(slice_str("ygg")), "ygg"));
	assert_int_equal(name_zone(slice_str("a.")).n, 0);
	assert_int_equal(name_zone(slice_of(NULL, 0)).n, 0);
}

/* ---- bytes in hex ---- */

static void test_hex_taken(void **state)
{
	static const struct {
		const char *raw, *bytes;
	} rows[] = {
		{"", ""},
		{"00", "00"},
		{"aBFf09", "ABFF09"},
		{"\\u0061B", "AB"},
		{"+a", "0A"},
		{"+F00", "0F00"},
		{" \\tAB", "AB"},
		{"\\n\\u000b\\f\\rAB", "AB"},
		{" AB ", "AB"},
		{"\xC2\xA0"
		 "AB",
			"AB"},             /* two bytes of white space */
		{"AB\xE3\x80\x80 ", "AB"}, /* three and one */
		{"\\u0085AB\\u2028\\u202f", "AB"},
		{"\\u2000AB ", "AB"},
		{" AB\\u200a", "AB"},
		{"\\u205f\\u2029AB", "AB"},
		{"\xE1\x9A\x80 AB", "AB"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t to[8];
		size_t n, count;
		assert_true(domain_hex(slice_str(rows[i].raw), to, sizeof to, &n));
		assert_hex(slice_of(to, n), rows[i].bytes);
		assert_true(domain_hex(slice_str(rows[i].raw), NULL, 0, &count));
		assert_int_equal(count, n);
	}
}

static void test_hex_refused(void **state)
{
	static const char *const bad[] = {"0", "abc", " AB", "  ", "\\u2003 ", "g0", "0g", "a+",
		"++", "-1", "AB C", "A B ", "AB  CD", "\xC3\xA9",
		"\xC3\xA9"
		"00",
		"00\xC3\xA9", "0x00", "\\u001cAB ", "\\u001c\\u001c",
		"\xE2\x80\x8B"
		"AB ",
		"\xEF\xBB\xBF"
		"AB ",
		"AB\\u0000\\u0000", " A \\t"};
	uint8_t to[2];
	size_t n;
	(void)state;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(domain_hex(slice_str(bad[i]), NULL, 0, &n));
	assert_true(domain_hex(slice_str("0102"), to, sizeof to, &n));
	assert_false(domain_hex(slice_str("010203"), to, sizeof to, &n));
}

/* ---- addresses ---- */

static bool takes4(const char *text)
{
	uint8_t ip[4];

	return dnsaddr_parse4(slice_str(text), ip);
}

static void test_ipv4(void **state)
{
	static const char *const bad[] = {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3",
		"1..2.3", "256.1.1.1", "1.1.1.256", "999.1.1.1", "01.2.3.4", "1.2.3.00",
		"1.2.3.004", "1000.1.1.1", " 1.2.3.4", "1.2.3.4 ", "+1.2.3.4", "1.2.3.a",
		"0x1.2.3.4", "1,2,3,4", "1.2.3.4/8"};
	char text[DNSADDR_TEXT_MAX];
	uint8_t ip[4];
	(void)state;

	assert_true(dnsaddr_parse4(slice_str("0.10.100.255"), ip));
	assert_hex(slice_of(ip, 4), "000A64FF");
	assert_int_equal(dnsaddr_text4(ip, text), 12);
	assert_string_equal(text, "0.10.100.255");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(takes4(bad[i]));
}

/* Text, its bytes, and the canonical text. */
static void assert_ipv6(const char *given, const char *bytes, const char *canonical)
{
	char text[DNSADDR_TEXT_MAX];
	uint8_t ip[16];

	assert_true(dnsaddr_parse6(slice_str(given), ip));
	assert_hex(slice_of(ip, 16), bytes);
	assert_int_equal(dnsaddr_text6(ip, text), strlen(canonical));
	assert_string_equal(text, canonical);
}

static void test_ipv6(void **state)
{
	(void)state;
	assert_ipv6("::", "00000000000000000000000000000000", "::");
	assert_ipv6("::1", "00000000000000000000000000000001", "::1");
	assert_ipv6("1::", "00010000000000000000000000000000", "1::");
	assert_ipv6("0300:0::0ABC", "03000000000000000000000000000ABC", "300::abc");
	assert_ipv6("1:2:3:4:5:6:7:8", "00010002000300040005000600070008", "1:2:3:4:5:6:7:8");
	assert_ipv6("::2:3:4:5:6:7:8", "00000002000300040005000600070008", "0:2:3:4:5:6:7:8");
	assert_ipv6("1:2:3:4:5:6:7::", "00010002000300040005000600070000", "1:2:3:4:5:6:7:0");
	assert_ipv6("1:0:0:2:0:0:0:3", "00010000000000020000000000000003", "1:0:0:2::3");
	assert_ipv6("1:0:0:2:3:0:0:4", "00010000000000020003000000000004", "1::2:3:0:0:4");
	assert_ipv6("0:0:1:1:1:1:0:0", "00000000000100010001000100000000", "::1:1:1:1:0:0");
	assert_ipv6("::1.2.3.4", "00000000000000000000000001020304", "::102:304");
	assert_ipv6("::FFFF:1.2.3.4", "00000000000000000000FFFF01020304", "::ffff:1.2.3.4");
	assert_ipv6(
		"1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304", "1:2:3:4:5:6:102:304");
	assert_ipv6("1::2:1.2.3.4", "00010000000000000000000201020304", "1::2:102:304");
	assert_ipv6("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void test_ipv6_refused(void **state)
{
	static const char *const bad[] = {"", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
		"1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "1::2::3",
		":1::", "1:", "::1:", "12345::", "::g", "::1%1", "[::1]", " ::1", "::1 ", "1.2.3.4",
		"::1.2.3", "::1.2.3.4.5", "::1.2.3.256", "::01.2.3.4", "1.2.3.4::", "::1.2.3.4:1",
		"1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4", "::2:3:4:5:6:7:1.2.3.4", "::/0"};
	uint8_t ip[16];
	(void)state;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(dnsaddr_parse6(slice_str(bad[i]), ip));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lower),
		cmocka_unit_test(test_name_rules),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_hex_taken),
		cmocka_unit_test(test_hex_refused),
		cmocka_unit_test(test_ipv4),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_ipv6_refused),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
