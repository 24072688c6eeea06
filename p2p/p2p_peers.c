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
	struct peer *e = mem_alloc(sizeof *e);
	struct peer **place;

	if (!e)
		return NULL;
	e->p2p = p;
	e->conn.id = ++p->last_id;
	e->conn.addr = *addr;
	e->last_in = clock_mono(p->clock);
	place = map_put(&p->by_id, &e->conn.id, NULL);
	if (place) {
		*place = e;
		return e;
	}
	mem_free(e);
	return NULL;
}

/* Frees a peer whose connection was never opened. */
static void discard_peer(struct peer *e)
{
	admission_give(&e->p2p->admission, e);
	map_delete(&e->p2p->by_id, &e->conn.id);
	mem_free(e);
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
	struct peer *e = why == CLOSE_NONE ? new_peer(p, from) : NULL;

	p->accepted++;
	if (!e || !admission_take(&p->admission, e)) {
		refuse(p, fd, from, why == CLOSE_NONE ? CLOSE_LIMIT : why);
		if (e)
			discard_peer(e);
	} else if (!conn_accept(&p->pool, &e->conn, fd)) {
		p->refused[CLOSE_LIMIT]++;
		discard_peer(e);
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

	if (error == EADDRNOTAVAIL && p->has_source) {
		snprintf(what, sizeof what, "net.bind: this machine has no address %s",
			netaddr_ip_text(&p->source, source));
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
	struct peer *e = new_peer(p, to);
	if (!e)
		return ERR_NOMEM;
	e->configured = configured;
	p->dialled++;
	count_outbound(p, p->outbound + 1, p->dialling + 1);
	if (conn_dial(&p->pool, &e->conn, p->has_source ? &p->source : NULL))
		return ERR_OK;
	int error = errno;
	count_outbound(p, p->outbound - 1, p->dialling - 1);
	note_dial_refused(p, to, error);
	discard_peer(e);
	return ERR_IO;
}

/* ---- greeted ---- */

void p2p_peer_ready(struct peer *e)
{
	struct p2p *p = e->p2p;

	admission_done(&p->admission, e);
	p->ready++;
	if (e->conn.outbound) {
		count_outbound(p, p->outbound, p->dialling - 1);
		p2p_dial_succeeded(e);
	}
	p2p_met(e);
	p->events.ready(p->events.ctx, e->conn.id);
}

/* ---- ends ---- */

static void on_marked(struct conn *c)
{
	struct peer *e = peer_of(c);
	struct p2p *p = e->p2p;

	map_delete(&p->by_id, &c->id);
	admission_give(&p->admission, e);
	if (e->ready)
		p->ready--;
	if (c->outbound)
		count_outbound(p, p->outbound - 1, p->dialling - !e->ready);
}

/* Notes an outbound connection that ended before it was ready, unless we ended it on purpose. */
static void note_failed_dial(struct peer *e)
{
	const struct conn *c = &e->conn;
	char text[NETADDR_TEXT_MAX];

	if (e->ready || c->why == CLOSE_DUPLICATE || c->why == CLOSE_SHUTDOWN)
		return;
	const char *why = c->why == CLOSE_CONNECT && c->error ? strerror(c->error)
							      : close_reason_name(c->why);
	p2p_note_dial_error(e->p2p, netaddr_text(&c->addr, text), why);
	if (e->p2p->dialer)
		dialer_note(e->p2p->dialer, &c->addr, why);
}

static void on_release(struct conn *c)
{
	struct peer *e = peer_of(c);
	struct p2p *p = e->p2p;
	char text[NETADDR_TEXT_MAX];

	if (c->outbound) {
		note_failed_dial(e);
		p2p_dial_ended(e);
	}
	if (e->ready) {
		p2p_parted(e);
		log_info("peer %llu %s gone: %s", (unsigned long long)c->id,
			netaddr_text(&c->addr, text), close_reason_name(c->why));
		p->events.gone(p->events.ctx, c->id, c->why);
	}
	mem_free(e);
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
	struct peer *e = peer_of(c);

	if (e->ready)
		e->p2p->events.drained(e->p2p->events.ctx, c->id);
}

const struct conn_hooks p2p_conn_hooks = {
	.connected = peer_connected,
	.readable = peer_readable,
	.drained = on_drained,
	.alarm = peer_alarm,
	.marked = on_marked,
	.release = on_release,
};
