/* Role: writes records as lines of a zone file. Before: exports and differences of zones. After:
 * owner/zone_text.c reads each line back, so that no line says another record. */
#include <inttypes.h>
#include <stdio.h>

#include "base/hex.h"
#include "base/utf8.h"
#include "domain/jsontext.h"
#include "owner/zone_text_internal.h"

enum { STRING_MAX = 255 /* bytes of a string of a zone file */ };

static void put(struct wr *w, const char *text)
{
	wr_bytes(w, text, strlen(text));
}

/* A raw JSON string as it is: what is odd in it is found when the line is read back. */
static void put_plain(struct wr *w, struct slice raw)
{
	size_t n = 0;

	if (w->bad || !jt_decode(raw, (char *)w->p + w->n, w->size - w->n, &n))
		w->bad = true;
	w->n += n;
}

static void put_byte(struct wr *w, uint8_t c)
{
	if (c == '"' || c == '\\')
		wr_u8(w, '\\');
	if (c < ' ' || c == 0x7F)
		wr_format(w, "\\%03u", c);
	else
		wr_u8(w, c);
}

/* Strings of at most 255 bytes, which end with whole characters. */
static void put_text(struct wr *w, struct slice raw)
{
	struct jt_chars chars = {rd_of(raw)};
	size_t in_string = 0;
	uint8_t space[4];

	put(w, "\"");
	for (int32_t c; (c = jt_next(&chars)) >= 0;) {
		struct wr one = wr_of(space, sizeof space);
		utf8_put(&one, c);
		if (in_string + one.n > STRING_MAX) {
			put(w, "\" \"");
			in_string = 0;
		}
		for (size_t i = 0; i < one.n; i++)
			put_byte(w, space[i]);
		in_string += one.n;
	}
	put(w, "\"");
}

/* An array of numbers as hex. */
static void put_hex(struct wr *w, struct slice array)
{
	struct rd r = rd_of(array);
	uint64_t v;

	jt_take(&r, '[');
	while (!r.bad && jt_peek(&r) != ']' && jt_integer(jt_number(&r), UINT8_MAX, &v)) {
		uint8_t byte = (uint8_t)v;
		hex_write(w, slice_of(&byte, 1));
		jt_take(&r, ',');
	}
}

static void put_field(
	struct wr *w, const struct record_type *t, const struct dns_field *f, struct slice value)
{
	put(w, " ");
	switch (f->kind) {
	case FIELD_BYTES:
		put_hex(w, value);
		break;
	case FIELD_TEXT:
		if (strcmp(t->name, "TXT") == 0) {
			put_text(w, value);
			break;
		}
		put_plain(w, value);
		put(w, jt_is(value, ".") ? "" : ".");
		break;
	case FIELD_IPV4:
	case FIELD_IPV6:
		put_plain(w, value);
		break;
	default:
		wr_slice(w, value);
		break;
	}
}

/* Owner, TTL, type, fields. */
static void put_line(struct wr *w, const struct dns_record *r)
{
	const struct dns_field *f = r->type->fields;
	unsigned last = 0;

	while (f[last + 1].name)
		last++;
	put_plain(w, r->value[0]);
	put(w, " ");
	wr_slice(w, r->value[last]);
	wr_format(w, " %s", r->type->name);
	for (unsigned i = 1; i < last; i++)
		put_field(w, r->type, &f[i], r->value[i]);
	put(w, "\n");
}

struct again {
	const struct dns_record *record;
	struct zone_text *z;
	unsigned count;
	bool same;
};

static void compare(void *ctx, struct slice json)
{
	struct again *a = ctx;
	struct wr w = wr_of(a->z->check, sizeof a->z->check);

	record_canonical(a->record, &w);
	a->same = a->count++ == 0 && !w.bad && slice_eq(wr_done(&w), json);
}

static bool reads_back(struct zone_text *z, struct slice line, const struct dns_record *r)
{
	struct again a = {.record = r, .z = z};
	struct zone_error e;

	return zone_text_read(z, line, ZONE_FILE, compare, &a, &e) && a.count == 1 && a.same;
}

bool zone_text_write(struct zone_text *z, const struct dns_record *r, struct wr *w)
{
	size_t from = w->n;

	if (zone_type_has_text(r->type)) {
		put_line(w, r);
		if (!w->bad && reads_back(z, slice_of(w->p + from, w->n - from), r))
			return true;
		if (!w->bad)
			w->n = from;
	}
	put(w, "; ");
	record_canonical(r, w);
	put(w, "\n");
	return false;
}
