/* Writes domain data as the reference node does: compact, keys in a fixed order, empty parts left
 * out. Before: owner/draft.c; the node stores texts as they came. After: domain.c parses the text.
 */
#include "base/hex.h"
#include "base/utf8.h"
#include "domain/domain.h"
#include "domain/jsontext.h"

static void put(struct wr *w, const char *text)
{
	wr_bytes(w, text, strlen(text));
}

/* Writes a raw string again with only the escapes that are needed. */
static void put_string(struct wr *w, struct slice raw)
{
	struct jt_chars chars = {rd_of(raw)};

	put(w, "\"");
	for (int32_t c; (c = jt_next(&chars)) >= 0;) {
		if (c < 0x80)
			jt_put_escaped(w, (uint8_t)c);
		else
			utf8_put(w, c);
	}
	put(w, "\"");
}

/* Writes an address in its usual text form, whatever form it was given in. */
static void put_address(struct wr *w, struct slice raw, enum field_kind kind)
{
	char given[64], text[DNSADDR_TEXT_MAX];
	uint8_t ip[16];
	size_t n;

	if (!jt_decode(raw, given, sizeof given, &n))
		return;
	if (kind == FIELD_IPV4 && dnsaddr_parse4(slice_of(given, n), ip))
		dnsaddr_text4(ip, text);
	else if (dnsaddr_parse6(slice_of(given, n), ip))
		dnsaddr_text6(ip, text);
	else
		return;
	put(w, "\"");
	put(w, text);
	put(w, "\"");
}

/* Writes an array of numbers without white space. */
static void put_bytes(struct wr *w, struct slice array)
{
	for (size_t i = 0; i < array.n; i++)
		if (array.p[i] > ' ')
			wr_u8(w, array.p[i]);
}

static void put_value(struct wr *w, struct slice value, enum field_kind kind)
{
	switch (kind) {
	case FIELD_TEXT:
		put_string(w, value);
		break;
	case FIELD_IPV4:
	case FIELD_IPV6:
		put_address(w, value, kind);
		break;
	case FIELD_BYTES:
		put_bytes(w, value);
		break;
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
		wr_slice(w, value);
		break;
	}
}

struct list {
	struct wr *w;
	size_t count;
};

/* Writes what comes before an element: the name of the list before the first one, else a comma. So
 * an empty list leaves nothing. */
static void begin_element(struct list *l, const char *name)
{
	put(l->w, l->count++ ? "," : name);
}

void record_canonical(const struct dns_record *r, struct wr *w)
{
	put(w, "{\"type\":\"");
	put(w, r->type->name);
	put(w, "\"");
	for (unsigned i = 0; r->type->fields[i].name; i++) {
		put(w, ",\"");
		put(w, r->type->fields[i].name);
		put(w, "\":");
		put_value(w, r->value[i], r->type->fields[i].kind);
	}
	put(w, "}");
}

void contact_canonical(struct slice name, struct slice value, struct wr *w)
{
	put(w, "{\"name\":");
	put_string(w, name);
	put(w, ",\"value\":");
	put_string(w, value);
	put(w, "}");
}

static void put_record(void *ctx, const struct dns_record *r)
{
	struct list *l = ctx;

	begin_element(l, ",\"records\":[");
	record_canonical(r, l->w);
}

static void put_contact(void *ctx, struct slice name, struct slice value)
{
	struct list *l = ctx;

	begin_element(l, ",\"contacts\":[");
	contact_canonical(name, value, l->w);
}

static void put_encrypted(struct wr *w, struct slice raw)
{
	uint8_t *to = w->p + w->n; /* decoded here, then expanded in place from the end */
	size_t n, room = w->size - w->n;

	if (w->bad || !domain_hex(raw, to, room, &n) || n * 2 + 1 > room) {
		w->bad = true;
		return;
	}
	for (size_t i = n; i-- > 0;) {
		char two[3];
		hex_upper(slice_of(&to[i], 1), two);
		memcpy(to + 2 * i, two, 2);
	}
	w->n += 2 * n;
}

/* What follows `encrypted`. The text is read once for each part, in the order in which parts are
 * written: so nothing has to be stored in between. */
static void put_rest(struct slice data, const struct domain_text *t, struct wr *w)
{
	struct list records = {w, 0}, contacts = {w, 0};
	struct domain_text again;

	put(w, "\",\"zone\":");
	put_string(w, t->zone);
	if (t->info.n) {
		put(w, ",\"info\":");
		put_string(w, t->info);
	}
	domain_read(data, &again, &(struct domain_visitor){.record = put_record, .ctx = &records});
	put(w, records.count ? "]" : "");
	domain_read(
		data, &again, &(struct domain_visitor){.contact = put_contact, .ctx = &contacts});
	put(w, contacts.count ? "]" : "");
	put(w, "}");
}

bool domain_canonical(struct slice data, struct wr *w)
{
	struct domain_text t;

	if (!domain_read(data, &t, &(struct domain_visitor){.record = NULL}))
		return false;
	put(w, "{\"encrypted\":\"");
	put_encrypted(w, t.encrypted);
	put_rest(data, &t, w);
	return true;
}

bool domain_canonical_for(struct slice data, struct slice encrypted, struct wr *w)
{
	struct domain_text t;

	if (!domain_read(data, &t, &(struct domain_visitor){.record = NULL}))
		return false;
	put(w, "{\"encrypted\":\"");
	hex_write(w, encrypted);
	put_rest(data, &t, w);
	return true;
}
