/* Role: copies out what the peer-to-peer side knows about one peer, and its counters. Part of
 * p2p/p2p.h.
 * Before: api/status_peers.c, api/metrics.c, sync/peer_link.c. After: nothing, it only reads. */
#include "net/listener.h"
#include "p2p/p2p_internal.h"

bool p2p_info(struct p2p *p, peer_id id, struct peer_info *out)
{
	const struct peer *e = p2p_find(p, id);

	if (!e)
		return false;
	*out = (struct peer_info){
		.id = id,
		.addr = e->conn.addr,
		.outbound = e->conn.outbound,
		.configured = e->configured,
		.ready = e->ready,
		.own_kind = e->own_kind,
		.is_public = e->is_public,
		.height = e->height,
		.since_ms = e->conn.since,
		.last_in_ms = e->last_in,
		.last_out_ms = e->last_out,
		.bytes_in = e->conn.bytes_in,
		.bytes_out = e->conn.bytes_out,
		.frame_here = conn_input(&e->conn),
		.line = e->conn.pool->line,
		.frame_size = e->conn.frame_size,
		.frame_last = e->frame_last,
		.rtt_ms = e->rtt,
		.out_pending = conn_output(&e->conn),
		.get_peers_sent = e->get_peers_sent,
		.peers_received = e->peers_received,
		.unsolicited_waits = e->unsolicited.waits,
	};
	memcpy(out->app_version, e->app_version, sizeof out->app_version);
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
		const struct peer *e = (const struct peer *)c;
		if (!conn_alive(c))
			continue;
		out->outbound += c->outbound;
		out->inbound += !c->outbound;
		out->ready += e->ready;
		out->half_open += !e->ready && !c->outbound;
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
	out->book = book_count(&p->book);
	out->book_tried = book_tried(&p->book);
	out->new_peers = exchange_waiting(&p->exchange);
	out->bans = bans_count(&p->bans);
	count_peers(p, out);
}
