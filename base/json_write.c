/* Writes JSON into a bounded buffer. Before: api/, the log, the commands. After: base/cursor.h. */
#include <stdio.h>

#include "base/hex.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/width.h"

static void put(struct json_wr *j, const char *text)
{
	wr_bytes(j->w, text, strlen(text));
}

static void put_code(struct json_wr *j, struct slice c)
{
	struct rd r = rd_of(c);
	unsigned code = (unsigned)utf8_take(&r);

	if (code <= 0xFFFF)
		wr_format(j->w, "\\u%04x", code);
	else
		wr_format(j->w, "\\u%04x\\u%04x", (code - 0x10000) / 0x400 + 0xD800,
			code % 0x400 + 0xDC00);
}

/* Writes one valid character. Those that control a terminal or reverse the direction of text become
 * \uXXXX, because any program may show the answer. */
static void put_character(struct json_wr *j, struct slice c)
{
	int columns;

	width_next((const char *)c.p, c.n, &columns);
	if (c.p[0] == '"' || c.p[0] == '\\')
		wr_format(j->w, "\\%c", c.p[0]);
	else if (columns < 0)
		put_code(j, c);
	else
		wr_slice(j->w, c);
}

/* Writes a string. A byte that is not UTF-8 becomes U+FFFD: file names and texts of peers may
 * contain any. */
static void put_escaped(struct json_wr *j, struct slice s)
{
	put(j, "\"");
	while (s.n) {
		size_t n = utf8_good(s);

		if (n)
			put_character(j, slice_of(s.p, n));
		else
			put(j, "\xEF\xBF\xBD");
		s = slice_of(s.p + (n ? n : 1), s.n - (n ? n : 1));
	}
	put(j, "\"");
}

/* Writes the comma and the key before a value. */
static void begin_value(struct json_wr *j, const char *key)
{
	if (j->comma)
		put(j, ",");
	j->comma = true;
	if (key) {
		put_escaped(j, slice_str(key));
		put(j, ":");
	}
}

void json_open(struct json_wr *j, const char *key, char bracket)
{
	begin_value(j, key);
	wr_u8(j->w, (uint8_t)bracket);
	j->comma = false;
}

void json_close(struct json_wr *j, char bracket)
{
	wr_u8(j->w, (uint8_t)bracket);
	j->comma = true;
}

void json_text(struct json_wr *j, const char *key, struct slice value)
{
	begin_value(j, key);
	put_escaped(j, value);
}

void json_str(struct json_wr *j, const char *key, const char *value)
{
	json_text(j, key, slice_str(value));
}

void json_hex(struct json_wr *j, const char *key, struct slice bytes)
{
	begin_value(j, key);
	put(j, "\"");
	hex_write(j->w, bytes);
	put(j, "\"");
}

void json_u64(struct json_wr *j, const char *key, uint64_t v)
{
	char text[32];

	begin_value(j, key);
	snprintf(text, sizeof text, "%llu", (unsigned long long)v);
	put(j, text);
}

void json_i64(struct json_wr *j, const char *key, int64_t v)
{
	char text[32];

	begin_value(j, key);
	snprintf(text, sizeof text, "%lld", (long long)v);
	put(j, text);
}

void json_bool(struct json_wr *j, const char *key, bool v)
{
	begin_value(j, key);
	put(j, v ? "true" : "false");
}

void json_number(struct json_wr *j, const char *key, double v)
{
	char text[32];

	begin_value(j, key);
	snprintf(text, sizeof text, "%.15g", v);
	put(j, text);
}

void json_raw(struct json_wr *j, const char *key, struct slice value)
{
	begin_value(j, key);
	wr_slice(j->w, value);
}

void json_raw_text(struct json_wr *j, const char *key, struct slice inside)
{
	begin_value(j, key);
	put(j, "\"");
	wr_slice(j->w, inside);
	put(j, "\"");
}
