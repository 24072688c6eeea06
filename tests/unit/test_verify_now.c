/* Facts about blocks, on the calling thread. */
#include "base/mem.h"
#include "tests/unit/main.h"
#include "tests/unit/verify_fixture.h"

/* As nothing is known of the author. */
static struct verify_job job_of(const struct block *b, bool want_strength)
{
	return (struct verify_job){
		.block = b, .facts = {.key_strength = -1}, .want_strength = want_strength};
}

static void test_now_real(void **state)
{
	const struct fixture *f = *state;
	const struct block *blocks[] = {&f->real[0], &f->real[1], &f->large};
	struct verify_job jobs[3];

	for (size_t scratch = 0; scratch <= least(); scratch += least()) { /* 0: the least */
		for (int i = 0; i < 3; i++)
			jobs[i] = job_of(blocks[i], i == 0);
		assert_int_equal(verify_now(jobs, 3, scratch), ERR_OK);
		for (int i = 0; i < 3; i++)
			assert_facts(&jobs[i].facts,
				&(struct block_facts){true, true, i == 0 ? STRENGTH_1 : -1,
					i == 2 ? DOMAIN_MALFORMED : DOMAIN_OK});
	}
}

/* More than fit one batch, in an order that ends batches anywhere. */
static void test_now_many(void **state)
{
	enum { MANY = 6 * SAMPLES };
	static struct sample samples[MANY];
	static struct verify_job jobs[MANY];
	size_t held = mem_bytes();

	for (int i = 0; i < MANY; i++) {
		make_sample(*state, i * 3 % SAMPLES, &samples[i]);
		jobs[i] = job_of(&samples[i].block, samples[i].want_strength);
	}
	assert_int_equal(verify_now(jobs, MANY, 4 * least()), ERR_OK);
	for (int i = 0; i < MANY; i++)
		assert_facts(&jobs[i].facts, &samples[i].right);
	assert_int_equal(mem_bytes(), held);
	assert_int_equal(verify_now(NULL, 0, least()), ERR_OK);
}

static void test_now_no_memory(void **state)
{
	const struct fixture *f = *state;
	struct verify_job job = job_of(&f->real[0], true);

	job.facts = (struct block_facts){true, true, 9, DOMAIN_OK};
	mem_fail_nth(1);
	assert_int_equal(verify_now(&job, 1, least()), ERR_NOMEM);
	assert_facts(&job.facts, &(struct block_facts){false, false, -1, DOMAIN_UNREAD});
	mem_fail_nth(1); /* refused 8 segments, gets 4 */
	assert_int_equal(
		verify_now(&job, 1, blakeout_scratch_size(BLAKEOUT_LANES, 8) + 64), ERR_OK);
	assert_facts(&job.facts, &(struct block_facts){true, true, STRENGTH_1, DOMAIN_OK});
}

/* Longer than any encoding that is taken: not checked, and nothing is overrun. */
static void test_now_too_large(void **state)
{
	const struct fixture *f = *state;
	struct block b = f->large;
	struct verify_job job = job_of(&b, false);
	uint8_t *data = calloc(1, 500000);

	assert_non_null(data);
	b.tx.data = slice_of(data, 500000);
	assert_int_equal(verify_now(&job, 1, least()), ERR_NOMEM);
	assert_false(job.facts.hash_ok || job.facts.signature_ok);
	free(data);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_now_real),
		cmocka_unit_test(test_now_many),
		cmocka_unit_test(test_now_no_memory),
		cmocka_unit_test(test_now_too_large),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, begin, NULL);
}
