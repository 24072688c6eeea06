/* Over a bad line that all peers share the sync engine reaches the tip, and hardly anything comes
 * twice: what was asked and is on its way is not asked again. */
#include "tests/unit/main.h"
#include "tests/unit/sync_bad_line.h"

enum { BLOCKS = 140, TWICE_PERCENT = 5 };

static void holds(const struct bad_line *lines, size_t count)
{
	struct branch b;
	struct rig r;

	rig_begin_with(&r, &b, BLOCKS);
	for (size_t i = 0; i < count; i++) {
		struct bad_line_result got = bad_line_run(&r, &b, &lines[i]);
		print_message("line %zu: %llu of %d in %llu s\n", i,
			(unsigned long long)got.received, BLOCKS,
			(unsigned long long)got.ms / 1000);
		assert_true(got.reached);
		assert_int_equal(got.closed, 0);
		assert_int_equal(got.banned, 0);
		assert_in_range(got.received, BLOCKS, BLOCKS + BLOCKS * TWICE_PERCENT / 100);
		rig_restart(&r);
	}
	rig_end_with(&r, &b);
}

/* Silent for longer than anybody is patient; the second begins shortly before a silence, which is
 * then taken for the round trip of whoever is measured in it. */
static void test_silences(void **state)
{
	static const struct bad_line lines[] = {
		{.peers = 4, .rate = 8000, .good_ms = 3000, .silence = 5500, .delay_ms = 600},
		{.peers = 4,
			.rate = 8000,
			.good_ms = 3000,
			.silence = 5500,
			.delay_ms = 600,
			.begins_ms = 2800},
	};
	(void)state;

	holds(lines, INSTRUMENTED ? 1 : sizeof lines / sizeof lines[0]);
}

/* Large blocks among small ones: those behind a large one are not lost. */
static void test_large_blocks(void **state)
{
	static const struct bad_line lines[] = {
		{.peers = 4,
			.rate = 20000,
			.good_ms = 2000,
			.silence = 4000,
			.delay_ms = 600,
			.begins_ms = 2767,
			.mixed = true},
	};
	(void)state;

	holds(lines, sizeof lines / sizeof lines[0]);
}

/* Answers in the order of the questions, whoever was asked. */
static void test_first_come(void **state)
{
	static const struct bad_line lines[] = {
		{.peers = 2,
			.rate = 20000,
			.good_ms = 1000,
			.silence = 4000,
			.delay_ms = 1500,
			.begins_ms = 2238,
			.first_come = true},
	};
	(void)state;

	holds(lines, sizeof lines / sizeof lines[0]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silences),
		cmocka_unit_test(test_large_blocks),
		cmocka_unit_test(test_first_come),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
