/* Role: the thread of the DNS server: makes the parts, runs the loop, and frees them. Before:
 * dns/server.c starts it. After: dns/serve_query.c answers what the listeners read. */
#include <event2/event.h>
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "dns/server_internal.h"
#include "dns/tcp_listener.h"
#include "dns/udp_listener.h"
#include "net/event_loop.h"
#include "net/listen_sockets.h"

enum { FACTS_MS = 1000 /* the facts about forwarders are copied so often at most */ };

/* ---- questions and answers ---- */

static void on_question(void *ctx, struct slice packet, const struct dns_client *c)
{
	struct dns_server *d = ctx;

	event_active(d->turn_end, EV_TIMEOUT, 0);
	dns_serve_packet(d->serve, packet, c);
}

static void copy_facts(struct dns_server *d)
{
	struct dns_forwarder_facts facts[DNS_FACTS_MAX];
	size_t n = dns_upstream_facts(d->upstream, facts, DNS_FACTS_MAX);

	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < n; i++) {
		snprintf(d->facts[i].text, sizeof d->facts[i].text, "%s", facts[i].text);
		d->facts[i].facts = facts[i];
		d->facts[i].facts.text = NULL;
	}
	d->fact_count = n;
	pthread_mutex_unlock(&d->lock);
}

/* Copies what other threads may see. */
static void tell(struct dns_server *d)
{
	uint64_t now = clock_mono(d->set.clock);

	if (now - d->facts_at_ms < FACTS_MS && d->facts_at_ms)
		return;
	d->facts_at_ms = now;
	dns_serve_tell(d->serve);
	copy_facts(d);
}

/* Runs once, after all that was answered in this turn of the loop. */
static void on_turn_end(evutil_socket_t fd, short what, void *ctx)
{
	struct dns_server *d = ctx;

	(void)fd;
	(void)what;
	dns_serve_end_turn(d->serve);
	tell(d);
}

static void on_cleanup(evutil_socket_t fd, short what, void *ctx)
{
	struct dns_server *d = ctx;

	(void)fd;
	(void)what;
	dns_serve_sweep(d->serve);
	tell(d);
}

/* Nobody may wait while a large cache is looked through: some of it in each turn of the loop. A
 * time of 0 is up in the next turn, behind what sockets have. */
static void on_forget(evutil_socket_t fd, short what, void *ctx)
{
	static const struct timeval next_turn;
	struct dns_server *d = ctx;

	(void)fd;
	(void)what;
	while (dns_serve_forget(d->serve))
		if (evtimer_add(d->forget, &next_turn) == 0)
			return;
	tell(d); /* without memory for a timer all went in one turn */
}

/* ---- commands ---- */

static void set_cleanup(struct dns_server *d)
{
	uint64_t ms = d->setup->cleanup_ms;
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	event_add(d->cleanup, &tv);
}

static void keep_names(struct dns_server *d)
{
	if (!dns_asked_keep(d->asked, d->setup->page_names))
		log_error("dns.page_names: out of memory: no names are kept");
}

/* Takes new settings, and frees the old ones; when memory runs out the old ones stay. */
static void reload(struct dns_server *d, struct dns_setup *fresh)
{
	struct dns_setup *old = d->setup;
	struct dns_upstream_settings u;
	struct dns_serve_settings s;

	d->setup = fresh;
	dns_server_upstream_settings(d, &u);
	if (!dns_upstream_reload(d->upstream, &u)) {
		log_error("dns: reload: out of memory; the old settings stay");
		d->setup = old;
		mem_free(fresh);
		return;
	}
	dns_server_serve_settings(d, &s);
	dns_serve_reload(d->serve, &s);
	keep_names(d);
	set_cleanup(d);
	mem_free(old);
	d->facts_at_ms = 0;
	tell(d);
}

static uint64_t hosts_held(const struct dns_hosts *h)
{
	return h ? dns_hosts_bytes(h) : 0;
}

/* For a moment both are held. */
static void set_hosts(struct dns_server *d, struct dns_hosts *fresh)
{
	struct dns_hosts *old = d->hosts;
	struct bound *row = &d->set.limits->dns_hosts_bytes;

	bound_note(row, hosts_held(old) + hosts_held(fresh));
	d->hosts = fresh;
	dns_serve_set_hosts(d->serve, fresh);
	dns_hosts_free(old);
	bound_note(row, hosts_held(fresh));
}

static void carry_out(struct dns_server *d, struct dns_command *c)
{
	const struct dns_client node = {
		.kind = DNS_CLIENT_NODE, .number = c->number, .trace = c->trace};

	switch (c->kind) {
	case DNS_COMMAND_RESET:
		dns_upstream_reset(d->upstream);
		return;
	case DNS_COMMAND_RELOAD:
		reload(d, c->setup);
		c->setup = NULL;
		return;
	case DNS_COMMAND_HOSTS:
		set_hosts(d, c->hosts);
		c->hosts = NULL;
		event_active(d->forget, EV_TIMEOUT, 0);
		return;
	case DNS_COMMAND_FLUSH:
		dns_serve_flush(d->serve, c->q ? &c->q->name : NULL);
		event_active(d->forget, EV_TIMEOUT, 0);
		return;
	case DNS_COMMAND_ASK:
		c->trace = NULL; /* the reply's from now on */
		dns_serve_node(d->serve, c->q, &node);
		return;
	}
}

static void on_command(evutil_socket_t fd, short what, void *ctx)
{
	struct dns_server *d = ctx;
	struct dns_command c;
	enum err err = ERR_OK;

	(void)fd;
	(void)what;
	/* others wait in the queue until there is room to forget a name */
	while (dns_serve_can_flush(d->serve) &&
		(err = loop_queue_take(d->commands, &c)) == ERR_OK) {
		carry_out(d, &c);
		dns_command_drop(&c);
	}
	if (err == ERR_STOPPING)
		event_base_loopbreak(d->base);
}

/* ---- start and end ---- */

static bool fail(struct dns_server *d, const char *why)
{
	if (!d->why[0])
		snprintf(d->why, sizeof d->why, "%s", why);
	return false;
}

static bool make_listeners(struct dns_server *d)
{
	struct limits *l = d->set.limits;
	const struct dns_udp_listener_owner udp = {.question = on_question,
		.ctx = d,
		.figures = &d->figures,
		.turn = &l->dns_udp_turn};
	const struct dns_tcp_listener_owner tcp = {.question = on_question,
		.ctx = d,
		.figures = &d->figures,
		.clock = d->set.clock,
		.limits = l};
	const struct listen_wish wish = {.key = "dns.listen",
		.type = SOCK_STREAM,
		.addresses = d->tcp_listen,
		.count = d->tcp_count,
		.privilege = DNS_PRIVILEGE};

	d->udp = dns_udp_listener_open(d->base, d->udp_sockets, &udp);
	d->udp_sockets = NULL;
	d->tcp = d->udp ? dns_tcp_listener_open(d->base, &wish, &tcp, d->why, sizeof d->why) : NULL;
	return d->tcp != NULL;
}

static bool make_events(struct dns_server *d)
{
	d->commanded =
		event_new(d->base, loop_queue_fd(d->commands), EV_READ | EV_PERSIST, on_command, d);
	d->cleanup = event_new(d->base, -1, EV_PERSIST, on_cleanup, d);
	d->turn_end = event_new(d->base, -1, 0, on_turn_end, d);
	d->forget = evtimer_new(d->base, on_forget, d);
	if (!d->commanded || !d->cleanup || !d->turn_end || !d->forget ||
		event_add(d->commanded, NULL) != 0)
		return false;
	set_cleanup(d);
	return true;
}

static bool make(struct dns_server *d)
{
	static const char memory[] = "dns: out of memory or descriptors";
	struct dns_upstream_settings u;
	struct dns_serve_settings s;

	d->base = event_loop_new();
	if (!d->base)
		return fail(d, memory);
	d->chain = dns_chain_open(d->set.store, d->set.params, d->why, sizeof d->why);
	if (!d->chain)
		return fail(d, memory);
	dns_server_upstream_settings(d, &u);
	d->upstream = dns_upstream_new(&u);
	if (!d->upstream)
		return fail(d, memory);
	dns_server_serve_settings(d, &s);
	d->serve = dns_serve_new(&s);
	if (!d->serve || !make_events(d) || !make_listeners(d))
		return fail(d, memory);
	dns_serve_set_hosts(d->serve, d->hosts);
	bound_note(&d->set.limits->dns_hosts_bytes, hosts_held(d->hosts));
	keep_names(d);
	tell(d);
	return true;
}

/* In the order in which they use each other: questions that wait end with upstream, and their
 * answers still find the listeners. */
void dns_server_free_parts(struct dns_server *d)
{
	dns_upstream_free(d->upstream);
	dns_tcp_listener_close(d->tcp);
	dns_udp_listener_close(d->udp);
	dns_serve_free(d->serve);
	dns_chain_close(d->chain);
	if (d->commanded)
		event_free(d->commanded);
	if (d->cleanup)
		event_free(d->cleanup);
	if (d->turn_end)
		event_free(d->turn_end);
	if (d->forget)
		event_free(d->forget);
	if (d->base)
		event_base_free(d->base);
	listen_sockets_close(d->udp_sockets);
	dns_hosts_free(d->hosts);
	bound_note(&d->set.limits->dns_hosts_bytes, 0);
	mem_free(d->setup);
}

void *dns_server_loop(void *ctx)
{
	struct dns_server *d = ctx;

	d->good = make(d);
	bool good = d->good;
	sem_post(&d->ready);
	if (good)
		event_base_dispatch(d->base);
	dns_server_free_parts(d);
	return NULL;
}
