/* Who goes from a full book or a full group, one reason after the other. */
#include "p2p/addrbook_internal.h"
#include "tests/unit/addrbook_rig.h"
#include "tests/unit/main.h"

enum { SHARE = 16 }; /* of a group in a book of 128 */

/* SHARE tried addresses of one group, each seen a second after the one before, and a new one of
 * another group, which would be the first to go of all. */
static void begin(struct rig *r)
{
	*r = (struct rig){.l.max_address_book = {0}};
	hands_init(&r->h);
	limits_default(&r->l);
	r->l.max_address_book.max = 128;
	addrbook_init(&r->b, &r->l, &r->h.clock, &r->h.rng, 5);
	struct netaddr a = addr("8.8.8.8:1"), source = addr("9.9.9.9:1");
	addrbook_heard(&r->b, &a, &source);
	for (uint32_t i = 0; i < SHARE; i++) {
		a = ipv4(i, 4244);
		addrbook_connected(&r->b, &a);
		r->h.wall++;
	}
	assert_int_equal(addrbook_count(&r->b), SHARE + 1);
}

static void end(struct rig *r)
{
	addrbook_clear(&r->b);
	assert_int_equal(mem_blocks(), 0);
}

static void expect_gone(struct rig *r, uint32_t gone)
{
	static uint32_t next = 1000;
	struct netaddr a = ipv4(next++, 4244), other = addr("8.8.8.8:1");

	addrbook_connected(&r->b, &a);
	assert_non_null(addrbook_entry_of(&r->b, &a));
	assert_int_equal(addrbook_count(&r->b), SHARE + 1);
	assert_non_null(addrbook_entry_of(&r->b, &other));
	a = ipv4(gone, 4244);
	assert_null(addrbook_entry_of(&r->b, &a));
}

/* Yggdrasil alone may have the whole book, but for what one source names. */
static void test_yggdrasil_alone(void **state)
{
	struct rig r = {.l.max_address_book = {0}};
	(void)state;

	hands_init(&r.h);
	limits_default(&r.l);
	addrbook_init(&r.b, &r.l, &r.h.clock, &r.h.rng, 5);
	uint64_t most = r.l.max_address_book.max;
	for (unsigned i = 0; i < 2 * most; i++) {
		struct netaddr a = addr("[201::1]:4244"), source = addr("[200::1]:4244");
		a.ip[2] = (uint8_t)(i * 7);
		a.ip[3] = (uint8_t)i;
		a.ip[4] = (uint8_t)(i >> 8);
		source.ip[2] = (uint8_t)(i % 200);
		addrbook_heard(&r.b, &a, &source);
		if (i == most - 1)
			assert_int_equal(addrbook_count(&r.b), most);
	}
	assert_int_equal(addrbook_count(&r.b), most);
	end(&r);
}

static void test_a_crowded_group(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	struct netaddr seven = ipv4(7, 4244), five = ipv4(5, 4244);
	addrbook_failed(&r.b, &seven, true);
	addrbook_failed(&r.b, &five, true);
	addrbook_failed(&r.b, &five, true);
	expect_gone(&r, 5); /* who failed most */
	expect_gone(&r, 7);
	expect_gone(&r, 0); /* then who was not seen for longest */
	expect_gone(&r, 1);
	assert_int_equal(r.l.max_address_book.hits, 0); /* the book itself is not full */
	end(&r);
}

/* Hearsay takes no place of what was tried, be the group crowded or not. */
static void test_hearsay(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	struct netaddr a = ipv4(500, 4244), source = addr("9.9.9.9:1");
	addrbook_heard(&r.b, &a, &source);
	assert_null(addrbook_entry_of(&r.b, &a));
	assert_int_equal(addrbook_count(&r.b), SHARE + 1);
	end(&r);
}

/* A book that was saved when it might be larger: no group and no source gets more than its share.
 */
static void test_shares_of_a_stored_book(void **state)
{
	enum { MANY = 60, OF_A_SOURCE = 32 };
	uint8_t bytes[ADDRBOOK_HEAD_BYTES + 2 * MANY * ADDRBOOK_ENTRY_BYTES];
	struct wr w = wr_of(bytes, sizeof bytes);
	struct rig r;
	(void)state;

	begin(&r);
	addrbook_clear(&r.b);
	r.l.max_address_book.max = 1000;
	for (uint32_t i = 0; i < MANY; i++) {
		struct netaddr a = ipv4(i, 4244), from = ipv4((i + 1) << 16, 1);
		addrbook_heard(&r.b, &a, &from); /* one group, many sources */
		a = ipv4((i + 1) << 16, 4244);
		from = addr("9.9.9.9:1");
		addrbook_heard(&r.b, &a, &from); /* many groups, one source */
	}
	addrbook_save(&r.b, &w);
	assert_int_equal(wr_done(&w).n, sizeof bytes);
	addrbook_clear(&r.b);
	r.l.max_address_book.max = 128;
	assert_true(addrbook_load(&r.b, slice_of(bytes, sizeof bytes)));
	assert_int_equal(addrbook_count(&r.b), SHARE + OF_A_SOURCE);
	end(&r);
}

/* Failures without end are no more than those that a stored book may have; and a try that seems to
 * be of the future, since the clock went back, makes nobody wait. */
static void test_failures_are_bounded(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	struct netaddr failing = ipv4(1, 4244), refusing = ipv4(2, 4244);
	for (int i = 0; i < 2 * ADDRBOOK_FAILURES_MAX; i++) {
		addrbook_failed(&r.b, &failing, true);
		addrbook_refused(&r.b, &refusing);
	}
	assert_int_equal(addrbook_entry_of(&r.b, &failing)->failures, ADDRBOOK_FAILURES_MAX);
	assert_int_equal(addrbook_entry_of(&r.b, &refusing)->failures, ADDRBOOK_FAILURES_MAX);
	assert_true(addrbook_rests(&r.b, &failing));
	r.h.wall -= 86400;
	assert_false(addrbook_rests(&r.b, &failing));
	end(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_yggdrasil_alone),
		cmocka_unit_test(test_a_crowded_group),
		cmocka_unit_test(test_hearsay),
		cmocka_unit_test(test_shares_of_a_stored_book),
		cmocka_unit_test(test_failures_are_bounded),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
