/* Role: changes records, contacts and description of a name's data. Before: the command line.
 * After: domain/domain_canon.c. */
#include "base/mem.h"
#include "base/utf8.h"
#include "domain/jsontext.h"
#include "owner/zone_edit.h"

enum { ZONE_MAX = 64 };

/* JSON objects in the canonical form, which has no line ends, each with one behind it. */
struct lines {
	uint8_t p[ZONE_EDIT_BYTES];
	size_t n;
	bool full; /* something did not fit */
};

struct zone_edit {
	char zone[ZONE_MAX];
	struct lines records, contacts, info; /* info: a raw JSON string, in one line, or none */
	uint8_t space[ZONE_EDIT_BYTES];       /* of one object */
};

/* ---- lines ---- */

/* The line that begins at *at; false behind the last one. *at moves to the next. */
static bool next_line(const struct lines *l, size_t *at, struct slice *line)
{
	const uint8_t *end = *at < l->n ? memchr(l->p + *at, '\n', l->n - *at) : NULL;

	if (!end)
		return false;
	*line = slice_of(l->p + *at, (size_t)(end - (l->p + *at)));
	*at += line->n + 1;
	return true;
}

/* Puts a line in the place of the `n` bytes at `at`; an empty one leaves nothing. */
static bool splice(struct lines *l, size_t at, size_t n, struct slice line)
{
	size_t size = line.n ? line.n + 1 : 0;

	if (l->n - n + size > sizeof l->p) {
		l->full = true;
		return false;
	}
	memmove(l->p + at + size, l->p + at + n, l->n - at - n);
	if (size) {
		memcpy(l->p + at, line.p, line.n);
		l->p[at + line.n] = '\n';
	}
	l->n = l->n - n + size;
	return true;
}

/* ---- what is there ---- */

static void keep_record(void *ctx, const struct dns_record *r)
{
	struct zone_edit *e = ctx;
	struct wr w = wr_of(e->space, sizeof e->space);

	record_canonical(r, &w);
	e->records.full |= w.bad;
	splice(&e->records, e->records.n, 0, wr_done(&w));
}

static void keep_contact(void *ctx, struct slice name, struct slice value)
{
	struct zone_edit *e = ctx;
	struct wr w = wr_of(e->space, sizeof e->space);

	contact_canonical(name, value, &w);
	e->contacts.full |= w.bad;
	splice(&e->contacts, e->contacts.n, 0, wr_done(&w));
}

static enum err load(struct zone_edit *e, struct slice data)
{
	struct domain_visitor keep = {.record = keep_record, .contact = keep_contact, .ctx = e};
	struct domain_text text;

	if (!data.n)
		return ERR_OK;
	if (!domain_read(data, &text, &keep))
		return ERR_MALFORMED;
	splice(&e->info, 0, 0, text.info);
	return e->records.full || e->contacts.full || e->info.full ? ERR_TOO_BIG : ERR_OK;
}

enum err zone_edit_new(struct slice data, struct slice zone, struct zone_edit **out)
{
	struct zone_edit *e = mem_alloc(sizeof *e);
	enum err err = !e ? ERR_NOMEM : zone.n < ZONE_MAX ? load(e, data) : ERR_TOO_BIG;

	*out = e;
	if (err) {
		zone_edit_free(e);
		*out = NULL;
		return err;
	}
	memcpy(e->zone, zone.p, zone.n);
	return ERR_OK;
}

void zone_edit_free(struct zone_edit *e)
{
	mem_free(e);
}

/* ---- records ---- */

/* The record without its TTL, which is the last of its fields. */
static struct slice without_ttl(struct slice json)
{
	static const char ttl[] = ",\"ttl\":";
	size_t n = sizeof ttl - 1;

	for (size_t at = json.n; at >= n; at--)
		if (memcmp(json.p + at - n, ttl, n) == 0)
			return slice_of(json.p, at - n);
	return json;
}

static bool same_record(struct slice a, struct slice b)
{
	return slice_eq(without_ttl(a), without_ttl(b));
}

bool zone_edit_add(struct zone_edit *e, struct slice json)
{
	struct slice line;

	for (size_t at = 0, from = 0; next_line(&e->records, &at, &line); from = at)
		if (same_record(line, json))
			return splice(&e->records, from, line.n + 1, json);
	return splice(&e->records, e->records.n, 0, json);
}

/* What every record of this owner and type begins with. */
static struct slice beginning(struct zone_edit *e, const struct zone_pattern *p)
{
	struct wr w = wr_of(e->space, sizeof e->space);

	wr_format(&w, "{\"type\":\"%s\",\"domain\":\"", p->type->name);
	for (size_t i = 0; i < p->owner.n; i++)
		jt_put_escaped(&w, p->owner.p[i]);
	wr_bytes(&w, "\",", 2);
	return wr_done(&w);
}

unsigned zone_edit_remove(struct zone_edit *e, const struct zone_pattern *p)
{
	struct slice begin = beginning(e, p), line;
	unsigned gone = 0;

	for (size_t at = 0, from = 0; next_line(&e->records, &at, &line); from = at) {
		bool named = line.n >= begin.n && memcmp(line.p, begin.p, begin.n) == 0;
		if (!named || (p->json.n && !same_record(line, p->json)))
			continue;
		splice(&e->records, from, line.n + 1, slice_of(NULL, 0));
		at = from;
		gone++;
	}
	return gone;
}

void zone_edit_clear(struct zone_edit *e, struct zone_text *z)
{
	struct slice line;
	struct dns_record r;

	for (size_t at = 0, from = 0; next_line(&e->records, &at, &line); from = at) {
		struct rd rd = rd_of(line);
		struct wr w = wr_of(e->space, sizeof e->space);
		if (!record_read(&rd, &r) || !zone_text_write(z, &r, &w))
			continue;
		splice(&e->records, from, line.n + 1, slice_of(NULL, 0));
		at = from;
	}
}

void zone_edit_no_records(struct zone_edit *e)
{
	e->records.n = 0;
}

unsigned zone_edit_count(const struct zone_edit *e)
{
	struct slice line;
	unsigned n = 0;

	for (size_t at = 0; next_line(&e->records, &at, &line);)
		n++;
	return n;
}

/* ---- description and contacts ---- */

bool zone_edit_info(struct zone_edit *e, struct slice text)
{
	struct wr w = wr_of(e->space, sizeof e->space);

	for (size_t i = 0; i < text.n; i++)
		jt_put_escaped(&w, text.p[i]);
	return !w.bad && utf8_valid(text) && splice(&e->info, 0, e->info.n, wr_done(&w));
}

/* As encodeURIComponent() of a browser, so that the network's own program reads it back. */
static void put_uri(struct wr *w, struct slice text)
{
	static const char plain[] = "-_.!~*'()";

	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		if (letter || (c >= '0' && c <= '9') || (c && strchr(plain, c)))
			wr_u8(w, c);
		else
			wr_format(w, "%%%02X", c);
	}
}

static struct slice trimmed(struct slice s)
{
	while (s.n && s.p[0] <= ' ')
		s = slice_of(s.p + 1, s.n - 1);
	while (s.n && s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

/* The bytes up to its value. */
static size_t put_contact(struct wr *w, struct slice name, struct slice value)
{
	size_t from = w->n;

	wr_bytes(w, "{\"name\":\"", 9);
	put_uri(w, name);
	wr_bytes(w, "\",", 2);
	size_t begin = w->n - from;
	wr_bytes(w, "\"value\":\"", 9);
	put_uri(w, value);
	wr_bytes(w, "\"}", 2);
	return begin;
}

void zone_contact_write(struct slice name, struct slice value, struct wr *w)
{
	put_contact(w, name, value);
}

bool zone_edit_contact(struct zone_edit *e, struct slice name, struct slice value)
{
	struct wr w = wr_of(e->space, sizeof e->space);
	struct slice line;

	name = trimmed(name);
	value = trimmed(value);
	size_t begin = put_contact(&w, name, value);
	if (w.bad || !name.n || !utf8_valid(name) || !utf8_valid(value))
		return false;
	struct slice json = value.n ? wr_done(&w) : slice_of(NULL, 0);
	for (size_t at = 0, from = 0; next_line(&e->contacts, &at, &line); from = at)
		if (line.n > begin && memcmp(line.p, w.p, begin) == 0)
			return splice(&e->contacts, from, line.n + 1, json);
	return splice(&e->contacts, e->contacts.n, 0, json);
}

/* ---- the new data ---- */

static void write_list(const struct lines *l, const char *name, struct wr *w)
{
	struct slice line;
	bool comma = false;

	if (!l->n)
		return;
	wr_format(w, ",\"%s\":[", name);
	for (size_t at = 0; next_line(l, &at, &line); comma = true) {
		wr_bytes(w, ",", comma);
		wr_slice(w, line);
	}
	wr_u8(w, ']');
}

void zone_edit_write(const struct zone_edit *e, struct wr *w)
{
	struct slice info;
	size_t at = 0;

	wr_format(w, "{\"encrypted\":\"\",\"zone\":\"%s\"", e->zone);
	if (next_line(&e->info, &at, &info)) {
		wr_bytes(w, ",\"info\":\"", 9);
		wr_slice(w, info);
		wr_u8(w, '"');
	}
	write_list(&e->records, "records", w);
	write_list(&e->contacts, "contacts", w);
	wr_u8(w, '}');
}
