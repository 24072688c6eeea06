/* Role: creates a peer when a connection is accepted or dialled, counts it when it is ready, and
 * frees it at the end; and tells the dialer, the address book and the node of each step. Part of
 * p2p/p2p.h.
 * Before: net/listener.c, p2p/dialer.c. After: p2p/peer.c. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "p2p/p2p_internal.h"

struct peer *p2p_find(struct p2p *p, peer_id id)
{
	struct peer **e = map_get(&p->by_id, &id);
	return e ? *e : NULL;
}

/* ---- beginnings ---- */

static struct peer *new_peer(struct p2p *p, const struct netaddr *addr)
{
	struct peer *peer = mem_alloc(sizeof *peer);
	struct peer **place;

	if (!peer)
		return NULL;
	peer->p2p = p;
	peer->conn.id = ++p->last_id;
	peer->conn.addr = *addr;
	peer->last_in = clock_mono(p->clock);
	place = map_put(&p->by_id, &peer->conn.id, NULL);
	if (place) {
		*place = peer;
		return peer;
	}
	mem_free(peer);
	return NULL;
}

/* Frees a peer whose connection was never opened. */
static void discard_peer(struct peer *peer)
{
	admission_give(&peer->p2p->admission, peer);
	map_delete(&peer->p2p->by_id, &peer->conn.id);
	mem_free(peer);
}

static enum close_reason judge_newcomer(struct p2p *p, const struct netaddr *from)
{
	if (p->stopping)
		return CLOSE_SHUTDOWN;
	if (bans_has(&p->bans, from, BAN_INBOUND))
		return CLOSE_BANNED;
	if (p->yggdrasil_only && !netaddr_is_yggdrasil(from))
		return CLOSE_LIMIT;
	return admission_ask(&p->admission, from) ? CLOSE_NONE : CLOSE_LIMIT;
}

static void refuse(struct p2p *p, int fd, const struct netaddr *from, enum close_reason why)
{
	char text[NETADDR_TEXT_MAX];

	log_debug("%s refused: %s", netaddr_text(from, text), close_reason_name(why));
	p->refused[why]++;
	close(fd);
}

void p2p_accepted(void *ctx, int fd, const struct netaddr *from)
{
	struct p2p *p = ctx;
	enum close_reason why = judge_newcomer(p, from);
	struct peer *peer = why == CLOSE_NONE ? new_peer(p, from) : NULL;

	p->accepted++;
	if (!peer || !admission_take(&p->admission, peer)) {
		refuse(p, fd, from, why == CLOSE_NONE ? CLOSE_LIMIT : why);
		if (peer)
			discard_peer(peer);
	} else if (!conn_accept(&p->pool, &peer->conn, fd)) {
		p->refused[CLOSE_LIMIT]++;
		discard_peer(peer);
	}
}

void p2p_note_dial_error(struct p2p *p, const char *to, const char *what)
{
	p->dial_failures++;
	snprintf(p->last_dial_error, sizeof p->last_dial_error, "%s: %s", to, what);
	log_debug("cannot connect to %s", p->last_dial_error);
}

static void count_outbound(struct p2p *p, size_t outbound, size_t dialling)
{
	p->outbound = outbound;
	p->dialling = dialling;
	bound_note(&p->limits->max_outbound, outbound);
	bound_note(&p->limits->max_dials, dialling);
}

/* Notes why a dial failed at once. If net.bind names an address that the machine does not have,
 * this is only warned of: the address may come back. */
static void note_dial_refused(struct p2p *p, const struct netaddr *to, int error)
{
	char text[NETADDR_TEXT_MAX], source[NETADDR_TEXT_MAX], what[96];

	if (error == EADDRNOTAVAIL && p->has_bind_addr) {
		snprintf(what, sizeof what, "net.bind: this machine has no address %s",
			netaddr_ip_text(&p->bind_addr, source));
		log_warn_rarely("%s, so nobody can be dialled", what);
	} else {
		snprintf(what, sizeof what, "%s", strerror(error));
	}
	p2p_note_dial_error(p, netaddr_text(to, text), what);
	if (p->dialer)
		dialer_note(p->dialer, to, what);
}

enum err p2p_dial(struct p2p *p, const struct netaddr *to, bool configured)
{
	if (p->stopping)
		return ERR_STOPPING;
	if (!bound_has(&p->limits->max_connections, 1))
		return ERR_FULL;
	struct peer *peer = new_peer(p, to);
	if (!peer)
		return ERR_NOMEM;
	peer->configured = configured;
	p->dialled++;
	count_outbound(p, p->outbound + 1, p->dialling + 1);
	if (conn_dial(&p->pool, &peer->conn, p->has_bind_addr ? &p->bind_addr : NULL))
		return ERR_OK;
	int error = errno;
	count_outbound(p, p->outbound - 1, p->dialling - 1);
	note_dial_refused(p, to, error);
	discard_peer(peer);
	return ERR_IO;
}

/* ---- greeted ---- */

void p2p_peer_ready(struct peer *peer)
{
	struct p2p *p = peer->p2p;

	admission_done(&p->admission, peer);
	p->ready++;
	if (peer->conn.outbound) {
		count_outbound(p, p->outbound, p->dialling - 1);
		p2p_dial_succeeded(peer);
	}
	p2p_met(peer);
	p->events.ready(p->events.ctx, peer->conn.id);
}

/* ---- ends ---- */

static void on_marked(struct conn *c)
{
	struct peer *peer = peer_of(c);
	struct p2p *p = peer->p2p;

	map_delete(&p->by_id, &c->id);
	admission_give(&p->admission, peer);
	if (peer->ready)
		p->ready--;
	if (c->outbound)
		count_outbound(p, p->outbound - 1, p->dialling - !peer->ready);
}

/* Notes an outbound connection that ended before it was ready, unless we ended it on purpose. */
static void note_failed_dial(struct peer *peer)
{
	const struct conn *c = &peer->conn;
	char text[NETADDR_TEXT_MAX];

	if (peer->ready || c->why == CLOSE_DUPLICATE || c->why == CLOSE_SHUTDOWN)
		return;
	const char *why = c->why == CLOSE_CONNECT && c->error ? strerror(c->error)
							      : close_reason_name(c->why);
	p2p_note_dial_error(peer->p2p, netaddr_text(&c->addr, text), why);
	if (peer->p2p->dialer)
		dialer_note(peer->p2p->dialer, &c->addr, why);
}

static void on_release(struct conn *c)
{
	struct peer *peer = peer_of(c);
	struct p2p *p = peer->p2p;
	char text[NETADDR_TEXT_MAX];

	if (c->outbound) {
		note_failed_dial(peer);
		p2p_dial_ended(peer);
	}
	if (peer->ready) {
		p2p_parted(peer);
		log_info("peer %llu %s gone: %s", (unsigned long long)c->id,
			netaddr_text(&c->addr, text), close_reason_name(c->why));
		p->events.gone(p->events.ctx, c->id, c->why);
	}
	mem_free(peer);
}

void p2p_close_host(struct p2p *p, const struct netaddr *a, enum close_reason why)
{
	uint8_t host[16], other[16];

	netaddr_host(a, host);
	for (struct conn *c = p->pool.all; c; c = c->next) {
		netaddr_host(&c->addr, other);
		if (memcmp(host, other, sizeof host) == 0)
			conn_close(c, why);
	}
}

static void on_drained(struct conn *c)
{
	struct peer *peer = peer_of(c);

	if (peer->ready)
		peer->p2p->events.drained(peer->p2p->events.ctx, c->id);
}

const struct conn_hooks p2p_conn_hooks = {
	.connected = peer_connected,
	.readable = peer_readable,
	.drained = on_drained,
	.alarm = peer_alarm,
	.marked = on_marked,
	.release = on_release,
};
