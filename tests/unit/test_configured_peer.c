/* When a configured peer is dialled again: after each end, how often, and how chance spreads it. */
#include "tests/unit/dialer_rig.h"
#include "tests/unit/main.h"

/* The next dial comes after `wait` ms less a quarter at most. */
static void dials_after(struct rig *r, uint64_t wait)
{
	size_t before = r->dials;
	uint64_t since = r->h.mono;

	run(r, wait - wait / 4);
	assert_int_equal(r->dials, before);
	run(r, wait / 4);
	assert_int_equal(r->dials, before + 1);
	assert_true(r->when[before] > since + wait - wait / 4 && r->when[before] <= since + wait);
}

static void back_off_doubles_to_a_minute(void **state)
{
	static const uint64_t waits[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:4244");

	r->company = true;
	dialer_add(r->d, "8.8.8.8");
	run(r, 0);
	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
		assert_int_equal(r->dials, i + 1);
		assert_true(r->configured[i] && netaddr_eq(&r->dialled[i], &a));
		failed(r, a, DIAL_FAILED);
		dials_after(r, waits[i]);
	}
	ready(r, a); /* one that answers begins anew */
	run(r, 1000000);
	assert_int_equal(r->dials, 9);
	closed(r, a);
	run(r, 4999);
	assert_int_equal(r->dials, 9);
	run(r, 1);
	assert_int_equal(r->dials, 10);
	failed(r, a, DIAL_FAILED);
	dials_after(r, 1000);
}

/* While nobody is connected it is needed: ten seconds are the longest wait, also for one that was
 * to wait longer when there still was somebody. */
static void alone_it_is_tried_more_often(void **state)
{
	static const uint64_t waits[] = {1000, 2000, 4000, 8000, 10000, 10000, 10000, 10000};
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:4244");

	dialer_add(r->d, "8.8.8.8");
	run(r, 0);
	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
		failed(r, a, DIAL_FAILED);
		dials_after(r, waits[i]);
	}
	r->company = true;
	failed(r, a, DIAL_FAILED);
	run(r, 20000);
	assert_int_equal(r->dials, 9);
	r->company = false;
	run(r, 5000); /* it looks around as often */
	assert_int_equal(r->dials, 10);
	failed(r, a, DIAL_REFUSED); /* what has to rest rests */
	run(r, 599999);
	assert_int_equal(r->dials, 10);
}

static void at_fault(struct rig *r, struct netaddr a)
{
	over(r, &a);
	dialer_ended(r->d, &a, DIAL_FAULT);
}

/* One that breaks rules is the operator's choice: it is asked ever later, and never given up. */
static void faults_double_the_rest(void **state)
{
	static const uint64_t rests[] = {
		10000, 20000, 40000, 80000, 160000, 320000, 600000, 600000};
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:4244");

	dialer_add(r->d, "8.8.8.8");
	run(r, 0);
	for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
		ready(r, a);
		at_fault(r, a);
		run(r, rests[i] - 1);
		assert_int_equal(r->dials, i + 1);
		run(r, 1);
		assert_int_equal(r->dials, i + 2);
	}
	ready(r, a);
	closed(r, a); /* this time it did nothing wrong */
	run(r, 5000);
	ready(r, a);
	at_fault(r, a);
	size_t dials = r->dials;
	run(r, 9999);
	assert_int_equal(r->dials, dials);
	run(r, 1);
	assert_int_equal(r->dials, dials + 1);
}

/* Two that lost a peer together do not come back together. */
static void waits_differ(void **state)
{
	struct rig *r = *state;
	struct configured_peer t = {.backoff_ms = 60000};
	uint64_t least = UINT64_MAX, most = 0;

	for (int i = 0; i < 100; i++) {
		configured_peer_back_off(&t, 0, &r->h.rng);
		least = configured_peer_due(&t, false) < least ? configured_peer_due(&t, false)
							       : least;
		most = configured_peer_due(&t, false) > most ? configured_peer_due(&t, false)
							     : most;
	}
	assert_in_range(least, 45000, 47000);
	assert_in_range(most, 58000, 60000);
}

/* How long a configured peer waits after each end of a dial, from fresh. */
static void rests_after_each_end(void **state)
{
	static const struct {
		enum dial_end end;
		bool by_chance;
		uint64_t wait, local;
	} rows[] = {{DIAL_FAILED, true, 1000, 1000}, {DIAL_DROPPED, true, 7000, 7000},
		{DIAL_CLOSED, false, 5000, 5000}, {DIAL_SHUT, false, 600000, 7000},
		{DIAL_REFUSED, false, 600000, 600000}, {DIAL_SELF, false, 600000, 600000}};
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:4244");

	for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
		uint64_t wait = i % 2 ? rows[i / 2].local : rows[i / 2].wait;
		r->x.allow_local = i % 2;
		r->company = true;
		assert_int_equal(dialer_add(r->d, "8.8.8.8"), ERR_OK);
		run(r, 0);
		size_t before = r->dials;
		failed(r, a, rows[i / 2].end);
		if (rows[i / 2].by_chance || wait == 7000) {
			dials_after(r, wait);
		} else {
			run(r, wait - 1);
			assert_int_equal(r->dials, before);
			run(r, 1);
		}
		assert_int_equal(r->dials, before + 1);
		failed(r, a, DIAL_CLOSED);
		assert_int_equal(dialer_remove(r->d, "8.8.8.8"), ERR_OK);
	}
}

/* With nobody connected a login page may have closed in its name: it is tried twice a minute, also
 * when it was to rest while there still was somebody. */
static void shut_while_alone(void **state)
{
	static const uint64_t waits[] = {7000, 14000, 28000, 30000, 30000, 30000};
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:4244");

	dialer_add(r->d, "8.8.8.8");
	run(r, 0);
	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
		failed(r, a, DIAL_SHUT);
		dials_after(r, waits[i]);
	}
	r->company = true;
	failed(r, a, DIAL_SHUT);
	size_t before = r->dials;
	run(r, 100000);
	assert_int_equal(r->dials, before);
	r->company = false;
	run(r, 5000);
	assert_int_equal(r->dials, before + 1);
}

/* One that closed while nobody was connected is not missed for ten minutes when somebody is. */
static void a_minute_after_the_login(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:4244");

	dialer_add(r->d, "8.8.8.8");
	run(r, 0);
	for (int i = 0; i < 8; i++) {
		failed(r, a, DIAL_SHUT);
		run(r, 30000);
	}
	failed(r, a, DIAL_SHUT);
	size_t before = r->dials;
	r->company = true;
	run(r, 60000);
	assert_int_equal(r->dials, before + 1);
}

/* In another network what was tried in the old one says nothing; but who is of another chain, and
 * who only just closed, still is. */
static void another_network(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:4244");
	static const enum dial_end ends[] = {
		DIAL_FAILED, DIAL_DROPPED, DIAL_SHUT, DIAL_CLOSED, DIAL_REFUSED, DIAL_SELF};

	r->company = true;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		assert_int_equal(dialer_add(r->d, "8.8.8.8"), ERR_OK);
		run(r, 0);
		size_t before = r->dials;
		failed(r, a, ends[i]);
		dialer_hurry(r->d);
		run(r, 0);
		assert_int_equal(r->dials, before + (ends[i] <= DIAL_SHUT));
		if (r->dials > before)
			failed(r, a, DIAL_CLOSED);
		assert_int_equal(dialer_remove(r->d, "8.8.8.8"), ERR_OK);
	}
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(back_off_doubles_to_a_minute),
		T(alone_it_is_tried_more_often),
		T(faults_double_the_rest),
		T(waits_differ),
		T(rests_after_each_end),
		T(shut_while_alone),
		T(a_minute_after_the_login),
		T(another_network),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
