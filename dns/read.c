/* Reads messages from the wire: questions of clients, and answers of other servers. Before:
 * dns/udp_listener.c, dns/tcp_client.c; dns/upstream.c. After: dns/serve_query.c; dns/scrub.c. */
#include "dns/read.h"

#include "dns/rdata.h"

/* A message while it is read. */
struct message {
	struct slice whole;
	struct rd r;
	uint16_t flags;
	uint16_t questions;
	uint16_t records[DNS_SECTIONS];
};

/* A record's head; its data is next. */
struct head {
	struct dns_name owner;
	uint16_t type, klass, size;
	uint32_t ttl;
};

static bool read_header(struct message *m, struct slice packet, struct dns_query *out)
{
	*m = (struct message){.whole = packet, .r = rd_of(packet)};
	memset(out, 0, sizeof *out);
	out->id = rd_be16(&m->r);
	m->flags = rd_be16(&m->r);
	m->questions = rd_be16(&m->r);
	for (int i = 0; i < DNS_SECTIONS; i++)
		m->records[i] = rd_be16(&m->r);
	out->opcode = m->flags >> 11 & 15;
	out->rd = m->flags & DNS_FLAG_RD;
	out->cd = m->flags & DNS_FLAG_CD;
	out->ad = m->flags & DNS_FLAG_AD;
	return !m->r.bad;
}

static bool read_question(struct message *m, struct dns_query *out)
{
	dns_name_read(&m->r, m->whole, &out->name);
	out->type = rd_be16(&m->r);
	out->klass = rd_be16(&m->r);
	out->has_question = !m->r.bad;
	return out->has_question;
}

static bool read_head(struct message *m, struct head *h)
{
	dns_name_read(&m->r, m->whole, &h->owner);
	h->type = rd_be16(&m->r);
	h->klass = rd_be16(&m->r);
	h->ttl = rd_be32(&m->r);
	h->size = rd_be16(&m->r);
	return !m->r.bad;
}

/* Reads an OPT, whose head is `h`. False for a second one, or one that is malformed. */
static bool read_opt(struct message *m, const struct head *h, struct dns_query *out)
{
	struct rd options = rd_of(rd_bytes(&m->r, h->size));

	if (out->edns || h->owner.size != 1 || m->r.bad)
		return false;
	out->edns = true;
	out->payload = h->klass;
	out->dnssec_ok = h->ttl & DNS_FLAG_DO;
	while (options.left) {
		uint16_t code = rd_be16(&options);
		rd_bytes(&options, rd_be16(&options));
		out->keepalive = out->keepalive || code == DNS_OPTION_KEEPALIVE;
	}
	return !options.bad;
}

/* ---- a question ---- */

/* Reads the additional section, of which only the OPT counts; *version is its. */
static bool read_additional(struct message *m, struct dns_query *out, uint8_t *version)
{
	struct head h;

	for (unsigned i = 0; i < m->records[DNS_SECTION_ADDITIONAL]; i++) {
		if (!read_head(m, &h))
			return false;
		if (h.type != DNS_TYPE_OPT) {
			rd_bytes(&m->r, h.size);
			continue;
		}
		if (!read_opt(m, &h, out))
			return false;
		*version = (uint8_t)(h.ttl >> 16);
	}
	return !m->r.bad;
}

/* What becomes of a question whose form is right. */
static uint16_t judge(const struct dns_query *q, uint8_t version)
{
	if (version > 0)
		return DNS_RCODE_BADVERS;
	switch (q->type) {
	case DNS_TYPE_OPT:
	case DNS_TYPE_TKEY:
	case DNS_TYPE_TSIG:
		return DNS_RCODE_FORMERR;
	case DNS_TYPE_MAILA:
	case DNS_TYPE_MAILB:
		return DNS_RCODE_NOTIMP;
	case DNS_TYPE_AXFR:
	case DNS_TYPE_IXFR:
		return DNS_RCODE_REFUSED;
	default:
		return q->klass == DNS_CLASS_IN ? DNS_RCODE_NOERROR : DNS_RCODE_REFUSED;
	}
}

enum dns_reading dns_query_read(struct slice packet, struct dns_query *out, uint16_t *rcode)
{
	struct message m;
	uint8_t version = 0;

	*rcode = DNS_RCODE_NOERROR;
	if (!read_header(&m, packet, out) || m.flags & DNS_FLAG_QR)
		return DNS_READ_SILENCE;
	if (out->opcode)
		*rcode = DNS_RCODE_NOTIMP;
	else if (m.questions != 1 || !read_question(&m, out))
		*rcode = DNS_RCODE_FORMERR;
	else if (m.records[DNS_SECTION_ANSWER] || m.records[DNS_SECTION_AUTHORITY])
		*rcode = DNS_RCODE_FORMERR;
	else if (!read_additional(&m, out, &version))
		*rcode = DNS_RCODE_FORMERR;
	else
		*rcode = judge(out, version);
	return *rcode == DNS_RCODE_NOERROR ? DNS_READ_OK : DNS_READ_ERROR;
}

/* ---- an answer ---- */

/* Adds the record whose head is `h`. */
static bool add_record(
	struct message *m, const struct head *h, struct dns_answer *a, enum dns_section section)
{
	struct wr w = dns_answer_room(a);
	struct dns_rr rr = {.ttl = h->ttl, .type = h->type, .klass = h->klass, .section = section};

	wr_slice(&w, dns_name_slice(&h->owner));
	if (!dns_rdata_read(&m->r, h->size, m->whole, h->type, &w))
		return false;
	rr.owner = slice_of(w.p, h->owner.size);
	rr.rdata = slice_of(w.p + h->owner.size, w.bad ? 0 : w.n - h->owner.size);
	return dns_answer_take(a, &rr, &w);
}

static bool read_record(
	struct message *m, struct dns_query *q, struct dns_answer *a, enum dns_section section)
{
	struct head h;

	if (!read_head(m, &h))
		return false;
	if (h.type == DNS_TYPE_TSIG || h.type == DNS_TYPE_TKEY) {
		rd_bytes(&m->r, h.size);
		return !m->r.bad;
	}
	if (h.type != DNS_TYPE_OPT)
		return add_record(m, &h, a, section);
	a->rcode = (uint16_t)(a->rcode | h.ttl >> 24 << 4);
	return section == DNS_SECTION_ADDITIONAL && read_opt(m, &h, q);
}

bool dns_response_read(struct slice packet, struct dns_query *q, struct dns_answer *a, bool *tc)
{
	struct message m;

	dns_answer_clear(a);
	*tc = false;
	if (!read_header(&m, packet, q) || !(m.flags & DNS_FLAG_QR) || q->opcode)
		return false;
	*tc = m.flags & DNS_FLAG_TC;
	a->rcode = m.flags & 15;
	a->aa = m.flags & DNS_FLAG_AA;
	a->ad = m.flags & DNS_FLAG_AD;
	if (m.questions > 1 || (m.questions && !read_question(&m, q)))
		return false;
	for (unsigned s = 0; s < DNS_SECTIONS; s++)
		for (unsigned i = 0; i < m.records[s]; i++)
			if (!read_record(&m, q, a, (enum dns_section)s))
				return *tc;
	return true;
}
