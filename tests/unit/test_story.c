/* The story that the log tells, by a clock of the test's own. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "node/story.h"
#include "tests/unit/main.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

static char lines[64][256];
static size_t count;

/* One node, from now on. */
static struct story story;
static struct story_view view;

static void on_line(void *ctx, enum log_level level, const char *text)
{
	(void)ctx;
	(void)level;
	assert_true(count < sizeof lines / sizeof lines[0]);
	snprintf(lines[count++], sizeof lines[0], "%s", text);
}

static void begin(enum reason r, const char *text, uint64_t height)
{
	story = (struct story){0};
	view = (struct story_view){
		.reason = r, .text = text, .height = height, .best = height, .now_ms = 5000};
	count = 0;
	assert_in_range(story_log(&story, &view), 1, 10 * SECOND);
}

/* As the node does: looks when it was told to, and when something happens. */
static void pass(uint64_t ms)
{
	uint64_t end = view.now_ms + ms;

	while (view.now_ms < end) {
		uint64_t in = story_log(&story, &view);
		assert_in_range(in, 1, 10 * SECOND);
		view.now_ms = view.now_ms + in < end ? view.now_ms + in : end;
	}
	story_log(&story, &view);
}

static void now_is(enum reason r, const char *text)
{
	view.reason = r;
	view.text = text;
	story_log(&story, &view);
}

static void why_it_does_not_advance(void **state)
{
	(void)state;
	begin(REASON_NO_PEERS, "no peers (0 of 3)", 0);
	pass(9 * SECOND);
	assert_int_equal(count, 0);
	pass(2 * SECOND);
	assert_int_equal(count, 1);
	assert_string_equal(lines[0], "no peers (0 of 3)");
	view.text = "no peers (another error)"; /* the same reason, with other facts */
	pass(9 * MINUTE);
	assert_int_equal(count, 1);
	pass(MINUTE);
	assert_int_equal(count, 2);
	assert_string_equal(lines[1], "no peers (another error)");
	pass(20 * MINUTE);
	assert_int_equal(count, 4);
}

static void a_change_is_told_when_it_lasts(void **state)
{
	(void)state;
	begin(REASON_NO_PEERS, "no peers", 0);
	pass(11 * SECOND);
	now_is(REASON_FORK, "fork at 7");
	pass(5 * SECOND);
	now_is(REASON_NO_PEERS, "no peers"); /* as before: nothing to tell */
	pass(MINUTE);
	assert_int_equal(count, 1);
	now_is(REASON_FORK, "fork at 7");
	pass(10 * SECOND);
	assert_int_equal(count, 2);
	assert_string_equal(lines[1], "fork at 7");
}

/* What never lasts is told now and then all the same. */
static void to_and_fro(void **state)
{
	(void)state;
	begin(REASON_NO_PEERS, "no peers", 0);
	for (unsigned i = 0; i < 20 * 60 / 4; i++) {
		now_is(i % 2 ? REASON_NO_PEERS : REASON_STALLED, i % 2 ? "no peers" : "stalled");
		pass(4 * SECOND);
	}
	assert_in_range(count, 1, 2);
}

static void a_sync(void **state)
{
	(void)state;
	begin(REASON_NO_PEERS, "no peers", 0);
	pass(2 * SECOND);
	view.best = 10000;
	view.peers = 3;
	now_is(REASON_DOWNLOADING, "downloading");
	for (unsigned i = 0; i < 25; i++) {
		view.height += 100;
		pass(SECOND);
	}
	assert_int_equal(count, 2);
	assert_string_equal(
		lines[0], "sync: block 1,000 of 10,000 (10 %), 100 blocks/s, 90 s left, 3 peers");
	assert_string_equal(
		lines[1], "sync: block 2,000 of 10,000 (20 %), 100 blocks/s, 80 s left, 3 peers");
	view.peers = 1;
	pass(10 * SECOND);
	pass(10 * SECOND);
	assert_string_equal(lines[3], "sync: block 2,500 of 10,000 (25 %), 0 blocks/s, 1 peer");
	view.height = view.best;
	now_is(REASON_AT_TIP, "at tip");
	assert_int_equal(count, 4);
	pass(2 * SECOND);
	assert_int_equal(count, 5);
	assert_string_equal(lines[4], "at tip: block 10,000, after 10,000 blocks in 45 s");
}

/* A node at the tip is silent, whatever comes one by one and waits for its signatures. */
static void at_the_tip(void **state)
{
	(void)state;
	begin(REASON_AT_TIP, "at tip", 72);
	pass(MINUTE);
	assert_int_equal(count, 1);
	assert_string_equal(lines[0], "at tip: block 72");
	for (unsigned i = 0; i < 100; i++) {
		view.best++;
		now_is(REASON_DOWNLOADING, "downloading");
		pass(300);
		view.height++;
		now_is(REASON_SIGNATURES, "at tip, waiting");
		pass(20 * SECOND);
		now_is(REASON_AT_TIP, "at tip");
		pass(MINUTE);
	}
	assert_int_equal(count, 1);
	now_is(REASON_SIGNATURES, "at tip, waiting");
	pass(11 * MINUTE);
	assert_in_range(count, 2, 3);
	assert_string_equal(lines[1], "at tip, waiting");
}

/* Far behind again after a night in which the machine slept. */
static void a_second_sync(void **state)
{
	(void)state;
	begin(REASON_AT_TIP, "at tip", 100);
	pass(MINUTE);
	view.best = 1100;
	view.peers = 1;
	now_is(REASON_DOWNLOADING, "downloading");
	pass(15 * SECOND);
	view.height = 1100;
	now_is(REASON_AT_TIP, "at tip");
	pass(5 * SECOND);
	assert_int_equal(count, 3);
	assert_string_equal(lines[2], "at tip: block 1,100, after 1,000 blocks in 15 s");
}

/* It sleeps ten seconds at a time, unless something is to be told. */
static void looks_as_seldom_as_it_can(void **state)
{
	(void)state;
	begin(REASON_AT_TIP, "at tip", 0);
	assert_true(story_log(&story, &view) <= SECOND);
	pass(5 * SECOND);
	unsigned looks = 0;
	for (uint64_t end = view.now_ms + 10 * MINUTE; view.now_ms < end; looks++)
		view.now_ms += story_log(&story, &view);
	assert_in_range(looks, 1, 62);
}

static int begin_all(void **state)
{
	(void)state;
	log_tap(on_line, NULL);
	return log_setup(&(struct log_settings){.level = LOG_INFO, .file = "/dev/null"}) ? 0 : -1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(why_it_does_not_advance),
		cmocka_unit_test(a_change_is_told_when_it_lasts),
		cmocka_unit_test(to_and_fro),
		cmocka_unit_test(a_sync),
		cmocka_unit_test(at_the_tip),
		cmocka_unit_test(a_second_sync),
		cmocka_unit_test(looks_as_seldom_as_it_can),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, begin_all, NULL);
}
