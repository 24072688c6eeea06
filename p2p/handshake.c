/* Role: Hand, Shake and Loop: is this a node of our network, of a release that we understand, and
 * not ourselves, and have we a connection with it already? (protocol.md 5.5, 5.6, 5.14)
 * Before: p2p/peer.c. After: p2p/identity.c. */
#include "base/log.h"
#include "p2p/peer.h"
#include "p2p/p2p_internal.h"

enum {
	WIRE_VERSION = 1,
	SILENT_MS = 45000, /* a live peer shows itself every 31 to 40 s (5.14) */
};

static struct message introduction(struct peer *e, enum message_type type)
{
	const struct p2p *p = e->p2p;

	return (struct message){
		.type = type,
		.app_version = slice_str(p2p_app_version),
		.origin = slice_str(p->origin),
		.version = WIRE_VERSION,
		.is_public = p->is_public,
		.rand_id = identity_shown(e),
	};
}

void handshake_begin(struct peer *e)
{
	struct message m = introduction(e, MSG_HAND);

	if (peer_send(e, &m) != SEND_OK)
		conn_close(&e->conn, CLOSE_OUTPUT);
}

static void send_shake(struct peer *e)
{
	uint8_t hash[32];
	struct message m = introduction(e, MSG_SHAKE);

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
	e->introduced = true;
	identity_shown(e);
}

/* ---- second connections with one node ---- */

/* Ids are not authenticated: whoever was told one can show it. So it only counts from one host, and
 * even there it cuts off nobody who is in, and nobody whom we dialled. */
static bool same_node(const struct peer *a, const struct peer *b)
{
	return a->rand_id_size && conn_alive(&a->conn) && conn_alive(&b->conn) &&
	       slice_eq(slice_of(a->rand_id, a->rand_id_size),
		       slice_of(b->rand_id, b->rand_id_size)) &&
	       peer_same_host(a, b);
}

/* Two nodes of our own kind that dialled each other: both know both ids, and so which of the two
 * connections stays. */
static bool mutual(const struct peer *e, const struct peer *o)
{
	return e->own_kind && o->own_kind && e->conn.outbound != o->conn.outbound &&
	       strcmp(e->our_id, o->our_id) == 0;
}

static bool ours_is_greater(const struct peer *e)
{
	struct slice ours = slice_str(e->our_id);
	size_t n = ours.n < e->rand_id_size ? ours.n : e->rand_id_size;
	int d = memcmp(ours.p, e->rand_id, n);

	return d > 0 || (d == 0 && ours.n > e->rand_id_size);
}

/* The operator's choice, or proven of use, and heard of lately: an old connection may be dead
 * without a word. Where we dial by our own choice an address that somebody named may answer. */
static bool worth_keeping(const struct peer *o)
{
	return (o->configured || o->good_at) && clock_mono(o->p2p->clock) - o->last_in < SILENT_MS;
}

/* Of `e`, just greeted, and `o`, greeted before: which has to go? NULL: both stay, which costs no
 * more than a place. Release 0.10 compares no ids, and keeps what we keep. Of two nodes of our own
 * kind, the one with the greater id ends what the other has dialled; the other waits for that. */
static struct peer *duplicate_of_two(struct peer *e, struct peer *o)
{
	if (mutual(e, o))
		return !ours_is_greater(e) ? NULL : e->conn.outbound ? o : e;
	return !e->conn.outbound && worth_keeping(o) ? e : NULL;
}

/* Orderly, and with a word for who understands it: it need not come back while the other connection
 * lasts. */
static void end_duplicate(struct peer *e)
{
	struct message twin = {.type = MSG_TWIN};

	if (e->own_kind)
		peer_send(e, &twin);
	conn_finish(&e->conn, CLOSE_DUPLICATE);
}

/* Ends what has become superfluous by `e`; true when that is `e` itself, which the caller ends. */
static bool settle_duplicates(struct peer *e)
{
	for (struct conn *c = e->conn.pool->all; c; c = c->next) {
		struct peer *o = peer_of(c);
		if (o == e || !same_node(e, o))
			continue;
		struct peer *loser = duplicate_of_two(e, o);
		if (loser == e)
			return true;
		if (loser)
			end_duplicate(o);
	}
	return false;
}

/* A node that we dialled says that it has a connection with us already: the one on which it shows
 * the same id. While that lasts, it is not dialled. */
void handshake_twin(struct peer *e, const struct message *m)
{
	(void)m;
	for (struct conn *c = e->conn.pool->all; c && e->conn.outbound; c = c->next) {
		struct peer *o = peer_of(c);
		if (o != e && same_node(e, o) && mutual(e, o)) {
			o->alias = e->conn.addr;
			o->has_alias = true;
		}
	}
	conn_close(&e->conn, CLOSE_DUPLICATE);
}

/* ---- the three messages ---- */

void handshake_hand(struct peer *e, const struct message *m)
{
	struct p2p *p = e->p2p;
	struct message loop = {.type = MSG_LOOP};

	if (e->ready && e->introduced) { /* what it is called is settled */
		send_shake(e);
		return;
	}
	if (!app_version_acceptable(m->app_version)) {
		misfit(e, CLOSE_VERSION, "its release is too old");
		return;
	}
	if (identity_is_ours(p, m->rand_id)) {
		identity_note_loop(e);
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
	bool duplicate = settle_duplicates(e);
	send_shake(e); /* also then: it tells the other side which node it has reached twice */
	if (duplicate)
		end_duplicate(e);
	else if (conn_alive(&e->conn) && !e->conn.outbound)
		peer_ready(e);
}

void handshake_shake(struct peer *e, const struct message *m)
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
	} else if (identity_is_ours(p, m->rand_id)) {
		handshake_loop(e, m);
	} else {
		learn(e, m);
		e->height = m->height;
		settle_duplicates(e); /* another one, if any: this one was dialled */
		peer_ready(e);
	}
}

/* "You are me." Where our own end has seen that, it is so. Else it is the word of one who does not
 * want to talk to us, and costs no more than this address. */
void handshake_loop(struct peer *e, const struct message *m)
{
	(void)m;
	e->refused = e->conn.outbound && !e->ready;
	conn_close(&e->conn, CLOSE_LOOP);
}
