/* Role: the way of one question: who may ask, what is kept already, and in the end the reply.
 * Before: dns/server.c has the packet from a listener. After: dns/chase.c answers it;
 * the settings' reply() sends it. */
#include "dns/serve_query.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "dns/read.h"
#include "dns/serve_internal.h"
#include "dns/write.h"

enum {
	SERVFAIL_LIFE_MS = 5000, /* so long a failure is repeated without asking again */
	SWEEP_ENTRIES = 4096,
	FORGET_ENTRIES = 512, /* in one turn of the loop: some 0.2 ms */
};

/* ---- the end of a question ---- */

static size_t limit_for(const struct dns_client *c, const struct dns_query *q)
{
	return c->kind == DNS_CLIENT_UDP ? dns_udp_limit(q) : DNS_MESSAGE_MAX;
}

/* What the node asks by itself, and what is no question, is none of a client's names. */
static void note_name(struct dns_serve *s, const struct dns_task *t, uint64_t now)
{
	if (s->set.asked && t->client.kind != DNS_CLIENT_NODE && t->source != DNS_FROM_ERROR)
		dns_asked_note(s->set.asked, &t->q.name, now - t->began_ms, now);
}

/* Sends what stands in s->wire, unless the client's network has had enough. */
static void reply(
	struct dns_serve *s, const struct dns_task *t, size_t n, uint16_t rcode, uint64_t now)
{
	const struct dns_client *c = &t->client;
	struct dns_figures *f = s->set.figures;

	if (t->told)
		return;
	if (c->kind == DNS_CLIENT_UDP && !dns_access_is_private(c->from.ip))
		switch (dns_rate_take(s->rate, c->from.ip, s->set.rate_limit, now)) {
		case DNS_RATE_FINE:
			break;
		case DNS_RATE_SLIP:
			n = dns_error_write(
				&t->q, DNS_RCODE_NOERROR, true, s->wire, limit_for(c, &t->q));
			break;
		case DNS_RATE_DROP:
			dns_finish_silent(s, NULL, DNS_DROP_RATE);
			s->set.reply(s->set.ctx, c, (struct slice){NULL, 0});
			return;
		}
	dns_count(&f->source[t->source]);
	dns_count(&f->rcode[rcode < DNS_RCODES ? rcode : DNS_RCODE_SERVFAIL]);
	dns_count_latency(f, now - t->began_ms);
	note_name(s, t, now);
	s->set.reply(s->set.ctx, c, (struct slice){s->wire, n});
}

static void keep(struct dns_serve *s, const struct dns_task *t, uint64_t now)
{
	struct dns_keep k = {.until_ms = t->life.until_ms,
		.generation = t->life.generation,
		.ages = t->life.ages,
		.stale_until_ms = dns_stale_until(s, &t->life)};

	if (s->total->rcode == DNS_RCODE_SERVFAIL && t->source != DNS_FROM_CHAIN)
		k = (struct dns_keep){
			.until_ms = now + SERVFAIL_LIFE_MS, .generation = t->life.generation};
	else if (t->life.never)
		return;
	if (k.until_ms <= now)
		return;
	dns_cache_put(s->cache, &t->q, s->total, &k, now);
}

/* SERVFAIL says nothing of the name: no records go with it. */
void dns_finish(struct dns_serve *s, struct dns_task *t)
{
	struct dns_answer *a = s->total;
	uint64_t now = clock_mono(s->set.clock);

	if (a->bad || a->rcode == DNS_RCODE_SERVFAIL) {
		dns_answer_clear(a);
		a->rcode = DNS_RCODE_SERVFAIL;
	}
	for (uint32_t i = 0; i < a->left_out; i++)
		dns_count(&s->set.figures->unwritten);
	if (t->client.kind != DNS_CLIENT_NODE)
		keep(s, t, now);
	size_t n = dns_answer_write(a, &t->q, s->wire, limit_for(&t->client, &t->q));
	reply(s, t, n, a->rcode, now);
}

void dns_finish_error(struct dns_serve *s, struct dns_task *t, uint16_t rcode)
{
	size_t n = dns_error_write(&t->q, rcode, false, s->wire, limit_for(&t->client, &t->q));

	reply(s, t, n, rcode, clock_mono(s->set.clock));
}

void dns_finish_silent(struct dns_serve *s, struct dns_task *t, enum dns_drop why)
{
	dns_count(&s->set.figures->drop[why]);
	if (t && !t->told)
		s->set.reply(s->set.ctx, &t->client, (struct slice){NULL, 0});
}

/* ---- its begin ---- */

/* Is the client allowed to ask? If not, it is told so once a second, and the question is over. */
static bool may_ask(struct dns_serve *s, struct dns_task *t, enum dns_reading reading)
{
	if (t->client.kind == DNS_CLIENT_NODE ||
		dns_access_allows(s->set.access, t->client.from.ip))
		return true;
	t->source = DNS_FROM_ERROR;
	if (reading != DNS_READ_SILENCE && dns_rate_tell(s->rate, t->client.from.ip, t->began_ms)) {
		dns_count(&s->set.figures->drop[DNS_DROP_NOT_ALLOWED]);
		dns_finish_error(s, t, DNS_RCODE_REFUSED);
	} else {
		dns_finish_silent(s, t, DNS_DROP_NOT_ALLOWED);
	}
	return false;
}

/* Answers from what is kept, if that is the answer to the question as it stands. Hosts files come
 * first, but nothing is kept of the names in them. */
static bool answer_kept(struct dns_serve *s, struct dns_task *t)
{
	size_t n = dns_stage_kept(s, t, limit_for(&t->client, &t->q));
	if (n == 0)
		return false;
	t->source = DNS_FROM_CACHE;
	dns_trace_line(t->client.trace, &t->q, "a kept answer");
	reply(s, t, n, s->wire[3] & 0xf, t->began_ms); /* it took no time that counts */
	return true;
}

static void begin(struct dns_serve *s, struct dns_task *t)
{
	if (answer_kept(s, t))
		return;
	t->at = t->q;
	t->first = true;
	t->life.until_ms = UINT64_MAX;
	t->at.edns = false; /* parts have no OPT */
	dns_answer_clear(s->total);
	dns_chase(s, t);
}

void dns_serve_packet(struct dns_serve *s, struct slice packet, const struct dns_client *c)
{
	struct dns_task t = {.client = *c, .began_ms = clock_mono(s->set.clock)};
	uint16_t rcode = DNS_RCODE_NOERROR;
	enum dns_reading reading = dns_query_read(packet, &t.q, &rcode);

	t.q.tell_idle = t.q.keepalive && c->kind == DNS_CLIENT_TCP;
	t.q.idle_100ms = c->idle_tenths;
	if (!may_ask(s, &t, reading))
		return;
	switch (reading) {
	case DNS_READ_SILENCE:
		dns_finish_silent(s, &t, DNS_DROP_NO_QUESTION);
		return;
	case DNS_READ_ERROR:
		t.source = DNS_FROM_ERROR;
		dns_finish_error(s, &t, rcode);
		return;
	case DNS_READ_OK:
		begin(s, &t);
		return;
	}
}

void dns_serve_node(struct dns_serve *s, const struct dns_query *q, const struct dns_client *c)
{
	struct dns_task t = {.client = *c, .q = *q, .began_ms = clock_mono(s->set.clock)};

	begin(s, &t);
}

/* ---- life ---- */

static bool make(struct dns_serve *s)
{
	struct limits *l = s->set.limits;
	uint8_t seed[16];
	uint64_t rate_seed;

	rng_fill(s->set.rng, seed, sizeof seed);
	rng_fill(s->set.rng, &rate_seed, sizeof rate_seed);
	rng_fill(s->set.rng, &s->clients_seed, sizeof s->clients_seed);
	s->cache = dns_cache_new(&l->dns_cache_bytes, &l->dns_answer_bytes, seed);
	s->rate = dns_rate_new(&l->dns_rate_slots, &l->dns_rate_slip, rate_seed);
	s->total = dns_answer_new();
	s->step = s->set.step;
	s->wire = s->set.wire;
	return s->cache && s->rate && s->total;
}

struct dns_serve *dns_serve_new(const struct dns_serve_settings *set)
{
	struct dns_serve *s = mem_alloc(sizeof *s);

	if (!s)
		return NULL;
	s->set = *set;
	if (make(s))
		return s;
	dns_serve_free(s);
	return NULL;
}

void dns_serve_free(struct dns_serve *s)
{
	if (!s)
		return;
	dns_cache_free(s->cache);
	dns_rate_free(s->rate);
	mem_free(s->total);
	mem_free(s);
}

void dns_serve_reload(struct dns_serve *s, const struct dns_serve_settings *set)
{
	s->set = *set;
}

static bool is_listed(void *ctx, const struct dns_query *q)
{
	struct dns_serve *s = ctx;

	dns_answer_clear(s->step);
	return dns_hosts_answer(s->hosts, q, s->step) == DNS_ANSWERED;
}

/* Kept answers stand before hosts files, and an alias of the chain may lead to a name in them. What
 * the files before said is never kept. */
void dns_serve_set_hosts(struct dns_serve *s, const struct dns_hosts *h)
{
	s->hosts = h;
	dns_cache_drop(s->cache, h ? is_listed : NULL, s);
}

void dns_serve_end_turn(struct dns_serve *s)
{
	dns_chain_end_turn(s->set.chain);
}

void dns_serve_sweep(struct dns_serve *s)
{
	dns_cache_sweep(s->cache, clock_mono(s->set.clock), SWEEP_ENTRIES);
}

void dns_serve_tell(struct dns_serve *s)
{
	struct dns_figures *f = s->set.figures;
	struct dns_cache_facts facts;

	dns_cache_facts(s->cache, &facts);
	dns_set(&f->cache_entries, facts.entries);
	dns_set(&f->cache_hits, facts.hits);
	dns_set(&f->cache_misses, facts.misses);
	dns_set(&f->hosts_names, s->hosts ? dns_hosts_names(s->hosts) : 0);
}

bool dns_serve_can_flush(const struct dns_serve *s)
{
	return dns_cache_can_flush(s->cache);
}

void dns_serve_flush(struct dns_serve *s, const struct dns_name *name)
{
	dns_cache_flush(s->cache, name);
}

bool dns_serve_forget(struct dns_serve *s)
{
	struct dns_cache_facts facts;

	if (dns_cache_go_on(s->cache, FORGET_ENTRIES))
		return true;
	dns_cache_facts(s->cache, &facts);
	log_info(
		"dns: %llu kept answers dropped", (unsigned long long)(facts.dropped - s->dropped));
	s->dropped = facts.dropped;
	return false;
}
