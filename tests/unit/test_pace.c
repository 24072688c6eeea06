/* The pace of the chain, by a clock that is set by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sync/pace.h"
#include "tests/unit/main.h"

static struct pace pace;
static struct pace_sample now;

static void begin(void)
{
	now = (struct pace_sample){.ms = 1000};
	pace = (struct pace){0};
	pace_begin(&pace, &now);
}

/* So many blocks at once after so long, and looks four times a second. */
static void passes(uint64_t ms, uint64_t blocks)
{
	for (uint64_t at = 0; at < ms; at += 250) {
		now.ms += 250;
		pace_update(&pace, &now, true);
	}
	now.height += blocks;
	now.hashes += 2 * blocks;
	pace_update(&pace, &now, true);
}

static void about(double what, double right)
{
	assert_true(what > right / 1.5 && what < right * 1.5);
}

/* A slow machine: sixteen blocks after ten seconds, again and again. */
static void test_batches(void **state)
{
	(void)state;
	begin();
	passes(250, 0);
	passes(10000, 16);
	for (int i = 0; i < 60; i++) {
		passes(5000, 0);
		if (i > 2) {
			about(pace.blocks, 1.6);
			about(pace.hashes, 3.2);
		}
		passes(5000, 16);
		about(pace.blocks, 1.6);
	}
}

static void test_fast(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 40; i++)
		passes(250, 1000);
	about(pace.blocks, 4000);
	for (int i = 0; i < 16; i++) /* another pace is known after four seconds */
		passes(250, 100);
	about(pace.blocks, 400);
}

/* Very slow, and then not at all: it falls, but says no more of what was five minutes ago. */
static void test_slow_and_standing(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 20; i++)
		passes(30000, 1);
	about(pace.blocks, 1.0 / 30);
	passes(400000, 0);
	assert_true(pace.blocks == 0);
	for (int i = 0; i < 60; i++) { /* looked at six times a minute, it knows more than that */
		now.ms += 10000;
		now.height += i < 20 ? 10 : 0;
		pace_update(&pace, &now, true);
	}
	assert_true(pace.blocks == 0);
}

static void test_at_the_tip(void **state)
{
	(void)state;
	begin();
	now.ms += 2000;
	now.height += 30;
	pace_update(&pace, &now, false);
	assert_true(pace.blocks == 15);
	now.ms += 2000;
	pace_update(&pace, &now, false);
	assert_true(pace.blocks == 0);
	for (int i = 0; i < 10; i++) {
		now.ms += 60000;
		pace_update(&pace, &now, false);
	}
	for (int i = 0; i < 10;
		i++) /* the time at the tip does not count, however few came since */
		passes(2000, 4);
	about(pace.blocks, 2);
	passes(2000, 100);
	passes(250, 100);
	about(pace.blocks, 200 / 2.25);
}

/* A branch was replaced by one that is lower. */
static void test_lower(void **state)
{
	(void)state;
	begin();
	now.height = 100;
	passes(5000, 10);
	now.height = 50;
	passes(250, 0);
	assert_true(pace.blocks < 1000);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_fast),
		cmocka_unit_test(test_slow_and_standing),
		cmocka_unit_test(test_at_the_tip),
		cmocka_unit_test(test_lower),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
