/* Prints lists and plain objects of the node's answers, and reads members of them for the other
 * printers. Before: cli/ctl.c. After: cli/table.c, cli/out.c. */
#include "cli/print.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "base/width.h"
#include "cli/table.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- members ---- */

const char *print_text(struct slice object, const char *key, char to[PRINT_TEXT_MAX])
{
	struct slice value;
	size_t n = 0;

	to[0] = 0;
	if (!json_find(object, key, &value))
		return to;
	json_get_text(value, (uint8_t *)to, PRINT_TEXT_MAX - 1, &n);
	to[n] = 0;
	return to;
}

uint64_t print_u64(struct slice object, const char *key)
{
	struct slice value;
	uint64_t v = 0;

	return json_find(object, key, &value) && json_get_u64(value, &v) ? v : 0;
}

int64_t print_i64(struct slice object, const char *key)
{
	struct slice value;
	int64_t v = 0;

	return json_find(object, key, &value) && json_get_i64(value, &v) ? v : 0;
}

double print_number(struct slice object, const char *key)
{
	struct slice value;
	char text[64];

	if (!json_find(object, key, &value) || value.n >= sizeof text)
		return 0;
	memcpy(text, value.p, value.n);
	text[value.n] = 0;
	return strtod(text, NULL);
}

bool print_bool(struct slice object, const char *key)
{
	struct slice value;
	bool v = false;

	return json_find(object, key, &value) && json_get_bool(value, &v) && v;
}

struct slice print_inner(struct slice object, const char *key)
{
	struct slice value;

	return json_find(object, key, &value) ? value : slice_of(NULL, 0);
}

/* ---- objects ---- */

/* A value as people read it: a string without quotes and escapes, anything else as it is. */
static void value_text(struct slice value, char to[PRINT_TEXT_MAX])
{
	size_t n = 0;

	if (!json_get_text(value, (uint8_t *)to, PRINT_TEXT_MAX - 1, &n)) {
		n = value.n < PRINT_TEXT_MAX - 1 ? value.n : PRINT_TEXT_MAX - 1;
		memcpy(to, value.p, n);
	}
	to[n] = 0;
}

static void print_members(struct out *o, struct slice object, const char *indent)
{
	struct slice key, value;
	char name[PRINT_TEXT_MAX], text[PRINT_TEXT_MAX];

	for (size_t at = 0; json_member(object, &at, &key, &value);) {
		value_text(key, name);
		value_text(value, text);
		out_line(o, "%s%-26s %s", indent, name,
			value.n && value.p[0] == '{' && !indent[0] ? "" : text);
	}
}

void print_object(struct out *o, struct slice object)
{
	struct slice key, value;
	char name[PRINT_TEXT_MAX], text[PRINT_TEXT_MAX];

	for (size_t at = 0; json_member(object, &at, &key, &value);) {
		value_text(key, name);
		if (value.n && value.p[0] == '{') {
			out_line(o, "%s", name);
			print_members(o, value, "  ");
			continue;
		}
		value_text(value, text);
		out_line(o, "%-26s %s", name, text);
	}
}

void print_done(struct out *o, struct slice json)
{
	char text[PRINT_TEXT_MAX];

	if (print_text(json, "done", text)[0])
		out_line(o, "%s", text);
	else
		print_object(o, json);
}

/* ---- JSON ---- */

static void put_escaped(FILE *f, struct slice character)
{
	struct rd r = rd_of(character);
	int32_t code = utf8_take(&r);

	if (character.n == 1 && character.p[0] >= 0x80) /* not UTF-8 */
		fputs("\\ufffd", f);
	else if (code <= 0xFFFF)
		fprintf(f, "\\u%04x", (unsigned)code);
	else
		fprintf(f, "\\u%04x\\u%04x", (unsigned)(code - 0x10000) / 0x400 + 0xD800,
			(unsigned)code % 0x400 + 0xDC00);
}

void print_json_text(FILE *f, struct slice json)
{
	int columns;

	while (json.n) {
		size_t n = width_next((const char *)json.p, json.n, &columns);
		if (columns < 0)
			put_escaped(f, slice_of(json.p, n));
		else
			fwrite(json.p, 1, n, f);
		json = slice_of(json.p + n, json.n - n);
	}
}

void print_json(FILE *f, struct slice json)
{
	if (json.n && json.p[json.n - 1] == '\n')
		json.n--;
	print_json_text(f, json);
	fputc('\n', f);
}

/* ---- tables ---- */

static const struct column peer_columns[] = {
	{"id", "id", CELL_TEXT, TABLE_ALL},
	{"address", "address", CELL_TEXT, 0},
	{"direction", "direction", CELL_TEXT, 1},
	{"version", "version", CELL_TEXT, 5},
	{"height", "height", CELL_COUNT, 2},
	{"round_trip_ms", "round trip", CELL_MS, 3},
	{"age_seconds", "connected", CELL_SECONDS, 4},
	{"good_blocks_total", "good blocks", CELL_COUNT, 6},
	{"bytes_in_total", "received", CELL_BYTES, 7},
	{"bytes_out_total", "sent", CELL_BYTES, 8},
	{"score", "score", CELL_COUNT, 9},
	{"ready", "ready", CELL_FLAG, 10},
	{"configured", "configured", CELL_FLAG, 11},
	{"requests_in_flight", "asked", CELL_COUNT, 12},
	{"unasked_waits_total", "unasked waits", CELL_COUNT, 13},
};

static const struct column configured_columns[] = {
	{"address", "configured", CELL_TEXT, 0},
	{"state", "state", CELL_TEXT, 0},
	{"next_try_seconds", "next try in", CELL_WAIT, 1},
	{"failures", "failures", CELL_COUNT, 3},
	{"last_error", "last error", CELL_TEXT, 2},
};

static const struct column known_columns[] = {
	{"address", "known", CELL_TEXT, 0},
	{"state", "state", CELL_TEXT, 0},
	{"last_success", "last answer", CELL_MOMENT, 1},
	{"last_try", "last try", CELL_MOMENT, 3},
	{"next_try_seconds", "next try in", CELL_WAIT, 2},
	{"failures", "failures", CELL_COUNT, 4},
	{"last_seen", "last heard of", CELL_MOMENT, 5},
};

static const struct column ban_columns[] = {
	{"address", "host", CELL_HOST, 0},
	{"left_seconds", "ends in", CELL_SECONDS, 0},
	{"until_time", "until", CELL_TEXT, 2},
	{"reason", "reason", CELL_TEXT, 1},
};

static const struct column limit_columns[] = {
	{"row", "row", CELL_TEXT, 0},
	{"used", "now", CELL_UNIT_NOW, 2},
	{"peak", "peak", CELL_UNIT_PEAK, 3},
	{"max", "bound", CELL_UNIT, 0},
	{"hits_total", "times met", CELL_COUNT, 1},
	{"at_bound", "at the bound", CELL_FLAG, 4},
	{"worst_bytes", "at most", CELL_BYTES, 5},
	{"unit", "unit", CELL_TEXT, TABLE_ALL},
};

/* The node cuts lists that are too long for an answer; says how many entries are missing. */
static void put_more(struct out *o, struct slice rows, uint64_t total)
{
	struct slice row;
	uint64_t shown = 0;

	for (size_t at = 0; json_element(rows, &at, &row);)
		shown++;
	if (total > shown)
		out_line(o, "and %llu more", (unsigned long long)(total - shown));
}

/* Prints the configured peers and the address book. Both tables fit a terminal, so there --all adds
 * no columns to them; elsewhere it does. */
static void put_addresses(struct out *o, struct slice json)
{
	const bool all = o->all;

	o->all = all && !o->terminal;
	out_line(o, "%s", "");
	table_print(o, print_inner(json, "configured"), configured_columns,
		COUNT(configured_columns), "no configured peers");
	out_line(o, "%s", "");
	table_print(o, print_inner(json, "known"), known_columns, COUNT(known_columns),
		"no known addresses");
	put_more(o, print_inner(json, "known"), print_u64(json, "known_total"));
	o->all = all;
}

void print_peers(struct out *o, struct slice json)
{
	struct slice configured;

	table_print(
		o, print_inner(json, "peers"), peer_columns, COUNT(peer_columns), "no connections");
	if (json_find(json, "configured", &configured))
		put_addresses(o, json);
}

void print_bans(struct out *o, struct slice json)
{
	table_print(o, print_inner(json, "bans"), ban_columns, COUNT(ban_columns), "no bans");
	put_more(o, print_inner(json, "bans"), print_u64(json, "bans_total"));
}

void print_limits(struct out *o, struct slice json)
{
	table_print(
		o, print_inner(json, "limits"), limit_columns, COUNT(limit_columns), "no limits");
}

void print_lines(struct out *o, struct slice list, const char *before)
{
	char line[PRINT_TEXT_MAX];
	struct slice one;

	for (size_t at = 0; json_element(list, &at, &one);) {
		struct wr w = wr_of(line, sizeof line - 1);
		size_t n;
		wr_bytes(&w, before, strlen(before));
		if (!json_get_text(one, w.p + w.n, w.size - w.n, &n))
			continue;
		line[w.n + n] = 0;
		out_wrapped(o, "         ", line);
	}
}
