/* Records of a line of the table of DNS answers, as they are on the wire. See
 * tests/replay/tables_dns.h. */
#include <inttypes.h>

#include "base/hex.h"
#include "base/json.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "domain/domain.h"
#include "tests/replay/tables_dns.h"

static const char *const section_names[DNS_SECTIONS] = {"answers", "authority", "additional"};

/* How a field of a record's data is written, in the order of the wire. */
enum form { NAME, ADDRESS, NUMBER8, NUMBER16, NUMBER32, STRINGS, HEX };

struct field {
	uint16_t type;
	const char *key;
	enum form form;
};

static const struct field fields[] = {
	{DNS_TYPE_A, "addr", ADDRESS},
	{DNS_TYPE_AAAA, "addr", ADDRESS},
	{DNS_TYPE_NS, "host", NAME},
	{DNS_TYPE_CNAME, "host", NAME},
	{DNS_TYPE_PTR, "data", NAME},
	{DNS_TYPE_MX, "priority", NUMBER16},
	{DNS_TYPE_MX, "host", NAME},
	{DNS_TYPE_TXT, "data", STRINGS},
	{DNS_TYPE_SRV, "priority", NUMBER16},
	{DNS_TYPE_SRV, "weight", NUMBER16},
	{DNS_TYPE_SRV, "port", NUMBER16},
	{DNS_TYPE_SRV, "host", NAME},
	{DNS_TYPE_SOA, "m_name", NAME},
	{DNS_TYPE_SOA, "r_name", NAME},
	{DNS_TYPE_SOA, "serial", NUMBER32},
	{DNS_TYPE_SOA, "refresh", NUMBER32},
	{DNS_TYPE_SOA, "retry", NUMBER32},
	{DNS_TYPE_SOA, "expire", NUMBER32},
	{DNS_TYPE_SOA, "minimum", NUMBER32},
	{DNS_TYPE_TLSA, "certificate_usage", NUMBER8},
	{DNS_TYPE_TLSA, "selector", NUMBER8},
	{DNS_TYPE_TLSA, "matching_type", NUMBER8},
	{DNS_TYPE_TLSA, "data", HEX},
	{DNS_TYPE_HTTPS, "priority", NUMBER16},
	{DNS_TYPE_HTTPS, "target", NAME},
	{DNS_TYPE_HTTPS, "params", HEX},
};

/* ---- names ---- */

static bool end_label(struct dns_name *name, size_t *label)
{
	size_t n = name->size - *label - 1;

	if (n == 0 || n > DNS_LABEL_MAX || name->size == DNS_NAME_MAX)
		return false;
	name->wire[*label] = (uint8_t)n;
	*label = name->size++;
	return true;
}

bool dns_line_name(struct row *r, struct dns_name *name)
{
	struct slice text = row_text(r, "name");
	size_t label = 0;

	name->size = 1;
	for (size_t i = 0; i < text.n; i++) {
		bool separates = text.p[i] == '.' && i + 1 < text.n;
		if (separates && !end_label(name, &label))
			return false;
		if (separates)
			continue;
		if (name->size == DNS_NAME_MAX)
			return false;
		name->wire[name->size++] = text.p[i];
	}
	if (text.n && !end_label(name, &label))
		return false;
	name->wire[name->size - 1] = 0;
	return true;
}

/* ---- records ---- */

static uint64_t number(struct row *r, struct slice object, const char *key)
{
	struct slice value;
	uint64_t v = 0;

	if (!json_find(object, key, &value) || !json_get_u64(value, &v))
		row_differ(r, "%s: expected a number, got none", key);
	return v;
}

int64_t dns_line_number(struct slice object, const char *key)
{
	struct slice value;
	int64_t v = 0;

	if (json_find(object, key, &value))
		json_get_i64(value, &v);
	return v;
}

static void put_strings(struct wr *w, struct slice text)
{
	do {
		size_t n = text.n < 255 ? text.n : 255;
		wr_u8(w, (uint8_t)n);
		wr_bytes(w, text.p, n);
		text = slice_of(text.p + n, text.n - n);
	} while (text.n);
}

static void put_address(struct row *r, struct wr *w, struct slice text)
{
	uint8_t ip[16];

	if (dnsaddr_parse4(text, ip))
		wr_bytes(w, ip, 4);
	else if (dnsaddr_parse6(text, ip))
		wr_bytes(w, ip, 16);
	else
		row_differ(r, "addr: expected an address, got another text");
}

/* False when no message can have it. */
static bool put_field(struct row *r, struct slice record, const struct field *f, struct wr *w)
{
	struct dns_name name;

	switch (f->form) {
	case NAME:
		if (!dns_name_from_text(row_text_of(r, record, f->key), &name))
			return false;
		wr_bytes(w, name.wire, name.size);
		return true;
	case ADDRESS:
		put_address(r, w, row_text_of(r, record, f->key));
		return true;
	case STRINGS:
		put_strings(w, row_text_of(r, record, f->key));
		return true;
	case HEX:
		wr_slice(w, row_hex_of(r, record, f->key));
		return true;
	case NUMBER8:
	case NUMBER16:
	case NUMBER32:
		wr_be(w, number(r, record, f->key), 1u << (f->form - NUMBER8));
		return true;
	}
	return false;
}

static bool put_record(
	struct row *r, struct slice record, const char *key, struct dns_rr *rr, struct wr *w)
{
	struct dns_name owner;
	bool known = false, good = true;

	if (!dns_name_from_text(row_text_of(r, record, key), &owner))
		return false;
	wr_bytes(w, owner.wire, owner.size);
	for (size_t i = 0; good && i < sizeof fields / sizeof fields[0]; i++) {
		if (fields[i].type != rr->type)
			continue;
		known = true;
		good = put_field(r, record, &fields[i], w);
	}
	rr->owner = slice_of(w->p, owner.size);
	rr->rdata = slice_of(w->p + owner.size, w->n - owner.size);
	return known && good;
}

void dns_line_records(struct row *r, bool ttls, struct dns_answer *to, unsigned *lost)
{
	struct slice list, record, value;

	*lost = 0;
	dns_answer_clear(to);
	for (unsigned s = 0; s < DNS_SECTIONS; s++) {
		size_t at = 0;
		if (!json_find(r->line, section_names[s], &list))
			continue;
		while (json_element(list, &at, &record)) {
			uint64_t ttl = number(r, record, "ttl");
			struct dns_rr rr = {.section = (uint8_t)s, .klass = DNS_CLASS_IN};
			rr.type = (uint16_t)number(r, record, "type");
			rr.ttl = ttls && ttl > INT32_MAX ? 0 : (uint32_t)ttl;
			struct wr w = dns_answer_room(to);
			if (json_find(record, "unknown", &value) ||
				!put_record(r, record, "name", &rr, &w))
				++*lost;
			else
				dns_answer_take(to, &rr, &w);
		}
	}
}

static uint16_t type_of(struct slice text)
{
	static const struct {
		const char *name;
		uint16_t type;
	} types[] = {{"A", DNS_TYPE_A}, {"AAAA", DNS_TYPE_AAAA}, {"CNAME", DNS_TYPE_CNAME},
		{"NS", DNS_TYPE_NS}, {"SOA", DNS_TYPE_SOA}, {"TXT", DNS_TYPE_TXT},
		{"MX", DNS_TYPE_MX}};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (slice_is(text, types[i].name))
			return types[i].type;
	return 0;
}

void dns_line_upstream(struct row *r, struct slice answer, struct dns_answer *to)
{
	struct slice list, record;

	dns_answer_clear(to);
	to->rcode = (uint16_t)dns_line_number(answer, "rcode");
	for (unsigned s = 0; s < DNS_SECTIONS; s++) {
		size_t at = 0;
		if (!json_find(answer, section_names[s], &list))
			continue;
		while (json_element(list, &at, &record)) {
			struct dns_rr rr = {.section = (uint8_t)s, .klass = DNS_CLASS_IN};
			rr.type = type_of(row_text_of(r, record, "type"));
			rr.ttl = (uint32_t)number(r, record, "ttl");
			struct wr w = dns_answer_room(to);
			if (put_record(r, record, "domain", &rr, &w))
				dns_answer_take(to, &rr, &w);
		}
	}
}

/* ---- comparison ---- */

/* Makes the letters of names lower case, in place. */
static void lower(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		((uint8_t *)(uintptr_t)s.p)[i] = dns_byte_lower(s.p[i]);
}

void dns_lower_records(struct dns_answer *a)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct dns_rr *rr = &a->rr[i];
		const struct dns_rdata_form *f = dns_rdata_form(rr->type);
		lower(rr->owner);
		if (f->names && f->strings == 0)
			lower(slice_of(rr->rdata.p + f->head,
				rr->rdata.n - f->head - (f->tail == DNS_TAIL_ANY ? 0 : f->tail)));
	}
}

static bool same(const struct dns_rr *a, const struct dns_rr *b)
{
	return a->section == b->section && a->type == b->type && a->klass == b->klass &&
	       a->ttl == b->ttl && slice_eq(a->owner, b->owner) && slice_eq(a->rdata, b->rdata);
}

static size_t count(const struct dns_answer *a, const struct dns_rr *rr)
{
	size_t n = 0;

	for (size_t i = 0; i < a->count; i++)
		n += same(&a->rr[i], rr);
	return n;
}

static void same_side(struct row *r, const struct dns_answer *of, const struct dns_answer *expected,
	const struct dns_answer *got)
{
	for (size_t i = 0; i < of->count; i++) {
		const struct dns_rr *rr = &of->rr[i];
		size_t a = count(expected, rr), b = count(got, rr);
		if (a != b)
			row_differ(r,
				"%s: expected a record of type %u, TTL %" PRIu32
				", %zu times, got it %zu times",
				section_names[rr->section], rr->type, rr->ttl, a, b);
	}
}

void dns_same_records(
	struct row *r, const struct dns_answer *expected, const struct dns_answer *got)
{
	same_side(r, expected, expected, got);
	same_side(r, got, expected, got);
}
