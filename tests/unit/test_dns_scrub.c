/* What stays of another server's answer: what belongs to the question, and nothing else. */
#include "dns/scrub.h"
#include "tests/unit/dns_rig.h"

static struct dns_answer *in, *out;
static struct dns_name last;

static int two_answers(void **state)
{
	(void)state;
	in = dns_answer_new();
	out = dns_answer_new();
	return in && out ? 0 : -1;
}

static int no_answers(void **state)
{
	(void)state;
	mem_free(in);
	mem_free(out);
	return mem_blocks() ? -1 : 0;
}

static const struct dns_scrub any;

static bool scrub(const char *name, uint16_t type, const struct dns_scrub *how)
{
	struct dns_query q = query_of(name);

	q.type = type;
	return dns_scrub(in, &q, how, out, &last);
}

/* The owners of what stays, in order, each with a space behind. */
static const char *left(void)
{
	static char text[4096];
	size_t n = 0;

	text[0] = 0;
	for (size_t i = 0; i < out->count; i++) {
		struct dns_name owner = {.size = (uint8_t)out->rr[i].owner.n};
		memcpy(owner.wire, out->rr[i].owner.p, owner.size);
		char name[DNS_NAME_TEXT_MAX];
		dns_name_text(&owner, name);
		n += (size_t)snprintf(text + n, sizeof text - n, "%s/%u ", name, out->rr[i].type);
	}
	return text;
}

static void assert_last(const char *name)
{
	struct dns_name n = name_of(name);

	assert_true(dns_name_equal(&n, &last));
}

static void add_link(const char *owner, const char *target)
{
	add_name(in, DNS_SECTION_ANSWER, owner, DNS_TYPE_CNAME, target);
}

static void the_chain_and_its_end_stay(void **state)
{
	(void)state;
	dns_answer_clear(in);
	in->aa = in->ad = true;
	add_a(in, DNS_SECTION_ANSWER, "C.example", 3);
	add_link("b.example", "c.example");
	add_link("WWW.example", "B.example");
	add_a(in, DNS_SECTION_ANSWER, "c.example", 4);
	assert_true(scrub("www.Example", DNS_TYPE_A, &any));
	assert_string_equal(left(), "C.example/1 b.example/5 WWW.example/5 c.example/1 ");
	assert_last("c.example");
	assert_true(!out->aa && !out->ad && out->rcode == 0);
}

static void what_nobody_asked_for_goes(void **state)
{
	(void)state;
	dns_answer_clear(in);
	add_a(in, DNS_SECTION_ANSWER, "www.example", 1);
	add_a(in, DNS_SECTION_ANSWER, "bank.example", 2);
	add_a(in, DNS_SECTION_ANSWER, "example", 2);
	add_a(in, DNS_SECTION_ANSWER, "a.www.example", 2);
	add_name(in, DNS_SECTION_ANSWER, "www.example", DNS_TYPE_NS, "ns.bank.example");
	add_link("bank.example", "www.example");
	add_name(in, DNS_SECTION_AUTHORITY, "bank.example", DNS_TYPE_NS, "ns.bank.example");
	add_name(in, DNS_SECTION_AUTHORITY, "www.example", DNS_TYPE_NS, "ns.www.example");
	add_name(in, DNS_SECTION_AUTHORITY, "example", DNS_TYPE_PTR, "ns.www.example");
	add_soa(in, "bank.example", 60);
	add_a(in, DNS_SECTION_AUTHORITY, "www.example", 2);
	add_a(in, DNS_SECTION_ADDITIONAL, "ns.bank.example", 2);
	add_a(in, DNS_SECTION_ADDITIONAL, "NS.www.example", 5);
	add_name(in, DNS_SECTION_ADDITIONAL, "ns.www.example", DNS_TYPE_PTR, "x");
	in->rr[in->count - 2].klass = DNS_CLASS_IN;
	assert_true(scrub("www.example", DNS_TYPE_A, &any));
	assert_string_equal(left(), "www.example/1 www.example/2 NS.www.example/1 ");
	in->rr[0].klass = 3;
	assert_true(scrub("www.example", DNS_TYPE_A, &any));
	assert_string_equal(left(), "www.example/2 NS.www.example/1 ");
}

/* A chain of so many CNAMEs, from n0.example to n<links>.example. */
static bool chain(int links, bool loop)
{
	char from[32], to[32];

	dns_answer_clear(in);
	for (int i = links - 1; i >= 0; i--) {
		snprintf(from, sizeof from, "n%d.example", i);
		snprintf(to, sizeof to, "N%d.example", loop && i == links - 1 ? 0 : i + 1);
		add_link(from, to);
	}
	return scrub("n0.example", DNS_TYPE_A, &any);
}

static void links_are_counted_and_loops_end(void **state)
{
	(void)state;
	assert_true(chain(11, false) && out->count == 11 && out->rcode == 0);
	assert_last("n11.example");
	assert_false(chain(12, false));
	assert_true(out->count == 0 && out->rcode == DNS_RCODE_SERVFAIL);
	for (int n = 1; n < 12; n++) {
		assert_false(chain(n, true));
		assert_true(out->count == 0 && out->rcode == DNS_RCODE_SERVFAIL);
	}
}

static void a_cname_that_was_asked_for_is_not_followed(void **state)
{
	(void)state;
	dns_answer_clear(in);
	add_link("www.example", "b.example");
	add_link("b.example", "www.example");
	add_a(in, DNS_SECTION_ANSWER, "b.example", 1);
	assert_true(scrub("www.example", DNS_TYPE_CNAME, &any));
	assert_string_equal(left(), "www.example/5 ");
	assert_last("www.example");
	assert_true(scrub("www.example", DNS_TYPE_ANY, &any));
	assert_string_equal(left(), "www.example/5 ");
	dns_answer_clear(in); /* of two, one is followed */
	add_link("www.example", "b.example");
	add_link("www.example", "c.example");
	add_a(in, DNS_SECTION_ANSWER, "b.example", 1);
	add_a(in, DNS_SECTION_ANSWER, "c.example", 1);
	assert_true(scrub("www.example", DNS_TYPE_A, &any));
	assert_string_equal(left(), "www.example/5 b.example/1 ");
	dns_answer_clear(in); /* data beside it end the chain */
	add_link("www.example", "b.example");
	add_a(in, DNS_SECTION_ANSWER, "www.example", 1);
	assert_true(scrub("www.example", DNS_TYPE_A, &any));
	assert_string_equal(left(), "www.example/1 ");
}

/* Servers of the Internet know nothing of the chain's names. */
static void the_ten_zones_are_not_theirs(void **state)
{
	static const char *const names[] = {"shop.YGG", "ygg", "a.b.anon", "ygpo-napu.v6", "x.Q6"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		dns_answer_clear(in);
		in->rcode = DNS_RCODE_NXDOMAIN;
		add_link("www.example", names[i]);
		add_a(in, DNS_SECTION_ANSWER, names[i], 6);
		add_link(names[i], "bank.example");
		add_a(in, DNS_SECTION_ANSWER, "bank.example", 6);
		add_soa(in, ".", 60);
		add_a(in, DNS_SECTION_ADDITIONAL, names[i], 6);
		assert_true(scrub("www.example", DNS_TYPE_A, &any));
		assert_string_equal(left(), "www.example/5 ");
		assert_int_equal(out->rcode, DNS_RCODE_NOERROR);
		assert_last(names[i]);
	}
	dns_answer_clear(in);
	add_link("www.example", "ygg.example");
	add_a(in, DNS_SECTION_ANSWER, "ygg.example", 6);
	assert_true(scrub("www.example", DNS_TYPE_A, &any) && out->count == 2);
}

static void a_delegation_tells_only_its_domain(void **state)
{
	struct dns_name top = name_of("example.ygg");
	struct dns_scrub how = {.top = &top};

	(void)state;
	dns_answer_clear(in);
	add_link("www.Example.ygg", "b.example.ygg");
	add_a(in, DNS_SECTION_ANSWER, "b.example.YGG", 1);
	add_a(in, DNS_SECTION_ANSWER, "bank.ygg", 2);
	add_name(in, DNS_SECTION_AUTHORITY, "ygg", DNS_TYPE_NS, "ns.example.ygg");
	add_name(in, DNS_SECTION_AUTHORITY, "example.ygg", DNS_TYPE_NS, "ns.bank.ygg");
	add_name(in, DNS_SECTION_AUTHORITY, "example.ygg", DNS_TYPE_NS, "ns.example.ygg");
	add_a(in, DNS_SECTION_ADDITIONAL, "ns.bank.ygg", 3);
	add_a(in, DNS_SECTION_ADDITIONAL, "ns.example.ygg", 4);
	assert_true(scrub("www.example.ygg", DNS_TYPE_A, &how));
	assert_string_equal(left(), "www.Example.ygg/5 b.example.YGG/1 example.ygg/2 "
				    "example.ygg/2 ns.example.ygg/1 ");
	dns_answer_clear(in); /* it leads out: what it says of the other name does not count */
	in->rcode = DNS_RCODE_NXDOMAIN;
	add_link("www.example.ygg", "bank.ygg");
	add_a(in, DNS_SECTION_ANSWER, "bank.ygg", 2);
	add_soa(in, "example.ygg", 60);
	assert_true(scrub("www.example.ygg", DNS_TYPE_A, &how));
	assert_string_equal(left(), "www.example.ygg/5 ");
	assert_int_equal(out->rcode, DNS_RCODE_NOERROR);
	assert_last("bank.ygg");
}

static void signatures_and_proofs_stay(void **state)
{
	(void)state;
	dns_answer_clear(in);
	in->ad = true;
	struct dns_scrub trusted = {.keep_ad = true};
	add_name(in, DNS_SECTION_ANSWER, "example", DNS_TYPE_DNAME, "other");
	add_bytes(in, DNS_SECTION_ANSWER, "example", DNS_TYPE_RRSIG, slice_of("\0\47x", 3));
	add_link("www.example", "www.other");
	add_a(in, DNS_SECTION_ANSWER, "www.other", 1);
	add_bytes(in, DNS_SECTION_ANSWER, "www.other", DNS_TYPE_RRSIG, slice_of("\0\1x", 3));
	add_bytes(in, DNS_SECTION_ANSWER, "other", DNS_TYPE_RRSIG, slice_of("\0\1x", 3));
	add_name(in, DNS_SECTION_ANSWER, "elsewhere", DNS_TYPE_DNAME, "other");
	add_soa(in, "other", 60);
	add_bytes(in, DNS_SECTION_AUTHORITY, "other", DNS_TYPE_RRSIG, slice_of("\0\6x", 3));
	add_name(in, DNS_SECTION_AUTHORITY, "aaa.other", DNS_TYPE_NSEC, "zzz.other");
	add_bytes(in, DNS_SECTION_AUTHORITY, "other", DNS_TYPE_DS, slice_of("xxxx", 4));
	assert_true(scrub("www.example", DNS_TYPE_A, &trusted));
	assert_true(out->ad);
	assert_string_equal(left(),
		"example/39 example/46 www.example/5 www.other/1 www.other/46 other/6 other/46 "
		"aaa.other/47 other/43 ");
}

static void private_addresses_go(void **state)
{
	static const struct {
		uint32_t ip;
		bool stays;
	} tries[] = {
		{0x00000000, false},
		{0x0A010203, false},
		{0x7F000001, false},
		{0xA9FE0001, false},
		{0xAC0FFFFF, true},
		{0xAC100000, false},
		{0xAC1FFFFF, false},
		{0xAC200000, true},
		{0xC0A80101, false},
		{0xC0A90101, true},
		{0x64400001, false},
		{0x64800001, true},
		{0x643FFFFF, true},
		{0x08080808, true},
		{0x01000000, true},
	};
	static const struct {
		const char *ip;
		bool stays;
	} six[] = {
		{"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", false},
		{"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", false},
		{"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2", true},
		{"\374\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", false},
		{"\375\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", false},
		{"\376\200\0\0\0\0\0\0\0\0\0\0\0\0\0\1", false},
		{"\376\277\0\0\0\0\0\0\0\0\0\0\0\0\0\1", false},
		{"\376\300\0\0\0\0\0\0\0\0\0\0\0\0\0\1", true},
		{"\0\0\0\0\0\0\0\0\0\0\377\377\12\0\0\1", false},
		{"\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", true},
		{"\0\0\0\0\0\0\0\0\0\0\377\377\10\10\10\10", true},
	};
	struct dns_scrub how = {.rebind_protection = true};

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		dns_answer_clear(in);
		add_a(in, DNS_SECTION_ANSWER, "www.example", tries[i].ip);
		assert_true(scrub("www.example", DNS_TYPE_A, &how));
		assert_int_equal(out->count, tries[i].stays);
		assert_true(scrub("www.example", DNS_TYPE_A, &any) && out->count == 1);
	}
	for (size_t i = 0; i < sizeof six / sizeof *six; i++) {
		dns_answer_clear(in);
		add_bytes(in, DNS_SECTION_ANSWER, "www.example", DNS_TYPE_AAAA,
			slice_of(six[i].ip, 16));
		assert_true(scrub("www.example", DNS_TYPE_AAAA, &how));
		assert_int_equal(out->count, six[i].stays);
	}
}

static void ttls_are_bounded(void **state)
{
	static const uint32_t tries[][2] = {{0, 0}, {5, 5}, {86400, 86400}, {86401, 86400},
		{INT32_MAX, 86400}, {0x80000000, 0}, {UINT32_MAX, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		dns_answer_clear(in);
		add_a(in, DNS_SECTION_ANSWER, "www.example", 1);
		add_soa(in, "example", 60);
		add_soa(in, "example", 7200);
		in->rr[0].ttl = in->rr[1].ttl = in->rr[2].ttl = tries[i][0];
		assert_true(scrub("www.example", DNS_TYPE_A, &any));
		assert_int_equal(out->rr[0].ttl, tries[i][1]);
		/* The minimum of an SOA is for who keeps it. */
		assert_int_equal(out->rr[1].ttl, out->rr[2].ttl);
		assert_true(out->rr[2].ttl == (tries[i][1] < 3600 ? tries[i][1] : 3600));
	}
}

static void rcodes(void **state)
{
	(void)state;
	for (uint16_t rcode = 0; rcode < 20; rcode++) {
		dns_answer_clear(in);
		in->rcode = rcode;
		add_a(in, DNS_SECTION_ANSWER, "www.example", 1);
		assert_true(scrub("www.example", DNS_TYPE_A, &any));
		assert_int_equal(out->rcode, rcode > 15 ? DNS_RCODE_SERVFAIL : rcode);
		assert_int_equal(out->count, rcode == 0 || rcode == 3 || rcode == 6);
	}
	in->bad = true;
	assert_false(scrub("www.example", DNS_TYPE_A, &any));
	assert_int_equal(out->rcode, DNS_RCODE_SERVFAIL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_chain_and_its_end_stay),
		cmocka_unit_test(what_nobody_asked_for_goes),
		cmocka_unit_test(links_are_counted_and_loops_end),
		cmocka_unit_test(a_cname_that_was_asked_for_is_not_followed),
		cmocka_unit_test(the_ten_zones_are_not_theirs),
		cmocka_unit_test(a_delegation_tells_only_its_domain),
		cmocka_unit_test(signatures_and_proofs_stay),
		cmocka_unit_test(private_addresses_go),
		cmocka_unit_test(ttls_are_bounded),
		cmocka_unit_test(rcodes),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, two_answers, no_answers);
}
