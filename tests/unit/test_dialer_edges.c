/* Dialling when things go wrong: dials that fail at once, ends of every kind, and after the stop.
 */
#include "tests/unit/dialer_rig.h"
#include "tests/unit/main.h"

/* A connection that could not even be begun is no connection: the peer is tried again. */
static void configured_that_fail_at_once(void **state)
{
	struct rig *r = *state;
	struct netaddr a;

	r->fail = true;
	assert_int_equal(dialer_add(r->d, "1.2.3.4:5"), ERR_OK);
	run(r, 7000);
	assert_int_equal(r->dials, 4);
	for (size_t i = 1; i < 4; i++) { /* 1, 2, 4 s, less a quarter at most */
		uint64_t wait = 1000u << (i - 1);
		assert_in_range(r->when[i] - r->when[i - 1], wait - wait / 4, wait);
	}
	assert_false(dialer_address(r->d, "1.2.3.4:5", &a));
}

/* Perhaps there is no network: the book is not burnt through. */
static void strangers_that_fail_at_once(void **state)
{
	struct rig *r = *state;

	for (uint32_t i = 0; i < 30; i++)
		heard(r, ipv4(i << 16, 4001));
	r->fail = true;
	dialer_wake(r->d);
	run(r, 10500);
	assert_int_equal(r->dials, 11);
	for (size_t i = 1; i < r->dials; i++)
		assert_int_equal(r->when[i] - r->when[i - 1], 1000);
	assert_int_equal(addrbook_count(&r->book), 30);
}

/* Without a wake, too: the book may have got something by another way. */
static void looks_every_five_seconds(void **state)
{
	struct rig *r = *state;

	run(r, 20000);
	heard(r, addr("9.9.9.9:4001"));
	uint64_t from = r->h.mono;
	run(r, 10000);
	assert_int_equal(r->dials, 1);
	assert_true(r->when[0] - from <= 5000);
}

/* Two configured peers at one address, before the connection is seen anywhere else. */
static void one_address_is_dialled_once(void **state)
{
	struct rig *r = *state;

	r->blind = true;
	assert_int_equal(dialer_add(r->d, "1.2.3.4:5"), ERR_OK);
	assert_int_equal(dialer_add(r->d, "::ffff:1.2.3.4"), ERR_OK); /* another port */
	assert_int_equal(dialer_add(r->d, "[::ffff:1.2.3.4]:5"), ERR_OK);
	run(r, 60000);
	assert_int_equal(r->dials, 2);
	assert_false(netaddr_eq(&r->dialled[0], &r->dialled[1]));
}

static void end_thrice(struct rig *r, const char *who, enum dial_end how)
{
	struct netaddr a = addr(who);

	heard(r, a);
	for (int i = 0; i < 3; i++)
		dialer_ended(r->d, &a, how);
}

static unsigned failures_of(const struct rig *r, const char *who)
{
	struct netaddr a, wanted = addr(who);
	struct addrbook_entry e;
	uint64_t rest;

	for (size_t at = 0; addrbook_next(&r->book, &at, &a, &e, &rest);)
		if (netaddr_eq(&a, &wanted))
			return e.failures;
	fail_msg("%s is not in the book", who);
	return 0;
}

/* Nothing else answers, so that what cannot be reached may be our own fault; what was reached and
 * then let us fall is not. */
static void whose_fault_it_was(void **state)
{
	struct rig *r = *state;

	end_thrice(r, "9.9.9.9:4001", DIAL_FAILED);
	assert_int_equal(addrbook_count(&r->book), 1);
	end_thrice(r, "9.8.9.9:4001", DIAL_DROPPED);
	end_thrice(r, "9.7.9.9:4001", DIAL_SHUT);
	assert_int_equal(addrbook_count(&r->book), 3); /* a login page answers for everybody, */
	assert_int_equal(failures_of(r, "9.7.9.9:4001"), 0); /* and nobody rests for it */
	r->outbound = 1;                                     /* somebody answers */
	end_thrice(r, "9.9.9.9:4001", DIAL_FAILED);
	end_thrice(r, "9.8.9.9:4001", DIAL_DROPPED);
	end_thrice(r, "9.7.9.9:4001", DIAL_SHUT);
	assert_int_equal(addrbook_count(&r->book), 1);
}

static void our_own_address_is_forgotten(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("9.9.9.9:4001");

	heard(r, a);
	dialer_ended(r->d, &a, DIAL_SELF);
	assert_int_equal(addrbook_count(&r->book), 0);
}

/* Of several addresses the one that worked is tried again, then the name is looked up anew. */
static void the_address_that_works_comes_first(void **state)
{
	const struct netaddr found[] = {addr("1.1.1.1:1"), addr("2.2.2.2:1"), addr("3.3.3.3:1")};
	struct configured_peer t = {.next = NULL};

	(void)state;
	assert_true(configured_peer_parse(&t, "host:1"));
	assert_int_equal(configured_peer_found(&t, found, 3, false), 3);
	t.dialled = found[1];
	t.at = 2;
	configured_peer_ready(&t);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.at, 0);
	assert_true(netaddr_eq(&t.found[0], &found[1]));
}

/* The loop as it is, for a moment. */
static void turn(struct rig *r)
{
	struct timeval moment = {0, 20000};

	event_base_loopexit(r->base, &moment);
	event_base_loop(r->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

static void its_own_timer_dials(void **state)
{
	struct rig *r = *state;

	named(r, addr("9.9.9.9:4001"));
	turn(r);
	assert_int_equal(r->dials, 1);
}

static void nothing_after_the_stop(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("9.9.9.9:4001");

	assert_int_equal(dialer_add(r->d, "1.2.3.4:5"), ERR_OK);
	named(r, a);
	dialer_quiesce(r->d);
	turn(r);
	assert_int_equal(r->dials, 0);
	dialer_wake(r->d);
	assert_int_equal(dialer_add(r->d, "1.2.3.5:5"), ERR_OK);
	turn(r);
	assert_int_equal(r->dials, 0);
	/* our own end is nothing against the address */
	dialer_ended(r->d, &a, DIAL_FAILED);
	assert_false(addrbook_rests(&r->book, &a));
	turn(r);
	assert_int_equal(r->dials, 0);
}

/* The connection of a removed peer ends later, and says so. */
static void removed_while_it_is_dialled(void **state)
{
	struct rig *r = *state;
	struct netaddr a;

	assert_int_equal(dialer_add(r->d, "localhost:5"), ERR_OK);
	assert_false(dialer_address(r->d, "localhost:5", &a));
	for (int i = 0; i < 100 && r->dials == 0; i++) {
		dialer_tick(r->d);
		turn(r);
	}
	assert_int_equal(r->dials, 1);
	assert_true(dialer_address(r->d, "LOCALHOST:5", &a));
	assert_true(netaddr_eq(&a, &r->dialled[0]));
	assert_int_equal(dialer_remove(r->d, "localhost:5"), ERR_OK);
	assert_false(dialer_address(r->d, "localhost:5", &a));
	assert_int_equal(dialer_remove(r->d, "localhost:5"), ERR_NOT_FOUND);
	failed(r, a, DIAL_FAILED);
	run(r, 120000);
	assert_int_equal(r->dials, 1);
}

/* A peer that is wanted once is forgotten when its connection ends or cannot be had. */
static void for_once(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("1.2.3.4:5");
	struct dialer_peer p;

	assert_int_equal(dialer_add_once(r->d, "1.2.3.4:5"), ERR_OK);
	assert_int_equal(dialer_add_once(r->d, "1.2.3.4:5"), ERR_EXISTS);
	run(r, 10);
	assert_int_equal(r->dials, 1);
	r->dialling--;
	dialer_ready(r->d, &a);
	run(r, 60000);
	assert_true(dialer_peer(r->d, 0, &p) && p.busy);
	r->outbound--;
	r->over[0] = true;
	dialer_ended(r->d, &a, DIAL_CLOSED);
	addrbook_remove(&r->book, &a);
	run(r, 10);
	assert_false(dialer_peer(r->d, 0, &p));

	assert_int_equal(dialer_add_once(r->d, "1.2.3.4:5"), ERR_OK);
	run(r, 10);
	assert_int_equal(r->dials, 2);
	r->dialling--;
	r->outbound--;
	r->over[1] = true;
	dialer_ended(r->d, &a, DIAL_FAILED);
	run(r, 600000);
	assert_int_equal(r->dials, 2);
	assert_false(dialer_peer(r->d, 0, &p));
	r->fail = true; /* at once */
	assert_int_equal(dialer_add_once(r->d, "1.2.3.4:5"), ERR_OK);
	run(r, 600000);
	assert_int_equal(r->dials, 3);
	assert_int_equal(r->l.max_configured_peers.used, 0);
}

/* By hand at first, then in the settings: it is dialled again when its connection has ended. */
static void for_once_and_then_for_good(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("1.2.3.4:5");

	assert_int_equal(dialer_add_once(r->d, "1.2.3.4:5"), ERR_OK);
	run(r, 10);
	ready(r, a);
	assert_int_equal(dialer_add(r->d, "1.2.3.4:5"), ERR_OK);
	assert_int_equal(dialer_add(r->d, "1.2.3.4:5"), ERR_EXISTS);
	assert_int_equal(dialer_add_once(r->d, "1.2.3.4:5"), ERR_EXISTS);
	closed(r, a);
	addrbook_remove(&r->book, &a);
	run(r, 60000);
	assert_int_equal(r->dials, 2);
	assert_true(r->configured[1]);
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(for_once),
		T(for_once_and_then_for_good),
		T(configured_that_fail_at_once),
		T(strangers_that_fail_at_once),
		T(looks_every_five_seconds),
		T(one_address_is_dialled_once),
		T(whose_fault_it_was),
		T(our_own_address_is_forgotten),
		T(the_address_that_works_comes_first),
		T(its_own_timer_dials),
		T(nothing_after_the_stop),
		T(removed_while_it_is_dialled),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
