/* Role: lists bans, configured peers and known addresses for status reports. Part of p2p/p2p.h.
 * Before: api/status_peers.c. After: p2p/bans.c, p2p/dialer.c, p2p/addrbook.c. */
#include "p2p/p2p_internal.h"

bool p2p_ban_next(struct p2p *p, size_t *at, struct p2p_ban *out)
{
	struct ban_info b;

	if (!bans_next(&p->bans, at, &b))
		return false;
	*out = (struct p2p_ban){b.host, b.until, b.left, b.why};
	return true;
}

/* The peer that is connected under this address, or NULL. */
static struct peer *peer_at(struct p2p *p, const struct netaddr *a)
{
	for (struct conn *c = p->pool.all; c; c = c->next)
		if (conn_alive(c) && netaddr_eq(&c->addr, a))
			return peer_of(c);
	return NULL;
}

bool p2p_configured(struct p2p *p, size_t i, struct p2p_configured *out)
{
	struct dialer_peer d;

	if (!p->dialer || !dialer_peer(p->dialer, i, &d))
		return false;
	const struct peer *peer = d.busy ? peer_at(p, &d.dialled) : NULL;
	*out = (struct p2p_configured){.text = d.text, .error = d.error, .failures = d.failures};
	if (peer && peer->ready)
		out->id = peer->conn.id;
	else if (!d.busy && !d.resolving)
		out->wait_ms = d.wait_ms;
	out->state = out->id       ? "connected"
		     : d.busy      ? "dialling"
		     : d.resolving ? "resolving"
				   : "waiting";
	return true;
}

bool p2p_known_next(struct p2p *p, size_t *at, struct p2p_known *out)
{
	struct addrbook_entry e;

	*out = (struct p2p_known){.rest = 0};
	if (!addrbook_next(&p->book, at, &out->addr, &e, &out->rest))
		return false;
	const struct peer *connected = peer_at(p, &out->addr);
	out->last_seen = e.last_seen;
	out->last_try = e.last_try;
	out->last_success = e.last_success;
	out->failures = e.failures;
	bool banned = p2p_is_shut(p, &out->addr, false);
	out->state = connected && connected->ready ? "connected"
		     : banned                      ? "banned"
		     : e.tried                     ? "tried"
						   : "new";
	return true;
}
