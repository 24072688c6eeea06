/* The forwarders of the settings with their sockets: made, taken over at a reload, probed while
 * they are down, freed. Before: dns/upstream.c. After: the transports; dns/forwarders.c keeps what
 * is known of each. */
#include <string.h>

#include "base/mem.h"
#include "dns/upstream_internal.h"
#include "dns/upstream_tcp_internal.h"

/* ---- how they are reached ---- */

static enum err send_udp(struct dns_target *t, struct dns_exchange *x)
{
	return dns_udp_send(&t->udp, &t->f.server.addr, x);
}

static void close_udp(struct dns_target *t)
{
	dns_udp_close(&t->udp);
}

static enum err send_tcp(struct dns_target *t, struct dns_exchange *x)
{
	return dns_tcp_send(&t->u->tcp, &t->tcp, x);
}

static void close_tcp(struct dns_target *t)
{
	dns_tcp_close(&t->u->tcp, t);
}

/* While the certificates are to be read anew there is no place. */
static enum err send_tls(struct dns_target *t, struct dns_exchange *x)
{
	return t->u->renew_tls.place ? ERR_FULL : dns_tcp_send(&t->u->tcp, &t->tcp, x);
}

static void close_tls(struct dns_target *t)
{
	dns_tcp_close(&t->u->tcp, &t->tls);
}

static const char *why_tls(struct dns_target *t)
{
	return dns_tls_why(&t->tls, NULL);
}

static const struct dns_transport_functions by_udp = {.send = send_udp,
						    .close = close_udp,
						    .capitals = true},
					    by_tcp = {.send = send_tcp, .close = close_tcp},
					    by_tls = {.send = send_tls,
						    .close = close_tls,
						    .why = why_tls};

static void set_tls(struct dns_target *t)
{
	t->first = &by_tls;
	t->tls = (struct dns_tls_server){
		.tls = &t->u->tls, .name = t->name, .addr = t->f.server.addr};
	t->tcp = (struct dns_tcp_server){.to = t->f.server.addr,
		.make = dns_tls_make,
		.why = dns_tls_why,
		.protocol = &dns_tcp_by_tls,
		.ctx = &t->tls};
}

static void set_https(struct dns_target *t)
{
#ifdef WITH_NGHTTP2
	t->first = &dns_by_https;
	dns_https_begin(t);
#else
	dns_forwarder_error(&t->f, "this program is built without libnghttp2");
#endif
}

static void set_transports(struct dns_target *t)
{
	if (t->kind == DNS_OVER_TLS) {
		set_tls(t);
		return;
	}
	if (t->kind == DNS_OVER_HTTPS) {
		set_https(t);
		return;
	}
	if (t->kind != DNS_OVER_UDP) {
		dns_forwarder_error(&t->f, "this program cannot reach it");
		return;
	}
	t->first = &by_udp;
	t->second = &by_tcp;
	t->udp = (struct dns_udp_pool){
		.udp = &t->u->udp, .row = &t->u->limits->dns_sockets_per_forwarder};
	t->tcp = (struct dns_tcp_server){.to = t->f.server.addr, .ctx = t};
}

const char *dns_target_why(struct dns_target *t)
{
	const char *why = t->first && t->first->why ? t->first->why(t) : NULL;

	return why ? why : "it cannot be sent there";
}

/* ---- made and freed ---- */

static void free_target(struct dns_target *t)
{
	dns_target_stop_probing(t);
	if (t->second)
		t->second->close(t);
	if (t->first)
		t->first->close(t);
	dns_upstream_forget(t->u, &t->https.v6);
	dns_upstream_forget(t->u, &t->https.v4);
	dns_timer_stop(&t->u->timers, &t->https.timer);
	mem_free(t);
}

static size_t length_of(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static const char *keep(char **at, const char *text)
{
	size_t n = length_of(text);
	char *kept = *at;

	if (!n)
		return NULL;
	memcpy(kept, text, n);
	*at += n;
	return kept;
}

static struct dns_target *make_target(
	struct dns_upstream *u, const struct dns_forwarder_settings *s)
{
	size_t texts = length_of(s->text) + length_of(s->name) + length_of(s->path);
	struct dns_target *t = mem_alloc(sizeof *t + texts);

	if (!t)
		return NULL;
	char *at = t->texts;
	t->u = u;
	t->kind = s->transport;
	t->port = s->port;
	t->f.server.addr = s->addr;
	t->f.text = keep(&at, s->text);
	t->name = keep(&at, s->name);
	t->path = keep(&at, s->path);
	t->probe_timer.due = dns_target_probe;
	set_transports(t);
	return t;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static struct dns_target *find_equal(
	const struct dns_upstream *u, const struct dns_forwarder_settings *s)
{
	for (size_t i = 0; i < u->target_count; i++) {
		struct dns_target *t = u->targets[i];
		if (t->kind == s->transport && t->port == s->port &&
			netaddr_eq(&t->f.server.addr, &s->addr) && same_text(t->f.text, s->text) &&
			same_text(t->name, s->name) && same_text(t->path, s->path))
			return t;
	}
	return NULL;
}

static bool contains(struct dns_target *const *all, size_t count, const struct dns_target *t)
{
	for (size_t i = 0; i < count; i++)
		if (all[i] == t)
			return true;
	return false;
}

static void remove_target(struct dns_upstream *u, struct dns_target *t)
{
	t->removed = true;
	dns_target_stop_probing(t);
	t->next = u->removed;
	u->removed = t;
	if (t->users == 0)
		dns_timer_set(&u->timers, &u->sweep, 0);
}

bool dns_targets_make(struct dns_upstream *u, const struct dns_upstream_settings *s)
{
	struct dns_target *all[DNS_FORWARDERS_MAX];
	size_t most = s->forwarder_count < DNS_FORWARDERS_MAX ? s->forwarder_count
							      : (size_t)DNS_FORWARDERS_MAX,
	       count = 0;

	for (; count < most; count++) {
		struct dns_target *old = find_equal(u, &s->forwarders[count]);
		if (old && contains(all, count, old))
			old = NULL;
		all[count] = old ? old : make_target(u, &s->forwarders[count]);
		if (!all[count])
			break;
	}
	if (count < most) {
		while (count-- > 0)
			if (!contains(u->targets, u->target_count, all[count]))
				free_target(all[count]);
		return false;
	}
	for (size_t i = 0; i < u->target_count; i++)
		if (!contains(all, count, u->targets[i]))
			remove_target(u, u->targets[i]);
	u->target_count = count;
	for (size_t i = 0; i < count; i++) {
		u->targets[i] = all[i];
		u->forwarders[i] = &all[i]->f;
	}
	return true;
}

void dns_target_left(struct dns_target *t)
{
	t->users--;
	if (t->removed && t->users == 0)
		dns_timer_set(&t->u->timers, &t->u->sweep, 0);
}

static void free_removed(struct dns_upstream *u)
{
	for (struct dns_target **place = &u->removed; *place;) {
		struct dns_target *t = *place;
		if (t->users) {
			place = &t->next;
			continue;
		}
		*place = t->next;
		free_target(t);
	}
}

void dns_targets_sweep(struct dns_timer *timer)
{
	free_removed((struct dns_upstream *)(void *)((char *)timer -
						     offsetof(struct dns_upstream, sweep)));
}

void dns_targets_free(struct dns_upstream *u)
{
	dns_timer_stop(&u->timers, &u->sweep);
	free_removed(u);
	while (u->target_count)
		free_target(u->targets[--u->target_count]);
}

void dns_targets_reset(struct dns_upstream *u)
{
	for (size_t i = 0; i < u->target_count; i++) {
		struct dns_target *t = u->targets[i];
		dns_target_stop_probing(t);
		dns_forwarder_reset(&t->f);
		if (t->second)
			t->second->close(t);
		if (t->first)
			t->first->close(t);
	}
}

/* ---- TLS ---- */

bool dns_targets_have_tls(const struct dns_upstream *u)
{
	for (size_t i = 0; i < u->target_count; i++)
		if (dns_target_has_tls(u->targets[i]))
			return true;
	return false;
}

static void close_if_tls(struct dns_target *t)
{
	if (dns_target_has_tls(t) && t->first)
		t->first->close(t);
}

void dns_targets_renew_tls(struct dns_upstream *u)
{
	if (!u->tls.context) {
		dns_tls_free(&u->tls); /* one that could not be made is tried again at once */
		return;
	}
	for (size_t i = 0; i < u->target_count; i++)
		close_if_tls(u->targets[i]);
	for (struct dns_target *t = u->removed; t; t = t->next)
		close_if_tls(t);
	for (struct dns_question *q = u->oldest; q; q = q->newer)
		dns_question_park(q);
	/* The closed connections hold the old ones until the next turn. */
	dns_timer_set(&u->timers, &u->renew_tls, 0);
}
