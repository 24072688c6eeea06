/* What the kernel tells of a process, whatever the program is called. */
#include "tests/unit/main.h"

#include <time.h>
#include <unistd.h>

#include "api/process_facts.h"

#define FIELDS                                                                                     \
	" S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 5 0 12345 4096000 77 18446744073709551615 1"

static void names_may_hold_anything(void **state)
{
	static const char *const texts[] = {"42 (alfisd)" FIELDS, "42 (a) b (c) S 1 2)" FIELDS,
		"42 ()" FIELDS, "42 (\n)" FIELDS};
	struct process_facts f;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		f = (struct process_facts){.threads = 0};
		assert_true(process_facts_parse(texts[i], 1700000000, 100, &f));
		assert_int_equal(f.threads, 5);
		assert_true(f.start_seconds > 1700000123.4 && f.start_seconds < 1700000123.5);
		assert_int_equal(f.virtual_bytes, 4096000);
		assert_int_equal(f.resident_bytes, 77 * (uint64_t)sysconf(_SC_PAGESIZE));
	}
	assert_true(process_facts_parse(texts[0], 0, 100, &f));
	assert_true(f.start_seconds == 0); /* no boot time: unknown, not 1970 */
}

static void malformed(void **state)
{
	static const char *const texts[] = {"", "42", "42 (alfisd", "42 (alfisd) S 1 2"};
	struct process_facts f;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_false(process_facts_parse(texts[i], 1, 100, &f));
	assert_false(process_facts_parse("42 (alfisd)" FIELDS, 1, 0, &f));
}

static void of_this_process(void **state)
{
	struct process_facts f;

	(void)state;
	process_facts(&f);
	assert_true(f.open_fds >= 3 && f.open_fds <= f.max_fds);
	assert_true(f.cpu_seconds >= 0);
	if (!f.threads) /* an emulator has made the file up */
		skip();
	assert_true(f.resident_bytes > 0 && f.virtual_bytes >= f.resident_bytes);
	assert_true(f.start_seconds > 0 && f.start_seconds < (double)time(NULL) + 3600);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_may_hold_anything),
		cmocka_unit_test(malformed),
		cmocka_unit_test(of_this_process),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
