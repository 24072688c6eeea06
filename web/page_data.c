/* Shows a domain's data text: records, contacts, info. All of it was chosen by its owner. Before:
 * the pages of a name and of a block. After: domain/domain.h parses, web/html.h escapes. */
#include "base/utf8.h"
#include "domain/domain.h"
#include "domain/jsontext.h"
#include "http/request.h"
#include "web/page.h"

enum {
	SHOWN_MAX = 512,  /* characters of one value; the JSON has the rest */
	KEPT_FREE = 4096, /* bytes of the answer that the end of the page needs */
	CONTACT_MAX = 512
};

static const struct domain_visitor nothing;

/* Writes a raw JSON string as text. */
static void put_string(struct wr *w, struct slice raw)
{
	struct jt_chars c = {rd_of(raw)};
	int32_t code;

	html_raw(w, "<bdi>");
	for (int n = 0; (code = jt_next(&c)) >= 0; n++) {
		uint8_t bytes[4];
		struct wr one = wr_of(bytes, sizeof bytes);
		if (n == SHOWN_MAX) {
			html_raw(w, "…");
			break;
		}
		utf8_put(&one, code);
		html_text(w, wr_done(&one));
	}
	html_raw(w, "</bdi>");
}

static void put_value(struct wr *w, const struct dns_field *f, struct slice value)
{
	if (f->kind == FIELD_TEXT || f->kind == FIELD_IPV4 || f->kind == FIELD_IPV6) {
		put_string(w, value);
		return;
	}
	html_text(w, slice_of(value.p, value.n < SHOWN_MAX ? value.n : SHOWN_MAX));
	if (value.n > SHOWN_MAX)
		html_raw(w, "…");
}

/* The value of the field with this name; an empty cell when the type has none. */
static void put_named(struct wr *w, const struct dns_record *r, const char *name)
{
	for (size_t i = 0; r->type->fields[i].name; i++)
		if (strcmp(r->type->fields[i].name, name) == 0)
			put_value(w, &r->type->fields[i], r->value[i]);
}

static void put_record(void *ctx, const struct dns_record *r)
{
	struct page *p = ctx;
	struct wr *w = p->w;

	page_row(p, NULL, NULL);
	put_named(w, r, "domain");
	page_cell(p, NULL);
	html_raw(w, r->type->name);
	page_cell(p, NULL);
	put_named(w, r, "ttl");
	page_cell(p, "long");
	for (size_t i = 0; r->type->fields[i].name; i++) {
		const struct dns_field *f = &r->type->fields[i];
		if (strcmp(f->name, "domain") == 0 || strcmp(f->name, "ttl") == 0)
			continue;
		put_value(w, f, r->value[i]);
		html_raw(w, " ");
	}
	page_row_end(p);
}

/* Both user interfaces of the network store contacts coded for URLs. One that is not is shown as
 * it is. */
static void put_contact_text(struct wr *w, struct slice raw)
{
	char text[CONTACT_MAX], decoded[CONTACT_MAX];
	size_t n;

	bool good = jt_decode(raw, text, sizeof text - 1, &n);
	if (good)
		text[n] = 0;
	if (good && strlen(text) == n && http_decode(text, decoded, sizeof decoded))
		html_foreign(w, slice_str(decoded));
	else
		put_string(w, raw);
}

static void put_contact(void *ctx, struct slice name, struct slice value)
{
	struct wr *w = ctx;

	html_raw(w, "<div><dt>");
	put_contact_text(w, name);
	html_raw(w, "</dt><dd>");
	put_contact_text(w, value);
	html_raw(w, "</dd></div>\n");
}

static void count_one(void *ctx, const struct dns_record *r)
{
	(void)r;
	++*(size_t *)ctx;
}

static void count_contact(void *ctx, struct slice name, struct slice value)
{
	(void)name;
	(void)value;
	++*(size_t *)ctx;
}

static void put_records(struct page *p, struct slice data)
{
	static const enum web_text columns[] = {
		TEXT_COLUMN_HOST, TEXT_COLUMN_TYPE, TEXT_COLUMN_TTL, TEXT_COLUMN_VALUE, WEB_TEXTS};
	size_t count = 0;
	const struct domain_visitor counts = {.record = count_one, .ctx = &count};
	const struct domain_visitor writes = {.record = put_record, .ctx = p};
	struct domain_text t;

	domain_read(data, &t, &counts);
	if (!count) {
		page_sentence(p, TEXT_NO_RECORDS);
		return;
	}
	page_table(p, columns);
	domain_read(data, &t, &writes);
	page_table_end(p);
}

static void put_contacts(struct page *p, struct slice data)
{
	size_t count = 0;
	const struct domain_visitor counts = {.contact = count_contact, .ctx = &count};
	const struct domain_visitor writes = {.contact = put_contact, .ctx = p->w};
	struct domain_text t;

	domain_read(data, &t, &counts);
	if (!count)
		return;
	html_raw(p->w, "<h2>");
	page_say(p, TEXT_CONTACTS);
	html_raw(p->w, "</h2><dl class=\"facts\">\n");
	domain_read(data, &t, &writes);
	html_raw(p->w, "</dl>\n");
}

static void put_info(struct page *p, struct slice data)
{
	struct domain_text t;

	if (!domain_read(data, &t, &nothing) || !t.info.n)
		return;
	html_raw(p->w, "<h2>");
	page_say(p, TEXT_INFO);
	html_raw(p->w, "</h2><p class=\"foreign\">");
	put_string(p->w, t.info);
	html_raw(p->w, "</p>\n");
}

/* Writes a part, or, when it leaves no room for the end of the page, a line that says so. */
static void put_if_it_fits(
	struct page *p, void (*put)(struct page *p, struct slice data), struct slice data)
{
	const struct wr before = *p->w;

	if (before.n + KEPT_FREE <= before.size) {
		p->w->size -= KEPT_FREE;
		put(p, data);
		p->w->size = before.size;
		if (!p->w->bad)
			return;
	}
	*p->w = before;
	page_sentence(p, TEXT_TOO_LONG);
}

void page_put_data(struct page *p, struct slice data)
{
	struct domain_text t;

	page_head(p, TEXT_RECORDS);
	if (!domain_read(data, &t, &nothing)) {
		page_sentence(p, TEXT_DATA_BROKEN);
		return;
	}
	put_if_it_fits(p, put_records, data);
	put_if_it_fits(p, put_contacts, data);
	put_if_it_fits(p, put_info, data);
}
