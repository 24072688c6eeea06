/* Writes messages: answers to clients, and our questions to other servers. Before:
 * dns/serve_query.c, dns/upstream.c, dns/cache.c. After: dns/compress.c; the socket. */
#include "dns/write.h"

#include "dns/compress.h"
#include "dns/rdata.h"

enum { OPT_SIZE = 11, KEEPALIVE_SIZE = 6 };

/* A message while it is written. */
struct out {
	struct wr w;
	const struct dns_query *q;
	struct slice owner; /* of the last record, and where it was written; 0 = none */
	size_t owner_at;
	uint16_t counts[DNS_SECTIONS];
	bool question_known; /* the names of the question are in `names` */
	struct dns_compress names;
};

/* ---- records ---- */

/* Answers with one record never look a name up, so the table is not filled before. */
static void put_name(struct out *o, struct slice name)
{
	if (!o->question_known && o->q->has_question)
		dns_compress_know(&o->names, dns_name_slice(&o->q->name), DNS_HEADER_SIZE);
	o->question_known = true;
	dns_compress_name(&o->names, &o->w, name);
}

/* Most records are owned by the name of the question, or by that of the record before: where it
 * stands, or 0. */
static size_t owner_at(const struct out *o, struct slice owner)
{
	if (owner.n > 1 && o->q->has_question && dns_wire_equal(owner, dns_name_slice(&o->q->name)))
		return DNS_HEADER_SIZE;
	return o->owner_at && slice_eq(owner, o->owner) ? o->owner_at : 0;
}

static void put_owner(struct out *o, struct slice owner, size_t at)
{
	if (at) {
		dns_compress_pointer(&o->w, at);
		return;
	}
	o->owner_at = owner.n > 1 && o->w.n <= DNS_POINTER_MAX ? o->w.n : 0;
	o->owner = owner;
	put_name(o, owner);
}

static size_t name_size(const uint8_t *name)
{
	size_t n = 0;

	while (name[n])
		n += (size_t)name[n] + 1;
	return n + 1;
}

static void put_rdata(struct out *o, const struct dns_rr *rr)
{
	const struct dns_rdata_form *form = dns_rdata_form(rr->type);
	struct rd in = rd_of(rr->rdata);
	size_t at = o->w.n;

	wr_be(&o->w, rr->rdata.n, 2);
	if (form->compress) {
		wr_slice(&o->w, rd_bytes(&in, form->head));
		for (unsigned i = 0; i < form->names; i++)
			put_name(o, rd_bytes(&in, name_size(in.p)));
	}
	wr_slice(&o->w, rd_bytes(&in, in.left));
	if (form->compress && !o->w.bad) {
		size_t n = o->w.n - at - 2;
		o->w.p[at] = (uint8_t)(n >> 8);
		o->w.p[at + 1] = (uint8_t)n;
	}
}

/* Can it be written at all? `at`: where its owner stands already, 0 = nowhere. */
static bool is_writable(const struct dns_rr *rr, size_t at)
{
	return rr->type != DNS_TYPE_OPT && (at || dns_name_valid(rr->owner)) &&
	       dns_rdata_valid(rr->type, rr->rdata);
}

/* Writes a record, or leaves it out when it cannot be written; false when it does not fit. */
static bool put_record(struct out *o, const struct dns_rr *rr)
{
	size_t at = owner_at(o, rr->owner);

	if (!is_writable(rr, at))
		return true;
	put_owner(o, rr->owner, at);
	wr_be(&o->w, rr->type, 2);
	wr_be(&o->w, rr->klass, 2);
	wr_be(&o->w, rr->ttl, 4);
	put_rdata(o, rr);
	o->counts[rr->section]++;
	return !o->w.bad;
}

/* ---- what is cut ---- */

/* A position in the order in which records are written. */
struct position {
	unsigned section;
	size_t i; /* of a->rr */
};

/* Writes the records before *end. False, and *end is the record, when one does not fit. */
static bool put_records(struct out *o, const struct dns_answer *a, struct position *end)
{
	for (unsigned s = 0; s < DNS_SECTIONS && s <= end->section; s++)
		for (size_t i = 0; i < a->count; i++) {
			if (s == end->section && i == end->i)
				return true;
			if (a->rr[i].section == s && !put_record(o, &a->rr[i])) {
				*end = (struct position){s, i};
				return false;
			}
		}
	return true;
}

/* The first record of the set that the one at `p` belongs to: a set is cut whole (RFC 2181 9). */
static struct position start_of_set(const struct dns_answer *a, struct position p)
{
	const struct dns_rr *cut = &a->rr[p.i];

	for (size_t i = 0; i < p.i; i++) {
		const struct dns_rr *rr = &a->rr[i];
		if (rr->section == p.section && rr->type == cut->type && rr->klass == cut->klass &&
			dns_wire_equal(rr->owner, cut->owner))
			return (struct position){p.section, i};
	}
	return p;
}

/* Servers of the zone, and the signature of that set, beside an answer. */
static bool is_beside(const struct dns_rr *rr)
{
	return rr->type == DNS_TYPE_NS ||
	       (rr->type == DNS_TYPE_RRSIG && rr->rdata.n >= 2 && rr->rdata.p[0] == 0 &&
		       rr->rdata.p[1] == DNS_TYPE_NS);
}

/* Does the client need one of the records from `p` on? Then TC tells it to come by TCP. */
static bool is_needed(const struct dns_answer *a, struct position p)
{
	bool beside = a->rcode == DNS_RCODE_NOERROR && dns_answer_count(a, DNS_SECTION_ANSWER) > 0;

	if (p.section == DNS_SECTION_ANSWER)
		return true;
	for (size_t i = p.section == DNS_SECTION_AUTHORITY ? p.i : a->count; i < a->count; i++)
		if (a->rr[i].section == DNS_SECTION_AUTHORITY && !(beside && is_beside(&a->rr[i])))
			return true;
	return false;
}

/* ---- messages ---- */

static void put_opt(struct wr *w, const struct dns_query *q, uint32_t upper, bool idle)
{
	wr_u8(w, 0);
	wr_be(w, DNS_TYPE_OPT, 2);
	wr_be(w, DNS_UDP_SIZE, 2);
	wr_be(w, upper << 24 | (q->dnssec_ok ? DNS_FLAG_DO : 0), 4);
	wr_be(w, idle ? KEEPALIVE_SIZE : 0, 2);
	if (idle) {
		wr_be(w, DNS_OPTION_KEEPALIVE, 2);
		wr_be(w, 2, 2);
		wr_be(w, q->idle_100ms, 2);
	}
}

void dns_opt_write(struct wr *w, const struct dns_query *q, uint16_t rcode)
{
	put_opt(w, q, rcode >> 4, q->tell_idle);
}

size_t dns_opt_size(const struct dns_query *q)
{
	if (!q->edns)
		return 0;
	return OPT_SIZE + (q->tell_idle ? KEEPALIVE_SIZE : 0);
}

uint16_t dns_response_flags(const struct dns_query *q, uint16_t rcode, bool aa, bool ad, bool tc)
{
	unsigned flags = DNS_FLAG_QR | DNS_FLAG_RA | (q->opcode & 15u) << 11 | (rcode & 15u);

	flags |= q->rd ? DNS_FLAG_RD : 0u;
	flags |= q->cd ? DNS_FLAG_CD : 0u;
	flags |= ad && (q->ad || q->dnssec_ok) ? DNS_FLAG_AD : 0u;
	return (uint16_t)(flags | (aa ? DNS_FLAG_AA : 0u) | (tc ? DNS_FLAG_TC : 0u));
}

static void put_header(struct wr *w, const struct dns_query *q, uint16_t flags,
	const uint16_t counts[DNS_SECTIONS])
{
	wr_be(w, q->id, 2);
	wr_be(w, flags, 2);
	wr_be(w, q->has_question, 2);
	for (int i = 0; i < DNS_SECTIONS; i++)
		wr_be(w, counts[i], 2);
}

static void put_question(struct wr *w, const struct dns_query *q)
{
	wr_slice(w, dns_name_slice(&q->name));
	wr_be(w, q->type, 2);
	wr_be(w, q->klass, 2);
}

/* Begins a response anew; its header is written last. */
static void begin(struct out *o, const struct dns_query *q, uint8_t *to, size_t limit)
{
	size_t opt = dns_opt_size(q);

	memset(o, 0, sizeof *o);
	o->q = q;
	o->w = wr_of(to, limit > opt ? limit - opt : 0);
	put_header(&o->w, q, 0, o->counts);
	if (q->has_question)
		put_question(&o->w, q);
}

/* Adds OPT and header; returns the message's size. */
static size_t finish(struct out *o, uint16_t rcode, uint16_t flags)
{
	struct wr header = wr_of(o->w.p, DNS_HEADER_SIZE);

	o->w.size += dns_opt_size(o->q);
	if (o->q->edns) {
		dns_opt_write(&o->w, o->q, rcode);
		o->counts[DNS_SECTION_ADDITIONAL]++;
	}
	put_header(&header, o->q, flags, o->counts);
	return wr_done(&o->w).n;
}

/* `whole`: 0 when it would have to be cut. */
static size_t write_answer(const struct dns_answer *a, const struct dns_query *q, uint8_t *to,
	size_t limit, bool whole)
{
	struct out o;
	struct position end = {DNS_SECTIONS, 0};
	bool tc = false;

	if (a->bad || (a->rcode > 15 && !q->edns))
		return dns_error_write(q, DNS_RCODE_SERVFAIL, false, to, limit);
	begin(&o, q, to, limit);
	if (o.w.bad)
		return 0;
	if (!put_records(&o, a, &end)) {
		if (whole)
			return 0;
		end = start_of_set(a, end);
		tc = is_needed(a, end);
		begin(&o, q, to, limit);
		put_records(&o, a, &end);
	}
	return finish(&o, a->rcode, dns_response_flags(q, a->rcode, a->aa, a->ad, tc));
}

size_t dns_answer_write(
	const struct dns_answer *a, const struct dns_query *q, uint8_t *to, size_t limit)
{
	return write_answer(a, q, to, limit, false);
}

size_t dns_answer_write_whole(
	const struct dns_answer *a, const struct dns_query *q, uint8_t *to, size_t limit)
{
	return write_answer(a, q, to, limit, true);
}

size_t dns_error_write(
	const struct dns_query *q, uint16_t rcode, bool tc, uint8_t *to, size_t limit)
{
	struct out o;

	if (rcode > 15 && !q->edns)
		rcode = DNS_RCODE_SERVFAIL;
	begin(&o, q, to, limit);
	return o.w.bad ? 0 : finish(&o, rcode, dns_response_flags(q, rcode, false, false, tc));
}

size_t dns_udp_limit(const struct dns_query *q)
{
	if (!q->edns || q->payload < DNS_UDP_PLAIN)
		return DNS_UDP_PLAIN;
	return q->payload < DNS_UDP_SIZE ? q->payload : DNS_UDP_SIZE;
}

size_t dns_query_write(const struct dns_query *q, uint8_t *to, size_t limit)
{
	uint16_t counts[DNS_SECTIONS] = {0, 0, q->edns};
	struct wr w = wr_of(to, limit);
	unsigned flags = q->rd ? DNS_FLAG_RD : 0u;

	flags |= (q->cd ? DNS_FLAG_CD : 0u) | (q->ad ? DNS_FLAG_AD : 0u);
	put_header(&w, q, (uint16_t)flags, counts);
	put_question(&w, q);
	if (q->edns)
		put_opt(&w, q, 0, false);
	return wr_done(&w).n;
}
