/* Writes the data text of a domain as JSON members: records, info, contacts. The data text is JSON
 * too, so its strings and numbers are copied as they are, without decoding.
 * Before: api/query_domain.c, api/query.c. After: domain/domain.h parses. */
#include "domain/domain.h"
#include "api/query.h"

enum { KEPT_FREE = 256 }; /* bytes that the rest of the answer needs after the data */

static const struct domain_visitor nothing;

/* ---- values ---- */

/* Texts and addresses are strings in the data text, numbers are not. */
static void put_field(struct json_wr *j, const struct dns_field *f, struct slice value)
{
	if (f->kind == FIELD_TEXT || f->kind == FIELD_IPV4 || f->kind == FIELD_IPV6)
		json_raw_text(j, f->name, value);
	else
		json_raw(j, f->name, value);
}

static void put_record(void *ctx, const struct dns_record *r)
{
	struct json_wr *j = ctx;

	json_open(j, NULL, '{');
	json_str(j, "type", r->type->name);
	for (size_t i = 0; r->type->fields[i].name; i++)
		put_field(j, &r->type->fields[i], r->value[i]);
	json_close(j, '}');
}

static void put_contact(void *ctx, struct slice name, struct slice value)
{
	struct json_wr *j = ctx;

	json_open(j, NULL, '{');
	json_raw_text(j, "name", name);
	json_raw_text(j, "value", value);
	json_close(j, '}');
}

/* ---- one function for each member ---- */

static void put_records(struct json_wr *j, struct slice data)
{
	const struct domain_visitor v = {.record = put_record, .ctx = j};
	struct domain_text t;

	json_open(j, "records", '[');
	domain_read(data, &t, &v);
	json_close(j, ']');
}

static void put_contacts(struct json_wr *j, struct slice data)
{
	const struct domain_visitor v = {.contact = put_contact, .ctx = j};
	struct domain_text t;

	json_open(j, "contacts", '[');
	domain_read(data, &t, &v);
	json_close(j, ']');
}

static void put_info(struct json_wr *j, struct slice data)
{
	struct domain_text t;

	if (domain_read(data, &t, &nothing))
		json_raw_text(j, "info", t.info);
}

static void put_raw(struct json_wr *j, struct slice data)
{
	json_text(j, "data_raw", data);
}

/* Writes one member, or null in its place when it does not fit the answer, whose size is bounded by
 * limits.admin_response_bytes. KEPT_FREE bytes are never given to a member, so that there is room
 * for the nulls and the end. Returns whether it fitted. */
static bool put_if_it_fits(struct json_wr *j, const char *name,
	void (*put)(struct json_wr *j, struct slice data), struct slice data)
{
	const struct json_wr before = *j;
	const struct wr start = *j->w;

	if (start.n + KEPT_FREE <= start.size) {
		j->w->size -= KEPT_FREE;
		put(j, data);
		j->w->size = start.size;
		if (!j->w->bad)
			return true;
	}
	*j = before;
	*j->w = start;
	json_raw(j, name, slice_str("null"));
	return false;
}

void query_put_data(struct json_wr *j, struct slice data)
{
	static const struct {
		const char *name;
		void (*put)(struct json_wr *j, struct slice data);
	} members[] = {{"records", put_records}, {"info", put_info}, {"contacts", put_contacts},
		{"data_raw", put_raw}};
	struct domain_text t;
	bool whole = true, parses = domain_read(data, &t, &nothing);

	for (size_t i = parses ? 0 : 3; i < sizeof members / sizeof members[0]; i++)
		whole &= put_if_it_fits(j, members[i].name, members[i].put, data);
	json_bool(j, "cut", !whole);
}
