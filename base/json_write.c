/* Writing JSON into a bounded buffer. */
#include <stdio.h>

#include "base/hex.h"
#include "base/json.h"

static void put(struct json_wr *j, const char *text)
{
	wr_bytes(j->w, text, strlen(text));
}

static void put_escaped(struct json_wr *j, struct slice s)
{
	put(j, "\"");
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];
		char text[8];
		if (c < 0x20) {
			snprintf(text, sizeof text, "\\u%04x", c);
			put(j, text);
			continue;
		}
		if (c == '"' || c == '\\')
			put(j, "\\");
		wr_u8(j->w, c);
	}
	put(j, "\"");
}

/* The comma and the key in front of a value. */
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
