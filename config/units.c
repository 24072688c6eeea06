/* Converts sizes and times between numbers and text. Before: loader_set.c has a value of node.toml.
 * After: loader_set.c checks its range. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/units.h"

struct unit {
	const char *name;
	uint64_t factor;
};

/* In both tables the first name of a factor is the one that is printed; the others are accepted. */
static const struct unit sizes[] = {
	{"bytes", 1},
	{"byte", 1},
	{"B", 1},
	{"kB", 1024},
	{"KiB", 1024},
	{"k", 1024},
	{"MB", 1048576},
	{"MiB", 1048576},
	{"M", 1048576},
	{"GB", 1073741824},
	{"GiB", 1073741824},
	{"G", 1073741824},
	{"TB", 1099511627776},
	{"TiB", 1099511627776},
	{NULL, 0},
};

static const struct unit times[] = {
	{"ms", 1},
	{"s", 1000},
	{"sec", 1000},
	{"min", 60000},
	{"m", 60000},
	{"h", 3600000},
	{"d", 86400000},
	{NULL, 0},
};

static const char *skip_space(const char *p)
{
	while (*p == ' ')
		p++;
	return p;
}

/* Reads digits into *v, which saturates at `most`. Returns the number of digits. */
static size_t digits(const char *p, uint64_t most, uint64_t *v)
{
	size_t n = 0;

	for (*v = 0; p[n] >= '0' && p[n] <= '9'; n++)
		*v = *v > most / 10 - 1 ? most : *v * 10 + (uint64_t)(p[n] - '0');
	return n;
}

static const struct unit *find(const struct unit *table, const char *name, uint64_t bare)
{
	for (const struct unit *u = table; u->name; u++)
		if (name[0] ? strcasecmp(u->name, name) == 0 : u->factor == bare)
			return u;
	return NULL;
}

/* Parses a number and a unit; without one the unit with factor `bare` counts. At most six digits
 * may follow the point: they cannot overflow with the largest unit. */
static bool parse(const struct unit *table, uint64_t bare, const char *text, uint64_t *out)
{
	const uint64_t most = UINT64_MAX / 4;
	uint64_t whole, part = 0, scale = 1;
	size_t n = digits(text, most, &whole);
	const char *p = text + n;

	if (n > 0 && *p == '.') {
		size_t behind = digits(++p, 1000000, &part);
		if (behind == 0 || behind > 6)
			return false;
		p += behind;
		while (behind--)
			scale *= 10;
	}
	const struct unit *u = find(table, skip_space(p), bare);
	if (n == 0 || !u)
		return false;
	bool fits = whole < most / u->factor;
	*out = fits ? whole * u->factor + part * u->factor / scale : UINT64_MAX;
	return true;
}

bool units_parse_size(const char *text, uint64_t *bytes)
{
	return parse(sizes, 1, text, bytes);
}

bool units_parse_time(const char *text, uint64_t *ms)
{
	return parse(times, 1000, text, ms);
}

static const char *print(const struct unit *table, uint64_t v, char to[UNITS_TEXT_MAX])
{
	const struct unit *best = table;

	for (const struct unit *u = table; u->name; u++)
		if (v > 0 && v % u->factor == 0 && u->factor > best->factor)
			best = u;
	snprintf(to, UNITS_TEXT_MAX, "%" PRIu64 " %s", v / best->factor, best->name);
	return to;
}

const char *units_size(uint64_t bytes, char to[UNITS_TEXT_MAX])
{
	return print(sizes, bytes, to);
}

const char *units_time(uint64_t ms, char to[UNITS_TEXT_MAX])
{
	return print(times, ms, to);
}
