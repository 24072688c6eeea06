/* A question and the data text of a domain (the first bytes: type, flags, length of the name, its
 * labels): whatever they are, the chain filter gives one of the answers that it promises, and that
 * answer is a message which can be read. The same for the names that are addresses. */
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/read.h"
#include "dns/write.h"
#include "dns/zone.h"
#include "tests/fuzz/fuzz.h"

enum { RD = 1, FOUND = 2 };

struct rooms {
	struct dns_answer *out, *back;
};

static void check_records(const struct dns_query *q, const struct dns_answer *a)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct dns_rr *rr = &a->rr[i];
		must(dns_name_valid(rr->owner) && rr->ttl <= INT32_MAX);
		must(rr->klass == DNS_CLASS_IN && dns_rdata_valid(rr->type, rr->rdata));
		if (rr->section != DNS_SECTION_ANSWER)
			continue;
		must(rr->type == q->type || rr->type == DNS_TYPE_CNAME);
		/* In the case of the question; a zone's own SOA has the zone's. */
		must(rr->type == DNS_TYPE_SOA ? dns_wire_equal(rr->owner, dns_name_slice(&q->name))
					      : slice_eq(rr->owner, dns_name_slice(&q->name)));
	}
}

/* Answers, one SOA, a referral, or nothing but SERVFAIL. */
static void check_form(const struct dns_query *q, const struct dns_answer *a)
{
	size_t answers = dns_answer_count(a, DNS_SECTION_ANSWER);
	bool soa = a->count == 1 && a->rr[0].type == DNS_TYPE_SOA &&
		   a->rr[0].section == DNS_SECTION_AUTHORITY;

	switch (a->rcode) {
	case DNS_RCODE_NOERROR:
		must(a->aa ? answers > 0 || soa : answers == 0 && !q->rd);
		break;
	case DNS_RCODE_NXDOMAIN:
		must(a->aa && soa);
		break;
	default:
		must(a->rcode == DNS_RCODE_SERVFAIL && !a->aa && a->count == 0);
	}
}

static void check_message(const struct dns_query *q, const struct rooms *r)
{
	static uint8_t wire[DNS_MESSAGE_MAX];
	struct dns_query asked;
	bool tc;
	size_t n = dns_answer_write(r->out, q, wire, sizeof wire);

	must(n >= DNS_HEADER_SIZE);
	must(dns_response_read(slice_of(wire, n), &asked, r->back, &tc));
	must(r->back->rcode == r->out->rcode && r->back->aa == r->out->aa);
	must(r->back->count <= r->out->count);
}

static void check(enum dns_outcome o, const struct dns_query *q, const struct rooms *r)
{
	if (o != DNS_ANSWERED || r->out->bad)
		return;
	check_records(q, r->out);
	check_form(q, r->out);
	check_message(q, r);
}

static void play(const struct dns_zone *z, const struct dns_query *q, const struct rooms *r)
{
	struct dns_delegation d = {.count = 0};
	char top[2 * DNS_NAME_MAX];
	size_t n;

	enum dns_outcome o = dns_zone_answer(z, q, r->out, &d);
	must((o == DNS_PASS) == !dns_zone_is_ours(&q->name));
	if (o == DNS_DELEGATED) {
		must(q->rd && z->found && q->type != DNS_TYPE_NS);
		must(d.count > 0 && d.count <= DNS_DELEGATION_SERVERS);
		must(dns_name_labels(&d.top) == 2 && dns_zone_is_ours(&d.top));
	}
	check(o, q, r);
	if (dns_zone_top(&q->name, top, sizeof top, &n))
		must(o != DNS_PASS && n > 2 && memchr(top, '.', n));
	o = dns_codec_answer(q, r->out);
	must(o != DNS_DELEGATED);
	check(o, q, r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rooms rooms;
	struct rd r = rd_of(slice_of(data, size));
	struct dns_query q = {.klass = DNS_CLASS_IN};

	if (!rooms.out) {
		rooms.out = dns_answer_new();
		rooms.back = dns_answer_new();
	}
	must(rooms.out && rooms.back);
	q.type = rd_be16(&r);
	uint8_t flags = rd_u8(&r);
	struct slice wire = rd_bytes(&r, rd_u8(&r));
	if (r.bad || !dns_name_valid(wire))
		return 0;
	memcpy(q.name.wire, wire.p, wire.n);
	q.name.size = (uint8_t)wire.n;
	q.rd = flags & RD;
	q.has_question = true;
	uint8_t *copy = own_copy(r.p, r.left);
	play(&(struct dns_zone){flags & FOUND, slice_of(copy, r.left), 1}, &q, &rooms);
	mem_free(copy);
	return 0;
}
