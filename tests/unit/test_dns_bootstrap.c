/* The addresses of a forwarder's host: taken from answers, kept for their time, tried in turn, and
 * asked for again after a failure. The test is the clock. */
#include <stdlib.h>

#include "base/mem.h"
#include "dns/bootstrap.h"
#include "tests/unit/main.h"

enum { PORT = 8443 };

struct world {
	struct dns_bootstrap b;
	struct dns_answer *a;
	uint64_t now;
};

static int begin(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->a = dns_answer_new();
	w->now = 1000000;
	*state = w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	mem_free(w->a);
	assert_int_equal(mem_blocks(), 0);
	free(w);
	return 0;
}

/* An answer with `count` addresses, 192.0.2.x or 2001:db8::x, from `first` on. */
static void answer(struct world *w, bool v6, uint8_t first, size_t count, uint32_t ttl)
{
	static const uint8_t owner[] = {0};

	dns_answer_clear(w->a);
	for (size_t i = 0; i < count; i++) {
		uint8_t v4[4] = {192, 0, 2, (uint8_t)(first + i)},
			six[16] = {0x20, 1, 0x0d, 0xb8, [15] = (uint8_t)(first + i)};
		dns_answer_add(w->a, DNS_SECTION_ANSWER, slice_of(owner, 1),
			v6 ? DNS_TYPE_AAAA : DNS_TYPE_A, ttl,
			v6 ? slice_of(six, 16) : slice_of(v4, 4));
	}
	dns_bootstrap_answer(&w->b, v6, w->a, PORT, w->now);
}

static void no_answer(struct world *w)
{
	dns_bootstrap_answer(&w->b, true, NULL, PORT, w->now);
	dns_bootstrap_answer(&w->b, false, NULL, PORT, w->now);
}

static void expect(const struct world *w, const char *text)
{
	struct netaddr a;
	char got[NETADDR_TEXT_MAX];

	assert_true(dns_bootstrap_address(&w->b, &a));
	assert_string_equal(netaddr_text(&a, got), text);
}

static void nothing_is_known(void **state)
{
	struct world *w = *state;
	struct netaddr a;

	assert_true(dns_bootstrap_is_due(&w->b, w->now));
	assert_false(dns_bootstrap_is_good(&w->b, w->now));
	assert_false(dns_bootstrap_address(&w->b, &a));
	assert_false(dns_bootstrap_unreached(&w->b));
	dns_bootstrap_asked(&w->b);
	assert_false(dns_bootstrap_is_due(&w->b, w->now));
	assert_true(dns_bootstrap_is_asking(&w->b));
}

static void kept_for_their_time(void **state)
{
	struct world *w = *state;

	dns_bootstrap_asked(&w->b);
	answer(w, false, 1, 1, 300);
	assert_true(dns_bootstrap_is_good(&w->b, w->now)); /* one family is enough */
	answer(w, true, 1, 1, 60);
	w->now += 59999;
	assert_true(dns_bootstrap_is_good(&w->b, w->now));
	assert_false(dns_bootstrap_is_due(&w->b, w->now));
	w->now++;
	assert_false(dns_bootstrap_is_good(&w->b, w->now));
	assert_true(dns_bootstrap_is_due(&w->b, w->now));
	expect(w, "192.0.2.1:8443"); /* still what it was */
	dns_bootstrap_asked(&w->b);
	answer(w, false, 7, 1, 0);
	expect(w, "192.0.2.7:8443");
	answer(w, true, 7, 0, 0);
	expect(w, "192.0.2.7:8443");
	assert_int_equal(dns_bootstrap_others(&w->b), 0); /* the old one of IPv6 is gone */
	w->now += DNS_BOOTSTRAP_TTL_MIN_MS - 1;
	assert_true(dns_bootstrap_is_good(&w->b, w->now));
	w->now++;
	assert_false(dns_bootstrap_is_good(&w->b, w->now));
	dns_bootstrap_asked(&w->b);
	answer(w, false, 1, 1, UINT32_MAX);
	answer(w, true, 1, 0, 0);
	w->now += DNS_BOOTSTRAP_TTL_MAX_MS;
	assert_true(dns_bootstrap_is_due(&w->b, w->now));
}

static void v6_and_v4_in_turn(void **state)
{
	static const char *const all[] = {"[2001:db8::1]:8443", "192.0.2.1:8443",
		"[2001:db8::2]:8443", "192.0.2.2:8443", "192.0.2.3:8443", "192.0.2.4:8443"};
	struct world *w = *state;
	size_t count = sizeof all / sizeof *all;

	dns_bootstrap_asked(&w->b);
	answer(w, true, 1, 2, 300);
	answer(w, false, 1, 9, 300); /* four of each are kept */
	for (size_t i = 0; i < count; i++) {
		expect(w, all[i]);
		assert_int_equal(dns_bootstrap_others(&w->b), count - 1 - i);
		assert_true(dns_bootstrap_unreached(&w->b) == (i + 1 < count));
	}
	expect(w, all[0]); /* and from the beginning */
	dns_bootstrap_unreached(&w->b);
	dns_bootstrap_reached(&w->b);
	expect(w, all[1]); /* what was reached stays the first */
	assert_int_equal(dns_bootstrap_others(&w->b), count - 1);
}

/* What is in use stays in use when others come. */
static void the_one_in_use(void **state)
{
	struct world *w = *state;

	dns_bootstrap_asked(&w->b);
	answer(w, false, 5, 1, 30);
	answer(w, true, 1, 1, 30);
	expect(w, "192.0.2.5:8443");
	w->now += 30000;
	dns_bootstrap_asked(&w->b);
	answer(w, false, 4, 2, 30);
	answer(w, true, 1, 1, 30);
	expect(w, "192.0.2.5:8443");
	w->now += 30000;
	dns_bootstrap_asked(&w->b);
	answer(w, false, 8, 2, 30);
	answer(w, true, 1, 1, 30);
	expect(w, "192.0.2.8:8443");
}

static void failures_have_pauses(void **state)
{
	static const uint64_t pauses[] = {500, 1000, 2000, 4000, 5000, 5000, 5000};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) {
		assert_true(dns_bootstrap_is_due(&w->b, w->now));
		dns_bootstrap_asked(&w->b);
		no_answer(w);
		w->now += pauses[i] - 1;
		assert_false(dns_bootstrap_is_due(&w->b, w->now));
		w->now++;
	}
	dns_bootstrap_asked(&w->b);
	no_answer(w);
	dns_bootstrap_reset(&w->b); /* another network: at once */
	assert_true(dns_bootstrap_is_due(&w->b, w->now));
	dns_bootstrap_asked(&w->b);
	answer(w, false, 1, 1, 30);
	answer(w, true, 1, 0, 30);
	w->now += 30000;
	dns_bootstrap_asked(&w->b);
	no_answer(w);
	expect(w, "192.0.2.1:8443"); /* the last good one */
	w->now += 500;               /* and the pauses begin anew */
	assert_true(dns_bootstrap_is_due(&w->b, w->now));
}

static void what_is_no_address(void **state)
{
	static const uint8_t owner[] = {0}, null[16] = {0}, good[] = {192, 0, 2, 1};
	struct world *w = *state;
	struct netaddr a;

	dns_bootstrap_asked(&w->b);
	dns_answer_clear(w->a);
	dns_answer_add(
		w->a, DNS_SECTION_ANSWER, slice_of(owner, 1), DNS_TYPE_A, 9, slice_of(null, 4));
	dns_answer_add(
		w->a, DNS_SECTION_ANSWER, slice_of(owner, 1), DNS_TYPE_A, 9, slice_of(null, 16));
	dns_answer_add(
		w->a, DNS_SECTION_ANSWER, slice_of(owner, 1), DNS_TYPE_TXT, 9, slice_of(good, 4));
	dns_answer_add(
		w->a, DNS_SECTION_ADDITIONAL, slice_of(owner, 1), DNS_TYPE_A, 9, slice_of(good, 4));
	dns_bootstrap_answer(&w->b, false, w->a, PORT, w->now);
	assert_false(dns_bootstrap_address(&w->b, &a));
	dns_answer_clear(w->a);
	w->a->rcode = DNS_RCODE_NXDOMAIN;
	dns_answer_add(w->a, DNS_SECTION_ANSWER, slice_of(owner, 1), DNS_TYPE_AAAA, 9,
		slice_of("\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1", 16));
	dns_bootstrap_answer(&w->b, true, w->a, PORT, w->now);
	assert_false(dns_bootstrap_address(&w->b, &a));
	assert_false(dns_bootstrap_is_due(&w->b, w->now));
}

static void an_address_of_the_settings(void **state)
{
	struct world *w = *state;
	struct netaddr a;

	assert_true(netaddr_parse(slice_str("9.9.9.9:443"), &a));
	dns_bootstrap_fix(&w->b, &a, 1);
	assert_true(dns_bootstrap_is_good(&w->b, UINT64_MAX));
	assert_false(dns_bootstrap_is_due(&w->b, UINT64_MAX));
	expect(w, "9.9.9.9:443");
	assert_false(dns_bootstrap_unreached(&w->b));
	dns_bootstrap_reset(&w->b);
	assert_true(dns_bootstrap_is_good(&w->b, w->now));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_known, begin, end),
		cmocka_unit_test_setup_teardown(kept_for_their_time, begin, end),
		cmocka_unit_test_setup_teardown(v6_and_v4_in_turn, begin, end),
		cmocka_unit_test_setup_teardown(the_one_in_use, begin, end),
		cmocka_unit_test_setup_teardown(failures_have_pauses, begin, end),
		cmocka_unit_test_setup_teardown(what_is_no_address, begin, end),
		cmocka_unit_test_setup_teardown(an_address_of_the_settings, begin, end),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
