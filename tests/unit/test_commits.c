/* When the store is committed: rarely enough for a flash card and a slow disk, often enough for a
 * power cut. */
#include "sync/commits.h"
#include "tests/unit/main.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { INTERVAL = 30000 };

static enum commits_act next(const struct commits *c, struct commits_view v, uint64_t now_ms)
{
	v.now_ms = now_ms;
	v.interval_ms = INTERVAL;
	return commits_next(c, &v);
}

static void alone_at_the_tip(void **state)
{
	const struct commits c = {.opened_ms = 1000};
	(void)state;

	assert_int_equal(next(&c, (struct commits_view){.open = true}, 1000), COMMITS_COMMIT);
	assert_int_equal(next(&c, (struct commits_view){0}, 1000), COMMITS_WAIT);
	assert_int_equal(next(&c, (struct commits_view){.unsettled = true}, 1000), COMMITS_SETTLE);
}

static void near_the_tip_others_are_waited_for_a_second(void **state)
{
	const struct commits c = {.opened_ms = 1000};
	const struct commits_view v = {.open = true, .others = true};
	(void)state;

	assert_int_equal(next(&c, v, 1999), COMMITS_WAIT);
	assert_int_equal(next(&c, v, 2000), COMMITS_COMMIT);
}

static void far_behind_a_group_must_pay(void **state)
{
	const struct commits c = {.opened_ms = 1000};
	const struct commits_view poor = {.open = true, .others = true, .far = true};
	struct commits_view good = poor;
	(void)state;

	good.pays = true;
	assert_int_equal(next(&c, good, 1000 + INTERVAL - 1), COMMITS_WAIT);
	assert_int_equal(next(&c, good, 1000 + INTERVAL), COMMITS_COMMIT);
	assert_int_equal(next(&c, poor, 1000 + INTERVAL), COMMITS_WAIT);
	assert_int_equal(next(&c, poor, 1000 + 20 * INTERVAL - 1), COMMITS_WAIT);
	assert_int_equal(next(&c, poor, 1000 + 20 * INTERVAL), COMMITS_COMMIT);
	/* What else waits for it waits no longer. */
	good = poor;
	good.asked = true;
	assert_int_equal(next(&c, good, 1000), COMMITS_COMMIT);
	/* The next commit settles the one before. */
	good = (struct commits_view){.others = true, .far = true, .unsettled = true};
	assert_int_equal(next(&c, good, 1000), COMMITS_WAIT);
}

static void a_slow_disk_has_its_rest(void **state)
{
	const struct commits_view full = {.open = true, .asked = true};
	const struct commits_view unsettled = {.unsettled = true};
	struct commits c = {.opened_ms = 1000};
	(void)state;

	commits_waited(&c, 5000, 7000, INTERVAL);
	assert_int_equal(next(&c, full, 7000 + 19999), COMMITS_WAIT);
	assert_int_equal(next(&c, unsettled, 7000 + 19999), COMMITS_WAIT);
	assert_int_equal(next(&c, full, 7000 + 20000), COMMITS_COMMIT);
	assert_int_equal(next(&c, unsettled, 7000 + 20000), COMMITS_SETTLE);
	/* The rest has an end, however slow it is. */
	commits_waited(&c, 0, 100000, INTERVAL);
	assert_int_equal(next(&c, full, 100000 + 10 * INTERVAL), COMMITS_COMMIT);
	assert_int_equal(next(&c, full, 100000 + 10 * INTERVAL - 1), COMMITS_WAIT);
	assert_true(commits_quick(1000, 1099));
	assert_false(commits_quick(1000, 1100));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone_at_the_tip),
		cmocka_unit_test(near_the_tip_others_are_waited_for_a_second),
		cmocka_unit_test(far_behind_a_group_must_pay),
		cmocka_unit_test(a_slow_disk_has_its_rest),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
