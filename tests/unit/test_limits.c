/* The table of bounds: its rows are consistent, and the sum of the worst cases is what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "config/config.h"
#include "config/memory.h"
#include "config/units.h"
#include "tests/unit/main.h"

static void defaults_are_the_rows(void **state)
{
	struct limits l;

	(void)state;
	limits_default(&l);
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		const struct bound *b = limits_bound_const(&l, i);
		assert_string_equal(b->name, limit_rows[i].name);
		assert_int_equal(b->max, limit_rows[i].def);
		assert_int_equal(b->used + b->peak + b->hits, 0);
		assert_true(limit_rows[i].reason[0] && limit_rows[i].on_hit[0]);
	}
	assert_ptr_equal(limits_bound(&l, LIMIT_ROW_max_inbound), &l.max_inbound);
	assert_int_equal(l.max_new_peers.max, 1000);
	assert_int_equal(l.max_future_blocks.max, 1000);
	assert_int_equal(l.max_seen_blocks.max, 10000);
}

static void worst_case_follows_the_values(void **state)
{
	struct limits l;

	(void)state;
	limits_default(&l);
	l.max_future_bytes.max = 131072;
	assert_int_equal(limits_worst_bytes(&l, LIMIT_ROW_max_future_bytes), 131072);
	l.max_connections.max = 10;
	l.conn_receive_bytes.max = 70000;
	assert_int_equal(
		limits_worst_bytes(&l, LIMIT_ROW_conn_receive_bytes), 10 * (77000 + 16384));
	assert_int_equal(limits_worst_bytes(&l, LIMIT_ROW_idle_timeout), 0);
}

static void worst_case_never_wraps(void **state)
{
	struct limits l, high;

	(void)state;
	limits_default(&l);
	limits_default(&high);
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		limits_bound(&l, i)->max = UINT64_MAX;
		limits_bound(&high, i)->max = limit_rows[i].max;
	}
	for (size_t i = 0; i < LIMIT_ROWS; i++)
		assert_int_equal(limits_worst_bytes(&l, i), limits_worst_bytes(&high, i));
	assert_int_equal(memory_sum(&l), memory_sum(&high));
	assert_true(memory_sum(&high) > limits_worst_bytes(&high, LIMIT_ROW_max_verify_bytes));
}

static void more_is_never_cheaper(void **state)
{
	struct limits l;

	(void)state;
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		limits_default(&l);
		uint64_t before = memory_sum(&l);
		limits_bound(&l, i)->max = limit_rows[i].max;
		assert_true(memory_sum(&l) >= before);
	}
}

static struct config *defaults(void)
{
	struct config *c = mem_alloc(sizeof *c);

	assert_non_null(c);
	limits_default(&c->limits);
	c->memory_budget = 33554432;
	return c;
}

static void defaults_fit_the_budget(void **state)
{
	struct config *c = defaults();
	struct config_error e;
	uint64_t total = 0;

	(void)state;
	assert_int_equal(config_check_memory(c, &total, &e), ERR_OK);
	assert_true(total > 16777216 && total <= 33554432);
	mem_free(c);
}

static void over_the_budget_names_the_largest(void **state)
{
	struct config *c = defaults();
	struct config_error e;
	uint64_t total = 0;

	(void)state;
	c->limits.max_verify_bytes.max = 104857600;
	assert_int_equal(config_check_memory(c, &total, &e), ERR_TOO_BIG);
	assert_true(total > 104857600);
	assert_non_null(strstr(e.text, "or lower limits.max_verify_bytes (100 MB, "));
	const char *set = strstr(e.text, "memory_budget = \"");
	assert_non_null(set);
	c->memory_budget = strtoull(strchr(set, '"') + 1, NULL, 10) * 1048576;
	assert_int_equal(config_check_memory(c, &total, &e), ERR_OK);
	mem_free(c);
}

static void check_size(const char *text, uint64_t expected)
{
	uint64_t v = 1;

	if (!units_parse_size(text, &v) || v != expected)
		fail_msg("%s: %llu", text, (unsigned long long)v);
}

static void check_time(const char *text, uint64_t expected)
{
	uint64_t v = 1;

	if (!units_parse_time(text, &v) || v != expected)
		fail_msg("%s: %llu", text, (unsigned long long)v);
}

static void units_are_read(void **state)
{
	(void)state;
	check_size("0", 0);
	check_size("4096", 4096);
	check_size("32 MB", 33554432);
	check_size("32MB", 33554432);
	check_size("2 MiB", 2097152);
	check_size("512 kB", 524288);
	check_size("512 KB", 524288);
	check_size("1.5 mb", 1572864);
	check_size("1 TB", 1099511627776);
	check_size("7 bytes", 7);
	check_size("99999999999999999999999", UINT64_MAX);
	check_size("99999999999 TB", UINT64_MAX);
	check_time("5", 5000);
	check_time("5 s", 5000);
	check_time("500 ms", 500);
	check_time("10 min", 600000);
	check_time("2 h", 7200000);
	check_time("14 d", 1209600000);
	check_time("0.25 s", 250);
}

static void other_texts_are_no_units(void **state)
{
	static const char *const wrong[] = {"", " ", "MB", "-1", "1 XB", "1 MB x", "1..5 MB",
		"1. MB", "0.1234567 MB", "1e3", "0x10", "1 s", "1,5 MB"};
	uint64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (units_parse_size(wrong[i], &v))
			fail_msg("\"%s\" was read as %llu", wrong[i], (unsigned long long)v);
	assert_false(units_parse_time("5 MB", &v));
}

static void units_are_written(void **state)
{
	char text[UNITS_TEXT_MAX];

	(void)state;
	assert_string_equal(units_size(0, text), "0 bytes");
	assert_string_equal(units_size(65600, text), "65600 bytes");
	assert_string_equal(units_size(33554432, text), "32 MB");
	assert_string_equal(units_size(UINT64_MAX, text), "18446744073709551615 bytes");
	assert_string_equal(units_time(90000, text), "90 s");
	assert_string_equal(units_time(1500, text), "1500 ms");
	assert_string_equal(units_time(1209600000, text), "14 d");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_the_rows),
		cmocka_unit_test(worst_case_follows_the_values),
		cmocka_unit_test(worst_case_never_wraps),
		cmocka_unit_test(more_is_never_cheaper),
		cmocka_unit_test(defaults_fit_the_budget),
		cmocka_unit_test(over_the_budget_names_the_largest),
		cmocka_unit_test(units_are_read),
		cmocka_unit_test(other_texts_are_no_units),
		cmocka_unit_test(units_are_written),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
