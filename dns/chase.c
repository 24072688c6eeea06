/* Role: follows aliases, over the chain and other servers alike (8.9 step 11). Before:
 * dns/serve_query.c read the question, or dns/waiting.c has another server's answer. After:
 * dns/stages.c, dns/waiting.c, then dns/serve_query.c replies. */
#include <string.h>

#include "dns/name.h"
#include "dns/serve_internal.h"

static bool is_owner(const struct dns_rr *r, const struct dns_name *name)
{
	struct dns_name owner;

	if (r->section != DNS_SECTION_ANSWER || r->owner.n != name->size)
		return false;
	owner.size = name->size;
	memcpy(owner.wire, r->owner.p, owner.size);
	return dns_name_equal(&owner, name);
}

static const struct dns_rr *find(
	const struct dns_answer *a, const struct dns_name *owner, uint16_t type)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->rr[i].type == type && is_owner(&a->rr[i], owner))
			return &a->rr[i];
	return NULL;
}

enum chain_end {
	END_COMPLETE, /* *name has records of the asked type, or is the question itself */
	END_OPEN,     /* *name has none: it may be asked for */
	END_TOO_LONG, /* more links than limits.dns_cname_links, or a loop */
};

/* Walks the aliases in `total` from the question to the last name. */
static enum chain_end walk(struct dns_serve *s, const struct dns_task *t, struct dns_name *name)
{
	uint64_t most = bound_read(&s->set.limits->dns_cname_links.max), links = 0;
	const struct dns_rr *alias;

	*name = t->q.name;
	while ((alias = find(s->total, name, DNS_TYPE_CNAME))) {
		if (++links > most) {
			bound_hit(&s->set.limits->dns_cname_links);
			return END_TOO_LONG;
		}
		if (alias->rdata.n > DNS_NAME_MAX)
			return END_TOO_LONG;
		name->size = (uint8_t)alias->rdata.n;
		memcpy(name->wire, alias->rdata.p, alias->rdata.n);
	}
	bound_peak(&s->set.limits->dns_cname_links, links);
	return links == 0 || find(s->total, name, t->q.type) ? END_COMPLETE : END_OPEN;
}

/* Is there anything that knows more of this name than who named it? A forwarder has followed its
 * own aliases already. */
static bool is_worth_asking(
	const struct dns_serve *s, const struct dns_task *t, const struct dns_name *name)
{
	struct dns_query q = t->at;

	if (dns_name_equal(name, &t->at.name))
		return false;
	if (t->source != DNS_FROM_FORWARDER && t->source != DNS_FROM_CACHE &&
		t->source != DNS_FROM_STALE)
		return true;
	q.name = *name;
	return dns_zone_is_ours(name) || dns_codec_answer(&q, s->step) == DNS_ANSWERED;
}

/* Adds what was learned of t->at. The rcode is that of the last name (RFC 6604), AA that of the
 * first. */
static void add_step(struct dns_serve *s, struct dns_task *t)
{
	if (t->first) {
		s->total->aa = s->step->aa;
		s->total->ad = s->step->ad;
	} else {
		s->total->ad = false;
	}
	t->first = false;
	s->total->rcode = s->step->rcode;
	dns_answer_append(s->total, s->step);
}

/* Does the task go on with another name? */
static bool next_name(struct dns_serve *s, struct dns_task *t)
{
	struct dns_name name;

	if (t->q.type == DNS_TYPE_CNAME || s->total->rcode == DNS_RCODE_SERVFAIL || s->total->bad)
		return false;
	switch (walk(s, t, &name)) {
	case END_COMPLETE:
		return false;
	case END_TOO_LONG:
		s->total->rcode = DNS_RCODE_SERVFAIL;
		dns_trace_line(t->client.trace, &t->at, "too many aliases");
		return false;
	case END_OPEN:
		break;
	}
	if (!is_worth_asking(s, t, &name))
		return false;
	t->at.name = name;
	return true;
}

/* Nobody can be asked now. A name of the chain is refused to nobody: its servers fail. */
static void refuse(struct dns_serve *s, struct dns_task *t, enum err why, bool is_ours)
{
	bool tells = t->client.kind != DNS_CLIENT_UDP || why != ERR_FULL;

	t->life.never = true;
	dns_trace_line(t->client.trace, &t->at,
		why == ERR_FULL ? "too many questions wait already" : "there is nobody to ask");
	if (!tells)
		dns_finish_silent(s, t, DNS_DROP_TABLE_FULL);
	else if (why == ERR_NOT_FOUND && t->first && !is_ours)
		dns_finish_error(s, t, DNS_RCODE_REFUSED);
	else
		dns_finish_error(s, t, DNS_RCODE_SERVFAIL);
}

/* Asks others. False: they cannot be asked, and an expired answer is s->step. */
static bool ask_others(struct dns_serve *s, struct dns_task *t, const struct dns_delegation *to)
{
	enum err err = t->q.rd || to ? dns_wait(s, t, to) : ERR_NOT_FOUND;

	if (err == ERR_OK)
		return true;
	if (err != ERR_NOT_FOUND && !to && dns_stage_stale(s, t, DNS_STALE))
		return false;
	refuse(s, t, err, to != NULL);
	return true;
}

void dns_chase(struct dns_serve *s, struct dns_task *t)
{
	struct dns_delegation to;

	do {
		enum dns_stage stage = dns_stages(s, t, &to);
		if (stage != DNS_STAGE_ANSWERED &&
			ask_others(s, t, stage == DNS_STAGE_DELEGATE ? &to : NULL))
			return;
		add_step(s, t);
	} while (next_name(s, t));
	dns_finish(s, t);
}

void dns_chase_on(struct dns_serve *s, struct dns_task *t)
{
	add_step(s, t);
	if (next_name(s, t))
		dns_chase(s, t);
	else
		dns_finish(s, t);
}
