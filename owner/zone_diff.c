/* Role: shows a name's data as lines, and what changes between two of them. Before: dry runs and
 * exports. After: owner/zone_write.c. */
#include "owner/zone_edit.h"

struct dump {
	struct zone_text *z;
	struct wr *w;
};

static void dump_record(void *ctx, const struct dns_record *r)
{
	struct dump *d = ctx;

	zone_text_write(d->z, r, d->w);
}

/* Raw JSON strings have no line ends in them. */
static void dump_contact(void *ctx, struct slice name, struct slice value)
{
	struct dump *d = ctx;

	wr_bytes(d->w, "; contact ", 10);
	wr_slice(d->w, name);
	wr_bytes(d->w, ": ", 2);
	wr_slice(d->w, value);
	wr_u8(d->w, '\n');
}

bool zone_dump(struct zone_text *z, struct slice data, struct wr *w)
{
	struct dump d = {z, w};
	struct domain_visitor see = {.record = dump_record, .contact = dump_contact, .ctx = &d};
	struct domain_text text;

	if (!domain_read(data, &text, &see))
		return false;
	if (text.info.n) {
		wr_bytes(w, "; info ", 7);
		wr_slice(w, text.info);
		wr_u8(w, '\n');
	}
	return true;
}

/* The next line, its end included. */
static bool take_line(struct rd *r, struct slice *line)
{
	if (!r->left)
		return false;
	const uint8_t *end = memchr(r->p, '\n', r->left);
	*line = rd_bytes(r, end ? (size_t)(end - r->p) + 1 : r->left);
	return true;
}

static unsigned count(struct slice text, struct slice wanted)
{
	struct rd r = rd_of(text);
	struct slice line;
	unsigned n = 0;

	while (take_line(&r, &line))
		n += slice_eq(line, wanted);
	return n;
}

/* The lines of `text` that `other` has, or has not, marked. The part of `text` before a line counts
 * for lines that come several times. */
static void mark(
	struct slice text, struct slice other, const char *both, const char *alone, struct wr *w)
{
	struct rd r = rd_of(text);
	struct slice line;

	while (take_line(&r, &line)) {
		struct slice before = slice_of(text.p, (size_t)(line.p - text.p));
		const char *how = count(before, line) < count(other, line) ? both : alone;
		if (!how)
			continue;
		wr_bytes(w, how, 2);
		wr_slice(w, line);
	}
}

void zone_diff(struct slice before, struct slice after, struct wr *w)
{
	mark(before, after, "  ", "- ", w);
	mark(after, before, NULL, "+ ", w);
}
