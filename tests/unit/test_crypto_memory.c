/* What libcrypto holds: counted apart from ours, no more after many signatures than after the
 * first, and nothing after the end. */
#include "base/mem.h"
#include "base/thread.h"
#include "chain/crypto.h"
#include "tests/unit/main.h"

enum { TIMES = 50, THREADS = 4, PLACE = 16, KEPT_MAX = 512 << 10 };

/* Only the plain equation takes it, so that libcrypto is asked. */
static bool ask_libcrypto(void)
{
	static const uint8_t neutral[64] = {1};

	return crypto_verify(slice_of(neutral, 32), slice_str("any"), slice_of(neutral, 64));
}

static void *ask_often(void *ctx)
{
	bool *good = ctx;

	*good = true;
	for (int i = 0; i < TIMES; i++)
		*good = ask_libcrypto() && *good;
	return NULL;
}

static void it_is_counted_apart(void **state)
{
	(void)state;
	assert_true(crypto_count_memory()); /* by choose_tests(); once more does nothing */
	assert_true(crypto_init());
	assert_true(mem_library_blocks() > 0);
	assert_in_range(mem_library_bytes(), 1, KEPT_MAX); /* it is in the fixed part */
	assert_int_equal(mem_blocks(), 0);
}

static void a_signature_leaves_nothing(void **state)
{
	bool good;
	(void)state;

	assert_true(ask_libcrypto());
	size_t bytes = mem_library_bytes(), blocks = mem_library_blocks();
	ask_often(&good);
	assert_true(good);
	assert_int_equal(mem_library_bytes(), bytes);
	assert_int_equal(mem_library_blocks(), blocks);
}

/* A thread's own part goes with the thread, but for its place in a list, which grows to the most
 * threads at one time. */
static void a_thread_leaves_nothing(void **state)
{
	size_t bytes = mem_library_bytes(), blocks = mem_library_blocks();
	pthread_t threads[THREADS];
	bool good[THREADS];
	(void)state;

	for (int i = 0; i < THREADS; i++)
		assert_true(thread_start(&threads[i], ask_often, &good[i]));
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_true(good[i]);
	}
	assert_in_range(mem_library_bytes(), bytes, bytes + THREADS * PLACE);
	assert_int_equal(mem_library_blocks(), blocks);
}

/* Ours are failed on purpose, so that they come in the same order in each run; its are not. */
static void only_ours_fail(void **state)
{
	(void)state;
	mem_fail_nth(1);
	assert_true(ask_libcrypto());
	assert_null(mem_alloc(1));
	assert_int_equal(mem_fail_nth(0), 0);
}

static void blocks_change_their_size(void **state)
{
	size_t bytes = mem_library_bytes();
	(void)state;

	void *p = mem_library_realloc(NULL, 10);
	assert_int_equal(mem_library_bytes(), bytes + 10);
	p = mem_library_realloc(p, 4);
	assert_int_equal(mem_library_bytes(), bytes + 4);
	mem_library_free(p);
	mem_library_free(NULL);
	assert_int_equal(mem_library_bytes(), bytes);
	assert_null(mem_library_alloc(SIZE_MAX));
	assert_int_equal(mem_blocks(), 0);
}

/* For a library that would crash: what would fail takes what was set aside. */
static void what_is_set_aside_does_not_fail(void **state)
{
	uint8_t *all[MEM_SPARES + 1];
	(void)state;

	mem_fail_nth(3);
	assert_false(mem_spare_begin());
	assert_true(mem_spare_begin());
	for (size_t i = 0; i <= MEM_SPARES; i++) {
		mem_fail_nth(1);
		all[i] = i % 2 ? mem_alloc(MEM_SPARE_SIZE) : mem_realloc(NULL, 8);
		assert_int_equal(all[i] != NULL, i < MEM_SPARES);
		assert_true(!all[i] || all[i][7] == 0);
	}
	mem_spare_end();
	assert_int_equal(mem_blocks(), MEM_SPARES);
	assert_int_equal(mem_bytes(), MEM_SPARES / 2 * (MEM_SPARE_SIZE + 8));
	for (size_t i = 0; i < MEM_SPARES; i++)
		mem_free(all[i]);
	assert_true(mem_spare_begin());
	mem_fail_nth(1);
	assert_null(mem_alloc(MEM_SPARE_SIZE + 1));
	mem_spare_end();
	mem_fail_nth(1);
	assert_null(mem_alloc(1));
	assert_int_equal(mem_blocks(), 0);
}

/* The last: nothing can be asked after it. */
static void nothing_is_left_in_the_end(void **state)
{
	(void)state;
	crypto_end();
	assert_int_equal(mem_library_blocks(), 0);
	assert_int_equal(mem_library_bytes(), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_counted_apart),
		cmocka_unit_test(a_signature_leaves_nothing),
		cmocka_unit_test(a_thread_leaves_nothing),
		cmocka_unit_test(only_ours_fail),
		cmocka_unit_test(blocks_change_their_size),
		cmocka_unit_test(what_is_set_aside_does_not_fail),
		cmocka_unit_test(nothing_is_left_in_the_end),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
