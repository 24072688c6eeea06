/* The last lines of the log: which are kept, and lines of many threads at once. */
#include "base/log_tail.h"

#include <string.h>

#include "base/thread.h"
#include "tests/unit/main.h"

enum { THREADS = 4, LINES = 500 };

static void the_last_lines_are_kept(void **state)
{
	static struct log_tail t;
	struct log_tail_line line;
	char text[32];
	(void)state;

	log_tail_init(&t);
	assert_int_equal(log_tail_first(&t), 0);
	assert_false(log_tail_get(&t, 0, &line));
	for (unsigned i = 0; i < LOG_TAIL_LINES + 3; i++) {
		snprintf(text, sizeof text, "line %u", i);
		assert_int_equal(log_tail_put(&t, LOG_WARN, text), i);
	}
	assert_int_equal(log_tail_first(&t), 3);
	assert_int_equal(log_tail_next(&t), LOG_TAIL_LINES + 3);
	assert_false(log_tail_get(&t, 2, &line));
	assert_true(log_tail_get(&t, 3, &line));
	assert_string_equal(line.text, "line 3");
	assert_int_equal(line.level, LOG_WARN);
	assert_true(log_tail_get(&t, LOG_TAIL_LINES + 2, &line));
	assert_string_equal(line.text, text);
	assert_false(log_tail_get(&t, LOG_TAIL_LINES + 3, &line));
	log_tail_clear(&t);
}

static void a_long_line_is_cut(void **state)
{
	static struct log_tail t;
	struct log_tail_line line;
	char text[2 * LOG_TAIL_TEXT];
	(void)state;

	log_tail_init(&t);
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = 0;
	log_tail_put(&t, LOG_INFO, text);
	assert_true(log_tail_get(&t, 0, &line));
	assert_int_equal(strlen(line.text), LOG_TAIL_TEXT - 1);
	log_tail_clear(&t);
}

/* ---- many threads ---- */

static struct log_tail tail;

static void keep(void *ctx, enum log_level level, const char *text)
{
	log_tail_put(ctx, level, text);
}

static void *write_lines(void *ctx)
{
	for (unsigned i = 0; i < LINES; i++)
		log_info("%s %u", (const char *)ctx, i);
	return NULL;
}

/* Every line that is read is a whole one that some thread wrote. */
static void look(uint64_t *next)
{
	struct log_tail_line line;
	uint64_t first = log_tail_first(&tail);
	char who[8];
	unsigned number;
	int end = 0;

	for (*next = *next < first ? first : *next; log_tail_get(&tail, *next, &line); ++*next) {
		assert_int_equal(sscanf(line.text, "%7s %u%n", who, &number, &end), 2);
		assert_int_equal(line.text[end], 0);
		assert_true(number < LINES && strlen(who) == 1);
	}
}

static void threads_write_and_one_reads(void **state)
{
	static char names[THREADS][2] = {"a", "b", "c", "d"};
	struct log_settings s = {.level = LOG_INFO, .file = "/dev/null"};
	pthread_t threads[THREADS];
	uint64_t next = 0;
	(void)state;

	log_tail_init(&tail);
	assert_true(log_setup(&s));
	log_tap(keep, &tail);
	for (int i = 0; i < THREADS; i++)
		assert_true(thread_start(&threads[i], write_lines, names[i]));
	while (next < THREADS * LINES / 2)
		look(&next);
	for (int i = 0; i < 50; i++) /* as a reload does */
		assert_true(log_setup(&s));
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	look(&next);
	log_tap(NULL, NULL);
	assert_int_equal(tail.count, THREADS * LINES);
	log_tail_clear(&tail);
	log_close();
}

/* After log_tap(NULL, NULL) nobody is in the tap: what it uses may go. */
static void a_tap_ends_while_threads_write(void **state)
{
	pthread_t thread;
	static char name[] = "e";
	(void)state;

	assert_true(log_setup(&(struct log_settings){.level = LOG_INFO, .file = "/dev/null"}));
	assert_true(thread_start(&thread, write_lines, name));
	for (int i = 0; i < 100; i++) {
		struct log_tail *t = test_malloc(sizeof *t);
		log_tail_init(t);
		log_tap(keep, t);
		log_tap(NULL, NULL);
		log_tail_clear(t);
		test_free(t);
	}
	pthread_join(thread, NULL);
	log_close();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_lines_are_kept),
		cmocka_unit_test(a_long_line_is_cut),
		cmocka_unit_test(threads_write_and_one_reads),
		cmocka_unit_test(a_tap_ends_while_threads_write),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
