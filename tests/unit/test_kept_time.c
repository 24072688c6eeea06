/* The time that address book and bans are kept by, under clocks that jump. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "p2p/addrbook.h"
#include "p2p/bans.h"
#include "p2p/kept_time.h"
#include "tests/unit/main.h"

enum { TODAY = 1795000000, DAY = 86400, AT_1970 = 60 };

static int64_t wall_now;
static uint64_t mono_now;

static int64_t wall(void *ctx)
{
	(void)ctx;
	return wall_now;
}

static uint64_t mono(void *ctx)
{
	(void)ctx;
	return mono_now;
}

static const struct clock under = {wall, mono, NULL};

static void pass(int64_t seconds)
{
	wall_now += seconds;
	mono_now += (uint64_t)seconds * 1000;
}

/* What p2p has of it. */
struct kept {
	struct kept_time time;
	struct bans bans;
	struct addrbook book;
	struct limits limits;
	struct rng_seeded seed;
	struct rng rng;
};

static void begin(struct kept *k)
{
	limits_default(&k->limits);
	k->rng = rng_from_seed(&k->seed, 1);
	kept_time_init(&k->time, &under);
	bans_init(&k->bans, &k->limits.max_bans, &k->time.clock, 1);
	addrbook_init(&k->book, &k->limits, &k->time.clock, &k->rng, 1);
}

static void end(struct kept *k)
{
	bans_clear(&k->bans);
	addrbook_clear(&k->book);
}

static void follow(struct kept *k)
{
	int64_t by = kept_time_follow(&k->time);

	if (by) {
		bans_move(&k->bans, by);
		addrbook_move(&k->book, by);
	}
	bans_expire(&k->bans);
	addrbook_expire(&k->book);
}

static struct netaddr host(uint8_t n)
{
	return (struct netaddr){.ip = {[10] = 255, [11] = 255, [12] = 10, [13] = n}, .port = 4244};
}

/* One ban of an hour, and one address that answered. */
static void fill(struct kept *k)
{
	struct netaddr a = host(1), b = host(2);

	bans_add(&k->bans, &a, 3600, BAN_HOST);
	addrbook_connected(&k->book, &b);
}

static uint64_t ban_left(struct kept *k)
{
	struct ban_info info;
	size_t at = 0;

	return bans_next(&k->bans, &at, &info) ? info.left : 0;
}

static int64_t seen(struct kept *k)
{
	struct netaddr a;
	struct addrbook_entry e;
	uint64_t rest;
	size_t at = 0;

	return addrbook_next(&k->book, &at, &a, &e, &rest) ? e.last_seen : 0;
}

/* Into another life: what is kept there and back, with the chain's last block at `least`. */
static void restart(struct kept *k, int64_t least, int64_t off)
{
	uint8_t bytes[3][512];
	struct wr w[3];

	for (int i = 0; i < 3; i++)
		w[i] = wr_of(bytes[i], sizeof bytes[i]);
	kept_time_save(&k->time, least, &w[0]);
	assert_int_equal(w[0].n, KEPT_TIME_BYTES);
	bans_save(&k->bans, &w[1]);
	addrbook_save(&k->book, &w[2]);
	end(k);
	mono_now = 0; /* the machine was off, too, for so many seconds of its clock */
	wall_now += off;
	begin(k);
	assert_true(kept_time_load(&k->time, least, wr_done(&w[0])));
	assert_true(bans_load(&k->bans, wr_done(&w[1])));
	assert_true(addrbook_load(&k->book, wr_done(&w[2])));
	follow(k);
}

/* The wall clock jumps while it runs: ages stay, and dates follow. */
static void test_jumps_while_running(void **state)
{
	static const int64_t jumps[] = {-DAY, DAY, -400LL * DAY, 3650LL * DAY, -3250LL * DAY};
	struct kept k;
	(void)state;

	wall_now = TODAY;
	begin(&k);
	fill(&k);
	for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
		pass(100);
		wall_now += jumps[i];
		assert_int_equal(
			ban_left(&k), 3600 - 100 * (i + 1)); /* before it was noticed, too */
		follow(&k);
		assert_int_equal(ban_left(&k), 3600 - 100 * (i + 1));
		assert_int_equal(seen(&k), wall_now - 100 * (int64_t)(i + 1));
		assert_int_equal(clock_wall(&k.time.clock), wall_now);
	}
	assert_int_equal(wall_now, TODAY + 500);
	pass(3600);
	follow(&k);
	assert_int_equal(bans_count(&k.bans), 0); /* nothing is immortal */
	pass(15 * DAY);
	follow(&k);
	assert_int_equal(addrbook_count(&k.book), 0);
	end(&k);
}

/* Begun in 1970, whose times nobody keeps by; then the clock is set. */
static void test_begun_in_1970(void **state)
{
	struct kept k;
	(void)state;

	wall_now = AT_1970;
	begin(&k);
	fill(&k);
	assert_int_equal(clock_wall(&k.time.clock), KEPT_TIME_LEAST);
	pass(600);
	follow(&k);
	assert_int_equal(ban_left(&k), 3000);
	wall_now = TODAY;
	follow(&k);
	assert_int_equal(ban_left(&k), 3000);
	assert_int_equal(seen(&k), TODAY - 600);
	pass(3000);
	follow(&k);
	assert_int_equal(bans_count(&k.bans), 0);
	end(&k);
}

/* While the clock was right all the time, time passes between two lives. */
static void test_restart(void **state)
{
	struct kept k;
	(void)state;

	wall_now = TODAY;
	begin(&k);
	fill(&k);
	pass(600);
	restart(&k, TODAY, 1000);
	assert_int_equal(ban_left(&k), 2000);
	assert_int_equal(seen(&k), TODAY);
	pass(100);
	restart(&k, TODAY, 1900);
	assert_int_equal(bans_count(&k.bans), 0);
	assert_int_equal(addrbook_count(&k.book), 1);
	end(&k);
}

/* Over restarts with the clock in 1970 in between, and one that is behind the chain: what the clock
 * cannot tell does not count, what is lived through does. */
static void test_restart_in_1970(void **state)
{
	struct kept k;
	(void)state;

	wall_now = TODAY;
	begin(&k);
	fill(&k);
	restart(&k, TODAY - DAY, AT_1970 - TODAY);
	assert_int_equal(ban_left(&k), 3600);
	pass(600);
	restart(&k, TODAY - DAY, -600); /* and again */
	assert_int_equal(ban_left(&k), 3000);
	assert_int_equal(addrbook_count(&k.book), 1);
	assert_int_equal(wall_now, AT_1970);
	wall_now = TODAY - 30 * DAY; /* no time of 1970, but before the last block */
	restart(&k, TODAY - DAY, 10);
	pass(600);
	follow(&k);
	assert_int_equal(ban_left(&k), 2400);
	restart(&k, TODAY - DAY, 60 * DAY);
	assert_int_equal(ban_left(&k), 2400);
	assert_int_equal(seen(&k), wall_now - 1200);
	end(&k);
}

/* The program alone was off: the machine knows how long, whatever became of the wall clock. */
static void test_restart_of_the_program(void **state)
{
	static const int64_t jumps[] = {0, DAY, -DAY, AT_1970 - TODAY};
	struct kept_time t, u;
	uint8_t bytes[KEPT_TIME_BYTES];
	(void)state;

	for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
		struct wr w = wr_of(bytes, sizeof bytes);
		wall_now = TODAY;
		mono_now = 7000000;
		kept_time_init(&t, &under);
		kept_time_save(&t, 0, &w);
		pass(40);
		wall_now += jumps[i];
		kept_time_init(&u, &under);
		assert_true(kept_time_load(&u, 0, wr_done(&w)));
		assert_int_equal(clock_wall(&u.clock), TODAY + 40);
	}
	mono_now = 30000; /* started again 30 s ago, without a clock */
	kept_time_init(&u, &under);
	assert_true(kept_time_load(&u, 0, slice_of(bytes, sizeof bytes)));
	assert_int_equal(clock_wall(&u.clock), TODAY + 30);
}

static void test_what_was_not_saved(void **state)
{
	struct kept_time t;
	uint8_t bytes[KEPT_TIME_BYTES + 1];
	struct wr w = wr_of(bytes, sizeof bytes);
	(void)state;

	wall_now = TODAY;
	kept_time_init(&t, &under);
	kept_time_save(&t, 0, &w);
	for (size_t n = 0; n < KEPT_TIME_BYTES; n++)
		assert_false(kept_time_load(&t, 0, slice_of(bytes, n)));
	assert_false(kept_time_load(&t, 0, slice_of(bytes, KEPT_TIME_BYTES + 1)));
	assert_true(kept_time_load(&t, 0, slice_of(bytes, KEPT_TIME_BYTES)));
	bytes[17] = 2;
	assert_false(kept_time_load(&t, 0, slice_of(bytes, KEPT_TIME_BYTES)));
	bytes[17] = 1;
	memset(bytes + 1, 0xff, 8); /* the end of time */
	assert_false(kept_time_load(&t, 0, slice_of(bytes, KEPT_TIME_BYTES)));
	memset(bytes + 1, 0, 8);
	assert_false(kept_time_load(&t, 0, slice_of(bytes, KEPT_TIME_BYTES)));
	assert_int_equal(clock_wall(&t.clock), TODAY);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jumps_while_running),
		cmocka_unit_test(test_begun_in_1970),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_restart_in_1970),
		cmocka_unit_test(test_restart_of_the_program),
		cmocka_unit_test(test_what_was_not_saved),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
