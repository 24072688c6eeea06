/* Role: questions of clients that wait for another server: their places, what is kept of them, and
 * what follows from the answer. Before: dns/chase.c. After: dns/upstream.h; then dns/chase.c goes
 * on. */
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "dns/name.h"
#include "dns/read.h"
#include "dns/serve_internal.h"
#include "dns/write.h"

/* A question that waits, without its names: which one is asked for dns_upstream tells again, and
 * the client's is either the same but for its capitals, or stands in the answer so far. */
struct pending {
	struct dns_waiter waiter; /* first, since dns_upstream gives it back */
	struct dns_serve *s;
	struct so_far *so_far; /* NULL = the first name is asked for */
	struct dns_client client;
	uint64_t until_ms, generation; /* struct dns_life */
	uint64_t began_ms;
	uint16_t id, type, payload;
	bool rd : 1, cd : 1, ad : 1, edns : 1, dnssec_ok : 1, tell_idle : 1;
	bool delegated : 1, ages : 1, never : 1;
	bool told : 1;      /* the client has an expired answer */
	uint8_t capitals[]; /* as many bits as the name has bytes; none when there is so_far */
};

/* What an alias has led to: a message, whose question is the client's. Counted by dns_chase_bytes.
 */
struct so_far {
	size_t size;
	uint8_t message[];
};

/* ---- places ---- */

static uint16_t *places_of(struct dns_serve *s, const struct dns_client *c)
{
	uint64_t hash = map_hash(s->clients_seed, c->from.ip, sizeof c->from.ip);

	return &s->clients[hash % DNS_CLIENT_SLOTS];
}

static bool take_place(struct dns_serve *s, const struct dns_client *c)
{
	struct limits *l = s->set.limits;
	uint16_t *n = places_of(s, c);

	if (*n >= bound_read(&l->dns_waiters_per_client.max) || *n == UINT16_MAX) {
		bound_hit(&l->dns_waiters_per_client);
		return false;
	}
	if (!bound_take(&l->dns_waiters, 1))
		return false;
	++*n;
	bound_peak(&l->dns_waiters_per_client, *n);
	return true;
}

static void give_place(struct dns_serve *s, const struct dns_client *c)
{
	--*places_of(s, c);
	bound_give(&s->set.limits->dns_waiters, 1);
}

static size_t so_far_bytes(size_t message)
{
	return sizeof(struct so_far) + message;
}

/* Packs s->total, if there is anything in it. False when there is no room. */
static bool pack(struct dns_serve *s, const struct dns_task *t, struct pending *p)
{
	struct dns_query plain = t->q;

	if (t->first)
		return true;
	plain.edns = false;
	size_t n = dns_answer_write(s->total, &plain, s->wire, DNS_MESSAGE_MAX);
	if (n == 0 || !bound_take(&s->set.limits->dns_chase_bytes, so_far_bytes(n)))
		return false;
	p->so_far = mem_alloc(so_far_bytes(n));
	if (!p->so_far) {
		bound_give(&s->set.limits->dns_chase_bytes, so_far_bytes(n));
		return false;
	}
	p->so_far->size = n;
	memcpy(p->so_far->message, s->wire, n);
	return true;
}

static void pending_free(struct pending *p)
{
	struct dns_serve *s = p->s;

	if (p->so_far)
		bound_give(&s->set.limits->dns_chase_bytes, so_far_bytes(p->so_far->size));
	mem_free(p->so_far);
	give_place(s, &p->client);
	mem_free(p);
}

/* ---- the answer ---- */

static void put_question(struct pending *p, const struct dns_query *q)
{
	p->id = q->id;
	p->type = q->type;
	p->payload = q->payload;
	p->rd = q->rd;
	p->cd = q->cd;
	p->ad = q->ad;
	p->edns = q->edns;
	p->dnssec_ok = q->dnssec_ok;
	p->tell_idle = q->tell_idle;
}

/* The bits of a name's capitals, in bytes. */
static size_t capitals_of(const struct dns_name *n)
{
	return n->size / 8 + 1;
}

static void put_capitals(struct pending *p, const struct dns_name *n)
{
	uint8_t bits[DNS_CAPITALS];

	dns_name_note_capitals(n, bits);
	memcpy(p->capitals, bits, capitals_of(n));
}

/* What the client asked, if it asked for this name. */
static struct dns_query question_of(const struct pending *p, const struct dns_name *name)
{
	struct dns_query q = {.id = p->id,
		.rd = p->rd,
		.cd = p->cd,
		.ad = p->ad,
		.edns = p->edns,
		.dnssec_ok = p->dnssec_ok,
		.payload = p->payload,
		.tell_idle = p->tell_idle,
		.idle_100ms = p->client.idle_tenths,
		.has_question = true,
		.name = *name,
		.type = p->type,
		.klass = DNS_CLASS_IN};

	if (!p->so_far)
		dns_name_set_capitals(&q.name, p->capitals, capitals_of(name));
	return q;
}

/* Makes the task again as it was when it began to wait, with s->total. False when the message that
 * we wrote ourselves cannot be read. */
static bool unpack(struct dns_serve *s, struct pending *p, struct dns_task *t)
{
	struct dns_query said;
	bool tc;

	*t = (struct dns_task){.client = p->client,
		.q = question_of(p, p->waiter.name),
		.source = p->delegated ? DNS_FROM_DELEGATION : DNS_FROM_FORWARDER,
		.first = !p->so_far,
		.told = p->told,
		.life = {p->until_ms, p->generation, p->ages, p->never},
		.began_ms = p->began_ms};
	t->at = t->q;
	dns_answer_clear(s->total);
	if (!p->so_far)
		return true;
	t->at.name = *p->waiter.name;
	bool good = dns_response_read(
		(struct slice){p->so_far->message, p->so_far->size}, &said, s->total, &tc);
	t->q.name = said.name;
	return good;
}

/* Keeps the answer to the name that was asked for, which others may be led to as well. */
static void keep_step(struct dns_serve *s, struct dns_task *t, uint64_t now)
{
	uint32_t life = dns_answer_life(s->step, t->at.type);
	struct dns_life part = {
		.until_ms = now + life * UINT64_C(1000), .ages = true, .never = life == 0};

	if (t->source == DNS_FROM_DELEGATION)
		part.generation = dns_chain_generation(s->set.chain);
	dns_life_join(&t->life, &part);
	if (t->first || life == 0)
		return; /* the whole is the same answer, and kept when it is done */
	const struct dns_keep keep = {.until_ms = part.until_ms,
		.generation = part.generation,
		.ages = true,
		.stale_until_ms = dns_stale_until(s, &part)};
	dns_cache_put(s->cache, &t->at, s->step, &keep, now);
}

/* A code that is of use between servers only is none for a client (8.9a item 2). */
static void take_answer(struct dns_serve *s, const struct dns_answer *a)
{
	dns_answer_clear(s->step);
	if (!a) {
		s->step->rcode = DNS_RCODE_SERVFAIL;
		return;
	}
	s->step->rcode = a->rcode > DNS_RCODE_REFUSED ? DNS_RCODE_NOERROR : a->rcode;
	s->step->ad = a->ad;
	dns_answer_append(s->step, a);
}

/* Did all servers fail? No answer says that no more than a code that is none about the name. */
static bool is_failure(const struct dns_answer *a)
{
	return !a || a->bad ||
	       (a->rcode != DNS_RCODE_NOERROR && a->rcode != DNS_RCODE_NXDOMAIN &&
		       a->rcode <= DNS_RCODE_REFUSED);
}

/* What has expired is better than a failure, which stands for some time. */
static bool use_stale(struct dns_serve *s, struct dns_task *t)
{
	if (t->source != DNS_FROM_FORWARDER || !dns_stage_stale(s, t, DNS_STALE))
		return false;
	dns_cache_failed(s->cache, &t->at, clock_mono(s->set.clock));
	return true;
}

/* The client gets what has expired, if there is such an answer; the question goes on. */
static void on_late(struct dns_waiter *w)
{
	struct pending *p = (struct pending *)(void *)w;
	struct dns_task t;

	if (p->told || p->delegated || !unpack(p->s, p, &t) ||
		!dns_stage_stale(p->s, &t, DNS_STALE))
		return;
	p->told = true;
	p->client.trace = NULL;
	dns_chase_on(p->s, &t);
}

static void on_done(struct dns_waiter *w, const struct dns_answer *a)
{
	struct pending *p = (struct pending *)(void *)w;
	struct dns_serve *s = p->s;
	struct dns_task t;
	char rcode[DNS_TYPE_TEXT_MAX];

	bool good = unpack(s, p, &t);
	pending_free(p);
	take_answer(s, good ? a : NULL);
	if (a)
		dns_rcode_text(a->rcode, rcode);
	if (t.source == DNS_FROM_DELEGATION)
		dns_trace_line(t.client.trace, &t.at, "the domain's own servers: %s",
			a ? rcode : "no answer");
	else
		dns_trace_line(t.client.trace, &t.at, "forwarder: %s",
			a ? rcode : "no answer; alfisd dns show has the last error of each");
	t.at.edns = false;
	if (!is_failure(good ? a : NULL) || !use_stale(s, &t))
		keep_step(s, &t, clock_mono(s->set.clock));
	dns_chase_on(s, &t);
}

/* ---- asking ---- */

/* Addresses of strangers lead nowhere but into the open network. */
static size_t usable_servers(const struct dns_serve *s, const struct dns_delegation *to,
	struct netaddr servers[DNS_DELEGATION_SERVERS])
{
	size_t n = 0;

	for (size_t i = 0; i < to->count; i++) {
		struct netaddr *a = &servers[n];
		memcpy(a->ip, to->ip[i], sizeof a->ip);
		a->port = s->set.delegate_port;
		n += s->set.delegate_private || netaddr_is_routable(a);
	}
	return n;
}

static size_t pending_bytes(const struct dns_task *t)
{
	size_t most = offsetof(struct pending, capitals) + capitals_of(&t->q.name);

	return t->first && most > sizeof(struct pending) ? most : sizeof(struct pending);
}

static struct pending *pending_new(struct dns_serve *s, const struct dns_task *t)
{
	if (!take_place(s, &t->client))
		return NULL;
	struct pending *p = mem_alloc(pending_bytes(t));
	if (!p) {
		give_place(s, &t->client);
		return NULL;
	}
	p->waiter.done = on_done;
	p->waiter.late = s->set.stale_ms ? on_late : NULL;
	p->told = t->told;
	p->s = s;
	p->client = t->client;
	put_question(p, &t->q);
	if (t->first)
		put_capitals(p, &t->q.name);
	p->until_ms = t->life.until_ms;
	p->generation = t->life.generation;
	p->ages = t->life.ages;
	p->never = t->life.never;
	p->began_ms = t->began_ms;
	if (pack(s, t, p))
		return p;
	pending_free(p);
	return NULL;
}

/* Has the client sent this very question before, and waits? Only one whose slot has others of its
 * questions can have. */
static bool is_repeated(struct dns_serve *s, const struct pending *p)
{
	if (p->client.kind != DNS_CLIENT_UDP || *places_of(s, &p->client) < 2)
		return false;
	for (struct dns_waiter *w = p->waiter.next; w; w = w->next) {
		const struct pending *o = (const struct pending *)(const void *)w;
		if (w->done == on_done && o->client.kind == DNS_CLIENT_UDP && o->id == p->id &&
			o->client.socket == p->client.socket && !o->told &&
			netaddr_eq(&o->client.from, &p->client.from))
			return true;
	}
	return false;
}

/* The first one gets the answer. */
static void drop_repeated(struct dns_serve *s, struct pending *p, const struct dns_task *t)
{
	struct dns_task over = *t;

	dns_upstream_forget(s->set.upstream, &p->waiter);
	pending_free(p);
	dns_finish_silent(s, &over, DNS_DROP_REPEATED);
}

enum err dns_wait(struct dns_serve *s, const struct dns_task *t, const struct dns_delegation *to)
{
	struct netaddr servers[DNS_DELEGATION_SERVERS];
	struct dns_ask ask = {.q = t->at, .where = to ? DNS_ASK_SERVERS : DNS_ASK_FORWARDERS};

	if (to) {
		ask.servers = servers;
		ask.server_count = usable_servers(s, to, servers);
		ask.top = to->top;
	}
	struct pending *p = pending_new(s, t);
	if (!p)
		return ERR_FULL;
	p->delegated = to != NULL;
	enum err err = dns_upstream_ask(s->set.upstream, &ask, &p->waiter);
	if (err != ERR_OK)
		pending_free(p);
	else if (is_repeated(s, p))
		drop_repeated(s, p, t);
	return err;
}
