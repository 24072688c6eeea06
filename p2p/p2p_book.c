/* Role: connects the tables of addresses (bans, address book, exchange) and the dialer with the
 * peers. Part of p2p/p2p.h.
 * Before: p2p/p2p.c starts it, p2p/peer.c and p2p/p2p_peers.c call it. After: p2p/dialer.c. */
#include <event2/event.h>

#include "base/human.h"
#include "base/log.h"
#include "p2p/p2p_internal.h"

enum { MINUTE_S = 60 };

/* ---- bans ---- */

void p2p_ban_addr(struct p2p *p, const struct netaddr *a, uint64_t seconds, enum ban_scope scope,
	const char *what)
{
	char text[NETADDR_TEXT_MAX], span[HUMAN_MAX];

	if (!seconds)
		seconds = p->limits->ban_time.max / 1000;
	log_warn("peers: %s banned for %s: %s", netaddr_ip_text(a, text),
		human_duration(seconds, span), what);
	bans_add(&p->bans, a, seconds, scope);
	bans_explain(&p->bans, a, what);
	p->kept_changes++;
}

/* ---- dialling ---- */

static bool hook_dial(void *ctx, const struct netaddr *to, bool configured)
{
	return p2p_dial(ctx, to, configured) == ERR_OK;
}

/* Is a node at this address connected already? Only outbound connections and aliases count: the
 * source port of an inbound connection says nothing about who listens there. */
static bool has_connection(const struct p2p *p, const struct netaddr *a)
{
	for (struct conn *c = p->pool.all; c; c = c->next) {
		const struct peer *peer = peer_of(c);
		if (conn_alive(c) && ((c->outbound && netaddr_eq(&c->addr, a)) ||
					     (peer->has_alias && netaddr_eq(&peer->alias, a))))
			return true;
	}
	return false;
}

bool p2p_is_shut(struct p2p *p, const struct netaddr *a, bool configured)
{
	bool known = configured || addrbook_is_good(&p->book, a);

	return bans_has(&p->bans, a, known ? BAN_BY_HAND : BAN_HOST);
}

bool p2p_must_not_dial(void *ctx, const struct netaddr *a, bool configured)
{
	return p2p_is_shut(ctx, a, configured) || has_connection(ctx, a);
}

static bool hook_crowded(void *ctx, const struct netaddr *a)
{
	const struct p2p *p = ctx;
	uint8_t wanted[NETGROUP_SIZE], taken[NETGROUP_SIZE];

	netaddr_group(a, wanted);
	for (const struct conn *c = p->pool.all; c; c = c->next) {
		netaddr_group(&c->addr, taken);
		if (c->outbound && conn_alive(c) && memcmp(wanted, taken, sizeof wanted) == 0)
			return true;
	}
	return false;
}

static size_t hook_outbound(void *ctx)
{
	return ((struct p2p *)ctx)->outbound;
}

static size_t hook_dialling(void *ctx)
{
	return ((struct p2p *)ctx)->dialling;
}

static bool hook_alone(void *ctx)
{
	return ((struct p2p *)ctx)->ready == 0;
}

static void hook_unresolved(void *ctx, const char *peer, const char *why)
{
	p2p_note_dial_error(ctx, peer, why);
}

void p2p_dial_succeeded(struct peer *peer)
{
	if (peer->p2p->dialer)
		dialer_ready(peer->p2p->dialer, &peer->conn.addr);
}

/* Was the connection closed for a reason that says nothing against the address? */
static bool ours(enum close_reason why)
{
	return why == CLOSE_DUPLICATE || why == CLOSE_SHUTDOWN;
}

static enum dial_end end_of(const struct peer *peer)
{
	const struct conn *c = &peer->conn;

	if (peer->is_self)
		return DIAL_SELF;
	if (peer->refused)
		return DIAL_REFUSED;
	if (peer->at_fault)
		return DIAL_FAULT;
	if (peer->ready || ours(c->why))
		return DIAL_CLOSED;
	if (c->why == CLOSE_CONNECT)
		return DIAL_FAILED;
	bool said_nothing = c->bytes_in + c->unread == 0;
	return c->why == CLOSE_PEER && said_nothing ? DIAL_SHUT : DIAL_DROPPED;
}

void p2p_dial_ended(struct peer *peer)
{
	struct p2p *p = peer->p2p;

	if (peer->is_self)
		exchange_note_own(&p->exchange, &peer->conn.addr);
	if (p->dialer)
		dialer_ended(p->dialer, &peer->conn.addr, end_of(peer));
}

/* The peer delivered a good block: this protects it from eviction, and the address book notes the
 * first one as a success. */
void p2p_credit(struct p2p *p, peer_id id)
{
	struct peer *peer = p2p_find(p, id);

	if (!peer)
		return;
	bool first = !peer->good_at;
	peer->good_at = clock_mono(p->clock);
	if (first && peer->conn.outbound)
		addrbook_connected(&p->book, &peer->conn.addr);
}

/* ---- life ---- */

void p2p_follow_clock(struct p2p *p)
{
	int64_t by = kept_time_follow(&p->kept_time);

	if (!by)
		return;
	log_info("the clock was set %s by %lld s: addresses and bans go by the new time",
		by > 0 ? "forward" : "back", (long long)(by > 0 ? by : -by));
	bans_move(&p->bans, by);
	addrbook_move(&p->book, by);
	p->kept_changes++;
}

static void on_minute(evutil_socket_t fd, short what, void *ctx)
{
	struct p2p *p = ctx;

	(void)fd;
	(void)what;
	p2p_listen_again(p);
	p2p_follow_clock(p);
	bans_expire(&p->bans);
	addrbook_expire(&p->book);
}

static bool minute_start(struct p2p *p, struct event_base *base)
{
	struct timeval tv = {MINUTE_S, 0};

	p->minute = event_new(base, -1, EV_PERSIST, on_minute, p);
	if (p->minute && event_add(p->minute, &tv) == 0)
		return true;
	log_error("cannot keep addresses of peers: out of memory");
	return false;
}

static bool set_own_address(struct p2p *p, const struct p2p_settings *s)
{
	struct netaddr own;

	if (!s->advertise || !s->advertise[0])
		return true;
	if (!netaddr_parse_loose(slice_str(s->advertise), ALFIS_PORT, &own)) {
		log_error("net.advertise: \"%s\" is no address", s->advertise);
		return false;
	}
	exchange_note_own(&p->exchange, &own);
	return true;
}

void p2p_book_init(struct p2p *p, const struct p2p_settings *s)
{
	uint64_t seed;

	rng_fill(p->rng, &seed, sizeof seed);
	kept_time_init(&p->kept_time, p->clock);
	bans_init(&p->bans, &p->limits->max_bans, &p->kept_time.clock, seed);
	addrbook_init(&p->book, p->limits, &p->kept_time.clock, p->rng, seed + 1);
	exchange_init(&p->exchange, &p->limits->max_new_peers, s->yggdrasil_only, s->allow_local);
}

bool p2p_add_configured(struct p2p *p, const char *peer)
{
	enum err err = dialer_add(p->dialer, peer);

	if (err != ERR_OK && err != ERR_EXISTS)
		log_warn("net.peers: \"%s\" is left out: %s%s", peer, err_name(err),
			err == ERR_MALFORMED ? "; write host:port" : "");
	return err != ERR_NOMEM;
}

bool p2p_book_open(struct p2p *p, const struct p2p_settings *s)
{
	struct dialer_settings d = {.base = s->base,
		.clock = p->clock,
		.limits = p->limits,
		.book = &p->book,
		.exchange = &p->exchange,
		.hooks = {.dial = hook_dial,
			.refuse = p2p_must_not_dial,
			.crowded = hook_crowded,
			.outbound = hook_outbound,
			.dialling = hook_dialling,
			.alone = hook_alone,
			.unresolved = hook_unresolved,
			.ctx = p}};

	if (!minute_start(p, s->base) || !set_own_address(p, s))
		return false;
	p->dialer = dialer_start(&d);
	if (!p->dialer) {
		log_error("cannot begin to dial peers: out of memory");
		return false;
	}
	for (size_t i = 0; i < s->peer_count; i++)
		if (!p2p_add_configured(p, s->peers[i]))
			return false;
	return true;
}

void p2p_book_quiesce(struct p2p *p)
{
	dialer_quiesce(p->dialer);
	event_del(p->minute);
}

void p2p_book_close(struct p2p *p)
{
	dialer_free(p->dialer);
	p->dialer = NULL;
	if (p->minute)
		event_free(p->minute);
	p->minute = NULL;
	bans_clear(&p->bans);
	addrbook_clear(&p->book);
	exchange_clear(&p->exchange);
}
