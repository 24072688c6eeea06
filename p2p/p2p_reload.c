/* Role: applies changed settings while peers are connected. Part of p2p/p2p.h.
 * Before: node/reload.c. After: net/listener.c, p2p/dialer.c, p2p/conn_pool.c. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "net/listener.h"
#include "p2p/p2p_internal.h"

enum { LISTEN_SAID_MAX = 32 };

static bool same_texts(const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
	bool same = a_count == b_count;

	for (size_t i = 0; same && i < a_count; i++)
		same = strcmp(a[i], b[i]) == 0;
	return same;
}

static bool has_text(const char *const *list, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], text) == 0)
			return true;
	return false;
}

/* ---- listeners ---- */

static void say_where(const struct listener *l, size_t count)
{
	struct netaddr at[LISTEN_SAID_MAX];
	char text[NETADDR_TEXT_MAX];
	size_t n = listener_addresses(l, at, LISTEN_SAID_MAX);

	for (size_t i = 0; i < n && i < count; i++)
		log_info("listening on %s", netaddr_text(&at[i], text));
}

bool p2p_listen(struct p2p *p, const struct p2p_settings *s)
{
	struct listener_owner owner = {p2p_accepted, p};
	const struct listen_wish wish = {.key = "net.listen",
		.type = SOCK_STREAM,
		.addresses = s->listen,
		.count = s->listen_count};

	p2p_listen_drop(p);
	if (s->listen_count == 0) {
		log_info("net.listen is empty: nobody can connect to this node");
		return true;
	}
	p->listener = listener_open(s->base, &wish, &owner, p->why, sizeof p->why);
	if (p->listener) {
		say_where(p->listener, s->listen_count);
		return true;
	}
	if (s->listen_may_fail && p2p_listen_later(p, s))
		return true;
	log_error("%s", p->why);
	return false;
}

/* Replaces the listeners. The old ones are closed first, because an address cannot be listened on
 * twice, and are opened again if the new ones fail. False: p->why says why. */
static bool move_listeners(
	struct p2p *p, const struct p2p_settings *old, const struct p2p_settings *fresh)
{
	char why[sizeof p->why];

	bool same = same_texts(old->listen, old->listen_count, fresh->listen, fresh->listen_count);

	if (same && !p->later.text)
		return true;
	listener_close(p->listener);
	p->listener = NULL;
	if (p2p_listen(p, fresh))
		return true;
	snprintf(why, sizeof why, "%s", p->why);
	p2p_listen(p, old);
	snprintf(p->why, sizeof p->why, "%s", why);
	return false;
}

/* ---- peers and connections ---- */

static void move_peers(
	struct p2p *p, const struct p2p_settings *old, const struct p2p_settings *fresh)
{
	for (size_t i = 0; i < old->peer_count; i++)
		if (!has_text(fresh->peers, fresh->peer_count, old->peers[i]))
			p2p_peer_remove(p, old->peers[i]);
	for (size_t i = 0; i < fresh->peer_count; i++)
		if (!has_text(old->peers, old->peer_count, fresh->peers[i]))
			p2p_add_configured(p, fresh->peers[i]);
}

static struct conn *youngest(struct p2p *p, bool outbound)
{
	struct conn *found = NULL;

	for (struct conn *c = p->pool.all; c; c = c->next)
		if (conn_alive(c) && c->outbound == outbound && (!found || c->since > found->since))
			found = c;
	return found;
}

static size_t alive(struct p2p *p, bool outbound)
{
	size_t n = 0;

	for (struct conn *c = p->pool.all; c; c = c->next)
		n += conn_alive(c) && c->outbound == outbound;
	return n;
}

/* Closes the newest connections of that direction until at most `most` are left. */
static void close_beyond(struct p2p *p, bool outbound, uint64_t most)
{
	for (size_t n = alive(p, outbound); n > most; n--)
		conn_close(youngest(p, outbound), CLOSE_LIMIT);
}

static void close_foreign(struct p2p *p)
{
	for (struct conn *c = p->pool.all; c; c = c->next)
		if (conn_alive(c) && !netaddr_is_yggdrasil(&c->addr))
			conn_close(c, CLOSE_OPERATOR);
}

/* ---- all ---- */

bool p2p_reload(struct p2p *p, const struct p2p_settings *old, const struct p2p_settings *fresh)
{
	struct netaddr source, own, was;
	bool has_bind_addr = fresh->bind && fresh->bind[0];
	bool has_own = fresh->advertise && fresh->advertise[0];

	if (has_bind_addr && !netaddr_parse_loose(slice_str(fresh->bind), 0, &source)) {
		snprintf(p->why, sizeof p->why, "net.bind: \"%s\" is no address", fresh->bind);
		return false;
	}
	if (has_own && !netaddr_parse_loose(slice_str(fresh->advertise), ALFIS_PORT, &own)) {
		snprintf(p->why, sizeof p->why, "net.advertise: \"%s\" is no address",
			fresh->advertise);
		return false;
	}
	if (!move_listeners(p, old, fresh))
		return false;
	if ((p->has_bind_addr = has_bind_addr))
		p->bind_addr = source;
	if (old->advertise && netaddr_parse_loose(slice_str(old->advertise), ALFIS_PORT, &was))
		exchange_forget_own(&p->exchange, &was);
	if (has_own)
		exchange_note_own(&p->exchange, &own);
	p->is_public = fresh->is_public;
	p->yggdrasil_only = p->exchange.yggdrasil_only = fresh->yggdrasil_only;
	move_peers(p, old, fresh);
	if (p->yggdrasil_only)
		close_foreign(p);
	return true;
}

const char *p2p_why(const struct p2p *p)
{
	return p->why;
}

void p2p_refit(struct p2p *p)
{
	const struct limits *l = p->limits;

	p->id_rows.max = l->max_connections.max;
	p->admission.host_rows.max = p->admission.group_rows.max = l->max_inbound.max;
	close_beyond(p, true, l->max_outbound.max);
	close_beyond(p, false, l->max_inbound.max);
	dialer_wake(p->dialer);
}
