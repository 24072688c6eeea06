/* Parses one record of domain data: the table of types and their fields, object and array form
 * (protocol.md 8.3), and the measures of 8.5. Before: domain.c. After: jsontext.c, dnsaddr.c. */
#include "domain/domain.h"
#include "domain/jsontext.h"

enum {
	LEVELS = 3, /* open around a value: DomainData, `records`, the record */
	ADDRESS_MAX = 64,
};

#define DOMAIN                                                                                     \
	{                                                                                          \
		"domain", FIELD_TEXT                                                               \
	}
#define TTL                                                                                        \
	{                                                                                          \
		"ttl", FIELD_U32                                                                   \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, FIELD_TEXT                                                                   \
	}

static const struct record_type types[] = {
	{"UNKNOWN", 0, {DOMAIN, {"qtype", FIELD_U16}, {"data_len", FIELD_U16}, TTL, END}},
	{"A", 1, {DOMAIN, {"addr", FIELD_IPV4}, TTL, END}},
	{"NS", 2, {DOMAIN, {"host", FIELD_TEXT}, TTL, END}},
	{"CNAME", 5, {DOMAIN, {"host", FIELD_TEXT}, TTL, END}},
	{"SOA", 6,
		{DOMAIN, {"m_name", FIELD_TEXT}, {"r_name", FIELD_TEXT}, {"serial", FIELD_U32},
			{"refresh", FIELD_U32}, {"retry", FIELD_U32}, {"expire", FIELD_U32},
			{"minimum", FIELD_U32}, TTL, END}},
	{"PTR", 12, {DOMAIN, {"data", FIELD_TEXT}, TTL, END}},
	{"MX", 15, {DOMAIN, {"priority", FIELD_U16}, {"host", FIELD_TEXT}, TTL, END}},
	{"TXT", 16, {DOMAIN, {"data", FIELD_TEXT}, TTL, END}},
	{"AAAA", 28, {DOMAIN, {"addr", FIELD_IPV6}, TTL, END}},
	{"SRV", 33,
		{DOMAIN, {"priority", FIELD_U16}, {"weight", FIELD_U16}, {"port", FIELD_U16},
			{"host", FIELD_TEXT}, TTL, END}},
	{"OPT", 41, {{"packet_len", FIELD_U16}, {"flags", FIELD_U32}, {"data", FIELD_TEXT}, END}},
	{"TLSA", 52,
		{DOMAIN, {"certificate_usage", FIELD_U8}, {"selector", FIELD_U8},
			{"matching_type", FIELD_U8}, {"data", FIELD_BYTES}, TTL, END}},
	{"HTTPS", 65,
		{DOMAIN, {"priority", FIELD_U16}, {"target", FIELD_TEXT}, {"params", FIELD_BYTES},
			TTL, END}},
};

static const struct record_type *type_of(struct slice raw)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (jt_is(raw, types[i].name))
			return &types[i];
	return NULL;
}

const struct record_type *record_type_named(struct slice name)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (slice_is(name, types[i].name))
			return &types[i];
	return NULL;
}

/* ---- values ---- */

static bool read_address(struct slice raw, enum field_kind kind, uint8_t ip[16])
{
	char text[ADDRESS_MAX];
	size_t n;

	if (!jt_decode(raw, text, sizeof text, &n))
		return false;
	return kind == FIELD_IPV4 ? dnsaddr_parse4(slice_of(text, n), ip)
				  : dnsaddr_parse6(slice_of(text, n), ip);
}

static bool is_integer(struct slice value, uint64_t max)
{
	uint64_t v;

	return jt_integer(value, max, &v);
}

/* Checks an array of integers 0 … 255; *count = its elements. */
static bool read_bytes(struct slice value, size_t *count)
{
	struct rd r = rd_of(value);

	*count = 0;
	if (!jt_take(&r, '['))
		return false;
	if (jt_take(&r, ']'))
		return true;
	do {
		if (!is_integer(jt_number(&r), UINT8_MAX))
			return false;
		++*count;
	} while (jt_take(&r, ','));
	return jt_take(&r, ']');
}

/* Checks a value against the field's kind and stores its raw text, strings without quotes. */
static bool take_value(struct slice value, enum field_kind kind, struct slice *out)
{
	uint8_t ip[16];
	size_t count;
	bool text = value.n >= 2 && value.p[0] == '"';

	*out = text ? slice_of(value.p + 1, value.n - 2) : value;
	switch (kind) {
	case FIELD_TEXT:
		return text;
	case FIELD_IPV4:
	case FIELD_IPV6:
		return text && read_address(*out, kind, ip);
	case FIELD_U8:
		return is_integer(value, UINT8_MAX);
	case FIELD_U16:
		return is_integer(value, UINT16_MAX);
	case FIELD_U32:
		return is_integer(value, UINT32_MAX);
	case FIELD_BYTES:
		return read_bytes(value, &count);
	}
	return false;
}

/* ---- forms ---- */

/* Reads the next member of an object whose '{' was consumed. False at its end, and on an error,
 * which sets r->bad. */
static bool next_member(struct rd *r, bool *first, struct slice *key, struct slice *value)
{
	if (jt_take(r, '}'))
		return false;
	if (!*first && !jt_take(r, ','))
		rd_fail(r);
	*first = false;
	*key = jt_string(r);
	if (!jt_take(r, ':'))
		rd_fail(r);
	*value = jt_value(r, LEVELS);
	return !r->bad;
}

/* Reads the whole object to find the value of "type", which must be there exactly once and known.
 */
static bool find_type(struct rd *r, const struct record_type **type)
{
	struct slice key, value;
	bool first = true, found = false;

	while (next_member(r, &first, &key, &value)) {
		if (!jt_is(key, "type"))
			continue;
		if (found || value.p[0] != '"')
			return false;
		found = true;
		*type = type_of(slice_of(value.p + 1, value.n - 2));
	}
	return !r->bad && found && *type;
}

/* Reads an object whose '{' was consumed. Reads it twice, because "type" may come last and decides
 * what the other members must be. */
static bool object_form(struct rd *r, struct dns_record *out)
{
	struct rd again = *r;
	struct slice key, value;
	unsigned seen = 0, all = 0;
	bool first = true;

	if (!find_type(r, &out->type))
		return false;
	while (next_member(&again, &first, &key, &value)) {
		const struct dns_field *f = out->type->fields;
		unsigned i = 0;
		while (f[i].name && !jt_is(key, f[i].name))
			i++;
		if (!f[i].name)
			continue;
		if (seen >> i & 1 || !take_value(value, f[i].kind, &out->value[i]))
			return false;
		seen |= 1u << i;
	}
	for (unsigned i = 0; out->type->fields[i].name; i++)
		all |= 1u << i;
	return seen == all;
}

/* Reads an array whose '[' was consumed, such as ["A", "@", "1.2.3.4", 300]. */
static bool array_form(struct rd *r, struct dns_record *out)
{
	if (jt_peek(r) != '"')
		return false;
	out->type = type_of(jt_string(r));
	if (!out->type)
		return false;
	for (unsigned i = 0; out->type->fields[i].name; i++) {
		if (!jt_take(r, ','))
			return false;
		struct slice value = jt_value(r, LEVELS);
		if (r->bad || !take_value(value, out->type->fields[i].kind, &out->value[i]))
			return false;
	}
	return jt_take(r, ']');
}

bool record_read(struct rd *r, struct dns_record *out)
{
	*out = (struct dns_record){.type = NULL};
	if (jt_take(r, '{'))
		return object_form(r, out);
	return jt_take(r, '[') && array_form(r, out);
}

/* ---- measures of 8.5 ---- */

static bool is_type(const struct dns_record *r, const char *name)
{
	return strcmp(r->type->name, name) == 0;
}

bool record_is_clearnet(const struct dns_record *r)
{
	uint8_t ip[16];

	if (is_type(r, "A"))
		return true;
	return is_type(r, "AAAA") && read_address(r->value[1], FIELD_IPV6, ip) && ip[0] != 0x02 &&
	       ip[0] != 0x03;
}

static int64_t address_size(const struct dns_record *r)
{
	enum field_kind kind = r->type->fields[1].kind;
	char text[DNSADDR_TEXT_MAX];
	uint8_t ip[16];

	if (!read_address(r->value[1], kind, ip))
		return 0;
	return (int64_t)(kind == FIELD_IPV4 ? dnsaddr_text4(ip, text) : dnsaddr_text6(ip, text));
}

static int64_t hex_size(struct slice bytes)
{
	size_t count;

	return read_bytes(bytes, &count) ? (int64_t)(2 * count) : 0;
}

/* Decoded length of the field of this name; −1 when the type has none. */
static int64_t field_size(const struct dns_record *r, const char *name)
{
	for (unsigned i = 0; r->type->fields[i].name; i++)
		if (strcmp(r->type->fields[i].name, name) == 0)
			return (int64_t)jt_decoded_size(r->value[i]);
	return -1;
}

int64_t record_text_size(const struct dns_record *r)
{
	if (is_type(r, "OPT"))
		return -1;
	if (is_type(r, "A") || is_type(r, "AAAA"))
		return address_size(r);
	if (is_type(r, "SOA"))
		return field_size(r, "m_name") + 3 + field_size(r, "r_name");
	if (is_type(r, "TLSA"))
		return field_size(r, "domain") +
		       (int64_t)(r->value[1].n + r->value[2].n + r->value[3].n) + 4 +
		       hex_size(r->value[4]);
	if (is_type(r, "HTTPS"))
		return (int64_t)r->value[1].n + field_size(r, "target") + 2 + hex_size(r->value[3]);
	if (is_type(r, "PTR") || is_type(r, "TXT"))
		return field_size(r, "data");
	return field_size(r, is_type(r, "UNKNOWN") ? "domain" : "host");
}
