/* The table of questions to other servers: equal ones are joined, each is told and freed exactly
 * once, and a full table lets old ones give way.
 * Before: dns/serve_query.c. After: dns/upstream_try.c asks servers; whoever waits is told. */
#include "base/map.h"
#include "base/mem.h"
#include "dns/name.h"
#include "dns/upstream_internal.h"

/* ---- who waits ---- */

static void add_waiter(struct dns_waiter **list, struct dns_waiter *w, void *question)
{
	w->question = question;
	w->next = *list;
	w->place = list;
	if (w->next)
		w->next->place = &w->next;
	*list = w;
}

static void remove_waiter(struct dns_waiter *w)
{
	*w->place = w->next;
	if (w->next)
		w->next->place = w->place;
	w->next = NULL;
	w->place = NULL;
	w->question = NULL;
}

static void move_waiters(struct dns_waiter **from, struct dns_waiter **to, void *question)
{
	while (*from) {
		struct dns_waiter *w = *from;
		remove_waiter(w);
		add_waiter(to, w, question);
	}
}

/* One who is told may forget others of the same list, so it is read anew each time. */
static void tell(struct dns_upstream *u, const struct dns_answer *a, const struct dns_name *last)
{
	while (u->telling) {
		struct dns_waiter *w = u->telling;
		remove_waiter(w);
		w->last = last;
		w->done(w, a);
	}
}

static void on_orphans(struct dns_timer *timer)
{
	struct dns_upstream *u =
		(struct dns_upstream *)(void *)((char *)timer -
						offsetof(struct dns_upstream, tell_orphans));

	move_waiters(&u->orphans, &u->telling, u);
	tell(u, NULL, NULL);
}

void dns_upstream_forget(struct dns_upstream *u, struct dns_waiter *w)
{
	(void)u;
	if (w->question)
		remove_waiter(w);
}

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
}

static void unlink_question(struct dns_question *q)
{
	struct dns_upstream *u = q->u;

	*q->place = q->next;
	if (q->next)
		q->next->place = q->place;
	*(q->older ? &q->older->newer : &u->oldest) = q->newer;
	*(q->newer ? &q->newer->older : &u->newest) = q->older;
}

static void free_question(struct dns_question *q)
{
	struct dns_upstream *u = q->u;

	dns_question_stop(q);
	unlink_question(q);
	bound_give(&u->limits->dns_outstanding, 1);
	if (q->where == DNS_ASK_SERVERS)
		bound_give(&u->limits->dns_delegation_questions, 1);
	mem_free(q->delegation);
	mem_free(q);
}

void dns_question_end(
	struct dns_question *q, const struct dns_answer *a, const struct dns_name *last)
{
	struct dns_upstream *u = q->u;
	struct dns_name end = last ? *last : (struct dns_name){.size = 0};

	move_waiters(&q->waiters, &u->telling, u);
	free_question(q);
	tell(u, a, last ? &end : NULL);
}

/* The oldest question, of delegations alone if these are too many, gives way if it has waited for
 * 200 ms. Who waits for it is told in the next turn. */
static bool make_room(struct dns_upstream *u, bool of_domain)
{
	struct dns_question *q = u->oldest;

	while (q && of_domain && q->where != DNS_ASK_SERVERS)
		q = q->newer;
	if (!q || q->born_ms + DNS_GIVES_WAY_MS > clock_mono(u->clock))
		return false;
	if (q->waiters)
		dns_timer_set(&u->timers, &u->tell_orphans, 0);
	move_waiters(&q->waiters, &u->orphans, u);
	free_question(q);
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
	return dns_name_equal(&a->top, &b->top);
}

static bool same_question(const struct dns_question *q, const struct dns_query *asked,
	enum dns_upstream_where where, const struct dns_delegation *d)
{
	return q->where == where && q->q.type == asked->type && q->q.klass == asked->klass &&
	       q->q.dnssec_ok == asked->dnssec_ok && q->q.cd == asked->cd && q->q.ad == asked->ad &&
	       dns_name_equal(&q->q.name, &asked->name) &&
	       (where != DNS_ASK_SERVERS || same_servers(q->delegation, d));
}

static uint64_t hash_of(
	const struct dns_upstream *u, const struct dns_query *q, enum dns_upstream_where where)
{
	uint64_t rest = (uint64_t)q->type << 32 | (uint64_t)q->klass << 16 | (uint64_t)where << 8 |
			(uint64_t)q->dnssec_ok << 2 | (uint64_t)q->cd << 1 | q->ad;

	return map_hash(u->seed ^ rest, q->name.wire, q->name.size);
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
	d->top = ask->top;
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

static struct dns_question *new_question(struct dns_upstream *u, const struct dns_query *asked,
	enum dns_upstream_where where, const struct dns_delegation *d)
{
	struct dns_question *q = mem_alloc(sizeof *q);
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
	q->q = *asked;
	q->where = where;
	q->delegation = own;
	q->hash = hash_of(u, asked, where);
	q->born_ms = clock_mono(u->clock);
	q->deadline_ms = q->born_ms + bound_read(&u->limits->dns_query_time.max);
	return q;
}

static struct dns_question *find(const struct dns_upstream *u, const struct dns_query *asked,
	enum dns_upstream_where where, const struct dns_delegation *d)
{
	uint64_t hash = hash_of(u, asked, where);
	struct dns_question *q = u->buckets[hash % DNS_BUCKETS];

	while (q && (q->hash != hash || !same_question(q, asked, where, d)))
		q = q->next;
	return q;
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
		add_waiter(&q->waiters, w, q);
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
	add_waiter(&q->waiters, w, q);
	dns_question_begin(q);
	return ERR_OK;
}

/* ---- life ---- */

static void take_settings(struct dns_upstream *u, const struct dns_upstream_settings *s)
{
	u->bootstrap_count =
		s->bootstrap_count < DNS_SERVERS_MAX ? s->bootstrap_count : (size_t)DNS_SERVERS_MAX;
	for (size_t i = 0; i < u->bootstrap_count; i++)
		u->bootstraps[i] = s->bootstraps[i];
	u->use_0x20 = s->use_0x20;
	u->trust_ad = s->trust_ad;
	u->rebind_protection = s->rebind_protection;
	u->delegate_port = s->delegate_port;
	u->ca_file = s->ca_file;
}

static void set_up(struct dns_upstream *u, const struct dns_upstream_settings *s)
{
	u->base = s->base;
	u->clock = s->clock;
	u->rng = s->rng;
	u->limits = s->limits;
	u->udp.base = s->base;
	u->udp.clock = s->clock;
	u->udp.rng = s->rng;
	u->udp.timers = &u->timers;
	u->delegated = (struct dns_udp_pool){
		.udp = &u->udp, .row = &s->limits->dns_delegation_sockets, .common = true};
	u->tcp = (struct dns_tcp){.base = s->base,
		.clock = s->clock,
		.rng = s->rng,
		.timers = &u->timers,
		.connections = &s->limits->dns_upstream_connections,
		.streams = &s->limits->dns_upstream_streams,
		.bytes = &s->limits->dns_upstream_bytes,
		.scratch = u->scratch};
	u->sweep.due = dns_targets_sweep;
	u->tell_orphans.due = on_orphans;
	rng_fill(s->rng, &u->seed, sizeof u->seed);
	take_settings(u, s);
}

struct dns_upstream *dns_upstream_new(const struct dns_upstream_settings *s)
{
	struct dns_upstream *u = mem_alloc(sizeof *u);

	if (!u)
		return NULL;
	u->in = dns_answer_new();
	u->out = dns_answer_new();
	u->scratch = mem_alloc(DNS_MESSAGE_MAX);
	set_up(u, s);
	if (dns_timers_init(&u->timers, s->base, s->clock) && u->in && u->out && u->scratch &&
		dns_targets_make(u, s))
		return u;
	dns_upstream_free(u);
	return NULL;
}

void dns_upstream_free(struct dns_upstream *u)
{
	if (!u)
		return;
	u->stopping = true;
	while (u->oldest)
		dns_question_end(u->oldest, NULL, NULL);
	dns_timer_stop(&u->timers, &u->tell_orphans);
	on_orphans(&u->tell_orphans);
	dns_targets_free(u);
	dns_udp_close(&u->delegated);
	dns_tcp_close(&u->tcp, NULL);
	dns_timers_free(&u->timers);
	mem_free(u->scratch);
	mem_free(u->out);
	mem_free(u->in);
	mem_free(u);
}

bool dns_upstream_reload(struct dns_upstream *u, const struct dns_upstream_settings *s)
{
	if (!dns_targets_make(u, s))
		return false;
	take_settings(u, s);
	for (struct dns_question *q = u->oldest; q; q = q->newer)
		if (!q->delegation)
			q->tried = (struct dns_tried){0, 0};
	return true;
}

void dns_upstream_reset(struct dns_upstream *u)
{
	dns_targets_reset(u);
	dns_udp_close(&u->delegated);
	dns_tcp_close(&u->tcp, NULL);
	for (struct dns_question *q = u->oldest; q; q = q->newer) {
		dns_question_stop(q);
		if (q->delegation)
			for (size_t i = 0; i < q->delegation->count; i++)
				dns_server_reset(&q->delegation->servers[i]);
		dns_question_begin(q);
	}
}

void dns_upstream_run(struct dns_upstream *u)
{
	dns_timers_run(&u->timers);
}

uint64_t dns_upstream_wrong(const struct dns_upstream *u)
{
	return u->udp.wrong + u->tcp.wrong;
}

size_t dns_upstream_facts(const struct dns_upstream *u, struct dns_forwarder_facts *to, size_t max)
{
	size_t n = u->target_count < max ? u->target_count : max;

	for (size_t i = 0; i < n; i++) {
		const struct dns_forwarder *f = u->forwarders[i];
		to[i] = (struct dns_forwarder_facts){.text = f->text,
			.up = !f->down,
			.asked = f->asked,
			.answered = f->answered,
			.timed_out = f->timed_out,
			.bad = f->bad,
			.rtt_ms = f->server.measured ? f->server.smooth8 / 8 : 0};
		memcpy(to[i].last_error, f->last_error, sizeof to[i].last_error);
	}
	return n;
}
