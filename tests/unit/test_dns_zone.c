/* The chain filter: which records answer a question (8.9, steps 1 to 10). */
#include "tests/unit/dns_zone_rig.h"

#define A(name, ip)    "{\"type\":\"A\",\"domain\":\"" name "\",\"addr\":\"" ip "\",\"ttl\":300}"
#define NS(name, host) "{\"type\":\"NS\",\"domain\":\"" name "\",\"host\":\"" host "\",\"ttl\":60}"
#define CNAME(name, host)                                                                          \
	"{\"type\":\"CNAME\",\"domain\":\"" name "\",\"host\":\"" host "\",\"ttl\":60}"
#define PTR(name, host)                                                                            \
	"{\"type\":\"PTR\",\"domain\":\"" name "\",\"data\":\"" host "\",\"ttl\":60}"

/* ---- steps 1 to 3: whose name is it? ---- */

static void test_ten_zones_only(void **state)
{
	static const char *const foreign[] = {
		"example.org", "ygg.org", "org", "", "x.v6", "x.yg", "a.yggg", "x.\xD0\xB0non"};
	static const char *const zones[] = {
		"anon", "btn", "conf", "index", "merch", "mirror", "mob", "screen", "srv", "ygg"};
	struct zone_rig *r = *state;
	struct dns_name name;

	for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
		/* Also when the chain has such a domain. */
		assert_string_equal(
			ask(r, DATA(A("@", "1.2.3.4")), foreign[i], DNS_TYPE_A), "pass");
		assert_false(dns_zone_is_ours(&r->q.name));
	}
	for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
		char text[32];
		snprintf(text, sizeof text, "X.%s", zones[i]);
		assert_true(dns_name_from_text(slice_str(text), &name));
		assert_true(dns_zone_is_ours(&name));
		assert_string_not_equal(ask(r, NULL, text, DNS_TYPE_A), "pass");
	}
}

static void test_the_zone_itself(void **state)
{
	struct zone_rig *r = *state;

	assert_string_equal(ask(r, NULL, "ygg", DNS_TYPE_A), "0 aa" NEGATIVE("ygg"));
	assert_string_equal(ask(r, NULL, "YgG", DNS_TYPE_NS), "0 aa" NEGATIVE("ygg"));
	assert_string_equal(ask(r, NULL, "ygg", DNS_TYPE_SOA), "0 aa | a ygg 6 60 " SOA_DATA);
	assert_true(dns_zone_is_ours(&r->q.name));
}

static void test_no_such_domain(void **state)
{
	struct zone_rig *r = *state;

	assert_string_equal(ask(r, NULL, "a.x.ygg", DNS_TYPE_A), "3 aa" NEGATIVE("ygg"));
	r->zone.last_full_time = -1; /* the serial number wraps */
	assert_non_null(strstr(ask(r, NULL, "x.ygg", DNS_TYPE_A), "FFFFFFFF00000E10"));
}

static void test_data_that_does_not_parse(void **state)
{
	static const char *const bad[] = {"", "{}", DATA("{}"), DATA(A("@", "1.2.3")), "\xFF",
		"{\"encrypted\":\"zz\",\"zone\":\"ygg\"}"};
	struct zone_rig *r = *state;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_string_equal(ask(r, bad[i], "x.ygg", DNS_TYPE_A), "2");
		assert_string_equal(ask(r, bad[i], "x.ygg", DNS_TYPE_NS), "2");
	}
}

static void test_more_records_than_a_block_may_have(void **state)
{
	struct zone_rig *r = *state;
	char text[8192];
	struct wr w = wr_of(text, sizeof text);

	wr_format(&w, "{\"encrypted\":\"\",\"zone\":\"ygg\",\"records\":[");
	for (int i = 0; i < MAX_RECORDS; i++)
		wr_format(&w, "%s" A("@", "1.2.3.%d"), i ? "," : "", i);
	size_t n = w.n;
	wr_format(&w, "]}");
	ask(r, text, "x.ygg", DNS_TYPE_A);
	assert_int_equal(r->answer->count, MAX_RECORDS);
	w.n = n;
	wr_format(&w, "," A("@", "9.9.9.9") "]}");
	assert_string_equal(ask(r, text, "x.ygg", DNS_TYPE_A), "2");
}

/* ---- step 4: delegation ---- */

#define DELEGATED                                                                                  \
	DATA(NS("@", "ns.x.ygg") "," NS("@", "ns2.x.ygg") "," A("ns", "1.2.3.4") "," A(            \
		"ns", "1.2.3.4") "," A("ns2", "1.2.3.5") "," A("www", "9.9.9.9") "," A("@",        \
		"8.8.8.8") ",{\"type\":\"AAAA\",\"domain\":\"ns\",\"addr\":\"::ffff:1.2.3.4\","    \
			   "\"ttl\":1},{\"type\":\"AAAA\",\"domain\":\"ns\",\"addr\":\"200::1\","  \
			   "\"ttl\":4294967295}")

static void test_delegation_has_each_address_once(void **state)
{
	struct zone_rig *r = *state;
	char text[DNS_NAME_TEXT_MAX];

	assert_string_equal(ask(r, DELEGATED, "a.B.X.ygg", DNS_TYPE_A),
		"delegated ::ffff:1.2.3.4 ::ffff:1.2.3.5 200::1");
	dns_name_text(&r->servers.top, text);
	assert_string_equal(text, "x.ygg");
	assert_string_equal(ask(r, DELEGATED, "x.ygg", DNS_TYPE_ANY),
		"delegated ::ffff:1.2.3.4 ::ffff:1.2.3.5 200::1");
}

static void test_ns_of_a_delegated_domain_is_answered(void **state)
{
	struct zone_rig *r = *state;

	assert_string_equal(ask(r, DELEGATED, "x.ygg", DNS_TYPE_NS),
		"0 aa | a x.ygg 2 60 026E730178037967670"
		"0 | a x.ygg 2 60 036E733201780379676700");
}

static void test_referral_without_recursion(void **state)
{
	struct zone_rig *r = *state;

	r->q.rd = false;
	assert_string_equal(ask(r, DELEGATED, "W.x.ygg", DNS_TYPE_A),
		"0 | n x.ygg 2 60 026E7301780379676700 | n x.ygg 2 60 036E733201780379676700"
		" | d ns.x.ygg 1 300 01020304 | d ns.x.ygg 1 300 01020304"
		" | d ns2.x.ygg 1 300 01020305"
		" | d ns.x.ygg 28 1 00000000000000000000FFFF01020304"
		" | d ns.x.ygg 28 0 02000000000000000000000000000001");
}

static void test_no_more_servers_than_are_asked(void **state)
{
	struct zone_rig *r = *state;
	char text[8192];
	struct wr w = wr_of(text, sizeof text);

	wr_format(&w, "{\"encrypted\":\"\",\"zone\":\"ygg\",\"records\":[" NS("@", "n.x.ygg"));
	for (int i = 1; i < MAX_RECORDS; i++)
		wr_format(&w, "," A("n", "1.2.3.%d"), i);
	wr_format(&w, "]}");
	ask(r, text, "x.ygg", DNS_TYPE_A);
	assert_int_equal(r->servers.count, DNS_DELEGATION_SERVERS);
}

/* A server outside the domain has no address here; "@" is none of a server; text is exact. */
static void test_not_delegated(void **state)
{
	struct zone_rig *r = *state;

	assert_string_equal(
		ask(r, DATA(NS("@", "x.ygg") "," A("@", "1.2.3.4")), "x.ygg", DNS_TYPE_A),
		"0 aa | a x.ygg 1 300 01020304 | n x.ygg 2 60 01780379676700");
	assert_string_equal(
		ask(r, DATA(NS("@", "NS.x.ygg") "," A("ns", "1.2.3.4")), "x.ygg", DNS_TYPE_A),
		"0 aa" NEGATIVE("ygg"));
	assert_string_equal(
		ask(r, DATA(NS("@", "ns.x.ygg.") "," A("ns", "1.2.3.4")), "x.ygg", DNS_TYPE_A),
		"0 aa" NEGATIVE("ygg"));
	assert_string_equal(
		ask(r, DATA(NS("sub", "ns.x.ygg") "," A("ns", "1.2.3.4")), "x.ygg", DNS_TYPE_A),
		"0 aa" NEGATIVE("ygg"));
}

/* ---- steps 5 to 7 ---- */

static void test_direct(void **state)
{
	static const char data[] = DATA(A("@", "1.1.1.1") "," A("", "2.2.2.2") "," A(
		"www", "3.3.3.3") "," A("WWW", "4.4.4.4") "," A("a.b", "5.5.5.5") "," A("y.x.ygg",
		"6.6.6.6") "," A("\\u0063", "7.7.7.7"));
	struct zone_rig *r = *state;

	assert_string_equal(ask(r, data, "X.ygg", DNS_TYPE_A),
		"0 aa | a X.ygg 1 300 01010101 | a X.ygg 1 300 02020202");
	assert_string_equal(
		ask(r, data, "wWw.x.YGG", DNS_TYPE_A), "0 aa | a wWw.x.YGG 1 300 03030303");
	assert_string_equal(
		ask(r, data, "a.b.x.ygg", DNS_TYPE_A), "0 aa | a a.b.x.ygg 1 300 05050505");
	assert_string_equal(ask(r, data, "@.x.ygg", DNS_TYPE_A), "0 aa | a @.x.ygg 1 300 01010101");
	assert_string_equal(ask(r, data, "y.x.ygg", DNS_TYPE_A), "0 aa | a y.x.ygg 1 300 06060606");
	assert_string_equal(ask(r, data, "c.x.ygg", DNS_TYPE_A), "0 aa | a c.x.ygg 1 300 07070707");
	assert_string_equal(ask(r, data, "c.x.ygg", DNS_TYPE_AAAA), "0 aa" NEGATIVE("ygg"));
	assert_string_equal(ask(r, data, "d.x.ygg", DNS_TYPE_A), "3 aa" NEGATIVE("ygg"));
}

static void test_cname(void **state)
{
	static const char data[] = DATA(CNAME("a", "one.x.ygg") "," CNAME("a", "two.org") "," CNAME(
		"b", "three") "," A("b", "1.2.3.4"));
	struct zone_rig *r = *state;

	/* The last one alone, for every type, unless there are data. */
	assert_string_equal(
		ask(r, data, "A.x.ygg", DNS_TYPE_A), "0 aa | a A.x.ygg 5 60 0374776F036F726700");
	assert_string_equal(ask(r, data, "a.x.ygg", DNS_TYPE_CNAME),
		"0 aa | a a.x.ygg 5 60 0374776F036F726700");
	assert_string_equal(
		ask(r, data, "a.x.ygg", 999), "0 aa | a a.x.ygg 5 60 0374776F036F726700");
	assert_string_equal(ask(r, data, "b.x.ygg", DNS_TYPE_A), "0 aa | a b.x.ygg 1 300 01020304");
	assert_string_equal(
		ask(r, data, "b.x.ygg", DNS_TYPE_MX), "0 aa | a b.x.ygg 5 60 05746872656500");
}

static void test_wildcard(void **state)
{
	static const char data[] =
		DATA(A("*", "1.2.3.4") "," PTR("w", "h") "," CNAME("*", "c") "," CNAME("*", "d"));
	struct zone_rig *r = *state;

	assert_string_equal(ask(r, data, "Q.x.ygg", DNS_TYPE_A), "0 aa | a Q.x.ygg 1 300 01020304");
	assert_string_equal(
		ask(r, data, "a.b.c.x.ygg", DNS_TYPE_A), "0 aa | a a.b.c.x.ygg 1 300 01020304");
	assert_string_equal(ask(r, data, "x.ygg", DNS_TYPE_A), "0 aa | a x.ygg 1 300 01020304");
	assert_string_equal(ask(r, data, "w.x.ygg", DNS_TYPE_A), "0 aa | a w.x.ygg 1 300 01020304");
	assert_string_equal(ask(r, data, "*.x.ygg", DNS_TYPE_A), "0 aa | a *.x.ygg 1 300 01020304");
	/* A wildcard's CNAME answers questions for CNAMEs alone. */
	assert_string_equal(ask(r, data, "q.x.ygg", DNS_TYPE_MX), "0 aa" NEGATIVE("ygg"));
	assert_string_equal(ask(r, data, "q.x.ygg", DNS_TYPE_CNAME),
		"0 aa | a q.x.ygg 5 60 016300 | a q.x.ygg 5 60 016400");
	assert_string_equal(
		ask(r, DATA(A("*.a", "1.2.3.4")), "b.a.x.ygg", DNS_TYPE_A), "3 aa" NEGATIVE("ygg"));
}

static void test_names_between_exist(void **state)
{
	static const char data[] = DATA(A("a.b.c", "1.2.3.4") "," A("xd", "1.2.3.4"));
	struct zone_rig *r = *state;

	assert_string_equal(ask(r, data, "b.c.x.ygg", DNS_TYPE_A), "0 aa" NEGATIVE("ygg"));
	assert_string_equal(ask(r, data, "c.x.ygg", DNS_TYPE_A), "0 aa" NEGATIVE("ygg"));
	assert_string_equal(ask(r, data, "C.x.ygg", DNS_TYPE_TXT), "0 aa" NEGATIVE("ygg"));
	assert_string_equal(ask(r, data, "d.x.ygg", DNS_TYPE_A), "3 aa" NEGATIVE("ygg"));
	assert_string_equal(ask(r, DATA(""), "x.ygg", DNS_TYPE_A), "0 aa" NEGATIVE("ygg"));
}

static void test_types_without_records(void **state)
{
	static const char data[] =
		DATA("{\"type\":\"UNKNOWN\",\"domain\":\"u\",\"qtype\":257,"
		     "\"data_len\":4,\"ttl\":1},{\"type\":\"OPT\",\"packet_len\":1,"
		     "\"flags\":0,\"data\":\"@\"}");
	struct zone_rig *r = *state;

	assert_string_equal(ask(r, data, "u.x.ygg", 257), "0 aa" NEGATIVE("ygg"));
	assert_string_equal(ask(r, data, "u.x.ygg", 0), "0 aa" NEGATIVE("ygg"));
	assert_string_equal(ask(r, data, "x.ygg", DNS_TYPE_OPT), "0 aa" NEGATIVE("ygg"));
	assert_string_equal(ask(r, data, "1.x.ygg", 0), "3 aa" NEGATIVE("ygg"));
	assert_string_equal(ask(r, data, "u.x.ygg", DNS_TYPE_ANY), "0 aa" NEGATIVE("ygg"));
}

static void test_any(void **state)
{
	struct zone_rig *r = *state;

	assert_true(dns_name_from_text(slice_str("X.org"), &r->q.name));
	dns_any_answer(&r->q, r->answer);
	assert_string_equal(write_line(r, DNS_ANSWERED), "0 | a X.org 13 3600 075246433834383200");
}

/* ---- step 8 ---- */

static void test_name_servers_beside_an_answer(void **state)
{
	static const char data[] = DATA(NS("@", "x.ygg") "," NS("@", "org") "," NS(
		"sub", "y") "," A("@", "1.2.3.4") "," A("www", "1.2.3.5"));
	struct zone_rig *r = *state;

	assert_string_equal(ask(r, data, "WWW.x.ygg", DNS_TYPE_A),
		"0 aa | a WWW.x.ygg 1 300 01020305 | n x.ygg 2 60 01780379676700"
		" | n x.ygg 2 60 036F726700 | d x.ygg 1 300 01020304");
	assert_string_equal(ask(r, data, "www.x.ygg", DNS_TYPE_MX), "0 aa" NEGATIVE("ygg"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ten_zones_only),
		TEST(test_the_zone_itself),
		TEST(test_no_such_domain),
		TEST(test_data_that_does_not_parse),
		TEST(test_more_records_than_a_block_may_have),
		TEST(test_delegation_has_each_address_once),
		TEST(test_ns_of_a_delegated_domain_is_answered),
		TEST(test_referral_without_recursion),
		TEST(test_no_more_servers_than_are_asked),
		TEST(test_not_delegated),
		TEST(test_direct),
		TEST(test_cname),
		TEST(test_wildcard),
		TEST(test_names_between_exist),
		TEST(test_types_without_records),
		TEST(test_any),
		TEST(test_name_servers_beside_an_answer),
	};
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
