/* Who dials us is found again: a public peer is kept at the network's port, as long as it stays. */
#include "p2p/p2p_internal.h"
#include "tests/unit/main.h"
#include "tests/unit/p2p_rig.h"

static struct raw w, twin; /* large */

static const struct netaddr found_at = {
	.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 2}, .port = 4244};

static bool known(struct rig *r)
{
	return map_get(
		&r->a.p->book.map, &(uint8_t[ADDRBOOK_KEY_BYTES]){0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
					   0xFF, 0xFF, 127, 0, 0, 2, 4244 >> 8, 4244 & 255});
}

static bool present(struct rig *r)
{
	return addrbook_is_present(&r->a.p->book, &found_at);
}

static void greet(struct rig *r, struct raw *from, const char *id, bool is_public)
{
	size_t ready = r->a.ready;
	struct message m = hand(id);

	m.is_public = is_public;
	raw_from(from, &r->a.at, "127.0.0.2");
	raw_hello(r, from);
	raw_message(from, &m);
	UNTIL(r, r->a.ready == ready + 1);
}

static void begin(struct rig *r)
{
	rig_begin(r);
	side_start(r, &r->a);
}

static void test_present_as_long_as_it_stays(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	greet(&r, &w, "abc", true);
	assert_true(known(&r) && present(&r));
	uint64_t changes = p2p_kept_changes(r.a.p);
	assert_int_equal(changes, 1);
	greet(&r, &twin, "xyz", true); /* another one behind the same address */
	raw_close(&w);
	UNTIL(&r, r.a.gone == 1);
	assert_true(present(&r));
	raw_close(&twin);
	UNTIL(&r, r.a.gone == 2);
	assert_false(known(&r)); /* where it listens was a guess */
	assert_int_equal(p2p_kept_changes(r.a.p), 3);
	rig_end(&r);
}

static void test_who_does_not_want_to_be_found(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	greet(&r, &w, "abc", false);
	assert_false(known(&r));
	assert_int_equal(p2p_kept_changes(r.a.p), 0);
	raw_close(&w);
	rig_end(&r);
}

/* Our own end: it is there still, to be kept. */
static void test_present_when_we_end(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	greet(&r, &w, "abc", true);
	p2p_quiesce(r.a.p);
	p2p_abort(r.a.p);
	UNTIL(&r, r.a.gone == 1);
	assert_true(present(&r));
	raw_close(&w);
	rig_end(&r);
}

static void test_changes_by_hand(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	assert_int_equal(p2p_ban(r.a.p, "9.9.9.9", 100), ERR_OK);
	assert_int_equal(p2p_kept_changes(r.a.p), 1);
	assert_int_equal(p2p_unban(r.a.p, "9.9.9.9"), ERR_OK);
	assert_int_equal(p2p_unban(r.a.p, "9.9.9.9"), ERR_NOT_FOUND);
	assert_int_equal(p2p_kept_changes(r.a.p), 2);
	rig_end(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_present_as_long_as_it_stays),
		cmocka_unit_test(test_who_does_not_want_to_be_found),
		cmocka_unit_test(test_present_when_we_end),
		cmocka_unit_test(test_changes_by_hand),
	};

	choose_tests(argc, argv);
	return rig_setup() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
