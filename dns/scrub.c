/* Cleans the answer of another server: what does not belong to the question goes. Before:
 * dns/upstream.c. After: dns/serve_query.c, dns/cache.c. */
#include "dns/scrub.h"

#include "dns/name.h"
#include "dns/private_address.h"
#include "dns/zone.h"

enum {
	TTL_MAX = INT32_MAX,
	TTL_CAP = 86400, /* seconds */
	TTL_CAP_SOA = 3600,
	TARGETS_MAX = 32, /* names whose addresses may stand in the additional section */
};

/* An answer while it is cleaned. */
struct scrub {
	const struct dns_answer *in;
	const struct dns_query *q;
	const struct dns_scrub *how;
	struct dns_name chain[DNS_SCRUB_LINKS + 1]; /* the asked name, and what it leads to */
	unsigned names;                             /* of chain */
	bool leads_out; /* the last one is of others, who are to be asked */
};

/* ---- names ---- */

static void name_of(struct slice wire, struct dns_name *out)
{
	out->size = (uint8_t)wire.n;
	memcpy(out->wire, wire.p, wire.n);
}

/* Names in v6 and q6 are addresses: nobody is asked for them. */
static bool is_codec(const struct dns_name *n)
{
	static const struct dns_name v6 = {4, "\2v6"}, q6 = {4, "\2q6"};

	return dns_name_is_below(n, &v6) || dns_name_is_below(n, &q6);
}

/* May these servers tell something of this name? */
static bool may_tell(const struct dns_scrub *how, const struct dns_name *n)
{
	if (how->top)
		return dns_name_is_below(n, how->top);
	return !dns_zone_is_ours(n) && !is_codec(n);
}

/* ---- the chain ---- */

/* The CNAME of this name; NULL when there is none, or a record of the asked type. */
static const struct dns_rr *find_link(const struct scrub *s, const struct dns_name *n)
{
	const struct dns_rr *link = NULL;

	if (s->q->type == DNS_TYPE_CNAME || s->q->type == DNS_TYPE_ANY)
		return NULL;
	for (size_t i = 0; i < s->in->count; i++) {
		const struct dns_rr *rr = &s->in->rr[i];
		if (rr->section != DNS_SECTION_ANSWER || rr->klass != DNS_CLASS_IN ||
			!dns_wire_equal(rr->owner, dns_name_slice(n)))
			continue;
		if (rr->type == s->q->type)
			return NULL;
		if (rr->type == DNS_TYPE_CNAME && !link)
			link = rr;
	}
	return link;
}

static bool is_in_chain(const struct scrub *s, struct slice owner)
{
	for (unsigned i = 0; i < s->names; i++)
		if (dns_wire_equal(owner, dns_name_slice(&s->chain[i])))
			return true;
	return false;
}

/* False for a loop, and for too many links. */
static bool follow_chain(struct scrub *s)
{
	s->chain[0] = s->q->name;
	s->names = 1;
	for (;;) {
		const struct dns_name *end = &s->chain[s->names - 1];
		const struct dns_rr *link = NULL;
		s->leads_out = !may_tell(s->how, end);
		if (!s->leads_out)
			link = find_link(s, end);
		if (!link)
			return true;
		if (s->names > DNS_SCRUB_LINKS || is_in_chain(s, link->rdata))
			return false;
		name_of(link->rdata, &s->chain[s->names++]);
	}
}

/* Is one of the names of the chain at or below it? */
static bool contains_chain(const struct scrub *s, struct slice owner)
{
	struct dns_name top;

	name_of(owner, &top);
	for (unsigned i = 0; i < s->names; i++)
		if (dns_name_is_below(&s->chain[i], &top))
			return true;
	return false;
}

/* ---- what stays ---- */

/* A CNAME stays when it is a link of the chain, or was asked for. */
static bool keeps_cname(const struct scrub *s, const struct dns_rr *rr)
{
	for (unsigned i = 0; i < s->names; i++)
		if (dns_wire_equal(rr->owner, dns_name_slice(&s->chain[i])))
			return i + 1 == s->names
				       ? s->q->type == DNS_TYPE_CNAME || s->q->type == DNS_TYPE_ANY
				       : dns_wire_equal(
						 rr->rdata, dns_name_slice(&s->chain[i + 1]));
	return false;
}

static bool signs_dname(const struct dns_rr *rr)
{
	struct rd r = rd_of(rr->rdata);

	return rd_be16(&r) == DNS_TYPE_DNAME;
}

static bool keeps_answer(const struct scrub *s, const struct dns_rr *rr)
{
	const struct dns_name *end = &s->chain[s->names - 1];

	switch (rr->type) {
	case DNS_TYPE_CNAME:
		return keeps_cname(s, rr);
	case DNS_TYPE_DNAME:
		return contains_chain(s, rr->owner);
	case DNS_TYPE_RRSIG:
		return is_in_chain(s, rr->owner) ||
		       (signs_dname(rr) && contains_chain(s, rr->owner));
	default:
		return (rr->type == s->q->type || s->q->type == DNS_TYPE_ANY) &&
		       dns_wire_equal(rr->owner, dns_name_slice(end));
	}
}

static bool keeps_authority(const struct scrub *s, const struct dns_rr *rr)
{
	switch (rr->type) {
	case DNS_TYPE_SOA:
	case DNS_TYPE_NS:
	case DNS_TYPE_DS:
		return !s->leads_out && contains_chain(s, rr->owner);
	case DNS_TYPE_NSEC:
	case DNS_TYPE_NSEC3:
	case DNS_TYPE_RRSIG:
		return !s->leads_out;
	default:
		return false;
	}
}

/* The name whose addresses help who gets this record; empty = none. */
static struct slice target_of(const struct dns_rr *rr)
{
	size_t skip = rr->type == DNS_TYPE_NS ? 0 : rr->type == DNS_TYPE_SRV ? 6 : 2;
	bool has = rr->type == DNS_TYPE_NS || rr->type == DNS_TYPE_MX || rr->type == DNS_TYPE_SRV ||
		   rr->type == DNS_TYPE_SVCB || rr->type == DNS_TYPE_HTTPS;
	size_t end = skip;

	if (!has)
		return (struct slice){NULL, 0};
	while (end < rr->rdata.n && rr->rdata.p[end])
		end += (size_t)rr->rdata.p[end] + 1;
	return end < rr->rdata.n ? slice_of(rr->rdata.p + skip, end + 1 - skip)
				 : (struct slice){NULL, 0};
}

static bool keeps_additional(const struct dns_rr *rr, const struct slice *targets, unsigned count)
{
	if (rr->type != DNS_TYPE_A && rr->type != DNS_TYPE_AAAA)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (dns_wire_equal(rr->owner, targets[i]))
			return true;
	return false;
}

/* May the record stay, wherever it stands? */
static bool may_stay(const struct scrub *s, const struct dns_rr *rr)
{
	struct dns_name owner;

	name_of(rr->owner, &owner);
	return rr->klass == DNS_CLASS_IN && may_tell(s->how, &owner) &&
	       !(s->how->rebind_protection && dns_is_private(rr));
}

static uint32_t clean_ttl(const struct dns_rr *rr)
{
	uint32_t cap = rr->type == DNS_TYPE_SOA ? TTL_CAP_SOA : TTL_CAP;

	if (rr->ttl > TTL_MAX)
		return 0;
	return rr->ttl < cap ? rr->ttl : cap;
}

static void keep(struct dns_answer *out, const struct dns_rr *rr)
{
	struct dns_rr clean = *rr;

	clean.ttl = clean_ttl(rr);
	dns_answer_copy(out, &clean, rr->owner, rr->rdata);
}

/* Answer and authority; collects the names whose addresses may stay. */
static unsigned keep_main(const struct scrub *s, struct dns_answer *out, struct slice *targets)
{
	unsigned count = 0;

	for (size_t i = 0; i < s->in->count; i++) {
		const struct dns_rr *rr = &s->in->rr[i];
		if (!may_stay(s, rr) || rr->section == DNS_SECTION_ADDITIONAL)
			continue;
		if (rr->section == DNS_SECTION_ANSWER ? !keeps_answer(s, rr)
						      : !keeps_authority(s, rr))
			continue;
		keep(out, rr);
		struct slice target = target_of(rr);
		if (target.n && count < TARGETS_MAX)
			targets[count++] = target;
	}
	return count;
}

bool dns_scrub(const struct dns_answer *in, const struct dns_query *q, const struct dns_scrub *how,
	struct dns_answer *out, struct dns_name *last)
{
	struct scrub s = {.in = in, .q = q, .how = how};
	struct slice targets[TARGETS_MAX];

	dns_answer_clear(out);
	*last = q->name;
	out->rcode = DNS_RCODE_SERVFAIL;
	if (in->bad || !follow_chain(&s))
		return false;
	if (in->rcode != DNS_RCODE_NOERROR && in->rcode != DNS_RCODE_NXDOMAIN &&
		in->rcode != DNS_RCODE_YXDOMAIN) {
		out->rcode = in->rcode > 15 ? DNS_RCODE_SERVFAIL : in->rcode;
		return true;
	}
	*last = s.chain[s.names - 1];
	out->rcode = s.leads_out ? DNS_RCODE_NOERROR : in->rcode;
	out->ad = in->ad && how->keep_ad;
	unsigned count = keep_main(&s, out, targets);
	for (size_t i = 0; i < in->count; i++) {
		const struct dns_rr *rr = &in->rr[i];
		if (rr->section == DNS_SECTION_ADDITIONAL && may_stay(&s, rr) &&
			keeps_additional(rr, targets, count))
			keep(out, rr);
	}
	return true;
}
