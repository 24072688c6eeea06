/* Facts about blocks, on the calling thread. */
#include "base/mem.h"
#include "tests/unit/main.h"
#include "tests/unit/verify_fixture.h"

static void test_now_real(void **state)
{
	const struct fixture *f = *state;
	const struct block *blocks[] = {&f->real[0], &f->real[1], &f->large};
	const bool strength[] = {true, false, false};
	struct block_facts facts[3];

	for (size_t scratch = 0; scratch <= least(); scratch += least()) { /* 0: the least */
		memset(facts, 0, sizeof facts);
		assert_int_equal(verify_now(blocks, facts, strength, 3, scratch), ERR_OK);
		for (int i = 0; i < 3; i++)
			assert_facts(&facts[i],
				&(struct block_facts){true, true, i == 0 ? STRENGTH_1 : -1});
	}
}

/* More than fit one batch, in an order that ends batches anywhere. */
static void test_now_many(void **state)
{
	enum { MANY = 6 * SAMPLES };
	static struct sample samples[MANY];
	const struct block *blocks[MANY];
	struct block_facts facts[MANY];
	bool strength[MANY];
	size_t held = mem_bytes();

	for (int i = 0; i < MANY; i++) {
		make_sample(*state, i * 3 % SAMPLES, &samples[i]);
		blocks[i] = &samples[i].block;
		strength[i] = samples[i].want_strength;
	}
	assert_int_equal(verify_now(blocks, facts, strength, MANY, 4 * least()), ERR_OK);
	for (int i = 0; i < MANY; i++)
		assert_facts(&facts[i], &samples[i].right);
	assert_int_equal(mem_bytes(), held);
	assert_int_equal(verify_now(NULL, NULL, NULL, 0, least()), ERR_OK);
}

static void test_now_no_memory(void **state)
{
	const struct fixture *f = *state;
	const struct block *blocks[] = {&f->real[0]};
	const bool strength[] = {true};
	struct block_facts facts = {true, true, 9};

	mem_fail_nth(1);
	assert_int_equal(verify_now(blocks, &facts, strength, 1, least()), ERR_NOMEM);
	assert_facts(&facts, &(struct block_facts){false, false, -1});
	mem_fail_nth(1); /* refused 8 segments, gets 4 */
	assert_int_equal(verify_now(blocks, &facts, strength, 1,
				 blakeout_scratch_size(BLAKEOUT_LANES, 8) + 64),
		ERR_OK);
	assert_facts(&facts, &(struct block_facts){true, true, STRENGTH_1});
}

/* Longer than any encoding that is taken: not checked, and nothing is overrun. */
static void test_now_too_large(void **state)
{
	const struct fixture *f = *state;
	struct block b = f->large;
	const struct block *blocks[] = {&b};
	const bool strength[] = {false};
	struct block_facts facts;
	uint8_t *data = calloc(1, 500000);

	assert_non_null(data);
	b.tx.data = slice_of(data, 500000);
	assert_int_equal(verify_now(blocks, &facts, strength, 1, least()), ERR_NOMEM);
	assert_false(facts.hash_ok || facts.signature_ok);
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
