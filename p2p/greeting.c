/* Role: Hand, Shake and Loop: is this a node of our network, of a release that we understand, and
 * not ourselves, and have we no better connection with it? (protocol.md 5.5, 5.6, 5.14)
 * Before and after: p2p/peer.c. */
#include "base/log.h"
#include "p2p/peer.h"
#include "p2p/state.h"

enum {
	WIRE_VERSION = 1,
	SILENT_MS = 45000, /* a live peer shows itself every 31 to 40 s (5.14) */
};

static struct message introduction(const struct p2p *p, enum message_type type)
{
	return (struct message){
		.type = type,
		.app_version = slice_str(p2p_app_version),
		.origin = slice_str(p->origin),
		.version = WIRE_VERSION,
		.is_public = p->is_public,
		.rand_id = slice_str(p->rand_id),
	};
}

void greeting_begin(struct peer *e)
{
	struct message m = introduction(e->p2p, MSG_HAND);

	if (peer_send(e, &m) != SEND_OK)
		conn_close(&e->conn, CLOSE_OUTPUT);
}

static void send_shake(struct peer *e)
{
	uint8_t hash[32];
	struct message m = introduction(e->p2p, MSG_SHAKE);

	m.height = e->p2p->events.tip(e->p2p->events.ctx, hash);
	if (peer_send(e, &m) != SEND_OK)
		conn_close(&e->conn, CLOSE_OUTPUT);
}

/* Another network or too old. Those who came are banned as the network does; an address that we
 * dialled is only not dialled again: what it says could be forged on the way (12.3 item 9). */
static void misfit(struct peer *e, enum close_reason why, const char *what)
{
	e->refused = true;
	conn_close(&e->conn, why);
	if (!e->conn.outbound)
		p2p_ban_addr(e->p2p, &e->conn.addr, 0, BAN_INBOUND, what);
}

/* What peers say is shown to people: only plain printable text is kept. */
static void keep_text(char *to, size_t size, struct slice s)
{
	size_t n = s.n < size - 1 ? s.n : size - 1;

	for (size_t i = 0; i < n; i++)
		to[i] = s.p[i] > ' ' && s.p[i] <= '~' ? (char)s.p[i] : '?';
	to[n] = 0;
}

static void learn(struct peer *e, const struct message *m)
{
	keep_text(e->app_version, sizeof e->app_version, m->app_version);
	e->own_kind = strstr(e->app_version, "alfisd") != NULL;
	e->is_public = m->is_public;
	e->rand_id_size = m->rand_id.n < RAND_ID_KEPT ? m->rand_id.n : RAND_ID_KEPT;
	if (e->rand_id_size)
		memcpy(e->rand_id, m->rand_id.p, e->rand_id_size);
	e->greeted = true;
}

/* ---- second connections with one node ---- */

static bool same_node(const struct peer *a, const struct peer *b)
{
	return a->rand_id_size && conn_alive(&a->conn) && conn_alive(&b->conn) &&
	       slice_eq(slice_of(a->rand_id, a->rand_id_size),
		       slice_of(b->rand_id, b->rand_id_size));
}

static bool same_host(const struct peer *e, const struct peer *o)
{
	uint8_t a[16], b[16];

	netaddr_host(&e->conn.addr, a);
	netaddr_host(&o->conn.addr, b);
	return memcmp(a, b, sizeof a) == 0;
}

/* Both sides keep the connection that the node with the greater id dialled: so they agree. */
static struct peer *by_greater_id(struct peer *e, struct peer *o)
{
	struct slice ours = slice_str(e->p2p->rand_id);
	size_t n = ours.n < e->rand_id_size ? ours.n : e->rand_id_size;
	int d = memcmp(ours.p, e->rand_id, n);
	bool ours_greater = d > 0 || (d == 0 && ours.n > e->rand_id_size);

	return ours_greater == e->conn.outbound ? o : e;
}

/* The one that was greeted first is in use, with requests or blocks on their way: the new one goes.
 * But an old one of which nothing is heard any more may be dead without a word. */
static struct peer *by_age(struct peer *e, struct peer *o)
{
	return clock_mono(e->p2p->clock) - o->last_in >= SILENT_MS ? o : e;
}

/* Of `e`, just greeted, and `o`, greeted before: which has to go? Ids are not authenticated, so a
 * stranger who borrows one must not be able to cut others off: inbound connections count as
 * duplicates only from the same host. Release 0.10 compares no ids, so the rule that needs both
 * sides is for two of our own kind that dialled each other. */
static struct peer *duplicate_of_two(struct peer *e, struct peer *o)
{
	bool both_ours = e->conn.outbound && o->conn.outbound;

	if (!both_ours && !same_host(e, o))
		return NULL;
	if (e->own_kind && e->conn.outbound != o->conn.outbound)
		return by_greater_id(e, o);
	return by_age(e, o);
}

/* Ends all but one connection with the node of `e`; true when `e` itself is to go. The one that
 * stays remembers the address of the other, so that it is not dialled again meanwhile. */
static bool is_duplicate(struct peer *e)
{
	for (struct conn *c = e->conn.pool->all; c; c = c->next) {
		struct peer *o = peer_of(c);
		if (o == e || !same_node(e, o))
			continue;
		struct peer *loser = duplicate_of_two(e, o), *stays = loser == e ? o : e;
		if (loser && loser->conn.outbound) {
			stays->alias = loser->conn.addr;
			stays->has_alias = true;
		}
		if (loser == e)
			return true;
		if (loser)
			conn_close(&o->conn, CLOSE_DUPLICATE);
	}
	return false;
}

/* ---- the three messages ---- */

void greeting_hand(struct peer *e, const struct message *m)
{
	struct p2p *p = e->p2p;
	struct message loop = {.type = MSG_LOOP};

	if (!app_version_acceptable(m->app_version)) {
		misfit(e, CLOSE_VERSION, "its release is too old");
		return;
	}
	if (slice_is(m->rand_id, p->rand_id)) {
		peer_send(e, &loop);
		conn_finish(&e->conn, CLOSE_LOOP);
		return;
	}
	if (!slice_is(m->origin, p->origin)) {
		misfit(e, CLOSE_ORIGIN, "it belongs to another network");
		return;
	}
	if (m->version != WIRE_VERSION)
		log_debug("peer %llu: Hand of version %lu", (unsigned long long)e->conn.id,
			(unsigned long)m->version);
	learn(e, m);
	bool duplicate = is_duplicate(e);
	send_shake(e); /* also then: it tells the other side which node it has reached twice */
	if (duplicate)
		conn_finish(&e->conn, CLOSE_DUPLICATE);
	else if (conn_alive(&e->conn) && !e->conn.outbound)
		peer_ready(e);
}

void greeting_shake(struct peer *e, const struct message *m)
{
	struct p2p *p = e->p2p;

	if (!e->conn.outbound || e->ready)
		return;
	if (!slice_is(m->origin, p->origin)) {
		misfit(e, CLOSE_ORIGIN, "it belongs to another network");
	} else if (m->version != WIRE_VERSION || !app_version_acceptable(m->app_version)) {
		misfit(e, CLOSE_VERSION, "its release is too old");
	} else if (m->rand_id.n == 0) {
		conn_close(&e->conn, CLOSE_MALFORMED);
	} else if (slice_is(m->rand_id, p->rand_id)) {
		greeting_loop(e);
	} else {
		learn(e, m);
		e->height = m->height;
		if (is_duplicate(e))
			conn_close(&e->conn, CLOSE_DUPLICATE);
		else
			peer_ready(e);
	}
}

/* "You are me." Only believed where it can be true, and costs no more than this address. */
void greeting_loop(struct peer *e)
{
	e->is_self = e->conn.outbound && !e->ready;
	conn_close(&e->conn, CLOSE_LOOP);
}
