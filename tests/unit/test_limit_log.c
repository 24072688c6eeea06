/* What the node says of itself: rows at their bound in the log, the lag of its loop in steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "node/loop_lag.h"
#include "node/limit_log.h"
#include "tests/unit/main.h"

enum { MINUTE = 60000 };

static char file[] = "/tmp/alf-watch-XXXXXX";

/* Lines of the log with that text. */
static size_t lines_with(const char *text)
{
	FILE *f = fopen(file, "r");
	char line[1024];
	size_t n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof line, f))
		n += strstr(line, text) != NULL;
	fclose(f);
	return n;
}

static void rows_tell_once_a_minute(void **state)
{
	struct limit_log w = {0};
	struct limits l;
	(void)state;

	limits_default(&l);
	limit_log_tick(&w, &l, 1000, false);
	assert_int_equal(lines_with("at the bound"), 0);
	l.max_bans.hits = 3;
	limit_log_tick(&w, &l, 1999, false); /* not yet */
	assert_int_equal(lines_with("at the bound"), 0);
	limit_log_tick(&w, &l, 2000, false);
	assert_int_equal(
		lines_with("limits.max_bans = 4096: at the bound 3 times (the ban that"), 1);
	for (uint64_t now = 3000; now < 2000 + MINUTE; now += 1000) {
		l.max_bans.hits++;
		l.idle_timeout.hits = 1;
		limit_log_tick(&w, &l, now, false);
	}
	assert_int_equal(lines_with("max_bans"), 1);
	assert_int_equal(lines_with("limits.idle_timeout = 90 s: at the bound 1 times"), 1);
	limit_log_tick(&w, &l, 2000 + MINUTE, false);
	assert_int_equal(lines_with("max_bans = 4096: at the bound 59 times"), 1);
	assert_int_equal(lines_with("at the bound"), 3);
	l.max_bans.hits++;
	limit_log_tick(&w, &l, 2001 + MINUTE, true); /* the end */
	assert_int_equal(lines_with("max_bans = 4096: at the bound 1 times"), 1);
	limit_log_tick(&w, &l, 2002 + MINUTE, true);
	assert_int_equal(lines_with("at the bound"), 4);
}

static void lag_in_steps(void **state)
{
	struct loop_lag l = {0};
	(void)state;

	assert_int_equal(loop_lag_quantile(&l, 990), 0);
	for (int i = 0; i < 989; i++)
		loop_lag_note(&l, 1);
	loop_lag_note(&l, 2);
	for (int i = 0; i < 10; i++)
		loop_lag_note(&l, 21);
	assert_int_equal(loop_lag_quantile(&l, 500), 1);
	assert_int_equal(loop_lag_quantile(&l, 990), 2);
	assert_int_equal(loop_lag_quantile(&l, 991), 21); /* no more than the largest */
	loop_lag_note(&l, UINT64_MAX);
	assert_int_equal(l.max_ms, UINT64_MAX);
	assert_int_equal(l.count[LAG_STEPS - 1], 1);
	assert_int_equal(l.samples, 1001);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_tell_once_a_minute),
		cmocka_unit_test(lag_in_steps),
	};
	int fd = mkstemp(file);
	struct log_settings s = {.level = LOG_INFO, .file = file};

	if (fd < 0 || !log_setup(&s))
		return 1;
	choose_tests(argc, argv);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	log_close();
	close(fd);
	unlink(file);
	return failed;
}
