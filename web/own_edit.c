/* The editor of a name: opened with what the chain has of it. Before: web/own_new.c. After:
 * web/own_edit_rows.c, own_edit_form.c, own_edit_build.c. */
#include "web/own_edit.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "domain/jsontext.h"

/* ---- life ---- */

static bool fill(struct own_edit *e, const char *name)
{
	bool taken; /* the draft will say so */
	struct wr w = wr_of(e->name, sizeof e->name - 1);

	if (utf8_valid(slice_str(name)))
		name_lower(slice_str(name), &w);
	e->name[w.bad ? 0 : w.n] = 0;
	w = wr_of(e->path, sizeof e->path - 1);
	html_raw(&w, e->name[0] ? "/own/name/" : "/own/new");
	html_url(&w, slice_str(e->name));
	e->path[w.n] = 0;
	e->p->here = e->path;
	e->space = wr_of(mem_alloc_unset(OWN_BYTES), OWN_BYTES);
	e->data = wr_of(mem_alloc_unset(OWN_BYTES), OWN_BYTES);
	e->key_count = own_page_keys(e->p, e->keys);
	e->block = own_block(e->p, e->name, e->keys, e->key_count, &e->author, &taken);
	struct slice zone = name_zone(slice_str(e->name));
	/* An unknown zone is for the draft to refuse. */
	struct slice known = zone_is_known(zone) ? zone : slice_str("ygg");
	return e->space.p && e->data.p && zone_text_new(slice_str(e->name), &e->z) == ERR_OK &&
	       zone_edit_new(own_edit_before(e), known, &e->edit) != ERR_NOMEM;
}

struct own_edit *own_edit_open(struct page *p, const char *name)
{
	struct own_edit *e = mem_alloc(sizeof *e);

	if (!e)
		return NULL;
	e->p = p;
	if (fill(e, name))
		return e;
	own_edit_free(e);
	return NULL;
}

void own_edit_free(struct own_edit *e)
{
	if (!e)
		return;
	e->p->here = NULL;
	draft_free(e->draft);
	zone_edit_free(e->edit);
	zone_text_free(e->z);
	mem_free(e->block);
	mem_free(e->space.p);
	mem_free(e->data.p);
	mem_free(e);
}

struct slice own_edit_before(const struct own_edit *e)
{
	return e->block ? e->block->b.tx.data : slice_of(NULL, 0);
}

/* ---- texts and reasons ---- */

struct slice own_edit_keep(struct own_edit *e, struct slice text)
{
	struct wr *w = &e->space;
	size_t room = w->size - w->n, n = text.n < room ? text.n : room;
	struct slice kept = slice_of(w->p + w->n, n);

	wr_bytes(w, text.p, n);
	return kept;
}

struct own_reason *own_edit_blame(
	struct own_edit *e, enum own_place at, unsigned row, const char *text)
{
	struct own_reason *r =
		&e->reason[e->reasons < OWN_REASONS - 1 ? e->reasons : OWN_REASONS - 1];
	struct slice kept;

	e->reasons += e->reasons < OWN_REASONS;
	kept = own_edit_keep(e, slice_of(text, strlen(text) + 1));
	*r = (struct own_reason){.at = at, .row = row};
	r->text = kept.n && kept.p[kept.n - 1] == 0 ? (const char *)kept.p
						    : web_text(e->p->language, TEXT_TOO_LONG);
	return r;
}

/* ---- the fields as the name has them ---- */

static void take_record(void *ctx, const struct dns_record *r)
{
	struct own_edit *e = ctx;

	if (e->rows < OWN_ROWS)
		e->row[e->rows++] = own_row_of(e, r);
}

/* A contact as people read it: both user interfaces of the network write it coded for URLs. */
static bool contact_text(struct own_edit *e, struct slice raw, struct slice *out)
{
	char text[HTTP_ARG_MAX * 3], plain[HTTP_ARG_MAX];
	size_t n;

	if (!jt_decode(raw, text, sizeof text - 1, &n))
		return false;
	text[n] = 0;
	if (strlen(text) != n || !http_decode(text, plain, sizeof plain))
		return false;
	*out = own_edit_keep(e, slice_str(plain));
	return utf8_valid(*out) && html_shows_all(*out);
}

/* One that the form would bring back as another stays as it is, and is not shown. */
static void take_contact(void *ctx, struct slice name, struct slice value)
{
	struct own_edit *e = ctx;
	struct own_contact c;
	uint8_t space[4 * 3 * HTTP_ARG_MAX], again[4 * 3 * HTTP_ARG_MAX];
	struct wr is = wr_of(space, sizeof space), would = wr_of(again, sizeof again);

	bool good = e->contacts < OWN_CONTACTS && contact_text(e, name, &c.name) &&
		    contact_text(e, value, &c.value) && c.name.n && c.value.n;
	if (good) {
		contact_canonical(name, value, &is);
		zone_contact_write(c.name, c.value, &would);
	}
	if (!good || is.bad || would.bad || !slice_eq(wr_done(&is), wr_done(&would))) {
		e->kept++;
		return;
	}
	c.old = c.name;
	e->contact[e->contacts++] = c;
}

void own_edit_from_chain(struct own_edit *e)
{
	const struct domain_visitor see = {
		.record = take_record, .contact = take_contact, .ctx = e};
	struct domain_text t;
	size_t n;

	if (!e->block || !domain_read(own_edit_before(e), &t, &see))
		return;
	struct wr *w = &e->space;
	if (t.info.n && jt_decode(t.info, (char *)w->p + w->n, w->size - w->n, &n)) {
		e->info = slice_of(w->p + w->n, n);
		w->n += n;
	}
}
