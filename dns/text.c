/* Writes records as text. Before: api/resolve.c. After: dns/name.c. */
#include "dns/text.h"

#include <arpa/inet.h>

/* The data of a type, a letter for each field: b, s, l: numbers of 1, 2, 4 bytes; n: a name; 4, 6:
 * an address; t: strings to the end; c: one string, without quotes; q: the rest as a string; x: the
 * rest in hex. */
static const struct {
	uint16_t type;
	const char *fields;
} FORMS[] = {{DNS_TYPE_A, "4"}, {DNS_TYPE_AAAA, "6"}, {DNS_TYPE_NS, "n"}, {DNS_TYPE_CNAME, "n"},
	{DNS_TYPE_PTR, "n"}, {DNS_TYPE_DNAME, "n"}, {DNS_TYPE_MX, "sn"}, {DNS_TYPE_AFSDB, "sn"},
	{DNS_TYPE_KX, "sn"}, {DNS_TYPE_TXT, "t"}, {DNS_TYPE_HINFO, "t"}, {DNS_TYPE_RP, "nn"},
	{DNS_TYPE_SRV, "sssn"}, {DNS_TYPE_SOA, "nnlllll"}, {DNS_TYPE_TLSA, "bbbx"},
	{DNS_TYPE_DS, "sbbx"}, {257 /* CAA */, "bcq"}};

/* A field is read from `all`, a cursor within the message, as names may lead elsewhere in it; `end`
 * is the end of the data. */
struct place {
	struct rd all;
	const uint8_t *end;
	struct slice message;
};

static size_t left(const struct place *p)
{
	return p->all.bad || p->all.p > p->end ? 0 : (size_t)(p->end - p->all.p);
}

/* ---- fields ---- */

/* Strings of the wire may have any bytes. */
static void put_bytes(struct slice s, struct wr *to)
{
	for (size_t i = 0; i < s.n; i++) {
		uint8_t b = s.p[i];
		if (b < 0x20 || b > 0x7E)
			wr_format(to, "\\%03u", b);
		else
			wr_format(to, b == '"' || b == '\\' ? "\\%c" : "%c", b);
	}
}

static void put_quoted(struct slice s, struct wr *to)
{
	wr_u8(to, '"');
	put_bytes(s, to);
	wr_u8(to, '"');
}

static bool put_string(struct place *p, bool quoted, struct wr *to)
{
	size_t n = rd_u8(&p->all);

	if (p->all.bad || n > left(p))
		return false;
	(quoted ? put_quoted : put_bytes)(rd_bytes(&p->all, n), to);
	return true;
}

static bool put_strings(struct place *p, struct wr *to)
{
	bool good = left(p) > 0;

	for (bool first = true; good && left(p); first = false) {
		if (!first)
			wr_u8(to, ' ');
		good = put_string(p, true, to);
	}
	return good;
}

static bool put_number(struct place *p, size_t bytes, struct wr *to)
{
	if (left(p) < bytes)
		return false;
	wr_format(to, "%llu", (unsigned long long)rd_be(&p->all, (unsigned)bytes));
	return true;
}

static bool put_address(struct place *p, int family, size_t bytes, struct wr *to)
{
	char text[INET6_ADDRSTRLEN];

	if (left(p) != bytes)
		return false;
	inet_ntop(family, rd_bytes(&p->all, bytes).p, text, sizeof text);
	wr_format(to, "%s", text);
	return true;
}

static void put_hex(struct slice s, struct wr *to)
{
	for (size_t i = 0; i < s.n; i++)
		wr_format(to, "%02X", s.p[i]);
}

void dns_text_name(const struct dns_name *n, struct wr *to)
{
	char text[DNS_NAME_TEXT_MAX];

	dns_name_text(n, text);
	wr_format(to, "%s%s", text, n->size > 1 ? "." : "");
}

static bool put_name(struct place *p, struct wr *to)
{
	struct dns_name n;

	if (!dns_name_read(&p->all, p->message, &n))
		return false;
	dns_text_name(&n, to);
	return true;
}

static bool put_field(struct place *p, char field, struct wr *to)
{
	switch (field) {
	case 'b':
		return put_number(p, 1, to);
	case 's':
		return put_number(p, 2, to);
	case 'l':
		return put_number(p, 4, to);
	case 'n':
		return put_name(p, to);
	case '4':
		return put_address(p, AF_INET, 4, to);
	case '6':
		return put_address(p, AF_INET6, 16, to);
	case 't':
		return put_strings(p, to);
	case 'c':
		return put_string(p, false, to);
	case 'q':
		put_quoted(rd_bytes(&p->all, left(p)), to);
		return true;
	default:
		put_hex(rd_bytes(&p->all, left(p)), to);
		return true;
	}
}

/* ---- data ---- */

/* NULL for a type that is not known. */
static const char *fields_of(uint16_t type)
{
	for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++)
		if (FORMS[i].type == type)
			return FORMS[i].fields;
	return NULL;
}

/* All fields, and nothing behind them. */
static bool put_fields(struct place *p, const char *fields, struct wr *to)
{
	bool good = true;

	for (const char *f = fields; good && *f; f++) {
		if (f != fields)
			wr_u8(to, ' ');
		good = put_field(p, *f, to);
	}
	return good && !p->all.bad && p->all.p == p->end;
}

void dns_text_data(const struct dns_text_record *rec, struct slice message, struct wr *to)
{
	struct place p = {rec->data, rec->data.p + rec->size, message};
	const char *fields = fields_of(rec->type);
	size_t before = to->n;

	if (fields && put_fields(&p, fields, to))
		return;
	if (to->bad)
		return;
	to->n = before;
	wr_format(to, rec->size ? "\\# %zu " : "\\# %zu", rec->size);
	put_hex(slice_of(rec->data.p, rec->size), to);
}

/* ---- a message ---- */

bool dns_text_skip_questions(struct rd *r, struct slice message)
{
	struct dns_name n;

	rd_bytes(r, 4);
	size_t count = rd_be16(r);
	rd_bytes(r, 6);
	while (count-- > 0 && dns_name_read(r, message, &n))
		rd_bytes(r, 4);
	return !r->bad;
}

bool dns_text_next(struct rd *r, struct slice message, struct dns_text_record *out)
{
	if (!dns_name_read(r, message, &out->name))
		return false;
	out->type = rd_be16(r);
	out->klass = rd_be16(r);
	out->ttl = rd_be32(r);
	out->size = rd_be16(r);
	out->data = *r;
	rd_bytes(r, out->size);
	return !r->bad;
}
