/* How long an answer of another server may be kept (RFC 2308). */
#include "dns/cache.h"
#include "tests/unit/dns_rig.h"

static struct dns_answer *a;

static int an_answer(void **state)
{
	(void)state;
	a = dns_answer_new();
	return a ? 0 : -1;
}

static int no_answer(void **state)
{
	(void)state;
	mem_free(a);
	return mem_blocks() ? -1 : 0;
}

static uint32_t life(uint16_t type)
{
	return dns_answer_life(a, type);
}

static void the_least_ttl(void **state)
{
	(void)state;
	dns_answer_clear(a);
	add_a(a, DNS_SECTION_ANSWER, "example", 1);
	assert_int_equal(life(DNS_TYPE_A), 300);
	add_a(a, DNS_SECTION_ANSWER, "example", 2);
	a->rr[1].ttl = 20;
	add_a(a, DNS_SECTION_ADDITIONAL, "ns.example", 2);
	assert_int_equal(life(DNS_TYPE_A), 20);
	a->rr[2].ttl = 10;
	assert_int_equal(life(DNS_TYPE_A), 10);
	assert_int_equal(life(DNS_TYPE_ANY), 10);
	a->rr[2].ttl = 0;
	assert_int_equal(life(DNS_TYPE_A), 0);
	a->rr[2].ttl = 0x80000000;
	assert_int_equal(life(DNS_TYPE_A), 0);
	a->rr[0].ttl = a->rr[1].ttl = a->rr[2].ttl = INT32_MAX;
	assert_int_equal(life(DNS_TYPE_A), 86400);
}

static void negative_by_the_soa(void **state)
{
	(void)state;
	for (uint16_t rcode = 0; rcode <= 3; rcode += 3) {
		dns_answer_clear(a);
		a->rcode = rcode;
		assert_int_equal(life(DNS_TYPE_A), 0); /* without SOA */
		add_soa(a, "example", 60);
		assert_int_equal(life(DNS_TYPE_A), 60);
		a->rr[0].ttl = 30;
		assert_int_equal(life(DNS_TYPE_A), 30);
		dns_answer_clear(a);
		a->rcode = rcode;
		add_soa(a, "example", 100000);
		assert_int_equal(life(DNS_TYPE_A), 300);
		a->rr[0].ttl = 100000;
		assert_int_equal(life(DNS_TYPE_A), 3600);
	}
}

static void an_alias_without_what_it_leads_to(void **state)
{
	(void)state;
	dns_answer_clear(a);
	add_name(a, DNS_SECTION_ANSWER, "www.example", DNS_TYPE_CNAME, "b.example");
	assert_int_equal(life(DNS_TYPE_A), 0);
	assert_int_equal(life(DNS_TYPE_CNAME), 300);
	add_soa(a, "example", 60);
	assert_int_equal(life(DNS_TYPE_A), 60);
	a->rcode = DNS_RCODE_NXDOMAIN;
	assert_int_equal(life(DNS_TYPE_A), 60);
	add_a(a, DNS_SECTION_ADDITIONAL, "b.example", 1);
	assert_int_equal(life(DNS_TYPE_A), 60); /* in another section it is no answer */
}

static void errors(void **state)
{
	(void)state;
	for (uint16_t rcode = 0; rcode < 20; rcode++) {
		dns_answer_clear(a);
		a->rcode = rcode;
		add_soa(a, "example", 60);
		uint32_t expected = rcode == DNS_RCODE_SERVFAIL ? 5
				    : rcode % 3 || rcode > 3    ? 0
								: 60;
		assert_int_equal(life(DNS_TYPE_A), expected);
	}
	a->rcode = DNS_RCODE_NOERROR;
	a->bad = true;
	assert_int_equal(life(DNS_TYPE_A), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_ttl),
		cmocka_unit_test(negative_by_the_soa),
		cmocka_unit_test(an_alias_without_what_it_leads_to),
		cmocka_unit_test(errors),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, an_answer, no_answer);
}
