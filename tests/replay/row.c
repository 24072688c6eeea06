/* Lines of tables. See tests/replay/row.h. */
#include "tests/replay/row.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/hex.h"
#include "base/json.h"
#include "base/mem.h"

enum {
	SHOWN = 40,      /* bytes of a value in a difference */
	SPARE = 1 << 18, /* a session holds its buffers in it */
	TIMES = 16,      /* more than what is made of any line: each value, its copies, encodings */
};

void row_open(struct row *r, struct slice line, char *what, size_t what_size)
{
	*r = (struct row){.line = line, .what = what, .what_size = what_size};
	r->size = line.n * TIMES + SPARE;
	r->space = mem_alloc(r->size);
	if (r->space)
		return;
	r->size = 0;
	row_differ(r, "memory: expected %zu bytes, got none", line.n * TIMES + SPARE);
}

bool row_close(struct row *r)
{
	mem_free(r->space);
	return !r->wrong;
}

uint8_t *row_take(struct row *r, size_t n)
{
	static uint8_t nothing[1];

	if (n > r->size - r->used) {
		row_differ(r, "memory: expected %zu bytes, got %zu", n, r->size - r->used);
		return nothing;
	}
	r->used += n;
	return r->size ? r->space + r->used - n : nothing;
}

struct wr row_writer(struct row *r)
{
	size_t left = r->size - r->used;

	return wr_of(left ? r->space + r->used : NULL, left);
}

struct slice row_keep(struct row *r, const struct wr *w)
{
	if (w->bad)
		row_differ(r, "output: expected at most %zu bytes, got more", w->size);
	else
		r->used += w->n;
	return wr_done(w);
}

void row_differ(struct row *r, const char *fmt, ...)
{
	va_list args;

	if (r->wrong)
		return;
	r->wrong = true;
	va_start(args, fmt);
	vsnprintf(r->what, r->what_size, fmt, args);
	va_end(args);
}

static struct slice find(struct row *r, struct slice object, const char *key)
{
	struct slice value = {NULL, 0};

	if (!json_find(object, key, &value))
		row_differ(r, "%s: expected a field, got none", key);
	return value;
}

struct slice row_text_of(struct row *r, struct slice object, const char *key)
{
	struct slice value = find(r, object, key);
	struct wr w = row_writer(r);

	if (!json_get_text(value, w.p, w.size, &w.n))
		row_differ(r, "%s: expected a text, got %.*s", key, SHOWN, (const char *)value.p);
	return row_keep(r, &w);
}

struct slice row_hex_of(struct row *r, struct slice object, const char *key)
{
	struct slice value = find(r, object, key);
	struct wr w = row_writer(r);

	if (value.n < 2 || !hex_decode(slice_of(value.p + 1, value.n - 2), w.p, w.size, &w.n))
		row_differ(r, "%s: expected hex, got something else", key);
	return row_keep(r, &w);
}

struct slice row_hex(struct row *r, const char *key)
{
	return row_hex_of(r, r->line, key);
}

struct slice row_text(struct row *r, const char *key)
{
	return row_text_of(r, r->line, key);
}

bool row_has(struct row *r, const char *key)
{
	struct slice value;

	return json_find(r->line, key, &value);
}

bool row_flag(struct row *r, const char *key)
{
	struct slice value;
	bool flag = false;

	return json_find(r->line, key, &value) && json_get_bool(value, &flag) && flag;
}

void row_same_bytes(struct row *r, const char *what, struct slice expected, struct slice got)
{
	char a[2 * SHOWN + 1], b[2 * SHOWN + 1];

	if (slice_eq(expected, got))
		return;
	hex_upper(slice_of(expected.p, expected.n < SHOWN ? expected.n : SHOWN), a);
	hex_upper(slice_of(got.p, got.n < SHOWN ? got.n : SHOWN), b);
	row_differ(r, "%s: expected %zu bytes %s, got %zu bytes %s", what, expected.n, a, got.n, b);
}

void row_same_flag(struct row *r, const char *what, bool expected, bool got)
{
	if (expected != got)
		row_differ(r, "%s: expected %s, got %s", what, expected ? "true" : "false",
			got ? "true" : "false");
}

void row_same_number(struct row *r, const char *what, uint64_t expected, uint64_t got)
{
	if (expected != got)
		row_differ(r, "%s: expected %" PRIu64 ", got %" PRIu64, what, expected, got);
}

static void same_text(struct row *r, struct slice fields, const char *key, struct slice got)
{
	struct slice value;

	if (json_find(fields, key, &value))
		row_same_bytes(r, key, row_text_of(r, fields, key), got);
}

static void same_hex(struct row *r, struct slice fields, const char *key, struct slice got)
{
	struct slice value;

	if (json_find(fields, key, &value))
		row_same_bytes(r, key, row_hex_of(r, fields, key), got);
}

static void same_number(struct row *r, struct slice fields, const char *key, uint64_t got)
{
	struct slice value;
	uint64_t expected = 0;

	if (!json_find(fields, key, &value))
		return;
	if (!json_get_u64(value, &expected))
		row_differ(r, "%s: expected a number, got none", key);
	row_same_number(r, key, expected, got);
}

static void same_peers(struct row *r, struct slice fields, const struct message *m)
{
	struct slice array, value, text;
	size_t at = 0, count = 0;

	if (!json_find(fields, "peers", &array))
		return;
	for (; json_element(array, &at, &value); count++) {
		struct wr w = row_writer(r);
		json_get_text(value, w.p, w.size, &w.n);
		text = row_keep(r, &w);
		if (count < PEERS_MAX)
			row_same_bytes(r, "peers", text, m->peers[count]);
	}
	row_same_number(r, "peers", count, m->peer_count);
}

void row_same_message(struct row *r, struct slice fields, const struct message *m)
{
	struct slice value;
	bool expected;

	same_text(r, fields, "app_version", m->app_version);
	same_text(r, fields, "origin", m->origin);
	same_text(r, fields, "rand_id", m->rand_id);
	same_number(r, fields, "version", m->version);
	same_number(r, fields, "height", m->height);
	same_number(r, fields, "index", m->index);
	same_hex(r, fields, "hash", m->hash);
	same_hex(r, fields, "block", m->block);
	same_peers(r, fields, m);
	if (json_find(fields, "public", &value) && json_get_bool(value, &expected))
		row_same_flag(r, "public", expected, m->is_public);
}
