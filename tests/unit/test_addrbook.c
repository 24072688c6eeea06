/* The address book: bounded whatever is heard, nobody can fill it, worth is what was tried. */
#include "tests/unit/addrbook_rig.h"
#include "tests/unit/main.h"

static bool not_this(void *ctx, const struct netaddr *a)
{
	return netaddr_eq(ctx, a);
}

static void a_hundred_thousand_are_heard(void **state)
{
	struct rig *r = *state;

	for (uint32_t i = 0; i < 100000; i++) {
		heard(r, ipv4(i * 2654435761u, 4244), ipv4(i << 8, 1));
		assert_true(addrbook_count(&r->b) <= 1000);
	}
	assert_int_equal(addrbook_count(&r->b), 1000);
	assert_int_equal(r->l.max_address_book.peak, 1000);
	assert_true(r->l.max_address_book.hits > 90000);
	assert_int_equal(addrbook_tried(&r->b), 0);
	counters_are_true(r);
}

static void no_group_gets_more_than_an_eighth(void **state)
{
	struct rig *r = *state;

	for (uint32_t i = 0; i < 2000; i++)
		heard(r, ipv4(i & 0xFFFF, 4244), ipv4(i << 16, 1));
	assert_int_equal(addrbook_count(&r->b), 125);
	for (uint32_t i = 0; i < 2000; i++)
		tried(r, ipv4(i & 0xFFFF, 4244));
	assert_int_equal(addrbook_count(&r->b), 125);
	assert_int_equal(addrbook_tried(&r->b), 125);
	counters_are_true(r);
	r->l.max_address_book.max = 40; /* an eighth would be 5: sixteen are always allowed */
	addrbook_clear(&r->b);
	for (uint32_t i = 0; i < 100; i++)
		heard(r, ipv4(i, 4244), ipv4(i << 16, 1));
	assert_int_equal(addrbook_count(&r->b), 16);
}

static void no_source_gets_more_than_a_quarter(void **state)
{
	struct rig *r = *state;
	struct netaddr liar = addr("9.9.9.9:1"), neighbour = addr("9.9.1.1:1");

	for (uint32_t i = 0; i < 2000; i++)
		heard(r, ipv4(i << 16, 4244), i & 1 ? liar : neighbour);
	assert_int_equal(addrbook_count(&r->b), 250);
	heard(r, addr("8.8.8.8:1"), addr("7.7.7.7:1"));
	assert_int_equal(addrbook_count(&r->b), 251);
	for (uint32_t i = 0; i < 10; i++) /* those that prove true free their places */
		tried(r, ipv4(i << 16, 4244));
	for (uint32_t i = 3000; i < 4000; i++)
		heard(r, ipv4(i << 16, 4244), liar);
	assert_int_equal(addrbook_count(&r->b), 261);
	counters_are_true(r);
}

static void what_was_tried_is_not_displaced_by_talk(void **state)
{
	struct rig *r = *state;

	for (uint32_t i = 0; i < 900; i++)
		tried(r, ipv4(i << 16, 4244));
	for (uint32_t i = 0; i < 20000; i++)
		heard(r, ipv4((1000 + i) * 65536u + 1, 4244), ipv4(i << 8, 1));
	assert_int_equal(addrbook_tried(&r->b), 900);
	assert_int_equal(addrbook_count(&r->b), 1000);
	for (uint32_t i = 900; i < 1500; i++)
		tried(r, ipv4(i << 16, 4244)); /* but by what was tried later */
	assert_int_equal(addrbook_tried(&r->b), 1000);
	heard(r, addr("9.1.1.1:1"), addr("9.2.1.1:1"));
	assert_int_equal(addrbook_tried(&r->b), 1000);
	counters_are_true(r);
}

static void the_fullest_group_makes_room(void **state)
{
	struct rig *r = *state;
	size_t big = 0;

	r->l.max_address_book.max = 200;
	for (uint32_t i = 0; i < 25; i++)
		heard(r, ipv4(i, 4244), ipv4(i << 16, 1));
	for (uint32_t i = 0; i < 175; i++)
		heard(r, ipv4((i + 1) << 16, 4244), ipv4(i << 16, 1));
	assert_int_equal(addrbook_count(&r->b), 200);
	for (uint32_t i = 0; i < 10; i++)
		heard(r, ipv4((i + 500) << 16, 4244), ipv4(i << 16, 1));
	for (uint32_t i = 0; i < 25; i++) {
		struct netaddr a = ipv4(i, 4244);
		addrbook_failed(&r->b, &a, false);
		big += addrbook_rests(&r->b, &a);
	}
	assert_int_equal(addrbook_count(&r->b), 200);
	assert_true(big <= 16); /* ten went; others may share its slot */
}

static void expired_ones_go(void **state)
{
	struct rig *r = *state;
	int64_t ttl = (int64_t)r->l.address_ttl.max / 1000;
	struct netaddr a, fresh = addr("8.8.8.8:1"), failed = addr("8.9.8.8:1");

	for (uint32_t i = 0; i < 500; i++)
		heard(r, ipv4(i << 16, 4244), ipv4(i << 16, 1));
	heard(r, failed, addr("7.7.7.7:1"));
	addrbook_failed(&r->b, &failed, true);
	r->h.wall += ttl;
	addrbook_expire(&r->b);
	assert_int_equal(addrbook_count(&r->b), 501);
	heard(r, fresh, addr("7.7.7.7:1"));
	heard(r, ipv4(0, 4244), addr("7.7.7.7:1")); /* seen again */
	heard(r, failed, addr("7.7.7.7:1"));        /* talk does not make it alive */
	r->h.wall += 1;
	for (int i = 0; i < 50; i++) {
		assert_true(pick(r, &a));
		assert_true(netaddr_eq(&a, &fresh) || a.ip[13] == 0);
	}
	addrbook_expire(&r->b);
	assert_int_equal(addrbook_count(&r->b), 2);
	counters_are_true(r);
	r->h.wall -= 10 * ttl; /* the clock was far ahead and is put right */
	addrbook_expire(&r->b);
	r->h.wall += ttl + 1;
	addrbook_expire(&r->b);
	assert_int_equal(addrbook_count(&r->b), 0);
}

/* At the bound what has expired goes before anything else. */
static void expired_ones_make_room_first(void **state)
{
	struct rig *r = *state;
	struct netaddr old = addr("8.8.8.8:1");

	r->l.max_address_book.max = 100;
	tried(r, old);
	r->h.wall += (int64_t)r->l.address_ttl.max / 1000 + 1;
	for (uint32_t i = 0; i < 100; i++)
		heard(r, ipv4(i << 16, 4244), ipv4(i << 16, 1));
	assert_int_equal(addrbook_count(&r->b), 100);
	assert_int_equal(addrbook_tried(&r->b), 0);
}

static void failures_double_the_rest(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:1"), out;
	int64_t rest = 60;

	tried(r, a);
	for (int i = 0; i < 14; i++) {
		r->h.wall += rest - 1;
		assert_true(addrbook_rests(&r->b, &a));
		assert_false(pick(r, &out));
		r->h.wall += 1;
		assert_false(addrbook_rests(&r->b, &a));
		assert_true(pick(r, &out) && netaddr_eq(&a, &out));
		addrbook_failed(&r->b, &a, true);
		rest = rest * 2 < 8 * 3600 ? rest * 2 : 8 * 3600;
	}
	tried(r, a);
	r->h.wall += 60;
	assert_true(pick(r, &out));
}

static void a_new_one_has_three_tries(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:1");

	heard(r, a, addr("7.7.7.7:1"));
	for (int i = 0; i < 50; i++)
		addrbook_failed(&r->b, &a, false); /* our own network is down */
	r->h.wall += 60;
	assert_false(addrbook_rests(&r->b, &a));
	addrbook_failed(&r->b, &a, true);
	addrbook_failed(&r->b, &a, true);
	assert_int_equal(addrbook_count(&r->b), 1);
	addrbook_failed(&r->b, &a, true);
	assert_int_equal(addrbook_count(&r->b), 0);
	addrbook_failed(&r->b, &a, true); /* unknown: nothing happens */
	counters_are_true(r);
}

static void ends_are_followed_by_rests(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:1"), b = addr("8.9.8.8:1");

	tried(r, a);
	heard(r, b, a);
	r->h.wall += 1000;
	addrbook_closed(&r->b, &a);
	addrbook_refused(&r->b, &b);
	r->h.wall += 59;
	assert_true(addrbook_rests(&r->b, &a));
	r->h.wall += 1;
	assert_false(addrbook_rests(&r->b, &a));
	r->h.wall += 541;
	assert_true(addrbook_rests(&r->b, &b)); /* longer than the 600 s of a ban */
	r->h.wall += 1000;
	assert_false(addrbook_rests(&r->b, &b));
	addrbook_remove(&r->b, &a);
	addrbook_remove(&r->b, &b);
	assert_int_equal(addrbook_count(&r->b), 0);
}

/* Half of the picks, and of the tried ones the one that fails gets fewer. */
static void tried_or_new_by_a_coin(void **state)
{
	struct rig *r = *state;
	struct netaddr good = addr("8.8.8.8:1"), heard_of = addr("9.8.8.8:1"), bad, out;
	int count[3] = {0};

	bad = addr("10.8.8.8:1");
	tried(r, good);
	tried(r, bad);
	addrbook_failed(&r->b, &bad, true);
	addrbook_failed(&r->b, &bad, true);
	heard(r, heard_of, good);
	r->h.wall += 1000;
	for (int i = 0; i < 3000; i++) {
		assert_true(pick(r, &out));
		count[0] += netaddr_eq(&out, &good);
		count[1] += netaddr_eq(&out, &heard_of);
		count[2] += netaddr_eq(&out, &bad);
	}
	assert_int_equal(count[0] + count[1] + count[2], 3000);
	assert_true(1400 < count[1] && count[1] < 1600);
	assert_true(3 * count[2] < count[0] && count[0] < 5 * count[2]); /* 16 : 4 */
	assert_true(addrbook_pick(&r->b, not_this, &good, &out));
	assert_false(netaddr_eq(&out, &good));
}

/* Whoever fills the book with addresses that he made up does not get more dials by it. */
static void a_flood_of_new_ones(void **state)
{
	struct rig *r = *state;
	struct netaddr out;
	int known = 0;

	for (uint32_t i = 0; i < 5; i++)
		tried(r, ipv4(0x08000000 + (i << 16), 4244));
	for (uint32_t i = 0; i < 900; i++)
		heard(r, ipv4(0x10000000 + (i << 16), 4244), ipv4(0x20000000 + (i << 16), 1));
	r->h.wall += 1000;
	for (int i = 0; i < 400; i++) {
		assert_true(pick(r, &out));
		known += out.ip[12] == 28;
	}
	assert_true(140 < known && known < 260);
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_begin, rig_end)
	const struct CMUnitTest tests[] = {
		T(a_hundred_thousand_are_heard),
		T(no_group_gets_more_than_an_eighth),
		T(no_source_gets_more_than_a_quarter),
		T(what_was_tried_is_not_displaced_by_talk),
		T(the_fullest_group_makes_room),
		T(expired_ones_go),
		T(expired_ones_make_room_first),
		T(failures_double_the_rest),
		T(a_new_one_has_three_tries),
		T(ends_are_followed_by_rests),
		T(tried_or_new_by_a_coin),
		T(a_flood_of_new_ones),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
