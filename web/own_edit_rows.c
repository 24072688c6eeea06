/* Records of the editor as lines, and back. Before: web/own_edit.c, own_edit_form.c,
 * own_edit_build.c. After: owner/zone_text.h. */
#include <stdio.h>

#include "base/utf8.h"
#include "domain/jsontext.h"
#include "web/own_edit.h"
#include "web/sentence.h"

enum { BEYOND = 0x10000 };

/* ---- to a line ---- */

/* JSON in which every character is seen: others stand as \uXXXX. */
static struct slice ascii(struct own_edit *e, struct slice json)
{
	struct wr *w = &e->space;
	struct rd r = rd_of(json);
	size_t from = w->n;
	int32_t c;

	while ((c = utf8_take(&r)) >= 0)
		if (c < 0x7F)
			wr_u8(w, (uint8_t)c);
		else if (c < BEYOND)
			wr_format(w, "\\u%04X", (unsigned)c);
		else
			wr_format(w, "\\u%04X\\u%04X", (unsigned)(0xD800 + ((c - BEYOND) >> 10)),
				(unsigned)(0xDC00 + ((c - BEYOND) & 0x3FF)));
	return slice_of(w->p + from, w->n - from);
}

struct slice own_row_of(struct own_edit *e, const struct dns_record *r)
{
	struct wr *w = &e->space;
	size_t from = w->n;

	bool said = zone_text_write(e->z, r, w);
	struct slice line = slice_of(w->p + from, w->n > from ? w->n - from - 1 : 0);
	if (said && html_shows_all(line))
		return line;
	w->n = from;
	record_canonical(r, w);
	return ascii(e, slice_of(w->p + from, w->n - from));
}

/* ---- from a line ---- */

static bool fail(struct own_edit *e, unsigned row, const char *text)
{
	own_edit_blame(e, OWN_AT_ROW, row, text);
	return false;
}

static const char *say(const struct own_edit *e, enum web_text text)
{
	return web_text(e->p->language, text);
}

static bool read_json(struct own_edit *e, unsigned row, struct slice *json)
{
	struct rd r = rd_of(e->row[row]);
	struct dns_record record;
	size_t from = e->space.n;

	bool good = utf8_valid(e->row[row]) && record_read(&r, &record);
	jt_space(&r);
	if (!good || r.bad || r.left)
		return fail(e, row, say(e, TEXT_OWN_BAD_JSON));
	record_canonical(&record, &e->space);
	*json = slice_of(e->space.p + from, e->space.n - from);
	return !e->space.bad || fail(e, row, say(e, TEXT_TOO_LONG));
}

struct taking {
	struct own_edit *e;
	unsigned n;
	struct slice json[OWN_ROWS];
};

static void take(void *ctx, struct slice json)
{
	struct taking *t = ctx;

	if (t->n < OWN_ROWS)
		t->json[t->n] = own_edit_keep(t->e, json);
	t->n++;
}

/* Blames "column 7: …" of a line, "line 2, column 7: …" of a file. */
static bool fail_at(struct own_edit *e, enum own_place at, unsigned row, const struct zone_error *z)
{
	char line[PAGE_WORD_MAX], column[PAGE_WORD_MAX], number[PAGE_WORD_MAX], why[SENTENCE_MAX],
		text[SENTENCE_MAX + 3 * PAGE_WORD_MAX];
	bool file = at == OWN_AT_ZONE, english = !web_sentence(e->p->language, z->text, why);

	page_fill(e->p, TEXT_OWN_COLUMN, page_number(e->p, z->column, number), column);
	page_fill(e->p, TEXT_OWN_LINE, page_number(e->p, z->line, number), line);
	snprintf(text, sizeof text, "%s%s%s: %s", file ? line : "", file ? ", " : "", column, why);
	own_edit_blame(e, at, row, text)->english = english;
	return false;
}

bool own_row_read(struct own_edit *e, unsigned row, struct slice *json)
{
	struct taking t = {.e = e};
	struct zone_error error;

	if (e->row[row].p[0] == '{')
		return read_json(e, row, json);
	if (!zone_text_read(e->z, e->row[row], ZONE_LINE, take, &t, &error))
		return fail_at(e, OWN_AT_ROW, row, &error);
	*json = t.json[0];
	return t.n == 1 || fail(e, row, say(e, TEXT_OWN_BAD_JSON));
}

/* ---- a zone file ---- */

static void add_line(struct own_edit *e, struct slice json)
{
	struct rd r = rd_of(json);
	struct dns_record record;

	if (e->rows < OWN_ROWS && record_read(&r, &record))
		e->row[e->rows++] = own_row_of(e, &record);
}

/* Those that no line can say stay, in front. */
static void drop_lines(struct own_edit *e)
{
	unsigned n = 0;

	for (unsigned i = 0; i < e->rows; i++)
		if (e->row[i].p[0] == '{')
			e->row[n++] = e->row[i];
	e->rows = n;
}

void own_paste(struct own_edit *e)
{
	struct taking t = {.e = e};
	struct zone_error error;

	if (!e->zone.n)
		return;
	if (!zone_text_read(e->z, e->zone, ZONE_FILE, take, &t, &error)) {
		fail_at(e, OWN_AT_ZONE, 0, &error);
		return;
	}
	if (t.n > OWN_ROWS) {
		own_edit_blame(e, OWN_AT_ZONE, 0, say(e, TEXT_OWN_MANY));
		return;
	}
	drop_lines(e);
	for (unsigned i = 0; i < t.n; i++)
		add_line(e, t.json[i]);
	e->zone.n = 0;
}
