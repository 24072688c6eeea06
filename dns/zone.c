/* The chain filter: which records of a domain answer a question (8.9, steps 1 to 10).
 * Before: dns/serve_query.c, with the data text that dns/chain_names.c found. After:
 * dns/zone_name.c splits the name, dns/zone_records.c reads and writes the records. */
#include "dns/name.h"
#include "dns/zone_internal.h"

enum {
	TEXT_MAX = 640, /* longer texts equal no name */
	HINFO_TTL = 3600,
};

/* One question while it is answered. */
struct task {
	const struct dns_zone *zone;
	const struct dns_query *q;
	struct zone_name name;
	struct zone_records records;
	struct dns_name top; /* its wire form; the root when it has none */
	struct dns_answer *out;
};

static void soa(struct task *t, enum dns_section section)
{
	zone_soa_put(t->out, section, t->name.zone, (uint32_t)t->zone->last_full_time);
}

static enum dns_outcome negative(struct task *t, uint16_t rcode)
{
	t->out->rcode = rcode;
	soa(t, DNS_SECTION_AUTHORITY);
	return DNS_ANSWERED;
}

/* Step 1: the zone itself has nothing but its SOA. */
static enum dns_outcome apex(struct task *t)
{
	soa(t, t->q->type == DNS_TYPE_SOA ? DNS_SECTION_ANSWER : DNS_SECTION_AUTHORITY);
	return DNS_ANSWERED;
}

static bool is_type(const struct dns_record *r, uint16_t type)
{
	return r->type->number == type;
}

static bool is_address(const struct dns_record *r)
{
	return is_type(r, DNS_TYPE_A) || is_type(r, DNS_TYPE_AAAA);
}

/* OPT and UNKNOWN have no data that could be an answer; their numbers are none of a question. */
static bool can_answer(const struct dns_record *r)
{
	return r->type->number && !is_type(r, DNS_TYPE_OPT);
}

static bool has_name(const struct dns_record *r)
{
	return !is_type(r, DNS_TYPE_OPT);
}

/* ---- name servers and their addresses ---- */

/* A name server of the domain that is not itself an answer. */
static bool is_server(const struct task *t, size_t i)
{
	return is_type(&t->records.r[i], DNS_TYPE_NS) && !t->records.answer[i] &&
	       zone_record_is(&t->records.r[i], "@");
}

static bool is_host(const struct task *t, struct slice full)
{
	for (size_t i = 0; i < t->records.n; i++)
		if (is_server(t, i) && zone_text_is(t->records.r[i].value[1], full))
			return true;
	return false;
}

/* The record's full name: its own, or the asked one for an answer, before the domain's; "@" is the
 * domain. Empty when it is too long. */
static struct slice full_name(const struct task *t, size_t i, char to[TEXT_MAX])
{
	const struct dns_record *r = &t->records.r[i];
	struct wr w = wr_of(to, TEXT_MAX);
	char decoded[TEXT_MAX];
	struct slice own;

	if (!zone_text(r->value[0], decoded, sizeof decoded, &own))
		return slice_of(NULL, 0);
	if (t->records.answer[i])
		own = t->name.asked;
	else if (slice_is(own, "@"))
		return t->name.top;
	wr_slice(&w, own);
	wr_u8(&w, '.');
	wr_slice(&w, t->name.top);
	return wr_done(&w);
}

static void put_servers(struct task *t)
{
	for (size_t i = 0; i < t->records.n; i++)
		if (is_server(t, i))
			zone_record_put(t->out, DNS_SECTION_AUTHORITY, &t->top, &t->records.r[i]);
}

/* Step 8: addresses of the name servers. */
static void put_glue(struct task *t)
{
	char text[TEXT_MAX];
	struct dns_name owner;

	for (size_t i = 0; i < t->records.n; i++) {
		if (!is_address(&t->records.r[i]))
			continue;
		struct slice full = full_name(t, i, text);
		if (full.n && is_host(t, full) && dns_name_from_text(full, &owner))
			zone_record_put(t->out, DNS_SECTION_ADDITIONAL, &owner, &t->records.r[i]);
	}
}

/* ---- step 4: delegation ---- */

static void add_server(struct dns_delegation *d, const struct dns_record *r)
{
	uint8_t ip[16];

	zone_record_address(r, ip);
	for (size_t i = 0; i < d->count; i++)
		if (memcmp(d->ip[i], ip, sizeof ip) == 0)
			return;
	if (d->count < DNS_DELEGATION_SERVERS)
		memcpy(d->ip[d->count++], ip, sizeof ip);
}

/* Addresses of the domain itself ("@") are no servers. */
static bool find_servers(const struct task *t, struct dns_delegation *to)
{
	char text[TEXT_MAX];

	to->top = t->top;
	to->count = 0;
	for (size_t i = 0; i < t->records.n; i++) {
		const struct dns_record *r = &t->records.r[i];
		if (!is_address(r) || zone_record_is(r, "@"))
			continue;
		struct slice full = full_name(t, i, text);
		if (full.n && is_host(t, full))
			add_server(to, r);
	}
	return to->count > 0;
}

/* Who does not want recursion asks the servers himself. */
static enum dns_outcome delegate(struct task *t)
{
	if (t->q->rd)
		return DNS_DELEGATED;
	t->out->aa = false;
	put_servers(t);
	put_glue(t);
	return DNS_ANSWERED;
}

/* ---- steps 5 to 7: the answers ---- */

static bool is_asked_name(const struct task *t, const struct dns_record *r)
{
	if (t->name.odd || !has_name(r))
		return false;
	return (t->name.sub.n == 0 && zone_record_is(r, "@")) ||
	       zone_text_is(r->value[0], t->name.sub) || zone_text_is(r->value[0], t->name.asked);
}

/* Marks the records of the asked name and type; of CNAMEs the last one, if there is nothing else.
 */
static bool match_directly(struct task *t)
{
	size_t cname = MAX_RECORDS;
	bool found = false;

	for (size_t i = 0; i < t->records.n; i++) {
		const struct dns_record *r = &t->records.r[i];
		bool is_cname = is_type(r, DNS_TYPE_CNAME);
		if (!is_cname && (!can_answer(r) || !is_type(r, t->q->type)))
			continue;
		if (!is_asked_name(t, r))
			continue;
		if (is_cname)
			cname = i;
		else
			found = t->records.answer[i] = true;
	}
	if (!found && cname < MAX_RECORDS)
		found = t->records.answer[cname] = true;
	return found;
}

static bool match_wildcard(struct task *t)
{
	bool found = false;

	for (size_t i = 0; i < t->records.n; i++) {
		const struct dns_record *r = &t->records.r[i];
		if (can_answer(r) && is_type(r, t->q->type) && zone_record_is(r, "*"))
			found = t->records.answer[i] = true;
	}
	return found;
}

static bool ends_below(struct slice raw, struct slice sub)
{
	char decoded[TEXT_MAX];
	struct slice own;

	return zone_text(raw, decoded, sizeof decoded, &own) && own.n > sub.n &&
	       own.p[own.n - sub.n - 1] == '.' &&
	       slice_eq(slice_of(own.p + own.n - sub.n, sub.n), sub);
}

/* Is there anything under this name, of any type, or below it? */
static bool name_exists(const struct task *t)
{
	struct slice sub = t->name.sub;

	if (!t->name.odd && sub.n == 0)
		return true;
	for (size_t i = 0; i < t->records.n; i++) {
		const struct dns_record *r = &t->records.r[i];
		if (!has_name(r))
			continue;
		if (zone_record_is(r, "*"))
			return true;
		if (!t->name.odd &&
			(zone_text_is(r->value[0], sub) || ends_below(r->value[0], sub)))
			return true;
	}
	return false;
}

/* The answers, in the order of the text; false when none can be written. */
static bool put_answers(struct task *t)
{
	for (size_t i = 0; i < t->records.n; i++)
		if (t->records.answer[i])
			zone_record_put(t->out, DNS_SECTION_ANSWER, &t->q->name, &t->records.r[i]);
	return t->out->count > 0;
}

static enum dns_outcome answer_domain(struct task *t, struct dns_delegation *to)
{
	if (!zone_records_read(t->zone->data, &t->records)) {
		t->out->aa = false;
		t->out->rcode = DNS_RCODE_SERVFAIL;
		return DNS_ANSWERED;
	}
	if (t->q->type != DNS_TYPE_NS && find_servers(t, to))
		return delegate(t);
	if ((match_directly(t) || match_wildcard(t)) && put_answers(t)) {
		put_servers(t);
		put_glue(t);
		return DNS_ANSWERED;
	}
	return negative(t, name_exists(t) ? DNS_RCODE_NOERROR : DNS_RCODE_NXDOMAIN);
}

enum dns_outcome dns_zone_answer(const struct dns_zone *z, const struct dns_query *q,
	struct dns_answer *out, struct dns_delegation *to)
{
	struct task t = {.zone = z, .q = q, .out = out};

	dns_answer_clear(out);
	if (!zone_name_read(&q->name, &t.name))
		return DNS_PASS;
	out->aa = true;
	if (t.name.single)
		return apex(&t);
	if (!z->found || t.name.top.n == 0 || !dns_name_from_text(t.name.top, &t.top))
		return negative(&t, DNS_RCODE_NXDOMAIN);
	return answer_domain(&t, to);
}

void dns_any_answer(const struct dns_query *q, struct dns_answer *out)
{
	static const char rdata[] = "\7RFC8482"; /* its NUL is the second, empty string */

	dns_answer_clear(out);
	dns_answer_add(out, DNS_SECTION_ANSWER, slice_of(q->name.wire, q->name.size),
		DNS_TYPE_HINFO, HINFO_TTL, slice_of(rdata, sizeof rdata));
}
