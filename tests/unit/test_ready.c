/* GET /health?ready: which facts make a node of use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/ready.h"
#include "tests/unit/main.h"

enum { HOUR_S = 3600, DAY_S = 86400 };

/* At the tip, with four peers; the last block is a day old. */
static struct ready_facts at_tip(void)
{
	return (struct ready_facts){.peers = 4,
		.height = 100,
		.best = 100,
		.age_s = DAY_S,
		.max_lag_ms = HOUR_S * 1000};
}

static void test_blocks_far_apart(void **state)
{
	struct ready_facts f = at_tip();
	(void)state;

	assert_true(ready_by(&f));
	f.best = 7; /* peers are behind us */
	assert_true(ready_by(&f));
	f.clock_wrong = true;
	assert_false(ready_by(&f));
}

static void test_what_it_needs(void **state)
{
	struct ready_facts f = at_tip();
	(void)state;

	f.failing = true;
	assert_false(ready_by(&f));
	f = at_tip();
	f.peers = 0;
	assert_false(ready_by(&f));
	f = at_tip();
	f.height = f.best = 0;
	assert_false(ready_by(&f));
}

static void test_behind(void **state)
{
	struct ready_facts f = at_tip();
	(void)state;

	f.best = 101;
	f.ahead = 3;
	assert_false(ready_by(&f));
	f.age_s = HOUR_S;
	assert_true(ready_by(&f));
	f.age_s = HOUR_S + 1;
	assert_false(ready_by(&f));
	f.age_s = (int64_t)1 << 61; /* a thousand of it is 0 in 64 bits */
	assert_false(ready_by(&f));
	f.age_s = -DAY_S; /* this machine's clock is behind */
	assert_true(ready_by(&f));
}

/* Half of the peers are not enough, unless they give what they claim. */
static void test_a_liar(void **state)
{
	struct ready_facts f = at_tip();
	(void)state;

	f.best = UINT64_MAX;
	f.ahead = 1;
	assert_true(ready_by(&f));
	f.ahead = 2;
	assert_true(ready_by(&f));
	f.growing = true;
	assert_false(ready_by(&f));
	f = at_tip();
	f.peers = f.ahead = 1;
	f.best = 101;
	assert_false(ready_by(&f));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks_far_apart),
		cmocka_unit_test(test_what_it_needs),
		cmocka_unit_test(test_behind),
		cmocka_unit_test(test_a_liar),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
