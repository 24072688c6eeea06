/* Figures over time as a page: the drawing and its bounds, its words, its numbers. */
#include <math.h>

#include "api/history.h"
#include "tests/unit/page_rig.h"
#include "web/plot.h"

enum { MINUTE = 60000, START = 7 * 24 * 60 * MINUTE };

static struct history h;

static int begin(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	history_begin(&h, &t.r.limits.history_bytes);
	t.api.history = &h;
	return 0;
}

static int end(void **state)
{
	(void)state;
	history_end(&h);
	told_end(&t);
	return 0;
}

static void see(uint64_t ms, double all, double total)
{
	struct history_sample s;

	for (int f = 0; f < HISTORY_FIGURES; f++)
		s.value[f] = f == HISTORY_IN || f == HISTORY_OUT || f == HISTORY_DNS ? total : all;
	history_note(&h, START + ms, &s);
}

/* One drawing alone. */
static const char *drawn(enum history_figure f, enum web_language language)
{
	struct page p = {.api = &t.api, .call = &t.call, .w = &t.answer, .language = language};

	t.answer = wr_of(t.body, sizeof t.body - 1);
	page_plot(&p, f, HISTORY_HOUR);
	assert_false(t.answer.bad);
	t.body[t.answer.n] = 0;
	return body(&t);
}

static void test_nothing_is_known(void **state)
{
	(void)state;
	drawn(HISTORY_PEERS, WEB_ENGLISH);
	has("Nothing is known yet.");
	has_not("<svg");
	assert_int_equal(page("/node/time"), 200);
	has("The last hour and day");
	t.r.limits.history_bytes.max = 0;
	assert_int_equal(page("/node/time"), 200);
	has("limits.history_bytes is 0");
	t.api.history = NULL;
	assert_int_equal(page("/node/time"), 200);
}

static void test_a_drawing(void **state)
{
	(void)state;
	see(0, 3, 0);
	see(MINUTE, 3, 0);
	see(2 * MINUTE, 6, 0);
	see(5 * MINUTE, 1, 0); /* a gap of two minutes before it */
	drawn(HISTORY_PEERS, WEB_ENGLISH);
	has("<figcaption>Peers <b>1</b>");
	has("role=\"img\" aria-labelledby=\"t-hour-peers d-hour-peers\"");
	has("<title id=\"t-hour-peers\">Peers, The last hour</title>");
	has("<desc id=\"d-hour-peers\">from 1 to 6</desc>");
	has(">60 min ago</text>");
	has(">now</text>");
	/* from the bottom (0) to the top (6): 3, 6, 6, nothing, nothing, 1 */
	has("<path d=\"M294 51.0L298 12.0L302 12.0M314 77.0h.1\"/><circle cx=\"314\" cy=\"77.0\" r=\"2.5\"/>");
	drawn(HISTORY_IN, WEB_ENGLISH);
	has("<figcaption>Received <b>–</b>"); /* nothing is known of the minute before it */
	see(6 * MINUTE, 1, 1200 * 60);
	drawn(HISTORY_IN, WEB_ENGLISH); /* the newest minute has only begun */
	has("<figcaption>Received <b>1.2 kB/s</b>");
	drawn(HISTORY_PEERS, WEB_RUSSIAN);
	has("Соседи, Последний час");
	has(">60 мин назад</text>");
}

/* A figure that does not move is a line at the bottom; memory is drawn within its budget. */
static void test_scales(void **state)
{
	(void)state;
	t.config.memory_budget = 32 << 20;
	see(0, 1 << 20, 0);
	see(MINUTE, 1 << 20, 0);
	drawn(HISTORY_HEIGHT, WEB_ENGLISH);
	has(">1,048,577</text>");
	has("M310 90.0L314 90.0");
	drawn(HISTORY_MEMORY, WEB_ENGLISH);
	has("<figcaption>Memory <b>1 MB of 32 MB</b>");
	has(">32 MB</text>");
	has("M310 87.6L314 87.6");
}

/* Whatever the values are: the line stays inside, and what is written has a bound. */
static void test_bounds(void **state)
{
	static const double odd[] = {0, 1e-30, 1, 16777217, 3e38, 0.5, 7, 1e15};
	(void)state;

	for (uint64_t i = 0; i < 400; i++)
		see(i * MINUTE, odd[i % 8], (double)i * 1e18);
	for (int f = 0; f < HISTORY_FIGURES; f++) {
		const char *at = strstr(drawn((enum history_figure)f, WEB_RUSSIAN), "<path");
		assert_true(t.answer.n < 3000);
		assert_non_null(at);
		assert_null(strstr(at, "nan"));
		for (at = strpbrk(at, "ML"); at && *at != '<'; at = strpbrk(at + 1, "ML<")) {
			double x, y;
			assert_int_equal(sscanf(at + 1, "%lf %lf", &x, &y), 2);
			assert_true(x >= 78 && x <= 314 && y >= 12 && y <= 90);
		}
	}
}

static void test_values_with_units(void **state)
{
	struct page p = {.api = &t.api, .language = WEB_ENGLISH};
	char to[PAGE_WORD_MAX];
	(void)state;

	assert_string_equal(plot_value(&p, HISTORY_HEIGHT, 22522, to), "22,522");
	assert_string_equal(plot_value(&p, HISTORY_IN, 1536, to), "1.5 kB/s");
	assert_string_equal(plot_value(&p, HISTORY_IN, 0.4, to), "0 bytes/s");
	assert_string_equal(plot_value(&p, HISTORY_MEMORY, 33554432, to), "32 MB");
	assert_string_equal(plot_value(&p, HISTORY_DNS, 0.25, to), "0.2/s");
	assert_string_equal(plot_value(&p, HISTORY_DNS, NAN, to), "–");
	p.language = WEB_RUSSIAN;
	assert_string_equal(plot_value(&p, HISTORY_OUT, 1536, to), "1,5 кБ/с");
}

/* The page has the numbers, too, newest first, without rows that know nothing; within its bound. */
/* The first page shows the last hour of three, in places of one size from the start. */
static void test_first_page(void **state)
{
	(void)state;
	assert_int_equal(page("/"), 200);
	has("<div id=\"part-plots\" data-part>\n<div class=\"plots\">");
	see(0, 4, 0);
	see(MINUTE, 5, 60 * 2048);
	assert_int_equal(page("/"), 200);
	has("id=\"t-hour-height\"");
	has("id=\"t-hour-memory_bytes\"");
	has("id=\"t-hour-bytes_in_per_second\"");
	has_not("id=\"t-hour-peers\"");
	has("<a href=\"/node/time\">");
	assert_int_equal(page("/?part"), 200);
	has("id=\"t-hour-height\"");
	t.r.limits.dns = true;
	assert_int_equal(page("/"), 200);
	t.r.limits.dns = false;
	has("DNS questions");
	has_not("id=\"t-hour-bytes_in_per_second\"");
	t.r.limits.history_bytes.max = 0;
	assert_int_equal(page("/"), 200);
	has_not("<figure");
	has("<a href=\"/node/time\">");
}

static void test_page(void **state)
{
	char *row;
	(void)state;

	see(0, 4, 0);
	see(MINUTE, 5, 60 * 2048);
	see(MINUTE + 30000, 6, 60 * 2048);
	assert_int_equal(page("/node/time"), 200);
	has("href=\"/history\"");
	row = strstr(body(&t), "data-label=\"Time\"><time");
	assert_non_null(row);
	assert_non_null(strstr(row, "Z\">"));
	has("data-label=\"Peers\">6</td><td class=\"n\" data-label=\"Received\">0 bytes/s</td>");
	has("data-label=\"Peers\">5</td><td class=\"n\" data-label=\"Received\">2 kB/s</td>");
	has_not("DNS questions");
	has("style.css");
	has_not("style=");
	t.config.limits.dns = t.r.limits.dns = true;
	assert_int_equal(page("/node/time?lang=ru"), 200);
	has("Запросы DNS");
	for (uint64_t i = 0; i < 1600; i++)
		see((i + 2) * MINUTE, 1e9, 1e15 * (double)i);
	assert_int_equal(page("/node/time?lang=ru"), 200);
	assert_true(t.answer.n < 96000); /* of admin_response_bytes, 128 kB */
	print_message("%zu bytes\n", t.answer.n);
}

/* The least that limits.admin_response_bytes can be: the page is shorter, and whole. */
static void test_small_answer(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 1600; i++)
		see(i * MINUTE, (double)i, 1000 * (double)i);
	struct wr small = wr_of(t.body, 16384);
	struct page p;

	page("/node/time");
	p = page_of(&t.api, &t.call);
	t.answer = small;
	p.w = &t.answer;
	assert_int_equal(page_time(&p, ""), 200);
	assert_false(t.answer.bad);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_is_known),
		TEST(test_a_drawing),
		TEST(test_scales),
		TEST(test_bounds),
		TEST(test_values_with_units),
		TEST(test_first_page),
		TEST(test_page),
		TEST(test_small_answer),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
