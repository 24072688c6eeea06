/* Makes, changes and frees what asks other servers, and tells what is known of them.
 * Before: dns/server.c, dns/serve_query.c. After: dns/upstream_table.c, dns/upstream_target.c. */
#include "base/mem.h"
#include "dns/upstream_internal.h"

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
	u->tls.ca_file = s->ca_file;
	u->host = s->host;
	u->changed = s->changed;
	u->ctx = s->ctx;
}

static void on_renew_tls(struct dns_timer *timer)
{
	dns_tls_free(&((struct dns_upstream *)(void *)((char *)timer -
						       offsetof(struct dns_upstream, renew_tls)))
			      ->tls);
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
	u->tls = (struct dns_tls){.clock = s->clock,
		.bytes = &s->limits->dns_tls_context_bytes,
		.tip_time = s->tip_time,
		.ctx = s->ctx};
	u->sweep.due = dns_targets_sweep;
	u->renew_tls.due = on_renew_tls;
	u->tell_orphans.due = dns_orphans_tell;
	u->late.due = dns_late_tell;
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
	dns_orphans_tell(&u->tell_orphans);
	dns_timer_stop(&u->timers, &u->late);
	dns_targets_free(u);
	dns_udp_close(&u->delegated);
	dns_tcp_close(&u->tcp, NULL);
	dns_timer_stop(&u->timers, &u->renew_tls);
	dns_tls_free(&u->tls);
	bound_note(u->tls.bytes, 0);
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
	dns_targets_renew_tls(u);
	for (struct dns_question *q = u->oldest; q; q = q->newer)
		if (!q->delegation)
			q->tried = (struct dns_tried){0, 0, 0};
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

struct dns_answer *dns_upstream_answer(struct dns_upstream *u)
{
	return u->in;
}

uint8_t *dns_upstream_message(struct dns_upstream *u)
{
	return u->scratch;
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
