/* Role: the random ids that we show to peers, and how we detect that we have dialled ourselves
 * (protocol.md 5.1, 5.6). Each connection has an id of its own, so that nobody can find out by ids
 * which addresses belong to one node, or show an id that another peer was given. Connections
 * between the same two hosts share one id while they last: by it a peer of our own kind sees that
 * it has two connections with one node.
 * Before and after: p2p/handshake.c. */
#include "p2p/p2p_internal.h"

static void draw(const struct rng *rng, char id[RAND_ID_SIZE + 1])
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!?";

	for (size_t i = 0; i < RAND_ID_SIZE; i++)
		id[i] = letters[rng_below(rng, sizeof letters - 1)];
	id[RAND_ID_SIZE] = 0;
}

bool peer_same_host(const struct peer *peer, const struct peer *o)
{
	uint8_t a[16], b[16];

	netaddr_host(&peer->conn.addr, a);
	netaddr_host(&o->conn.addr, b);
	return memcmp(a, b, sizeof a) == 0;
}

/* Do both connections join the same two hosts, by our address and by the peer's? */
static bool same_pair(const struct peer *peer, const struct peer *o)
{
	return memcmp(peer->our_host, o->our_host, sizeof peer->our_host) == 0 &&
	       peer_same_host(peer, o);
}

struct slice identity_shown(struct peer *peer)
{
	struct netaddr local;

	if (peer->our_id[0])
		return slice_str(peer->our_id);
	if (conn_local(&peer->conn, &local))
		netaddr_host(&local, peer->our_host);
	for (struct conn *c = peer->conn.pool->all; c && !peer->our_id[0]; c = c->next) {
		const struct peer *o = peer_of(c);
		if (conn_alive(c) && o->our_id[0] && same_pair(peer, o))
			memcpy(peer->our_id, o->our_id, sizeof peer->our_id);
	}
	if (!peer->our_id[0])
		draw(peer->p2p->rng, peer->our_id);
	return slice_str(peer->our_id);
}

bool identity_is_ours(const struct p2p *p, struct slice id)
{
	for (struct conn *c = p->pool.all; c; c = c->next)
		if (peer_of(c)->our_id[0] && slice_is(id, peer_of(c)->our_id))
			return true;
	return false;
}

/* Are `peer` and `o` the two ends of one session, so that we dialled ourselves? An id proves
 * nothing, because anyone who received it can repeat it. The session key is known to its two ends
 * only. */
static bool other_end(const struct peer *peer, const struct peer *o)
{
	return o->conn.outbound && !o->ready && o->conn.phase >= PHASE_HANDSHAKE &&
	       memcmp(peer->session.key, o->session.key, sizeof peer->session.key) == 0;
}

void identity_note_loop(struct peer *peer)
{
	for (struct conn *c = peer->conn.pool->all; c; c = c->next)
		if (peer_of(c) != peer && other_end(peer, peer_of(c)))
			peer_of(c)->is_self = true;
}
