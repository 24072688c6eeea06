/* Role: copies out what the peer-to-peer side knows about one peer, and its counters. Part of
 * p2p/p2p.h.
 * Before: api/status_peers.c, api/metrics.c, sync/peer_link.c. After: nothing, it only reads. */
#include "net/listener.h"
#include "p2p/p2p_internal.h"

bool p2p_info(struct p2p *p, peer_id id, struct peer_info *out)
{
	const struct peer *peer = p2p_find(p, id);

	if (!peer)
		return false;
	*out = (struct peer_info){
		.id = id,
		.addr = peer->conn.addr,
		.outbound = peer->conn.outbound,
		.configured = peer->configured,
		.ready = peer->ready,
		.own_kind = peer->own_kind,
		.is_public = peer->is_public,
		.height = peer->height,
		.since_ms = peer->conn.since,
		.last_in_ms = peer->last_in,
		.last_out_ms = peer->last_out,
		.bytes_in = peer->conn.bytes_in,
		.bytes_out = peer->conn.bytes_out,
		.frame_here = conn_input(&peer->conn),
		.line = peer->conn.pool->line,
		.frame_size = peer->conn.frame_size,
		.frame_last = peer->frame_last,
		.rtt_ms = peer->rtt,
		.out_pending = conn_output(&peer->conn),
		.get_peers_sent = peer->get_peers_sent,
		.peers_received = peer->peers_received,
		.unsolicited_waits = peer->unsolicited.waits,
	};
	memcpy(out->app_version, peer->app_version, sizeof out->app_version);
	return true;
}

size_t p2p_list(struct p2p *p, bool ready_only, peer_id *ids, size_t max)
{
	size_t n = 0;

	for (struct conn *c = p->pool.all; c && n < max; c = c->next)
		if (conn_alive(c) && (!ready_only || peer_of(c)->ready))
			ids[n++] = c->id;
	return n;
}

size_t p2p_connections(const struct p2p *p)
{
	return p->pool.count;
}

size_t p2p_listening(const struct p2p *p, struct netaddr *to, size_t max)
{
	return listener_addresses(p->listener, to, max);
}

static void count_peers(const struct p2p *p, struct p2p_stats *out)
{
	for (const struct conn *c = p->pool.all; c; c = c->next) {
		const struct peer *peer = (const struct peer *)c;
		if (!conn_alive(c))
			continue;
		out->outbound += c->outbound;
		out->inbound += !c->outbound;
		out->ready += peer->ready;
		out->half_open += !peer->ready && !c->outbound;
	}
}

void p2p_stats(struct p2p *p, struct p2p_stats *out)
{
	*out = (struct p2p_stats){
		.accepted = p->accepted,
		.dialled = p->dialled,
		.dial_failures = p->dial_failures,
		.frames_in = p->frames_in,
		.frames_out = p->frames_out,
		.bytes_in = p->pool.bytes_in,
		.bytes_out = p->pool.bytes_out,
	};
	for (int i = 0; i < CLOSE_REASONS; i++)
		out->closed[i] = p->pool.closed[i] + p->refused[i];
	memcpy(out->messages_in, p->messages_in, sizeof out->messages_in);
	memcpy(out->messages_out, p->messages_out, sizeof out->messages_out);
	memcpy(out->last_dial_error, p->last_dial_error, sizeof out->last_dial_error);
	out->book = addrbook_count(&p->book);
	out->addrbook_tried = addrbook_tried(&p->book);
	out->new_peers = exchange_waiting(&p->exchange);
	out->bans = bans_count(&p->bans);
	count_peers(p, out);
}
