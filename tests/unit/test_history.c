/* Points of figures over time: filled, wrapped, with gaps, at their bound; as JSON too. */
#include <math.h>

#include "api/history.h"
#include "tests/unit/api_rig.h"

enum { MINUTE = 60000, START = 7 * 24 * 60 * MINUTE };

static struct limits limits;
static struct history h;
static float point[HISTORY_POINTS];

static int begin(void **state)
{
	(void)state;
	limits_default(&limits);
	history_begin(&h, &limits.history_bytes);
	return 0;
}

static int end(void **state)
{
	(void)state;
	history_end(&h);
	assert_int_equal(limits.history_bytes.used, 0);
	return 0;
}

static void see(uint64_t ms, double gauge, double total)
{
	struct history_sample s;

	for (int f = 0; f < HISTORY_FIGURES; f++)
		s.value[f] = f == HISTORY_IN ? total : gauge;
	history_note(&h, START + ms, &s);
}

static unsigned read_hour(enum history_figure f)
{
	return history_read(&h, f, HISTORY_HOUR, point);
}

static void nothing_yet(void **state)
{
	(void)state;
	assert_int_equal(limits.history_bytes.used, HISTORY_BYTES); /* held from the start */
	assert_int_equal(read_hour(HISTORY_HEIGHT), 60);
	for (int i = 0; i < 60; i++)
		assert_true(isnan(point[i]));
	assert_true(history_is_due(&h, 0));
}

static void the_newest_point_goes_on(void **state)
{
	(void)state;
	see(0, 5, 100);
	assert_int_equal(limits.history_bytes.used, HISTORY_BYTES);
	assert_int_equal(read_hour(HISTORY_HEIGHT), 60);
	assert_true(point[59] == 5);
	assert_true(isnan(point[58]));
	read_hour(HISTORY_IN);
	assert_true(isnan(point[59]));
	assert_false(history_is_due(&h, START + 4999));
	assert_true(history_is_due(&h, START + 5000));
	see(20000, 6, 300); /* 200 in 20 seconds */
	read_hour(HISTORY_HEIGHT);
	assert_true(point[59] == 6);
	read_hour(HISTORY_IN);
	assert_true(point[59] == 10);
	assert_int_equal(history_newest_ms(&h, HISTORY_HOUR), 20000);
	see(MINUTE, 7, 700); /* the minute is over: 600 in 60 seconds */
	read_hour(HISTORY_IN);
	assert_true(point[58] == 10);
	assert_true(isnan(point[59]));
	read_hour(HISTORY_HEIGHT);
	assert_true(point[58] == 7 && point[59] == 7);
	see(MINUTE + 10000, 8, 1200);
	read_hour(HISTORY_IN);
	assert_true(point[59] == 50);
	assert_int_equal(history_read(&h, HISTORY_IN, HISTORY_DAY, point), 96);
	assert_true(fabsf(point[95] - 1100 / 70.0F) < 0.001F);
}

static void rings_wrap(void **state)
{
	(void)state;
	for (int i = 0; i <= 200; i++)
		see((uint64_t)i * MINUTE, i, 60.0 * i * i);
	read_hour(HISTORY_HEIGHT);
	/* a point has the value of its end, which the next one begins with */
	for (int i = 0; i < 59; i++)
		assert_true(point[i] == (float)(142 + i));
	assert_true(point[59] == 200);
	read_hour(HISTORY_IN);
	for (int i = 0; i < 59; i++)
		assert_true(point[i] == (float)(2 * (141 + i) + 1));
	assert_true(isnan(point[59]));
	history_read(&h, HISTORY_HEIGHT, HISTORY_DAY, point);
	for (int i = 0; i < 13; i++)
		assert_true(point[82 + i] == (float)(15 * (i + 1)));
	assert_true(point[95] == 200 && isnan(point[81]));
}

static void what_nobody_saw_is_a_gap(void **state)
{
	(void)state;
	for (int i = 0; i < 70; i++)
		see((uint64_t)i * MINUTE, 1, i);
	see(69 * MINUTE + 30000, 2, 99); /* and then nothing for ten minutes */
	see(79 * MINUTE, 3, 5000);
	read_hour(HISTORY_HEIGHT);
	assert_true(point[59] == 3);
	for (int i = 50; i < 59; i++)
		assert_true(isnan(point[i]));
	assert_true(point[49] == 2 && point[48] == 1);
	read_hour(HISTORY_IN);
	for (int i = 50; i < 60; i++) /* what came meanwhile belongs to no point */
		assert_true(isnan(point[i]));
	see(1000 * (uint64_t)MINUTE, 4, 6000); /* longer than the ring */
	read_hour(HISTORY_HEIGHT);
	for (int i = 0; i < 59; i++)
		assert_true(isnan(point[i]));
	assert_true(point[59] == 4);
}

/* The time does not go back; were it to, nothing would change. */
static void time_goes_on(void **state)
{
	(void)state;
	see(10 * MINUTE, 1, 0);
	see(9 * MINUTE, 2, 0);
	read_hour(HISTORY_HEIGHT);
	assert_true(point[59] == 1 && isnan(point[58]));
}

static void a_figure_may_be_absent(void **state)
{
	(void)state;
	see(0, 1, NAN);
	see(30000, 1, NAN);
	read_hour(HISTORY_IN);
	assert_true(isnan(point[59]));
	see(MINUTE, 1, 500); /* it appears: no rate can be told */
	see(MINUTE + 10000, 1, 400);
	read_hour(HISTORY_IN);
	assert_true(isnan(point[58]) && isnan(point[59])); /* it began anew */
	see(2 * MINUTE, 1, 1000);
	see(2 * MINUTE + 10000, 1, 1100);
	read_hour(HISTORY_IN);
	assert_true(point[59] == 10);
}

static void the_row_says_how_many(void **state)
{
	(void)state;
	for (int i = 0; i <= 70; i++)
		see((uint64_t)i * MINUTE, i, 0);
	bound_write(&limits.history_bytes.max, 10 * HISTORY_POINT_BYTES);
	assert_true(history_is_due(&h, START + 70 * MINUTE + 1));
	see(70 * MINUTE + 1000, 71, 0);
	assert_int_equal(read_hour(HISTORY_HEIGHT), 3);
	assert_true(point[0] == 69 && point[1] == 70 && point[2] == 71);
	assert_int_equal(history_read(&h, HISTORY_HEIGHT, HISTORY_DAY, point), 6);
	assert_int_equal(limits.history_bytes.used, 9 * HISTORY_POINT_BYTES);
	bound_write(&limits.history_bytes.max, 0);
	see(70 * MINUTE + 2000, 72, 0);
	assert_int_equal(read_hour(HISTORY_HEIGHT), 0);
	assert_int_equal(limits.history_bytes.used, 0);
	bound_write(&limits.history_bytes.max, HISTORY_BYTES + 100);
	see(70 * MINUTE + 3000, 73, 0);
	assert_int_equal(read_hour(HISTORY_HEIGHT), 60);
	assert_true(point[59] == 73 && isnan(point[58]));
}

static void as_json(void **state)
{
	static struct told t;
	static struct dns_figures figures;
	(void)state;

	told_begin(&t, NULL);
	rig_fill(&t.r, &t.b, 7);
	assert_int_equal(ask_with(&t, RIGHT_READ, "GET", "/history"), 200);
	assert_int_equal(length_of(&t, "spans"), 0);
	t.api.history = &h;
	history_look(&h, &t.api, START);
	t.dns = (struct api_dns){.why = "", .figures = &figures};
	history_look(&h, &t.api, START + MINUTE);
	atomic_store(&figures.udp, 25);
	atomic_store(&figures.tcp, 5);
	history_look(&h, &t.api, START + MINUTE + 1000); /* not due */
	history_look(&h, &t.api, START + MINUTE + 20000);
	assert_int_equal(ask_with(&t, RIGHT_READ, "GET", "/history"), 200);
	assert_int_equal(length_of(&t, "spans"), HISTORY_SPANS);
	look_into(&t, "spans", HISTORY_HOUR);
	expect_text(&t, "span", "hour");
	expect_number(&t, "step_seconds", 60);
	expect_number(&t, "newest_timestamp", (uint64_t)clock_wall(t.api.clock) - 20);
	assert_int_equal(length_of(&t, "height"), 60);
	if (!strstr(body(&t), "null,7,7]") || !strstr(body(&t), "null,1.5]"))
		fail_msg("%s", body(&t));
	history_end(&h);
	told_end(&t);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_yet),
		TEST(the_newest_point_goes_on),
		TEST(rings_wrap),
		TEST(what_nobody_saw_is_a_gap),
		TEST(time_goes_on),
		TEST(a_figure_may_be_absent),
		TEST(the_row_says_how_many),
		TEST(as_json),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
