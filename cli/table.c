/* Prints a JSON array as a table with as many columns as fit. Before: an answer of the node, in
 * cli/print.c. After: cli/out.c. */
#include <string.h>

#include "base/human.h"
#include "base/json.h"
#include "base/width.h"
#include "config/units.h"
#include "cli/table.h"

enum { CELL_SIZE = 512, ROW_SIZE = 4096, GAP = 2 };

struct table {
	const struct column *columns;
	size_t count;
	size_t width[TABLE_COLUMNS_MAX];
	bool shown[TABLE_COLUMNS_MAX];
};

/* ---- cells ---- */

static const char unknown[] = "–";

static void put(char to[CELL_SIZE], const char *text)
{
	snprintf(to, CELL_SIZE, "%s", text);
}

static void raw_text(struct slice value, char to[CELL_SIZE])
{
	size_t n = 0;

	if (!json_get_text(value, (uint8_t *)to, CELL_SIZE - 1, &n)) {
		n = value.n < CELL_SIZE - 1 ? value.n : CELL_SIZE - 1;
		memcpy(to, value.p, n);
	}
	to[n] = 0;
}

static bool member_is(struct slice row, const char *key, const char *expected)
{
	struct slice value;

	return json_find(row, key, &value) && slice_is(value, expected);
}

/* A setting is shown in the form that node.toml uses. */
static void unit_text(struct slice row, uint64_t v, char to[CELL_SIZE])
{
	char text[HUMAN_MAX];

	if (member_is(row, "unit", "\"ms\""))
		put(to, units_time(v, text));
	else if (member_is(row, "unit", "\"bytes\""))
		put(to, human_bytes(v, text));
	else
		put(to, human_count(v, text));
}

static void number_text(
	const struct out *o, struct slice row, enum cell cell, uint64_t v, char to[CELL_SIZE])
{
	char text[HUMAN_MAX];

	switch (cell) {
	case CELL_COUNT:
		put(to, human_count(v, text));
		break;
	case CELL_BYTES:
		put(to, human_bytes(v, text));
		break;
	case CELL_MS:
		put(to, v ? human_ms(v, text) : unknown);
		break;
	case CELL_SECONDS:
		put(to, human_duration(v, text));
		break;
	case CELL_WAIT:
		put(to, v ? human_duration(v, text) : unknown);
		break;
	case CELL_MOMENT:
		put(to, v ? human_ago((int64_t)v, o->now, text) : "never");
		break;
	default:
		unit_text(row, v, to);
	}
}

/* An address or a network: "10.1.2.3", "2001:db8::/64". */
static void host_text(struct slice row, struct slice value, char to[CELL_SIZE])
{
	raw_text(value, to);
	if (member_is(row, "prefix_bits", "64"))
		strncat(to, "/64", CELL_SIZE - 1 - strlen(to));
}

static void cell_text(
	const struct out *o, const struct column *c, struct slice row, char to[CELL_SIZE])
{
	struct slice value;
	uint64_t v;
	bool flag;

	if (!json_find(row, c->key, &value) || json_is_null(value))
		put(to, unknown);
	else if (c->cell == CELL_HOST)
		host_text(row, value, to);
	else if (c->cell == CELL_FLAG)
		put(to, json_get_bool(value, &flag) && flag ? c->title : "");
	else if (c->cell == CELL_UNIT_NOW && member_is(row, "current", "false"))
		put(to, unknown);
	else if (c->cell == CELL_UNIT_PEAK && member_is(row, "current", "false") &&
		 slice_is(value, "0"))
		put(to, unknown);
	else if (c->cell != CELL_TEXT && json_get_u64(value, &v))
		number_text(o, row, c->cell, v, to);
	else
		raw_text(value, to);
}

/* ---- which columns ---- */

static void measure(const struct out *o, struct table *t, struct slice rows)
{
	char text[CELL_SIZE];
	struct slice row;

	for (size_t i = 0; i < t->count; i++)
		t->width[i] = width_of(t->columns[i].title);
	for (size_t at = 0; json_element(rows, &at, &row);)
		for (size_t i = 0; i < t->count; i++) {
			cell_text(o, &t->columns[i], row, text);
			size_t width = width_of(text);
			if (width > t->width[i])
				t->width[i] = width;
		}
}

static size_t total_width(const struct table *t)
{
	size_t sum = 0;

	for (size_t i = 0; i < t->count; i++)
		if (t->shown[i])
			sum += t->width[i] + (sum ? GAP : 0);
	return sum;
}

/* The column to leave out next: the one with the highest rank that is still shown, the last of
 * equals. t->count when only columns of rank 0 are left. */
static size_t least_wanted(const struct table *t)
{
	size_t found = t->count;

	for (size_t i = 0; i < t->count; i++)
		if (t->shown[i] && t->columns[i].rank > 0 &&
			(found == t->count || t->columns[i].rank >= t->columns[found].rank))
			found = i;
	return found;
}

static void choose(const struct out *o, struct table *t)
{
	size_t drop;

	for (size_t i = 0; i < t->count; i++)
		t->shown[i] = o->all || t->columns[i].rank < TABLE_ALL;
	while (!o->all && total_width(t) > o->width && (drop = least_wanted(t)) < t->count)
		t->shown[drop] = false;
}

/* ---- lines ---- */

static bool is_number(enum cell cell)
{
	return cell != CELL_TEXT && cell != CELL_HOST && cell != CELL_FLAG && cell != CELL_MOMENT;
}

/* Appends a cell, padded to the column's width: numbers aligned right, texts left. */
static void add_cell(char line[ROW_SIZE], const char *text, size_t width, bool right)
{
	size_t used = strlen(line), own = width_of(text);
	int pad = own < width ? (int)(width - own) : 0, gap = used ? GAP : 0;

	if (right)
		snprintf(line + used, ROW_SIZE - used, "%*s%s", gap + pad, "", text);
	else
		snprintf(line + used, ROW_SIZE - used, "%*s%s%*s", gap, "", text, pad, "");
}

static void say(struct out *o, char line[ROW_SIZE])
{
	size_t n = strlen(line);

	while (n > 0 && line[n - 1] == ' ')
		line[--n] = 0;
	out_line(o, "%s", line);
}

static void print_titles(struct out *o, const struct table *t)
{
	char line[ROW_SIZE] = "";

	for (size_t i = 0; i < t->count; i++)
		if (t->shown[i])
			add_cell(line, t->columns[i].title, t->width[i],
				is_number(t->columns[i].cell));
	say(o, line);
}

static void print_row(struct out *o, const struct table *t, struct slice row)
{
	char line[ROW_SIZE] = "", text[CELL_SIZE];

	for (size_t i = 0; i < t->count; i++)
		if (t->shown[i]) {
			cell_text(o, &t->columns[i], row, text);
			add_cell(line, text, t->width[i], is_number(t->columns[i].cell));
		}
	say(o, line);
}

void table_print(struct out *o, struct slice rows, const struct column *columns, size_t count,
	const char *none)
{
	struct table t = {
		.columns = columns, .count = count < TABLE_COLUMNS_MAX ? count : TABLE_COLUMNS_MAX};
	struct slice row;
	size_t at = 0;

	if (!json_element(rows, &at, &row)) {
		out_line(o, "%s", none);
		return;
	}
	measure(o, &t, rows);
	choose(o, &t);
	print_titles(o, &t);
	for (at = 0; json_element(rows, &at, &row);)
		print_row(o, &t, row);
}
