/* Writes numbers for people. Before: any part that shows a number. After: the log, the terminal,
 * the page. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/human.h"

enum {
	KILO = 1024,
	MINUTE = 60,
	HOUR = 3600,
	DAY = 86400,
	YEAR_DAYS = 365,
	SMALL_NUMBER = 100, /* below it one digit after the point is shown */
};

/* 99.95 and more would be rounded to 100.0, so they count as 100 */
static const double HALF_DIGIT = 0.05;

/* ---- sizes ---- */

static const char *const size_names[] = {"bytes", "kB", "MB", "GB", "TB"};
enum { SIZE_NAMES = sizeof size_names / sizeof size_names[0] };

/* Digits after the point: one below 100 unless the value is whole. */
static int digits_of(double v, double whole)
{
	return v != whole && v < SMALL_NUMBER - HALF_DIGIT ? 1 : 0;
}

/* Finds the unit in which the value, as it will be rounded, is below 1024. */
static unsigned size_unit(uint64_t bytes, double *v)
{
	unsigned unit = 0;

	for (*v = (double)bytes; *v >= KILO - 0.5 && unit + 1 < SIZE_NAMES; unit++)
		*v /= KILO;
	return unit;
}

const char *human_bytes(uint64_t bytes, char to[HUMAN_MAX])
{
	double v;
	unsigned unit = size_unit(bytes, &v);
	const char *name = bytes == 1 ? "byte" : size_names[unit];

	snprintf(to, HUMAN_MAX, "%.*f %s", digits_of(v, (double)(uint64_t)v), v, name);
	return to;
}

const char *human_bytes_of(uint64_t part, uint64_t whole, char to[HUMAN_MAX])
{
	double v, p = (double)part;
	unsigned unit = size_unit(whole, &v);
	char own[HUMAN_MAX];

	for (unsigned i = 0; i < unit; i++)
		p /= KILO;
	if (part && p < 0.05) {
		human_bytes(part, own);
		snprintf(to, HUMAN_MAX, "%.20s of %.*f %s", own, digits_of(v, (double)(uint64_t)v),
			v, size_names[unit]);
		return to;
	}
	snprintf(to, HUMAN_MAX, "%.*f of %.*f %s", digits_of(p, (double)(uint64_t)p), p,
		digits_of(v, (double)(uint64_t)v), v, size_names[unit]);
	return to;
}

/* ---- times ---- */

/* Writes two units. The smaller one is left out when it is 0, or when the larger one is 10 or more.
 */
static void put_two(char to[HUMAN_MAX], uint64_t v, unsigned large, const char *large_name,
	unsigned small, const char *small_name)
{
	unsigned rest = (unsigned)(v % large / small);

	if (rest && v / large < 10)
		snprintf(to, HUMAN_MAX, "%" PRIu64 " %s %02u %s", v / large, large_name, rest,
			small_name);
	else
		snprintf(to, HUMAN_MAX, "%" PRIu64 " %s", v / large, large_name);
}

const char *human_duration(uint64_t s, char to[HUMAN_MAX])
{
	if (s < 2 * MINUTE && s != MINUTE)
		snprintf(to, HUMAN_MAX, "%" PRIu64 " s", s);
	else if (s < HOUR)
		put_two(to, s, MINUTE, "min", 1, "s");
	else if (s < 2 * DAY && s != DAY)
		put_two(to, s, HOUR, "h", MINUTE, "min");
	else if (s / DAY < 2 * YEAR_DAYS)
		put_two(to, s, DAY, "d", HOUR, "h");
	else
		snprintf(to, HUMAN_MAX, "%.1f years", (double)s / DAY / YEAR_DAYS);
	return to;
}

const char *human_ms(uint64_t ms, char to[HUMAN_MAX])
{
	if (ms > 0 && ms < 1000)
		snprintf(to, HUMAN_MAX, "%" PRIu64 " ms", ms);
	else if (ms < 10000 && ms % 1000)
		snprintf(to, HUMAN_MAX, "%" PRIu64 ".%" PRIu64 " s", ms / 1000, ms % 1000 / 100);
	else
		human_duration(ms / 1000, to);
	return to;
}

const char *human_time_left(uint64_t things, double per_second, char to[HUMAN_MAX])
{
	double seconds = (double)things / per_second;

	return human_duration(seconds < (double)INT64_MAX ? (uint64_t)seconds : INT64_MAX, to);
}

const char *human_ago(int64_t then, int64_t now, char to[HUMAN_MAX])
{
	char span[HUMAN_MAX];

	if (then == now) {
		snprintf(to, HUMAN_MAX, "now");
	} else if (then < now) {
		human_duration((uint64_t)now - (uint64_t)then, span);
		snprintf(to, HUMAN_MAX, "%.*s ago", HUMAN_MAX - 8, span);
	} else {
		human_duration((uint64_t)then - (uint64_t)now, span);
		snprintf(to, HUMAN_MAX, "in %.*s", HUMAN_MAX - 8, span);
	}
	return to;
}

const char *human_date(int64_t seconds, char to[HUMAN_MAX])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (t != seconds || !gmtime_r(&t, &tm) ||
		strftime(to, HUMAN_MAX, "%Y-%m-%d %H:%M UTC", &tm) == 0)
		snprintf(to, HUMAN_MAX, "–");
	return to;
}

const char *human_iso(int64_t seconds, char to[HUMAN_MAX])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (t != seconds || !gmtime_r(&t, &tm) ||
		strftime(to, HUMAN_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		to[0] = 0;
	return to;
}

/* ---- counts and rates ---- */

const char *human_count(uint64_t n, char to[HUMAN_MAX])
{
	char digits[24];
	size_t count = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, n), at = 0;

	for (size_t i = 0; i < count; i++) {
		if (i && (count - i) % 3 == 0)
			to[at++] = ',';
		to[at++] = digits[i];
	}
	to[at] = 0;
	return to;
}

const char *human_rate(double v, const char *what, char to[HUMAN_MAX])
{
	const char *space = what[0] ? " " : "";
	char number[HUMAN_MAX];

	if (v >= SMALL_NUMBER - HALF_DIGIT)
		human_count((uint64_t)(v + 0.5), number);
	else
		snprintf(number, sizeof number, "%.*f", v <= 0 ? 0 : v < 1 ? 2 : 1, v);
	snprintf(to, HUMAN_MAX, "%.24s%s%.20s/s", number, space, what);
	return to;
}

const char *human_byte_rate(double v, char to[HUMAN_MAX])
{
	human_bytes(v > 0 ? (uint64_t)(v + 0.5) : 0, to);
	strcat(to, "/s");
	return to;
}
