/* The cache of DNS answers against a plain list, with steps at random: see
 * tests/fuzz/dns_cache_model.h, whose broken promises end the program with their place. */
#include "tests/fuzz/dns_cache_model.h"
#include "tests/unit/dns_rig.h"

enum { STEPS = 4000 };

static void runs(uint64_t seed, unsigned size)
{
	static uint8_t bytes[STEPS * 6];
	struct dice d = {seed};

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)roll(&d, 256);
	bytes[0] = (uint8_t)size;
	model_run(slice_of(bytes, sizeof bytes));
}

static void a_small_cache(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < (INSTRUMENTED ? 3 : 12); seed++)
		runs(seed, 0);
}

static void caches_of_all_sizes(void **state)
{
	(void)state;
	for (unsigned size = 0; size < 256; size += INSTRUMENTED ? 51 : 17)
		runs(size, size);
}

/* The index grows by pieces meanwhile, at the bound too. */
static void many_names(void **state)
{
	(void)state;
	for (uint64_t bytes = 1 << 16; bytes <= 1 << 21; bytes *= INSTRUMENTED ? 8 : 2) {
		struct model *m = model_new(bytes);
		for (unsigned i = 0; i < 3000; i++) {
			model_put(m, 4 * i, i % 7 ? 0 : 300, i % 5 ? 100000 + i : i, 2);
			model_check(m);
			model_get(m, 4 * (i / 2), false, false);
			model_check(m);
			m->now++;
		}
		model_flush(m, 0, true);
		model_many(m, 0, 700);
		model_check(m);
		model_free(m);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_cache),
		cmocka_unit_test(caches_of_all_sizes),
		cmocka_unit_test(many_names),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
