/* The records of a domain's data text (8.3), and their form on the wire.
 * Before: dns/zone.c says which are wanted. After: domain/domain.h reads the text;
 * dns/answer.h takes the records. */
#include "base/utf8.h"
#include "dns/name.h"
#include "dns/zone_internal.h"
#include "domain/jsontext.h"
#include "net/addr.h"

enum {
	TTL_BITS = 31, /* of a TTL: larger ones count as 0 (RFC 2181 8) */
	TXT_STRING = 255,
	TEXT_MAX = 640, /* no name that can be written or compared is longer */
	RDATA_MAX = UINT16_MAX,
};

/* ---- reading ---- */

static void keep(void *ctx, const struct dns_record *r)
{
	struct zone_records *all = ctx;

	if (all->n == MAX_RECORDS)
		all->many = true;
	else
		all->r[all->n++] = *r;
}

bool zone_records_read(struct slice data, struct zone_records *to)
{
	struct domain_text text;

	to->n = 0;
	to->many = false;
	memset(to->answer, 0, sizeof to->answer);
	return domain_read(data, &text, &(struct domain_visitor){.record = keep, .ctx = to}) &&
	       !to->many;
}

bool zone_text(struct slice raw, char *to, size_t size, struct slice *text)
{
	size_t n;

	*text = raw;
	if (raw.n == 0 || !memchr(raw.p, '\\', raw.n))
		return true;
	if (!jt_decode(raw, to, size, &n))
		return false;
	*text = slice_of(to, n);
	return true;
}

bool zone_text_is(struct slice raw, struct slice text)
{
	char decoded[TEXT_MAX];
	struct slice got;

	return zone_text(raw, decoded, sizeof decoded, &got) && slice_eq(got, text);
}

bool zone_record_is(const struct dns_record *r, const char *text)
{
	return zone_text_is(r->value[0], slice_str(text));
}

static bool read_ip(struct slice raw, enum field_kind kind, uint8_t *ip)
{
	char decoded[DNSADDR_TEXT_MAX];
	struct slice text;

	return zone_text(raw, decoded, sizeof decoded, &text) &&
	       (kind == FIELD_IPV4 ? dnsaddr_parse4(text, ip) : dnsaddr_parse6(text, ip));
}

void zone_record_address(const struct dns_record *r, uint8_t ip[16])
{
	enum field_kind kind = r->type->fields[1].kind;
	uint8_t four[4] = {0};

	if (kind != FIELD_IPV4) {
		read_ip(r->value[1], kind, ip);
		return;
	}
	read_ip(r->value[1], kind, four);
	netaddr_ip_from_ipv4(ip, four);
}

/* ---- writing. What cannot be written sets *bad; what does not fit sets w->bad. ---- */

static void put_name(struct wr *w, struct slice raw, bool *bad)
{
	char decoded[TEXT_MAX];
	struct slice text;
	struct dns_name name;

	if (zone_text(raw, decoded, sizeof decoded, &text) && dns_name_from_text(text, &name))
		wr_bytes(w, name.wire, name.size);
	else
		*bad = true;
}

/* A text as strings of up to 255 bytes, at least one. Each has its length before it, so the text is
 * decoded behind the room of a length that is filled in afterwards. */
static void put_strings(struct wr *w, struct slice raw)
{
	struct jt_chars chars = {rd_of(raw)};
	uint8_t c[4];
	size_t start = w->n;

	wr_u8(w, 0);
	for (int32_t code; (code = jt_next(&chars)) >= 0 && !w->bad;) {
		struct wr one = wr_of(c, sizeof c);
		utf8_put(&one, code);
		for (size_t i = 0; i < one.n; i++) {
			if (w->n - start > TXT_STRING) {
				start = w->n;
				wr_u8(w, 0);
			}
			wr_u8(w, c[i]);
			if (!w->bad)
				w->p[start]++;
		}
	}
}

static void put_number(struct wr *w, struct slice number, unsigned bytes)
{
	uint64_t v = 0;

	jt_integer(number, UINT32_MAX, &v);
	wr_be(w, v, bytes);
}

static void put_array(struct wr *w, struct slice array)
{
	struct rd r = rd_of(array);

	if (!jt_take(&r, '[') || jt_take(&r, ']'))
		return;
	do
		put_number(w, jt_number(&r), 1);
	while (jt_take(&r, ','));
}

static void put_address(struct wr *w, struct slice raw, enum field_kind kind)
{
	uint8_t ip[16] = {0};

	read_ip(raw, kind, ip);
	wr_bytes(w, ip, kind == FIELD_IPV4 ? 4 : 16);
}

static void put_field(struct wr *w, const struct dns_record *r, unsigned i, bool *bad)
{
	enum field_kind kind = r->type->fields[i].kind;

	switch (kind) {
	case FIELD_TEXT:
		if (r->type->number == DNS_TYPE_TXT)
			put_strings(w, r->value[i]);
		else
			put_name(w, r->value[i], bad);
		break;
	case FIELD_IPV4:
	case FIELD_IPV6:
		put_address(w, r->value[i], kind);
		break;
	case FIELD_U8:
		put_number(w, r->value[i], 1);
		break;
	case FIELD_U16:
		put_number(w, r->value[i], 2);
		break;
	case FIELD_U32:
		put_number(w, r->value[i], 4);
		break;
	case FIELD_BYTES:
		put_array(w, r->value[i]);
		break;
	}
}

static unsigned last_field(const struct dns_record *r)
{
	unsigned i = 0;

	while (r->type->fields[i + 1].name)
		i++;
	return i;
}

/* The last field of each type is its TTL. */
static uint32_t ttl_of(const struct dns_record *r)
{
	uint64_t ttl = 0;

	jt_integer(r->value[last_field(r)], UINT32_MAX, &ttl);
	return ttl >> TTL_BITS ? 0 : (uint32_t)ttl;
}

/* The fields between name and TTL stand in the order of the wire. */
static bool put_rdata(struct wr *w, const struct dns_record *r)
{
	size_t start = w->n;
	bool bad = false;

	for (unsigned i = 1; i < last_field(r) && !w->bad && !bad; i++)
		put_field(w, r, i, &bad);
	return !bad && w->n - start <= RDATA_MAX;
}

bool zone_record_put(struct dns_answer *a, enum dns_section section, const struct dns_name *owner,
	const struct dns_record *r)
{
	struct wr w = dns_answer_room(a);

	wr_bytes(&w, owner->wire, owner->size);
	if (!put_rdata(&w, r)) {
		a->left_out++;
		return false;
	}
	struct dns_rr rr = {
		.owner = slice_of(w.p, owner->size),
		.rdata = slice_of(w.p + owner->size, w.n - owner->size),
		.ttl = ttl_of(r),
		.type = r->type->number,
		.klass = DNS_CLASS_IN,
		.section = (uint8_t)section,
	};
	return dns_answer_take(a, &rr, &w);
}

void zone_soa_put(
	struct dns_answer *a, enum dns_section section, struct slice zone, uint32_t serial)
{
	enum { REFRESH = 3600, RETRY = 300, EXPIRE = 604800, MINIMUM = 60 };
	static const char m_name[] = "\2ns\5alfis\4name", r_name[] = "\5admin\5alfis\4name";
	uint8_t owner[DNS_LABEL_MAX + 2], rdata[64];
	struct wr o = wr_of(owner, sizeof owner), w = wr_of(rdata, sizeof rdata);

	wr_u8(&o, (uint8_t)zone.n);
	wr_slice(&o, zone);
	wr_u8(&o, 0);
	wr_bytes(&w, m_name, sizeof m_name); /* their NUL is the root */
	wr_bytes(&w, r_name, sizeof r_name);
	wr_be(&w, serial, 4);
	wr_be(&w, REFRESH, 4);
	wr_be(&w, RETRY, 4);
	wr_be(&w, EXPIRE, 4);
	wr_be(&w, MINIMUM, 4);
	dns_answer_add(a, section, wr_done(&o), DNS_TYPE_SOA, MINIMUM, wr_done(&w));
}
