/* How fast a node of release 0.10 gets its blocks from us, in the time of a model: slow and busy
 * ones, such that throw copies away, and such that several of our nodes feed at once. */
#include "tests/unit/main.h"
#include "tests/unit/announce_model.h"

enum { HAS = 20, WANTS = 180, SEEDS = 5 };

/* The rig and its chain are made once. */
static struct rig *rig;
static struct branch branch;

static struct announce_model *begin(size_t feeders)
{
	struct announce_model *m = malloc(sizeof *m);

	assert_non_null(m);
	announce_model_begin(m, rig, feeders, HAS);
	return m;
}

static void end(struct announce_model *m)
{
	announce_model_end(m);
	free(m);
}
/* Blocks a second, of which a node that checks in 33 ms and writes in 2 can take 28. */
static double rate(struct announce_model *m)
{
	uint64_t ms = announce_model_reaches(m, WANTS, 60000);
	double blocks = (double)(m->own_height - HAS);

	end(m);
	return blocks * 1000 / (double)ms;
}

static struct announce_model *with_habits(uint64_t checks_ms, uint64_t pauses_ms)
{
	struct announce_model *m = begin(1);

	m->checks_ms = checks_ms;
	m->pauses_ms = pauses_ms;
	feeder_exchanges(&m->feeder[0]); /* as every connection does when it begins */
	return m;
}

/* One that is slow is not taken for one that others drive, and waits for little but itself. */
static void test_slow_ones(void **state)
{
	(void)state;
	assert_true(rate(with_habits(33, 2)) > 26);
	assert_true(rate(with_habits(100, 2)) > 9);
	assert_true(rate(with_habits(33, 15)) > 18);
	assert_true(rate(with_habits(100, 15)) > 8);
	assert_true(rate(with_habits(400, 2)) > 2);
}

static void test_far_ones(void **state)
{
	struct announce_model *m = with_habits(33, 2);
	(void)state;

	m->travel_ms = 100;
	m->feeder[0].np->sync.rtt_ms = 200;
	assert_true(rate(m) > 4);
}

/* All the seeds of a number of feeders: from four on the node asks by itself too, and each sees
 * requests again that it has answered. */
static void at_once(size_t feeders, double mean, double least)
{
	double sum = 0;

	for (unsigned seed = 1; seed <= SEEDS; seed++) {
		struct announce_model *m = begin(feeders);
		m->rng = rng_from_seed(&m->seed, seed);
		double got = rate(m);
		assert_true(got > least);
		sum += got;
	}
	assert_true(sum / SEEDS > mean);
}

static void test_several_at_once(void **state)
{
	(void)state;
	at_once(3, 25, 24);
	at_once(4, 20, 11);
	at_once(8, 18, 11);
	at_once(12, 17, 11);
}

/* Its database was locked, or it walked over the block: the copy is gone, and it asks again. */
static void test_a_copy_that_is_thrown_away(void **state)
{
	struct announce_model *m = begin(1);
	(void)state;

	m->drops[HAS + 10] = 1;
	uint64_t before = announce_model_reaches(m, HAS + 9, 10000);
	uint64_t stood = announce_model_reaches(m, HAS + 10, 60000);
	assert_true(before < 1000 && stood < 1000);
	assert_int_equal(m->feeder[0].sent[MSG_BLOCK], 11);
	m->drops[HAS + 20] = 4; /* for longer, and longer waits between */
	announce_model_reaches(m, HAS + 19, 10000);
	assert_in_range(announce_model_reaches(m, HAS + 20, 60000), 2000, 6000);
	end(m);
}

/* It does not look at a hash that it received, and forgets after a minute: all that time the block
 * is offered, but not in a hurry. */
static void test_a_copy_that_it_remembers(void **state)
{
	struct announce_model *m = begin(1);
	(void)state;

	m->drops[HAS + 10] = 1;
	m->remembers[HAS + 10] = true;
	announce_model_reaches(m, HAS + 9, 10000);
	uint64_t left = m->forget_at - rig->mono;
	assert_in_range(announce_model_reaches(m, HAS + 10, 100000), left, left + 5500);
	assert_in_range(m->feeder[0].sent[MSG_BLOCK], 15, 30);
	end(m);
}

static int make_rig(void **state)
{
	(void)state;
	rig = malloc(sizeof *rig);
	if (!rig)
		return -1;
	rig_begin_with(rig, &branch, WANTS);
	rig_fill(rig, &branch, WANTS);
	return 0;
}

static int free_rig(void **state)
{
	(void)state;
	rig_end_with(rig, &branch);
	free(rig);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slow_ones),
		cmocka_unit_test(test_far_ones),
		cmocka_unit_test(test_several_at_once),
		cmocka_unit_test(test_a_copy_that_is_thrown_away),
		cmocka_unit_test(test_a_copy_that_it_remembers),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, make_rig, free_rig);
}
