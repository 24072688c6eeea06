/* The table of questions to other servers: equal ones are joined, each is told and freed exactly
 * once, and a full table lets old ones give way.
 * Before: dns/serve_query.c. After: dns/upstream_try.c asks servers; whoever waits is told. */
#include "base/map.h"
#include "base/mem.h"
#include "dns/name.h"
#include "dns/upstream_internal.h"

/* ---- the table ---- */

static void link_question(struct dns_upstream *u, struct dns_question *q)
{
	q->place = &u->buckets[q->hash % DNS_BUCKETS];
	q->next = *q->place;
	if (q->next)
		q->next->place = &q->next;
	*q->place = q;
	q->older = u->newest;
	*(q->older ? &q->older->newer : &u->oldest) = q;
	u->newest = q;
	if (u->early)
		return;
	u->early = q;
	dns_timer_set(&u->timers, &u->late, q->born_ms + DNS_LATE_MS);
}

static void unlink_question(struct dns_question *q)
{
	struct dns_upstream *u = q->u;

	if (u->early == q)
		u->early = q->newer;
	*q->place = q->next;
	if (q->next)
		q->next->place = q->place;
	*(q->older ? &q->older->newer : &u->oldest) = q->newer;
	*(q->newer ? &q->newer->older : &u->newest) = q->older;
}

/* Nothing is asked any more, and its place is free; who waits is still to be told. */
static void retire(struct dns_question *q)
{
	struct dns_upstream *u = q->u;

	dns_question_stop(q);
	unlink_question(q);
	bound_give(&u->limits->dns_outstanding, 1);
	if (q->where == DNS_ASK_SERVERS)
		bound_give(&u->limits->dns_delegation_questions, 1);
	mem_free(q->delegation);
	q->delegation = NULL;
}

void dns_question_end(
	struct dns_question *q, const struct dns_answer *a, const struct dns_name *last)
{
	struct dns_upstream *u = q->u;
	struct dns_name name, end = last ? *last : (struct dns_name){.size = 0};

	dns_asked_name(&q->q, &name);
	dns_waiters_move(&q->waiters, &u->telling, u);
	retire(q);
	mem_free(q);
	dns_waiters_tell(u, a, &name, last ? &end : NULL);
}

/* Who waits is told in the next turn, since a call of dns_upstream_ask() tells nobody. */
static void orphan(struct dns_question *q)
{
	struct dns_upstream *u = q->u;

	retire(q);
	if (!q->waiters) {
		mem_free(q);
		return;
	}
	q->next = u->orphans;
	u->orphans = q;
	u->orphan_count++;
	dns_timer_set(&u->timers, &u->tell_orphans, 0);
}

/* The oldest question, of delegations alone if these are too many, gives way if it has waited for
 * 200 ms; so many of them in one turn. */
static bool make_room(struct dns_upstream *u, bool of_domain)
{
	struct dns_question *q = u->oldest;

	while (q && of_domain && q->where != DNS_ASK_SERVERS)
		q = q->newer;
	if (!q || q->born_ms + DNS_GIVES_WAY_MS > clock_mono(u->clock) ||
		u->orphan_count == DNS_ORPHANS)
		return false;
	orphan(q);
	return true;
}

/* Takes a place of the row; in the place of another one, if there is none. */
static bool take_place(struct dns_upstream *u, struct bound *row, bool of_domain)
{
	return bound_take(row, 1) || (make_room(u, of_domain) && bound_take(row, 1));
}

static bool take_places(struct dns_upstream *u, bool of_domain)
{
	struct limits *l = u->limits;

	if (of_domain && !take_place(u, &l->dns_delegation_questions, true))
		return false;
	if (take_place(u, &l->dns_outstanding, false))
		return true;
	if (of_domain)
		bound_give(&l->dns_delegation_questions, 1);
	return false;
}

/* ---- what is asked ---- */

static bool same_servers(const struct dns_delegation *a, const struct dns_delegation *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!netaddr_eq(&a->servers[i].addr, &b->servers[i].addr))
			return false;
	return a->top_size == b->top_size;
}

static bool same_question(const struct dns_question *q, const struct dns_query *asked,
	enum dns_upstream_where where, const struct dns_delegation *d)
{
	return q->where == where && q->q.type == asked->type && q->q.klass == asked->klass &&
	       q->q.dnssec_ok == asked->dnssec_ok && q->q.cd == asked->cd && q->q.ad == asked->ad &&
	       q->q.size == asked->name.size &&
	       memcmp(q->q.name, asked->name.wire, q->q.size) == 0 &&
	       (where != DNS_ASK_SERVERS || same_servers(q->delegation, d));
}

static uint16_t hash_of(
	const struct dns_upstream *u, const struct dns_query *q, enum dns_upstream_where where)
{
	uint64_t rest = (uint64_t)q->type << 32 | (uint64_t)q->klass << 16 | (uint64_t)where << 8 |
			(uint64_t)q->dnssec_ok << 2 | (uint64_t)q->cd << 1 | q->ad;

	return (uint16_t)map_hash(u->seed ^ rest, q->name.wire, q->name.size);
}

/* What we ask: the name in lower case, and only what counts. */
static struct dns_query question_of(const struct dns_ask *ask)
{
	struct dns_query q = {.rd = ask->where != DNS_ASK_SERVERS,
		.cd = ask->q.cd,
		.ad = ask->q.ad,
		.dnssec_ok = ask->q.dnssec_ok,
		.has_question = true,
		.name = ask->q.name,
		.type = ask->q.type,
		.klass = ask->q.klass};

	dns_name_lower(&q.name);
	return q;
}

static void add_server(struct dns_delegation *d, const struct netaddr *a)
{
	for (size_t i = 0; i < d->count; i++)
		if (netaddr_eq(&d->servers[i].addr, a))
			return;
	if (d->count < DNS_SERVERS_MAX)
		d->servers[d->count++] = (struct dns_server){.addr = *a};
}

/* Each address once, with our port for a domain's. */
static void servers_of(
	const struct dns_upstream *u, const struct dns_ask *ask, struct dns_delegation *d)
{
	d->count = 0;
	d->top_size = dns_name_is_below(&ask->q.name, &ask->top) ? ask->top.size : 0;
	if (ask->where == DNS_ASK_BOOTSTRAPS)
		for (size_t i = 0; i < u->bootstrap_count; i++)
			add_server(d, &u->bootstraps[i]);
	if (ask->where == DNS_ASK_SERVERS)
		for (size_t i = 0; i < ask->server_count; i++) {
			struct netaddr a = ask->servers[i];
			a.port = u->delegate_port;
			add_server(d, &a);
		}
}

/* ---- asking ---- */

static void put_question(struct dns_question *q, const struct dns_query *asked)
{
	memcpy(q->name, asked->name.wire, asked->name.size);
	q->q = (struct dns_asked){.name = q->name,
		.size = asked->name.size,
		.rd = asked->rd,
		.cd = asked->cd,
		.ad = asked->ad,
		.dnssec_ok = asked->dnssec_ok,
		.type = asked->type,
		.klass = asked->klass};
}

static struct dns_question *new_question(struct dns_upstream *u, const struct dns_query *asked,
	enum dns_upstream_where where, const struct dns_delegation *d)
{
	struct dns_question *q = mem_alloc(sizeof *q + asked->name.size);
	struct dns_delegation *own = NULL;

	if (q && where != DNS_ASK_FORWARDERS)
		own = mem_alloc(sizeof *own);
	if (!q || (where != DNS_ASK_FORWARDERS && !own)) {
		mem_free(q);
		return NULL;
	}
	if (own)
		*own = *d;
	q->u = u;
	put_question(q, asked);
	q->where = (uint8_t)where;
	q->delegation = own;
	q->hash = hash_of(u, asked, where);
	q->born_ms = clock_mono(u->clock);
	q->life_ms = (uint32_t)bound_read(&u->limits->dns_query_time.max);
	return q;
}

static struct dns_question *find(const struct dns_upstream *u, const struct dns_query *asked,
	enum dns_upstream_where where, const struct dns_delegation *d)
{
	uint16_t hash = hash_of(u, asked, where);
	struct dns_question *q = u->buckets[hash % DNS_BUCKETS];

	while (q && (q->hash != hash || !same_question(q, asked, where, d)))
		q = q->next;
	return q;
}

/* One who joins a late question is told so in the next turn. */
static void note_joined(struct dns_question *q)
{
	struct dns_upstream *u = q->u;

	if (q->born_ms + DNS_LATE_MS > clock_mono(u->clock) ||
		(u->early && u->early->born_ms <= q->born_ms))
		return;
	u->early = q;
	dns_timer_set(&u->timers, &u->late, 0);
}

static void give_places(struct dns_upstream *u, bool of_domain)
{
	bound_give(&u->limits->dns_outstanding, 1);
	if (of_domain)
		bound_give(&u->limits->dns_delegation_questions, 1);
}

enum err dns_upstream_ask(struct dns_upstream *u, const struct dns_ask *ask, struct dns_waiter *w)
{
	bool of_domain = ask->where == DNS_ASK_SERVERS;
	struct dns_query asked = question_of(ask);
	struct dns_delegation d;

	w->question = NULL;
	if (u->stopping)
		return ERR_STOPPING;
	servers_of(u, ask, &d);
	if (ask->where == DNS_ASK_FORWARDERS ? u->target_count == 0 : d.count == 0)
		return ERR_NOT_FOUND;
	struct dns_question *q = find(u, &asked, ask->where, &d);
	if (q) {
		dns_waiter_add(&q->waiters, w, q);
		note_joined(q);
		return ERR_OK;
	}
	if (!take_places(u, of_domain))
		return ERR_FULL;
	q = new_question(u, &asked, ask->where, &d);
	if (!q) {
		give_places(u, of_domain);
		return ERR_NOMEM;
	}
	link_question(u, q);
	dns_waiter_add(&q->waiters, w, q);
	dns_question_begin(q);
	return ERR_OK;
}
