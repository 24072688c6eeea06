/* Numbers as people read them, at the edges of every unit, and their agreement with node.toml. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/human.h"
#include "config/units.h"
#include "tests/unit/main.h"

static char text[HUMAN_MAX];

static void sizes(void **state)
{
	(void)state;
	assert_string_equal(human_bytes(0, text), "0 bytes");
	assert_string_equal(human_bytes(1, text), "1 byte");
	assert_string_equal(human_bytes(1023, text), "1023 bytes");
	assert_string_equal(human_bytes(1024, text), "1 kB");
	assert_string_equal(human_bytes(65600, text), "64.1 kB");
	assert_string_equal(human_bytes(102390, text), "100 kB");
	assert_string_equal(human_bytes(734003, text), "717 kB");
	assert_string_equal(human_bytes(1048575, text), "1.0 MB");
	assert_string_equal(human_bytes(33554432, text), "32 MB");
	assert_string_equal(human_bytes(33600000, text), "32.0 MB");
	assert_string_equal(human_bytes(35232154, text), "33.6 MB");
	assert_string_equal(human_bytes(1073741824, text), "1 GB");
	assert_string_equal(human_bytes(1099511627776, text), "1 TB");
	assert_string_equal(human_bytes(UINT64_MAX, text), "16777216 TB");
}

static void a_part_is_told_in_the_unit_of_the_whole(void **state)
{
	(void)state;
	assert_string_equal(human_bytes_of(734003, 33554432, text), "0.7 of 32 MB");
	assert_string_equal(human_bytes_of(0, 33554432, text), "0 of 32 MB");
	assert_string_equal(human_bytes_of(734003, 1073741824, text), "717 kB of 1 GB");
	assert_string_equal(human_bytes_of(5, 10, text), "5 of 10 bytes");
	assert_string_equal(human_bytes_of(UINT64_MAX, 2048, text), "18014398509481984 of 2 kB");
	assert_string_equal(human_bytes_of(3, 0, text), "3 of 0 bytes");
}

static void times(void **state)
{
	char other[HUMAN_MAX];

	(void)state;
	assert_string_equal(human_time_left(3000, 100, text), "30 s");
	assert_string_equal(human_time_left(3000, 0.5, text), "1 h 40 min");
	assert_string_equal(
		human_time_left(UINT64_MAX, 0.1, text), human_duration(INT64_MAX, other));
	assert_string_equal(human_duration(0, text), "0 s");
	assert_string_equal(human_duration(12, text), "12 s");
	assert_string_equal(human_duration(59, text), "59 s");
	assert_string_equal(human_duration(60, text), "1 min");
	assert_string_equal(human_duration(90, text), "90 s");
	assert_string_equal(human_duration(200, text), "3 min 20 s");
	assert_string_equal(human_duration(3599, text), "59 min");
	assert_string_equal(human_duration(3600, text), "1 h");
	assert_string_equal(human_duration(11100, text), "3 h 05 min");
	assert_string_equal(human_duration(86399, text), "23 h");
	assert_string_equal(human_duration(86400, text), "1 d");
	assert_string_equal(human_duration(187200, text), "2 d 04 h");
	assert_string_equal(human_duration(1209600, text), "14 d");
	assert_string_equal(human_duration(31536000, text), "365 d");
	assert_string_equal(human_duration(195609600, text), "6.2 years");
	human_duration(UINT64_MAX, text); /* fits */
	assert_string_equal(human_ms(0, text), "0 s");
	assert_string_equal(human_ms(250, text), "250 ms");
	assert_string_equal(human_ms(1500, text), "1.5 s");
	assert_string_equal(human_ms(9999, text), "9.9 s");
	assert_string_equal(human_ms(90000, text), "90 s");
}

static void moments(void **state)
{
	(void)state;
	assert_string_equal(human_ago(100, 100, text), "now");
	assert_string_equal(human_ago(88, 100, text), "12 s ago");
	assert_string_equal(human_ago(112, 100, text), "in 12 s");
	human_ago(INT64_MIN, INT64_MAX, text);
	human_ago(INT64_MAX, INT64_MIN, text);
	assert_string_equal(human_date(0, text), "1970-01-01 00:00 UTC");
	assert_string_equal(human_date(1600425000, text), "2020-09-18 10:30 UTC");
	assert_string_equal(human_date(INT64_MAX, text), "–");
	assert_string_equal(human_iso(0, text), "1970-01-01T00:00:00Z");
	assert_string_equal(human_iso(1600425007, text), "2020-09-18T10:30:07Z");
	assert_string_equal(human_iso(INT64_MAX, text), "");
}

static void counts_and_rates(void **state)
{
	(void)state;
	assert_string_equal(human_count(0, text), "0");
	assert_string_equal(human_count(999, text), "999");
	assert_string_equal(human_count(22522, text), "22,522");
	assert_string_equal(human_count(UINT64_MAX, text), "18,446,744,073,709,551,615");
	assert_string_equal(human_rate(0, "blocks", text), "0 blocks/s");
	assert_string_equal(human_rate(0.25, "blocks", text), "0.25 blocks/s");
	assert_string_equal(human_rate(3.21, "blocks", text), "3.2 blocks/s");
	assert_string_equal(human_rate(99.98, "blocks", text), "100 blocks/s");
	assert_string_equal(human_rate(541.6, "blocks", text), "542 blocks/s");
	assert_string_equal(human_rate(12000, "", text), "12,000/s");
	assert_string_equal(human_byte_rate(734003.4, text), "717 kB/s");
	assert_string_equal(human_byte_rate(-1, text), "0 bytes/s");
}

/* A whole number of a unit is written in node.toml as it is told everywhere else. */
static void settings_read_the_same(void **state)
{
	static const uint64_t sizes[] = {
		1024, 524288, 2097152, 33554432, 1073741824, 1099511627776};
	static const uint64_t seconds[] = {1, 5, 30, 90, 600, 3600, 7200, 86400, 1209600, 31536000};
	char setting[UNITS_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		assert_string_equal(human_bytes(sizes[i], text), units_size(sizes[i], setting));
	for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++)
		assert_string_equal(
			human_duration(seconds[i], text), units_time(seconds[i] * 1000, setting));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(a_part_is_told_in_the_unit_of_the_whole),
		cmocka_unit_test(times),
		cmocka_unit_test(moments),
		cmocka_unit_test(counts_and_rates),
		cmocka_unit_test(settings_read_the_same),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
