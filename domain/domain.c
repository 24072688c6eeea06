/* Parses DomainData (protocol.md 8.3): object and array form, and the field `encrypted`; applies
 * the rules 12d and 12e. Before: chain/domain_rules.c, chain/rules.c, api/query_data.c and
 * api/query_domain.c. After: domain_record.c reads a record, jsontext.c the JSON. */
#include "base/hex.h"
#include "base/utf8.h"
#include "domain/domain.h"
#include "domain/jsontext.h"

/* ---- encrypted: hex by the rules of 2.2 ---- */

static bool is_white(int32_t c)
{
	return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
	       c == 0x205F || c == 0x3000;
}

/* Decodes two characters to a byte: two hex digits, or '+' and one digit, which the reference
 * node's parser also accepts. */
static bool take_piece(int32_t a, int32_t b, uint8_t *byte)
{
	int high = a == '+' ? 0 : hex_digit(a), low = hex_digit(b);

	if (high < 0 || low < 0)
		return false;
	*byte = (uint8_t)(high << 4 | low);
	return true;
}

bool domain_hex_stripped(struct slice raw, uint8_t *to, size_t size, size_t *n)
{
	struct jt_chars chars = {rd_of(raw)};
	int32_t c, first = -1;
	uint8_t byte;

	*n = 0;
	while ((c = jt_next(&chars)) >= 0 && is_white(c))
		;
	for (; c >= 0 && !is_white(c); c = jt_next(&chars)) {
		if (first < 0) {
			first = c;
			continue;
		}
		if (!take_piece(first, c, &byte) || (to && *n == size))
			return false;
		if (to)
			to[*n] = byte;
		++*n;
		first = -1;
	}
	while (c >= 0 && is_white(c))
		c = jt_next(&chars);
	return c < 0 && first < 0 && *n > 0;
}

bool domain_hex(struct slice raw, uint8_t *to, size_t size, size_t *n)
{
	*n = 0;
	if (raw.n == 0)
		return true;
	return jt_decoded_size(raw) % 2 == 0 && domain_hex_stripped(raw, to, size, n);
}

/* ---- records and contacts ---- */

typedef bool element_fn(struct rd *r, const struct domain_visitor *v);

static bool read_array(struct rd *r, element_fn *element, const struct domain_visitor *v)
{
	if (!jt_take(r, '['))
		return false;
	if (jt_take(r, ']'))
		return true;
	do {
		if (!element(r, v))
			return false;
	} while (jt_take(r, ','));
	return jt_take(r, ']');
}

static bool read_record(struct rd *r, const struct domain_visitor *v)
{
	struct dns_record record;

	if (!record_read(r, &record))
		return false;
	if (v->record)
		v->record(v->ctx, &record);
	return true;
}

/* Reads a value that must be a string. */
static bool read_text(struct rd *r, struct slice *out)
{
	if (jt_peek(r) != '"')
		return false;
	*out = jt_string(r);
	return !r->bad;
}

/* Reads the next key of an object whose '{' was consumed, and the ':'. False at the object's end
 * (*end is true) or on an error. */
static bool next_key(struct rd *r, bool *first, struct slice *key, bool *end)
{
	*end = jt_take(r, '}');
	if (*end || (!*first && !jt_take(r, ',')))
		return false;
	*first = false;
	*key = jt_string(r);
	if (!jt_take(r, ':'))
		rd_fail(r);
	return !r->bad;
}

static bool contact_object(struct rd *r, struct slice *name, struct slice *value)
{
	bool first = true, end, has_name = false, has_value = false;
	struct slice key;

	while (next_key(r, &first, &key, &end)) {
		bool is_name = jt_is(key, "name"), is_value = jt_is(key, "value");
		if (!is_name && !is_value) {
			jt_ignore(r);
			continue;
		}
		bool *has = is_name ? &has_name : &has_value;
		if (*has || !read_text(r, is_name ? name : value))
			return false;
		*has = true;
	}
	return end && has_name && has_value;
}

static bool read_contact(struct rd *r, const struct domain_visitor *v)
{
	struct slice name = {0}, value = {0};
	bool good;

	if (jt_take(r, '['))
		good = read_text(r, &name) && jt_take(r, ',') && read_text(r, &value) &&
		       jt_take(r, ']');
	else
		good = jt_take(r, '{') && contact_object(r, &name, &value);
	if (good && v->contact)
		v->contact(v->ctx, name, value);
	return good;
}

/* ---- the whole text ---- */

enum { ENCRYPTED, ZONE, INFO, RECORDS, CONTACTS, FIELDS };

static const char *const field_names[FIELDS] = {"encrypted", "zone", "info", "records", "contacts"};

static bool read_field(
	struct rd *r, int field, struct domain_text *out, const struct domain_visitor *v)
{
	size_t n;

	switch (field) {
	case ENCRYPTED:
		return read_text(r, &out->encrypted) && domain_hex(out->encrypted, NULL, 0, &n);
	case ZONE:
		return read_text(r, &out->zone);
	case INFO:
		return read_text(r, &out->info);
	case RECORDS:
		return read_array(r, read_record, v);
	default:
		return read_array(r, read_contact, v);
	}
}

/* { "encrypted": …, "zone": … } in any order. Unknown keys are skipped, a key may not be repeated,
 * and only those two are required. */
static bool object_form(struct rd *r, struct domain_text *out, const struct domain_visitor *v)
{
	bool first = true, end;
	unsigned seen = 0;
	struct slice key;

	while (next_key(r, &first, &key, &end)) {
		int i = 0;
		while (i < FIELDS && !jt_is(key, field_names[i]))
			i++;
		if (i == FIELDS) {
			jt_ignore(r);
			continue;
		}
		if (seen >> i & 1 || !read_field(r, i, out, v))
			return false;
		seen |= 1u << i;
	}
	return end && seen & 1u << ENCRYPTED && seen & 1u << ZONE;
}

/* The values alone, in the order of field_names; those after `zone` may be left out at the end. */
static bool array_form(struct rd *r, struct domain_text *out, const struct domain_visitor *v)
{
	for (int i = 0; i < FIELDS; i++) {
		if (i > ZONE && jt_take(r, ']'))
			return true;
		if ((i > 0 && !jt_take(r, ',')) || !read_field(r, i, out, v))
			return false;
	}
	return jt_take(r, ']');
}

bool domain_read(struct slice data, struct domain_text *out, const struct domain_visitor *v)
{
	struct rd r = rd_of(data);
	bool good = false;

	*out = (struct domain_text){.zone = {NULL, 0}};
	if (!utf8_valid(data))
		return false;
	if (jt_take(&r, '{'))
		good = object_form(&r, out, v);
	else if (jt_take(&r, '['))
		good = array_form(&r, out, v);
	jt_space(&r);
	return good && rd_done(&r);
}

/* ---- 12d, 12e ---- */

struct tally {
	size_t records;
	enum domain_check first; /* what the first record that breaks 8.5 breaks */
};

static void count_record(void *ctx, const struct dns_record *r)
{
	struct tally *t = ctx;

	t->records++;
	if (t->first != DOMAIN_OK)
		return;
	if (record_is_clearnet(r))
		t->first = DOMAIN_CLEARNET;
	else if (record_text_size(r) > MAX_DATA_LEN)
		t->first = DOMAIN_LONG;
}

bool zone_is_yggdrasil_only(struct slice raw_zone)
{
	return jt_is(raw_zone, "ygg") || jt_is(raw_zone, "anon");
}

enum domain_check domain_check(struct slice data)
{
	struct tally t = {0, DOMAIN_OK};
	struct domain_text text;

	if (!domain_read(data, &text, &(struct domain_visitor){.record = count_record, .ctx = &t}))
		return DOMAIN_MALFORMED;
	if (t.records > MAX_RECORDS)
		return DOMAIN_MANY_RECORDS;
	return zone_is_yggdrasil_only(text.zone) ? t.first : DOMAIN_OK;
}
