/* Role: what the parts of the DNS server are given: its settings, and the hooks by which they
 * answer and ask. Before: dns/server_loop.c makes and reloads them. After: dns/serve_query.c,
 * dns/upstream.c. */
#include <event2/event.h>
#include <string.h>

#include "base/mem.h"
#include "dns/server_internal.h"
#include "dns/tcp_listener.h"
#include "dns/udp_listener.h"

static void copy_message(struct dns_server *d, struct dns_reply *r, struct slice answer)
{
	if (atomic_load(&d->reply_bytes) + answer.n > DNS_REPLY_BYTES) {
		bound_hit(&d->set.limits->dns_replies);
		return;
	}
	r->message = answer.n ? mem_alloc(answer.n) : NULL;
	if (!r->message)
		return;
	memcpy(r->message, answer.p, answer.n);
	r->size = answer.n;
}

static void give_to_node(struct dns_server *d, const struct dns_client *c, struct slice answer)
{
	struct dns_reply r = {.number = c->number, .trace = c->trace};

	copy_message(d, &r, answer);
	atomic_fetch_add(&d->reply_bytes, r.size); /* before the node can take it */
	if (loop_queue_put(d->replies, &r) == ERR_OK)
		return;
	atomic_fetch_sub(&d->reply_bytes, r.size);
	dns_reply_drop(&r);
}

static void on_reply(void *ctx, const struct dns_client *c, struct slice answer)
{
	struct dns_server *d = ctx;

	event_active(d->turn_end, EV_TIMEOUT, 0);
	switch (c->kind) {
	case DNS_CLIENT_UDP:
		if (answer.n && d->udp)
			dns_udp_listener_send(d->udp, c, answer);
		return;
	case DNS_CLIENT_TCP:
		if (d->tcp)
			dns_tcp_listener_end(d->tcp, c, answer);
		return;
	case DNS_CLIENT_NODE:
		give_to_node(d, c, answer);
		return;
	}
}

void dns_server_serve_settings(struct dns_server *d, struct dns_serve_settings *out)
{
	*out = (struct dns_serve_settings){.clock = d->set.clock,
		.rng = d->set.rng,
		.limits = d->set.limits,
		.figures = &d->figures,
		.asked = d->asked,
		.access = &d->setup->access,
		.chain = d->chain,
		.upstream = d->upstream,
		.step = dns_upstream_answer(d->upstream),
		.wire = dns_upstream_message(d->upstream),
		.chain_is_current = &d->is_current,
		.rate_limit = d->setup->rate_limit,
		.delegate_port = d->setup->delegate_port,
		.delegate_private = d->setup->delegate_private,
		.stale_ms = d->setup->stale_ms,
		.reply = on_reply,
		.ctx = d};
}

/* Others hear of it without a question: an alert hangs on it. */
static void on_forwarders_changed(void *ctx)
{
	struct dns_server *d = ctx;

	d->facts_at_ms = 0;
	event_active(d->turn_end, EV_TIMEOUT, 0);
}

/* Of the chain as it is in this turn of the loop; 0 while it is not known. */
static int64_t tip_time(void *ctx)
{
	struct dns_server *d = ctx;

	event_active(d->turn_end, EV_TIMEOUT, 0);
	return dns_chain_tip_time(d->chain, clock_wall(d->set.clock));
}

/* Hosts of forwarders are in hosts files, too. */
static bool look_up_host(void *ctx, const struct dns_query *q, struct dns_answer *out)
{
	const struct dns_server *d = ctx;

	return d->hosts && dns_hosts_answer(d->hosts, q, out) == DNS_ANSWERED;
}

void dns_server_upstream_settings(struct dns_server *d, struct dns_upstream_settings *out)
{
	*out = (struct dns_upstream_settings){.base = d->base,
		.clock = d->set.clock,
		.rng = d->set.rng,
		.limits = d->set.limits,
		.forwarders = d->setup->forwarders,
		.forwarder_count = d->setup->forwarder_count,
		.bootstraps = d->setup->bootstraps,
		.bootstrap_count = d->setup->bootstrap_count,
		.use_0x20 = d->setup->use_0x20,
		.trust_ad = d->setup->trust_ad,
		.rebind_protection = d->setup->rebind_protection,
		.ca_file = d->setup->ca_file,
		.tip_time = tip_time,
		.host = look_up_host,
		.changed = on_forwarders_changed,
		.ctx = d,
		.delegate_port = d->setup->delegate_port};
}
