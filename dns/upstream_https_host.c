/* The way to a forwarder by HTTPS: its host is looked up by the bootstraps, and questions wait for
 * the address. Only names of such hosts are asked for here.
 *
 * Before: dns/upstream_try.c and the probes of dns/upstream_probe.c send. After:
 * dns/bootstrap.c knows the addresses, dns/upstream_tcp.c carries the questions. */
#include "dns/name.h"
#include "dns/upstream_internal.h"

enum {
	OLD_MS = 500, /* so long others are waited for, then the last good addresses are used */
	CONNECT_MS = 1000, /* for one of several addresses */
};

static struct dns_target *target_of_timer(struct dns_timer *timer)
{
	return (struct dns_target *)(void *)((char *)timer -
					     offsetof(struct dns_target, https.timer));
}

static uint64_t now_of(const struct dns_target *t)
{
	return clock_mono(t->u->clock);
}

/* ---- by an address ---- */

static bool take_address(struct dns_target *t, struct dns_tcp_server *s)
{
	s->connect_ms = dns_bootstrap_others(&t->https.host) ? CONNECT_MS : 0;
	return dns_bootstrap_address(&t->https.host, &s->to);
}

static bool next_address(struct dns_tcp_server *s)
{
	struct dns_target *t =
		(struct dns_target *)(void *)((char *)s->ctx - offsetof(struct dns_target, tls));

	return dns_bootstrap_unreached(&t->https.host) && take_address(t, s);
}

static enum err send_there(struct dns_target *t, struct dns_exchange *x)
{
	take_address(t, &t->tcp);
	return dns_tcp_send(&t->u->tcp, &t->tcp, x);
}

/* ---- questions that wait for one ---- */

static void drop_waiting(struct dns_exchange *x)
{
	dns_exchange_unlink(x);
	x->carrier = NULL;
}

static struct dns_exchange *take_waiting(struct dns_target *t)
{
	struct dns_exchange *x = t->https.waiting;

	drop_waiting(x);
	return x;
}

static void fail(struct dns_exchange *x, const char *why)
{
	x->over(x, DNS_REPLY_FAILED, slice_of(NULL, 0), why);
}

static const char *why_not(struct dns_target *t, enum err e)
{
	if (e == ERR_FULL)
		return "limits.dns_upstream_connections has no place for it";
	return dns_target_why(t);
}

static void send_waiting(struct dns_target *t)
{
	while (t->https.waiting) {
		struct dns_exchange *x = take_waiting(t);
		enum err e = send_there(t, x);
		if (e != ERR_OK)
			fail(x, why_not(t, e));
		else
			x->again = true; /* what its answer took says nothing of the server */
	}
}

/* Its time is that of one that has to make a connection. Nothing is asked from within the call of
 * another one. */
static void wait(struct dns_target *t, struct dns_exchange *x)
{
	dns_exchange_link(&t->https.waiting, x);
	x->carrier = t;
	x->drop = drop_waiting;
	x->waited_ms = 1;
	if (!t->https.timer.place)
		dns_timer_set(&t->u->timers, &t->https.timer, 0);
}

static bool has_way(const struct dns_target *t)
{
	const struct dns_bootstrap *b = &t->https.host;
	uint64_t now = now_of(t);
	struct netaddr old;

	if (dns_bootstrap_is_good(b, now))
		return true;
	return dns_bootstrap_address(b, &old) && !dns_bootstrap_is_due(b, now) &&
	       (!dns_bootstrap_is_asking(b) || now >= t->https.old_ms);
}

static enum err send_by_https(struct dns_target *t, struct dns_exchange *x)
{
	if (t->u->renew_tls.place)
		return ERR_FULL;
	if (has_way(t))
		return send_there(t, x);
	wait(t, x);
	return ERR_OK;
}

/* ---- who knows the address ---- */

/* A bootstrap answered, or none did. Others are being told now: the questions go out in the next
 * turn. */
static void on_answer(struct dns_target *t, bool v6, const struct dns_answer *a)
{
	dns_bootstrap_answer(&t->https.host, v6, a, t->port, now_of(t));
	if (!t->u->stopping)
		dns_timer_set(&t->u->timers, &t->https.timer, 0);
}

static void on_v6(struct dns_waiter *w, const struct dns_answer *a)
{
	on_answer((struct dns_target *)(void *)((char *)w - offsetof(struct dns_target, https.v6)),
		true, a);
}

static void on_v4(struct dns_waiter *w, const struct dns_answer *a)
{
	on_answer((struct dns_target *)(void *)((char *)w - offsetof(struct dns_target, https.v4)),
		false, a);
}

static void set_type(struct dns_ask *ask, bool v6)
{
	ask->q.type = v6 ? DNS_TYPE_AAAA : DNS_TYPE_A;
}

/* Hosts files come first: by them the user says where a host is. */
static bool ask_files(struct dns_target *t, struct dns_ask *ask)
{
	struct dns_upstream *u = t->u;
	bool found = false;

	for (int v6 = 1; u->host && v6 >= 0; v6--) {
		set_type(ask, v6);
		dns_answer_clear(u->in);
		if (!u->host(u->ctx, &ask->q, u->in))
			return false;
		dns_bootstrap_answer(&t->https.host, v6, u->in, t->port, now_of(t));
		found = true;
	}
	return found;
}

static void ask_bootstraps(struct dns_target *t, struct dns_ask *ask)
{
	struct dns_https *h = &t->https;

	for (int v6 = 1; v6 >= 0; v6--) {
		struct dns_waiter *w = v6 ? &h->v6 : &h->v4;
		set_type(ask, v6);
		w->done = v6 ? on_v6 : on_v4;
		if (dns_upstream_ask(t->u, ask, w) != ERR_OK)
			dns_bootstrap_answer(&h->host, v6, NULL, t->port, now_of(t));
	}
}

static void ask(struct dns_target *t)
{
	struct dns_https *h = &t->https;
	struct dns_ask ask = {
		.where = DNS_ASK_BOOTSTRAPS, .q = {.has_question = true, .klass = DNS_CLASS_IN}};

	dns_bootstrap_asked(&h->host);
	h->old_ms = now_of(t) + OLD_MS;
	h->why = t->u->bootstrap_count
			 ? "the bootstraps do not know its host"
			 : "its host is in no hosts file, and dns.bootstraps is empty";
	if (!dns_name_from_text(slice_str(t->name), &ask.q.name) || !ask_files(t, &ask))
		ask_bootstraps(t, &ask);
}

static void on_timer(struct dns_timer *timer)
{
	struct dns_target *t = target_of_timer(timer);
	struct dns_bootstrap *b = &t->https.host;
	struct netaddr old;

	if (!t->https.waiting)
		return;
	if (t->u->renew_tls.place) {
		dns_timer_set(&t->u->timers, timer, 0);
		return;
	}
	if (dns_bootstrap_is_due(b, now_of(t)))
		ask(t);
	if (has_way(t))
		send_waiting(t);
	else if (dns_bootstrap_is_asking(b) && dns_bootstrap_address(b, &old))
		dns_timer_set(&t->u->timers, timer, t->https.old_ms);
	while (t->https.waiting && !dns_bootstrap_is_asking(b))
		fail(take_waiting(t), t->https.why);
}

/* ---- the transport ---- */

void dns_https_begin(struct dns_target *t)
{
	struct netaddr literal;
	bool is_address = netaddr_parse_loose(slice_str(t->name), t->port, &literal);

	t->https.timer.due = on_timer;
	if (is_address)
		dns_bootstrap_fix(&t->https.host, &literal, 1);
	t->tls = (struct dns_tls_server){.tls = &t->u->tls,
		.name = is_address ? NULL : t->name,
		.addr = is_address ? literal : (struct netaddr){.port = 0},
		.alpn = "h2"};
	t->tcp = (struct dns_tcp_server){.make = dns_tls_make,
		.why = dns_tls_why,
		.next = next_address,
		.protocol = &dns_https_protocol,
		.ctx = &t->tls};
}

static void close_https(struct dns_target *t)
{
	dns_tcp_close(&t->u->tcp, &t->tls);
	while (t->https.waiting)
		take_waiting(t);
	dns_bootstrap_reset(&t->https.host);
}

static const char *why_https(struct dns_target *t)
{
	return dns_tls_why(&t->tls, NULL);
}

const struct dns_transport_functions dns_by_https = {
	.send = send_by_https, .close = close_https, .why = why_https};
