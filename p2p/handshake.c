/* Role: handles Hand, Shake and Loop. Checks that the peer belongs to our network, runs a release
 * that we support, and is not ourselves, and whether we have another connection with it
 * (protocol.md 5.5, 5.6, 5.14).
 * Before: p2p/peer.c has the message. After: p2p/identity.c, then p2p/peer.c, where the peer is
 * ready. */
#include "base/log.h"
#include "p2p/peer.h"
#include "p2p/p2p_internal.h"

enum {
	WIRE_VERSION = 1,
	SILENT_MS = 45000, /* a live peer sends something every 31 to 40 s (5.14) */
};

static struct message introduction(struct peer *peer, enum message_type type)
{
	const struct p2p *p = peer->p2p;

	return (struct message){
		.type = type,
		.app_version = slice_str(p2p_app_version),
		.origin = slice_str(p->origin),
		.version = WIRE_VERSION,
		.is_public = p->is_public,
		.rand_id = identity_shown(peer),
	};
}

void handshake_begin(struct peer *peer)
{
	struct message m = introduction(peer, MSG_HAND);

	if (peer_send(peer, &m) != SEND_OK)
		conn_close(&peer->conn, CLOSE_OUTPUT);
}

static void send_shake(struct peer *peer)
{
	uint8_t hash[32];
	struct message m = introduction(peer, MSG_SHAKE);

	m.height = peer->p2p->events.tip(peer->p2p->events.ctx, hash);
	if (peer_send(peer, &m) != SEND_OK)
		conn_close(&peer->conn, CLOSE_OUTPUT);
}

/* Closes a peer of another network or of a too old release. If it dialled us, its host is banned,
 * as the network does. If we dialled it, we only do not dial the address again for a while: its
 * answer could have been forged on the way (12.3 item 9). */
static void misfit(struct peer *peer, enum close_reason why, const char *what)
{
	peer->refused = true;
	conn_close(&peer->conn, why);
	if (!peer->conn.outbound)
		p2p_ban_addr(peer->p2p, &peer->conn.addr, 0, BAN_INBOUND, what);
}

/* Copies text that a peer sent and that logs and commands show: every byte that is not printable
 * ASCII becomes '?'. */
static void copy_text(char *to, size_t size, struct slice s)
{
	size_t n = s.n < size - 1 ? s.n : size - 1;

	for (size_t i = 0; i < n; i++)
		to[i] = s.p[i] > ' ' && s.p[i] <= '~' ? (char)s.p[i] : '?';
	to[n] = 0;
}

static void learn(struct peer *peer, const struct message *m)
{
	copy_text(peer->app_version, sizeof peer->app_version, m->app_version);
	peer->own_kind = strstr(peer->app_version, "alfisd") != NULL;
	peer->is_public = m->is_public;
	peer->rand_id_size = m->rand_id.n < RAND_ID_KEPT ? m->rand_id.n : RAND_ID_KEPT;
	if (peer->rand_id_size)
		memcpy(peer->rand_id, m->rand_id.p, peer->rand_id_size);
	peer->introduced = true;
	identity_shown(peer);
}

/* ---- second connections with one node ---- */

/* Do two connections lead to one node? Ids are not authenticated: anyone who received an id can
 * show it. So an id counts only together with the same host, and even then it never closes a
 * connection that is ready, unless both sides are of our own kind and agree on which one to
 * close. */
static bool same_node(const struct peer *a, const struct peer *b)
{
	return a->rand_id_size && conn_alive(&a->conn) && conn_alive(&b->conn) &&
	       slice_eq(slice_of(a->rand_id, a->rand_id_size),
		       slice_of(b->rand_id, b->rand_id_size)) &&
	       peer_same_host(a, b);
}

/* Two nodes of our own kind that dialled each other. Both know both ids, so both can work out which
 * of the two connections stays. */
static bool mutual(const struct peer *peer, const struct peer *o)
{
	return peer->own_kind && o->own_kind && peer->conn.outbound != o->conn.outbound &&
	       strcmp(peer->our_id, o->our_id) == 0;
}

static bool ours_is_greater(const struct peer *peer)
{
	struct slice ours = slice_str(peer->our_id);
	size_t n = ours.n < peer->rand_id_size ? ours.n : peer->rand_id_size;
	int d = memcmp(ours.p, peer->rand_id, n);

	return d > 0 || (d == 0 && ours.n > peer->rand_id_size);
}

/* May the older connection `o` displace a new one? Only if the operator configured it or it
 * delivered good blocks, and it was heard of lately: an old connection may be dead without
 * notice. */
static bool worth_keeping(const struct peer *o)
{
	return (o->configured || o->good_at) && clock_mono(o->p2p->clock) - o->last_in < SILENT_MS;
}

/* Which of two connections with one node is closed: `peer`, which has just sent its Hand or Shake,
 * or `o`, which did so earlier. NULL: neither, which costs only one place. Between two nodes of our
 * own kind, the one with the greater id decides, and closes the connection that the other has
 * dialled; the other node waits for that. Release 0.10 compares no ids; there we refuse only a new
 * inbound connection. */
static struct peer *duplicate_of_two(struct peer *peer, struct peer *o)
{
	if (mutual(peer, o))
		return !ours_is_greater(peer) ? NULL : peer->conn.outbound ? o : peer;
	return !peer->conn.outbound && worth_keeping(o) ? peer : NULL;
}

/* Closes a duplicate after its output has been delivered. A node of our own kind is told why
 * (MSG_TWIN), so that it does not dial again while the other connection lasts. */
static void end_duplicate(struct peer *peer)
{
	struct message twin = {.type = MSG_TWIN};

	if (peer->own_kind)
		peer_send(peer, &twin);
	conn_finish(&peer->conn, CLOSE_DUPLICATE);
}

/* Closes the connections that `peer` makes superfluous. True when `peer` itself is superfluous; the
 * caller closes it. */
static bool settle_duplicates(struct peer *peer)
{
	for (struct conn *c = peer->conn.pool->all; c; c = c->next) {
		struct peer *o = peer_of(c);
		if (o == peer || !same_node(peer, o))
			continue;
		struct peer *loser = duplicate_of_two(peer, o);
		if (loser == peer)
			return true;
		if (loser)
			end_duplicate(o);
	}
	return false;
}

/* A node that we dialled answers that it has a connection with us already. Remembers the dialled
 * address as an alias of the peer on that connection, which is the one with the same id: while it
 * lasts the address is not dialled. */
void handshake_twin(struct peer *peer, const struct message *m)
{
	(void)m;
	for (struct conn *c = peer->conn.pool->all; c && peer->conn.outbound; c = c->next) {
		struct peer *o = peer_of(c);
		if (o != peer && same_node(peer, o) && mutual(peer, o)) {
			o->alias = peer->conn.addr;
			o->has_alias = true;
		}
	}
	conn_close(&peer->conn, CLOSE_DUPLICATE);
}

/* ---- the three messages ---- */

void handshake_hand(struct peer *peer, const struct message *m)
{
	struct p2p *p = peer->p2p;
	struct message loop = {.type = MSG_LOOP};

	if (peer->ready && peer->introduced) { /* a repeated Hand changes nothing */
		send_shake(peer);
		return;
	}
	if (!app_version_acceptable(m->app_version)) {
		misfit(peer, CLOSE_VERSION, "its release is too old");
		return;
	}
	if (identity_is_ours(p, m->rand_id)) {
		identity_note_loop(peer);
		peer_send(peer, &loop);
		conn_finish(&peer->conn, CLOSE_LOOP);
		return;
	}
	if (!slice_is(m->origin, p->origin)) {
		misfit(peer, CLOSE_ORIGIN, "it belongs to another network");
		return;
	}
	if (m->version != WIRE_VERSION)
		log_debug("peer %llu: Hand of version %lu", (unsigned long long)peer->conn.id,
			(unsigned long)m->version);
	learn(peer, m);
	bool duplicate = settle_duplicates(peer);
	send_shake(peer); /* sent to a duplicate, too: it shows which node was reached twice */
	if (duplicate)
		end_duplicate(peer);
	else if (conn_alive(&peer->conn) && !peer->conn.outbound)
		peer_ready(peer);
}

void handshake_shake(struct peer *peer, const struct message *m)
{
	struct p2p *p = peer->p2p;

	if (!peer->conn.outbound || peer->ready)
		return;
	if (!slice_is(m->origin, p->origin)) {
		misfit(peer, CLOSE_ORIGIN, "it belongs to another network");
	} else if (m->version != WIRE_VERSION || !app_version_acceptable(m->app_version)) {
		misfit(peer, CLOSE_VERSION, "its release is too old");
	} else if (m->rand_id.n == 0) {
		conn_close(&peer->conn, CLOSE_MALFORMED);
	} else if (identity_is_ours(p, m->rand_id)) {
		handshake_loop(peer, m);
	} else {
		learn(peer, m);
		peer->height = m->height;
		settle_duplicates(peer); /* may close an older one, but not e, which we dialled */
		peer_ready(peer);
	}
}

/* The other side says that we dialled ourselves. If identity_note_loop() saw both ends, that is
 * certain (is_self is set). Otherwise it is only a claim, by which a node can refuse us, and only
 * this address is not dialled again for a while. */
void handshake_loop(struct peer *peer, const struct message *m)
{
	(void)m;
	peer->refused = peer->conn.outbound && !peer->ready;
	conn_close(&peer->conn, CLOSE_LOOP);
}
