/* Who is connected is kept with the address book, so that the next session begins with them. */
#include "tests/unit/addrbook_rig.h"
#include "tests/unit/main.h"

enum { ENTRIES = 40 };

static uint8_t bytes[ADDRBOOK_HEAD_BYTES + ENTRIES * ADDRBOOK_ENTRY_BYTES];

/* As the next session finds it. */
static void next_session(struct rig *r)
{
	struct wr w = wr_of(bytes, sizeof bytes);

	addrbook_save(&r->b, &w);
	assert_false(w.bad);
	addrbook_clear(&r->b);
	assert_true(addrbook_load(&r->b, wr_done(&w)));
}

static void met(struct rig *r, const char *who)
{
	struct netaddr a = addr(who);

	addrbook_met(&r->b, &a);
}

static bool present(struct rig *r, const char *who)
{
	struct netaddr a = addr(who);

	return addrbook_is_present(&r->b, &a);
}

static bool pick_missed(struct rig *r, struct netaddr *a)
{
	return addrbook_pick_missed(&r->b, nobody, NULL, a);
}

static void each_is_missed_once(void **state)
{
	struct rig *r = *state;
	struct netaddr a, b, c;

	for (uint32_t i = 0; i < 30; i++)
		heard(r, ipv4(i << 16, 4244), ipv4(i << 16, 1));
	tried(r, addr("8.8.8.8:1"));
	met(r, "8.8.8.8:1"); /* dialled a moment ago: that is no reason to wait */
	met(r, "9.9.9.9:4244");
	tried(r, addr("9.9.9.9:4244")); /* it stays present */
	assert_true(present(r, "8.8.8.8:1") && present(r, "9.9.9.9:4244"));
	assert_false(pick_missed(r, &a));
	next_session(r);
	assert_int_equal(addrbook_count(&r->b), 32);
	assert_false(present(r, "8.8.8.8:1") || present(r, "9.9.9.9:4244"));
	assert_true(pick_missed(r, &a) && pick_missed(r, &b) && !pick_missed(r, &c));
	assert_false(netaddr_eq(&a, &b));
	next_session(r); /* nobody came meanwhile */
	assert_false(pick_missed(r, &a));
	counters_are_true(r);
}

static void who_left_or_came_back_is_not_missed(void **state)
{
	struct rig *r = *state;
	struct netaddr gone = addr("8.8.8.8:1"), a;

	heard(r, gone, addr("7.7.7.7:1"));
	met(r, "8.8.8.8:1");
	met(r, "9.9.9.9:1");
	addrbook_left(&r->b, &gone);
	assert_false(present(r, "8.8.8.8:1"));
	next_session(r);
	met(r, "9.9.9.9:1");
	assert_true(present(r, "9.9.9.9:1"));
	assert_false(pick_missed(r, &a));
	a = addr("7.7.7.7:1");
	addrbook_left(&r->b, &a); /* not known at all */
}

/* Where one that dialled us listens is a guess, until somebody says the same. */
static void a_guess_ends_with_the_connection(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:4244"), b = addr("9.9.9.9:4244");

	met(r, "8.8.8.8:4244");
	met(r, "9.9.9.9:4244");
	met(r, "9.9.9.9:4244"); /* a second one behind that address says nothing of it */
	heard(r, a, addr("7.7.7.7:1"));
	addrbook_left(&r->b, &a);
	addrbook_left(&r->b, &b);
	assert_int_equal(addrbook_count(&r->b), 1);
	assert_false(present(r, "8.8.8.8:4244"));
	met(r, "9.9.9.9:4244");
	tried(r, b);
	addrbook_left(&r->b, &b);
	assert_int_equal(addrbook_count(&r->b), 2);
	counters_are_true(r);
}

static bool refuses_all(void *ctx, const struct netaddr *a)
{
	(void)ctx;
	(void)a;
	return true;
}

static void who_may_not_be_dialled_waits(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:1"), out;

	met(r, "8.8.8.8:1");
	addrbook_failed(&r->b, &a, true);
	next_session(r);
	assert_false(pick_missed(r, &out)); /* it failed a moment ago */
	r->h.wall += 3600;
	assert_false(addrbook_pick_missed(&r->b, refuses_all, NULL, &out));
	assert_true(pick_missed(r, &out) && netaddr_eq(&a, &out));
}

static void who_is_connected_does_not_expire(void **state)
{
	struct rig *r = *state;

	met(r, "8.8.8.8:1");
	heard(r, addr("9.9.9.9:1"), addr("7.7.7.7:1"));
	r->h.wall += (int64_t)r->l.address_ttl.max / 1000 + 1;
	addrbook_expire(&r->b);
	assert_int_equal(addrbook_count(&r->b), 1);
	assert_true(present(r, "8.8.8.8:1"));
}

/* Those who dial us get no more of the book than others who are only heard of. */
static void a_network_has_its_share(void **state)
{
	struct rig *r = *state;

	for (uint32_t i = 0; i < 1000; i++) {
		struct netaddr a = ipv4(i, 4244);
		addrbook_met(&r->b, &a);
	}
	assert_int_equal(addrbook_count(&r->b), 125);
	tried(r, addr("8.8.8.8:1"));
	assert_int_equal(addrbook_tried(&r->b), 1);
}

static void a_book_of_the_first_version(void **state)
{
	struct rig *r = *state;
	struct wr w = wr_of(bytes, sizeof bytes);
	struct netaddr a;

	tried(r, addr("8.8.8.8:1"));
	heard(r, addr("9.9.9.9:1"), addr("7.7.7.7:1"));
	addrbook_save(&r->b, &w);
	bytes[0] = 1;
	addrbook_clear(&r->b);
	assert_true(addrbook_load(&r->b, wr_done(&w)));
	assert_int_equal(addrbook_count(&r->b), 2);
	assert_int_equal(addrbook_tried(&r->b), 1);
	assert_false(pick_missed(r, &a));
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_begin, rig_end)
	const struct CMUnitTest tests[] = {
		T(each_is_missed_once),
		T(who_left_or_came_back_is_not_missed),
		T(a_guess_ends_with_the_connection),
		T(who_may_not_be_dialled_waits),
		T(who_is_connected_does_not_expire),
		T(a_network_has_its_share),
		T(a_book_of_the_first_version),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
