/* Role: which addresses a peer is told of, and what is taken of those that it tells (protocol.md
 * 5.8). Part of p2p/p2p.h.
 * Before: p2p/peer.c has a GetPeers or a Peers; p2p/p2p_peers.c tells who is ready. After:
 * p2p/exchange.c judges each address, p2p/addrbook.c keeps it. */
#include "p2p/p2p_internal.h"

bool p2p_wants_addresses(struct p2p *p)
{
	return !p->stopping && p->outbound < p->limits->max_outbound.max &&
	       exchange_waiting(&p->exchange) < PEERS_MAX;
}

/* The address at which the peer listens. The port of an inbound connection is a temporary one, and
 * no message tells the listening port, so we assume ALFIS_PORT as the network does (5.8). */
static struct netaddr listening_address(const struct peer *peer)
{
	struct netaddr a = peer->conn.addr;

	if (!peer->conn.outbound)
		a.port = ALFIS_PORT;
	return a;
}

/* Has another ready peer the same listening address? */
static bool leads_elsewhere_too(const struct peer *peer, const struct netaddr *a)
{
	for (const struct conn *c = peer->p2p->pool.all; c; c = c->next) {
		const struct peer *o = (const struct peer *)c;
		struct netaddr other = listening_address(o);
		if (o != peer && o->ready && conn_alive(c) && netaddr_eq(&other, a))
			return true;
	}
	return false;
}

/* Marks the peer's address as connected. An inbound peer is entered at the address where the
 * network would look for it, but only if it announced itself as public. */
void p2p_met(struct peer *peer)
{
	struct p2p *p = peer->p2p;
	struct netaddr a = listening_address(peer);

	if (!peer->conn.outbound && (!peer->is_public || !exchange_allows(&p->exchange, &a)))
		return;
	addrbook_met(&p->book, &a);
	p->kept_changes++;
}

/* Clears the mark of p2p_met(), but not at shutdown: the peers of the moment are saved as those of
 * the last session. */
void p2p_parted(struct peer *peer)
{
	struct p2p *p = peer->p2p;
	struct netaddr a = listening_address(peer);

	if (peer->conn.why == CLOSE_SHUTDOWN || !addrbook_is_present(&p->book, &a) ||
		leads_elsewhere_too(peer, &a))
		return;
	addrbook_left(&p->book, &a);
	p->kept_changes++;
}

static bool already_in(const struct netaddr *list, size_t n, const struct netaddr *a)
{
	for (size_t i = 0; i < n; i++)
		if (netaddr_eq(&list[i], a))
			return true;
	return false;
}

static bool may_be_named(const struct peer *peer, const struct peer *asker)
{
	return conn_alive(&peer->conn) && peer->ready && peer->is_public && peer != asker &&
	       !netaddr_same_ip(&peer->conn.addr, &asker->conn.addr);
}

/* Up to PEERS_SENT_MAX addresses of public peers. If there are more, a random sample in which each
 * has the same chance (reservoir sampling). */
static size_t public_peers(const struct peer *asker, struct netaddr out[PEERS_SENT_MAX])
{
	const struct p2p *p = asker->p2p;
	uint32_t seen = 0;

	for (const struct conn *c = p->pool.all; c; c = c->next) {
		const struct peer *peer = (const struct peer *)c;
		struct netaddr a = listening_address(peer);
		size_t n = seen < PEERS_SENT_MAX ? seen : PEERS_SENT_MAX;
		if (!may_be_named(peer, asker) || !exchange_allows(&p->exchange, &a) ||
			already_in(out, n, &a))
			continue;
		seen++;
		uint32_t place = n < PEERS_SENT_MAX ? (uint32_t)n : rng_below(p->rng, seen);
		if (place < PEERS_SENT_MAX)
			out[place] = a;
	}
	return seen < PEERS_SENT_MAX ? seen : PEERS_SENT_MAX;
}

/* Fills a Peers message with public peers that are connected now, as the network does. We never
 * send addresses of the book: one that works may belong to somebody who does not want to be
 * listed. */
void p2p_pick_peers(
	struct peer *peer, struct message *m, char text[PEERS_SENT_MAX][NETADDR_TEXT_MAX])
{
	struct netaddr chosen[PEERS_SENT_MAX];

	m->peer_count = public_peers(peer, chosen);
	for (size_t i = 0; i < m->peer_count; i++)
		m->peers[i] = slice_str(netaddr_text(&chosen[i], text[i]));
}

/* Are we connected with the peer, or not to dial it? The network counts one peer for each IP; on
 * one machine or a private network several peers share an IP, so there the port counts, too. */
static bool is_known(void *ctx, const struct netaddr *a)
{
	const struct p2p *p = ctx;
	bool by_port = p->exchange.allow_local || netaddr_is_loopback(a);

	for (const struct conn *c = p->pool.all; c && !by_port; c = c->next)
		if (conn_alive(c) && netaddr_same_ip(&c->addr, a))
			return true;
	return p2p_must_not_dial(ctx, a, false);
}

void p2p_take_peers(struct peer *peer, const struct message *m)
{
	struct p2p *p = peer->p2p;
	struct netaddr a;
	bool any = false;

	if (m->peer_count > PEERS_MAX)
		return;
	for (size_t i = 0; i < m->peer_count; i++)
		if (exchange_take(&p->exchange, m->peers[i], is_known, p, &a)) {
			addrbook_heard(&p->book, &a, &peer->conn.addr);
			any = true;
		}
	if (any && p->dialer)
		dialer_wake(p->dialer);
}
