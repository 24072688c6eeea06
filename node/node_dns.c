/* Starts, stops and reloads the DNS server, and tells it whether the chain is up to date. Before:
 * node/node.c, node/reload.c, node/engines.c. After: dns/server.h. */
#include "node/node_dns.h"

#include <stdatomic.h>
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "config/keys.h"
#include "dns/server.h"
#include "node/node.h"

/* ---- start and stop ---- */

/* The reference node runs on without its DNS port or a hosts file: with its settings file so do
 * we, and say why. */
static bool forgive(struct node *n)
{
	if (!n->config->reference) {
		log_error("%s", n->dns.why);
		n->status = EXIT_TASK_FAILED;
		return false;
	}
	log_warn("%s; the node runs without a DNS server", n->dns.why);
	return true;
}

static void say_where(const struct node_dns *d)
{
	struct netaddr at[CONFIG_LIST_MAX];
	char text[NETADDR_TEXT_MAX];
	size_t n = dns_server_addresses(d->server, at, CONFIG_LIST_MAX);

	for (size_t i = 0; i < n; i++)
		log_info("DNS server on %s", netaddr_text(&at[i], text));
}

/* Starts the server, which owns both from then on; false with a line in n->dns.why. */
static bool serve(struct node *n, struct dns_setup *setup, struct dns_hosts *hosts)
{
	struct config *c = n->config;
	struct node_dns *d = &n->dns;
	const struct dns_server_settings s = {.limits = &c->limits,
		.store = chain_store(n->chain),
		.params = &n->params,
		.clock = n->clock,
		.rng = n->rng,
		.listen = c->dns_listen.ptr,
		.listen_count = c->dns_listen.count};

	d->server = dns_server_start(&s, setup, hosts, d->why, sizeof d->why);
	return d->server != NULL;
}

bool node_dns_start(struct node *n)
{
	struct config *c = n->config;
	struct node_dns *d = &n->dns;
	struct dns_setup_error e;
	struct dns_hosts *hosts;

	if (!c->limits.dns)
		return true;
	struct dns_setup *setup = dns_setup_new(c, &e);
	if (!setup || !node_dns_hosts_load(n, &hosts)) {
		mem_free(setup);
		if (!d->why[0])
			snprintf(d->why, sizeof d->why, "%s: %s", config_keys[e.key].path, e.text);
		return forgive(n);
	}
	if (!serve(n, setup, hosts))
		return forgive(n);
	if (!node_dns_hear(n)) {
		log_error("dns: out of memory");
		n->status = EXIT_TASK_FAILED;
		return false;
	}
	/* until node_dns_look() knows more */
	dns_server_set_current(d->server, c->peers.count == 0);
	say_where(d);
	return true;
}

void node_dns_stop(struct node *n)
{
	node_dns_hosts_end(&n->dns);
	node_dns_deafen(n);
	dns_server_stop(n->dns.server);
	n->dns.server = NULL;
}

/* ---- while it runs ---- */

#define WITHOUT_HTTP2                                                                              \
	"this program is built without HTTP/2: install libnghttp2-dev and build it anew"
#define NO_HOST                                                                                    \
	"\"%s\" has a host that nobody can look up: set dns.bootstraps, or write its address"

/* A forwarder that this program cannot ask is left out. When none remains that is an error, but in
 * the reference node's file, which names such a one as it is shipped. */
static void judge_left_out(struct config *c, const struct dns_setup *setup)
{
	for (size_t i = 0; i < setup->left_out_count; i++) {
		const char *text = c->dns_forwarders.ptr[setup->left_out[i]];
		if (c->reference || setup->forwarder_count)
			config_notice_key(c, KEY_dns_forwarders,
				"%s is left out, because " WITHOUT_HTTP2, text);
		else
			config_fault_key(c, KEY_dns_forwarders,
				"\"%s\": " WITHOUT_HTTP2 ", or name IP, IP:port or tls://IP#name",
				text);
	}
}

/* Hosts of forwarders are names that somebody has to know. */
static void judge_hosts_of_forwarders(struct config *c, const struct dns_setup *setup)
{
	struct netaddr a;

	if (c->dns_bootstraps.count || c->dns_hosts.count)
		return;
	for (size_t i = 0; i < setup->forwarder_count; i++) {
		const struct dns_forwarder_settings *f = &setup->forwarders[i];
		if (f->transport != DNS_OVER_HTTPS ||
			netaddr_parse_loose(slice_str(f->name), f->port, &a))
			continue;
		if (c->reference)
			config_notice_key(c, KEY_dns_forwarders, NO_HOST, f->text);
		else
			config_fault_key(c, KEY_dns_forwarders, NO_HOST, f->text);
	}
}

void node_dns_judge(struct config *c)
{
	struct dns_setup_error e;
	struct dns_setup *setup;

	if (!c->limits.dns)
		return;
	setup = dns_setup_new(c, &e);
	if (!setup && e.text[0])
		config_fault_key(c, e.key, "%s", e.text);
	if (setup) {
		judge_left_out(c, setup);
		judge_hosts_of_forwarders(c, setup);
	}
	mem_free(setup);
}

bool node_dns_reload(struct node *n, const struct config *fresh, char *said, size_t size)
{
	struct dns_setup_error e;

	if (!n->dns.server)
		return true;
	struct dns_setup *setup = dns_setup_new(fresh, &e);
	if (!setup || !dns_server_reload(n->dns.server, setup)) {
		mem_free(setup);
		snprintf(said, size, "dns: the server is too busy to take new settings");
		return false;
	}
	node_dns_hosts_begin(n, fresh);
	return true;
}

static uint64_t questions(const struct node_dns *d)
{
	const struct dns_figures *f = dns_server_figures(d->server);

	return atomic_load_explicit(&f->udp, memory_order_relaxed) +
	       atomic_load_explicit(&f->tcp, memory_order_relaxed);
}

/* Is a name that is not found really none? Once a peer has confirmed our tip, having none to ask is
 * no reason for doubt. */
static bool is_current(const struct node *n, enum reason reason)
{
	switch (reason) {
	case REASON_AT_TIP:
	case REASON_SIGNATURES:
		return true;
	case REASON_NO_PEERS:
	case REASON_ALONE:
	case REASON_NOT_AHEAD:
	case REASON_STOPPING:
		return n->dns.confirmed || n->config->peers.count == 0;
	default:
		return false;
	}
}

void node_dns_network_changed(struct node *n)
{
	/* When the queue is full the forwarders are found to be down, and probed. */
	if (n->dns.server)
		(void)dns_server_network_changed(n->dns.server);
}

void node_dns_look(struct node *n, enum reason reason)
{
	struct node_dns *d = &n->dns;

	if (!d->server)
		return;
	d->confirmed |= reason == REASON_AT_TIP || reason == REASON_SIGNATURES;
	d->current = is_current(n, reason);
	dns_server_set_current(d->server, d->current);
	dns_pace_note(&d->pace, questions(d), clock_mono(n->clock));
	dns_server_forget_asked(d->server);
	if (d->load_again)
		node_dns_hosts_begin(n, n->config);
}

void node_dns_told(struct node *n, struct api_dns *out)
{
	const struct node_dns *d = &n->dns;

	*out = (struct api_dns){.why = d->server ? "" : d->why};
	if (!d->server)
		return;
	out->figures = dns_server_figures(d->server);
	out->pace = dns_pace_rate(&d->pace, questions(d), clock_mono(n->clock));
	out->current = d->current;
	out->keeps_names = dns_server_keeps_names(d->server);
	dns_server_count_forwarders(d->server, &out->forwarders, &out->forwarders_up);
	out->addresses = dns_server_addresses(d->server, out->at, CONFIG_LIST_MAX);
}

size_t node_dns_asked(
	struct node *n, enum dns_asked_order order, struct dns_asked_told *to, size_t max)
{
	return n->dns.server ? dns_server_asked(n->dns.server, order, to, max) : 0;
}

size_t node_dns_forwarders(struct node *n, struct dns_forwarder_told *to, size_t max)
{
	return n->dns.server ? dns_server_forwarders(n->dns.server, to, max) : 0;
}

enum err node_dns_flush(struct node *n, const struct dns_name *name)
{
	if (!n->dns.server)
		return ERR_NOT_FOUND;
	return dns_server_flush(n->dns.server, name) ? ERR_OK : ERR_FULL;
}
