/* Which connection a question to a server takes: one that is there, or a new one, within the rows.
 * Before: dns/upstream_try.c, dns/upstream_probe.c. After: dns/upstream_tcp_conn.c. */
#include "dns/upstream_tcp_internal.h"

enum { QUOTA_PART = 4 };

static const struct dns_tcp_protocol *protocol_of(const struct dns_tcp_server *s)
{
	return s->protocol ? s->protocol : &dns_tcp_by_length;
}

void dns_tcp_close(struct dns_tcp *t, const void *ctx)
{
	struct dns_tcp_conn *next;

	for (struct dns_tcp_conn *c = t->conns; c; c = next) {
		next = c->next;
		if (!ctx || c->server.ctx == ctx)
			dns_tcp_conn_forget(c);
	}
}

/* ---- places ---- */

static size_t common_count(const struct dns_tcp *t)
{
	size_t n = 0;

	for (const struct dns_tcp_conn *c = t->conns; c; c = c->next)
		n += c->server.common;
	return n;
}

/* Closes the connection that has been idle for longest. */
static bool make_room(struct dns_tcp *t, bool common)
{
	struct dns_tcp_conn *least = NULL;

	for (struct dns_tcp_conn *c = t->conns; c; c = c->next)
		if (c->waiting == 0 && !c->busy && (!common || c->server.common) &&
			(!least || c->heard_ms < least->heard_ms))
			least = c;
	if (least)
		dns_tcp_conn_forget(least);
	return least != NULL;
}

static bool has_room(const struct dns_tcp *t, const struct dns_tcp_server *to)
{
	uint64_t most = bound_read(&t->connections->max),
		 quota = (most + QUOTA_PART - 1) / QUOTA_PART;

	return bound_has(t->connections, 1) && bound_has(t->bytes, protocol_of(to)->bytes) &&
	       (!to->common || common_count(t) < quota);
}

void dns_tcp_give_places(struct dns_tcp *t, const struct dns_tcp_server *to)
{
	bound_give(t->connections, 1);
	bound_give(t->bytes, protocol_of(to)->bytes);
}

static enum err open_conn(
	struct dns_tcp *t, const struct dns_tcp_server *to, struct dns_tcp_conn **out)
{
	if (!has_room(t, to))
		make_room(t, to->common);
	if (!has_room(t, to)) {
		bool bytes = bound_has(t->bytes, protocol_of(to)->bytes);
		bound_hit(bytes ? t->connections : t->bytes);
		return ERR_FULL;
	}
	bound_take(t->connections, 1);
	bound_take(t->bytes, protocol_of(to)->bytes);
	*out = dns_tcp_conn_new(t, to);
	if (*out)
		return ERR_OK;
	dns_tcp_give_places(t, to);
	return ERR_IO;
}

/* ---- the choice ---- */

static bool same_server(const struct dns_tcp_server *a, const struct dns_tcp_server *b)
{
	return (protocol_of(a)->single || netaddr_eq(&a->to, &b->to)) && a->make == b->make &&
	       a->ctx == b->ctx && a->protocol == b->protocol && a->common == b->common;
}

static bool can_take(const struct dns_tcp *t, const struct dns_tcp_conn *c)
{
	return c->waiting < bound_read(&t->streams->max) && !dns_tcp_is_behind(c) &&
	       (!c->protocol->has_room || c->protocol->has_room(c));
}

/* The connection to this server with the fewest questions that has room for one more; NULL with
 * *full when there is one without room, and it is to be the only one. `fresh`: only one that has
 * not answered yet. */
static struct dns_tcp_conn *usable(
	const struct dns_tcp *t, const struct dns_tcp_server *to, bool fresh, bool *full)
{
	struct dns_tcp_conn *least = NULL;

	*full = false;
	for (struct dns_tcp_conn *c = t->conns; c; c = c->next) {
		if (!same_server(&c->server, to) || c->leaving || (fresh && c->answered))
			continue;
		if (!can_take(t, c))
			*full = c->protocol->single;
		else if (!least || c->waiting < least->waiting)
			least = c;
	}
	return least;
}

static enum err send_by(
	struct dns_tcp *t, const struct dns_tcp_server *to, bool fresh, struct dns_exchange *x)
{
	bool full;
	struct dns_tcp_conn *c = usable(t, to, fresh, &full);

	if (!c && full) {
		bound_hit(t->streams);
		return ERR_FULL;
	}
	enum err e = c ? ERR_OK : open_conn(t, to, &c);
	if (e == ERR_OK && !dns_tcp_conn_send(c, x))
		e = ERR_IO;
	return e;
}

/* An address may be known at once to be out of reach, as those of IPv6 are in many networks. */
static enum err send_anywhere(
	struct dns_tcp *t, const struct dns_tcp_server *to, bool fresh, struct dns_exchange *x)
{
	struct dns_tcp_server s = *to;
	enum err e = send_by(t, &s, fresh, x);

	while (e == ERR_IO && s.next && s.next(&s))
		e = send_by(t, &s, fresh, x);
	return e;
}

enum err dns_tcp_send_on_fresh(
	struct dns_tcp *t, const struct dns_tcp_server *to, struct dns_exchange *x)
{
	return send_anywhere(t, to, true, x);
}

enum err dns_tcp_send(struct dns_tcp *t, const struct dns_tcp_server *to, struct dns_exchange *x)
{
	x->again = false;
	return send_anywhere(t, to, false, x);
}
