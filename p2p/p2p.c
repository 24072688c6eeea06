/* Role: starts and stops the peer-to-peer side, and does what the node asks of one peer. The
 * contract is p2p/p2p.h; p2p_peers.c, p2p_admin.c and p2p_stats.c are its other parts.
 * Before: node/node.c. After: net/listener.c, p2p/dialer.c. */
#include "p2p/p2p.h"

#include "base/log.h"
#include "base/mem.h"
#include "net/listener.h"
#include "p2p/secure.h"
#include "p2p/p2p_internal.h"

/* The version that we announce: a release that the network accepts (protocol.md 5.3), then our own
 * name and version. */
const char p2p_app_version[] = "0.10.0+alfisd.0.1";

/* ---- start ---- */

static bool copy_settings(struct p2p *p, const struct p2p_settings *s)
{
	p->is_public = s->is_public;
	p->yggdrasil_only = s->yggdrasil_only;
	memcpy(p->origin, s->origin, sizeof p->origin);
	p->has_bind_addr = s->bind && s->bind[0];
	if (!p->has_bind_addr || netaddr_parse_loose(slice_str(s->bind), 0, &p->bind_addr))
		return true;
	log_error("net.bind: \"%s\" is no address", s->bind);
	return false;
}

static void init_tables(struct p2p *p, const struct p2p_settings *s)
{
	uint64_t seed;

	p->clock = s->clock;
	p->rng = s->rng;
	p->limits = s->limits;
	p->events = s->events;
	rng_fill(p->rng, &seed, sizeof seed);
	p->id_rows = (struct bound){.name = "ids", .max = p->limits->max_connections.max};
	map_init(&p->by_id, &p->id_rows, sizeof(peer_id), sizeof(struct peer *), seed);
	p->pool = (struct conn_pool){
		.base = s->base, .clock = p->clock, .limits = p->limits, .hooks = &p2p_conn_hooks};
	admission_init(&p->admission, &p->pool, seed + 1);
}

static bool make_parts(struct p2p *p)
{
	p->buffers = mem_alloc(sizeof *p->buffers);
	if (p->buffers && conn_pool_init(&p->pool) && secure_init())
		return true;
	log_error("cannot begin to talk to peers: out of memory");
	return false;
}

struct p2p *p2p_create(const struct p2p_settings *s)
{
	struct p2p *p = mem_alloc(sizeof *p);

	if (!p) {
		log_error("cannot begin to talk to peers: out of memory");
		return NULL;
	}
	init_tables(p, s);
	p2p_book_init(p, s);
	if (copy_settings(p, s) && make_parts(p))
		return p;
	p2p_free(p);
	return NULL;
}

bool p2p_open(struct p2p *p, const struct p2p_settings *s)
{
	return p2p_listen(p, s) && p2p_book_open(p, s) && p2p_watch_start(p, s->base);
}

/* ---- stop ---- */

void p2p_quiesce(struct p2p *p)
{
	p->stopping = true;
	listener_close(p->listener);
	p->listener = NULL;
	p2p_listen_drop(p);
	p2p_watch_stop(p);
	p2p_book_quiesce(p);
	conn_pool_close(&p->pool, CLOSE_SHUTDOWN, true);
}

void p2p_abort(struct p2p *p)
{
	conn_pool_close(&p->pool, CLOSE_SHUTDOWN, false);
}

void p2p_disconnect(struct p2p *p)
{
	p->stopping = true;
	listener_close(p->listener);
	p->listener = NULL;
	p2p_listen_drop(p);
	p2p_watch_stop(p);
	conn_pool_fini(&p->pool);
	p2p_book_close(p);
}

uint64_t p2p_free(struct p2p *p)
{
	p2p_disconnect(p);
	uint64_t freed = p->pool.freed;
	admission_fini(&p->admission);
	map_clear(&p->by_id);
	mem_free(p->buffers);
	mem_free(p);
	return freed;
}

/* ---- the node and one peer ---- */

enum send_result p2p_send(struct p2p *p, peer_id id, const struct message *m)
{
	struct peer *peer = p2p_find(p, id);

	return peer && peer->ready ? peer_send(peer, m) : SEND_GONE;
}

uint64_t p2p_send_delay_ms(struct p2p *p, peer_id id)
{
	const struct peer *peer = p2p_find(p, id);

	return peer ? peer_send_delay_ms(peer) : 0;
}

void p2p_close(struct p2p *p, peer_id id, enum close_reason why)
{
	struct peer *peer = p2p_find(p, id);

	if (peer)
		conn_close(&peer->conn, why);
}

void p2p_ban_peer(struct p2p *p, peer_id id, uint64_t seconds, const char *what)
{
	struct peer *peer = p2p_find(p, id);
	char text[NETADDR_TEXT_MAX];

	if (!peer)
		return;
	peer->at_fault = peer->conn.outbound;
	conn_close(&peer->conn, CLOSE_MISBEHAVED);
	if (peer->configured)
		log_warn("peers: %s is closed and left alone for a while: %s",
			netaddr_text(&peer->conn.addr, text), what);
	else
		p2p_ban_addr(p, &peer->conn.addr, seconds,
			peer->conn.outbound ? BAN_HOST : BAN_INBOUND, what);
}

void p2p_set_height(struct p2p *p, peer_id id, uint64_t height)
{
	struct peer *peer = p2p_find(p, id);

	if (peer)
		peer->height = height;
}

void p2p_note_rtt(struct p2p *p, peer_id id, uint64_t ms)
{
	struct peer *peer = p2p_find(p, id);

	if (peer)
		peer_note_rtt(peer, ms);
}
