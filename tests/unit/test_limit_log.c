/* What the node says of itself: rows at their bound in the log, the lag of its loop in steps. */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
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

static const struct loop_spent nothing = {0, 0};

static void lag_in_steps(void **state)
{
	struct loop_lag l = {0};
	(void)state;

	assert_int_equal(loop_lag_quantile(&l.all, 990), 0);
	for (int i = 0; i < 989; i++)
		loop_lag_note(&l, 1, nothing);
	loop_lag_note(&l, 2, nothing);
	for (int i = 0; i < 10; i++)
		loop_lag_note(&l, 21, nothing);
	assert_int_equal(loop_lag_quantile(&l.all, 500), 1);
	assert_int_equal(loop_lag_quantile(&l.all, 990), 2);
	assert_int_equal(loop_lag_quantile(&l.all, 991), 21); /* no more than the largest */
	loop_lag_note(&l, UINT64_MAX, nothing);
	assert_int_equal(l.all.max_ms, UINT64_MAX);
	assert_int_equal(l.all.count[LAG_STEPS - 1], 1);
	assert_int_equal(l.all.samples, 1001);
}

static void lag_of_its_own(void **state)
{
	(void)state;
	/* the disk, or a kernel that says nothing */
	assert_int_equal(loop_lag_own(80, nothing), 80);
	/* others had the processor */
	assert_int_equal(loop_lag_own(80, (struct loop_spent){.ran_ms = 2, .waited_ms = 78}), 2);
	assert_int_equal(loop_lag_own(80, (struct loop_spent){.ran_ms = 9, .waited_ms = 300}), 9);
	/* both */
	assert_int_equal(loop_lag_own(80, (struct loop_spent){.ran_ms = 3, .waited_ms = 30}), 50);
	/* it computed for long, which others made longer */
	assert_int_equal(
		loop_lag_own(400, (struct loop_spent){.ran_ms = 60, .waited_ms = 390}), 60);
	/* never more than the lag */
	assert_int_equal(loop_lag_own(1, (struct loop_spent){.ran_ms = 49, .waited_ms = 0}), 1);
	assert_int_equal(loop_lag_own(0, (struct loop_spent){.ran_ms = 20, .waited_ms = 20}), 0);
}

static uint64_t cpu_ms(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t), 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void compute(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd, (void)what, (void)ctx;
	for (uint64_t end = cpu_ms() + 120; cpu_ms() < end;)
		;
}

/* A turn that computes for 120 ms is late by 70 at least, however busy the machine is. */
static void a_long_turn_is_its_own(void **state)
{
	struct event_base *base = event_base_new();
	const struct timeval soon = {0, 1000};
	struct loop_lag l;
	(void)state;

	assert_true(loop_lag_start(&l, base, &clock_system));
	assert_int_equal(event_base_once(base, -1, EV_TIMEOUT, compute, NULL, &soon), 0);
	loop_lag_busy(&l);
	assert_true(event_base_dispatch(base) >= 0);
	assert_int_equal(l.own.samples, 1);
	assert_in_range(l.own.max_ms, 65, l.all.max_ms);
	loop_lag_stop(&l);
	event_base_free(base);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_tell_once_a_minute),
		cmocka_unit_test(lag_in_steps),
		cmocka_unit_test(lag_of_its_own),
		cmocka_unit_test(a_long_turn_is_its_own),
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
