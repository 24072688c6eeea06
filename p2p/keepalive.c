/* Role: sends what a ready peer gets without asking: signs of life, the question whether it is
 * alive, and GetPeers while addresses are wanted. Part of p2p/peer.h.
 * Before: the alarm of p2p/conn_time.c. After: p2p/peer.c sends. */
#include "p2p/p2p_internal.h"

enum {
	ASK_EVERY_MS = 300000, /* GetPeers, while addresses are wanted */
	ASK_FIRST_MS = 60000,
	RTT_DECAY = 16,       /* a longer round trip moves the estimate by 1/16 of the difference */
	LIFE_SIGN_MS = 30000, /* of silence before a sign of life to a node of our own kind */
	LIFE_SIGN_SPREAD_MS = 10000,
	CHECK_MS = 10000, /* wait for the answer after our network changed */
};

static uint64_t now_of(const struct peer *peer)
{
	return clock_mono(peer->p2p->clock);
}

void peer_note_rtt(struct peer *peer, uint64_t ms)
{
	ms = ms ? ms : 1;
	if (peer->rtt == 0 || ms < peer->rtt)
		peer->rtt = ms;
	else
		peer->rtt += (ms - peer->rtt) / RTT_DECAY;
}

static void ping(struct peer *peer)
{
	uint8_t hash[32];
	struct message m = {.type = MSG_PING};

	m.height = peer->p2p->events.tip(peer->p2p->events.ctx, hash);
	m.hash = slice_of(hash, m.height ? sizeof hash : 0);
	peer_send(peer, &m);
}

/* Sends a Ping as a sign of life. Release 0.10 sends one every 31 to 40 s (protocol.md 5.14), and
 * two idle nodes of our own kind do the same: otherwise each would hear nothing until idle_timeout
 * and then have to ask. Nothing depends on the answer. */
static void show_life(struct peer *peer)
{
	ping(peer);
	peer->life_sign_sent = now_of(peer);
	peer->life_sign_after = LIFE_SIGN_MS + rng_below(peer->p2p->rng, LIFE_SIGN_SPREAD_MS);
}

/* When the peer was last heard of, in monotonic milliseconds. The bytes of an unfinished frame
 * count, because a long frame takes its time on a slow line. */
static uint64_t last_heard(const struct peer *peer)
{
	return peer->last_in > peer->conn.last_read ? peer->last_in : peer->conn.last_read;
}

static uint64_t life_sign_due(const struct peer *peer)
{
	uint64_t since =
		peer->last_in > peer->life_sign_sent ? peer->last_in : peer->life_sign_sent;

	return peer->own_kind ? since + peer->life_sign_after : UINT64_MAX;
}

/* Sends a Ping that must be answered: the peer was silent for idle_timeout, or our network changed.
 * Without an answer within pong_ms the connection is closed. */
static void ask_whether_alive(struct peer *peer)
{
	uint64_t wait = peer->p2p->limits->pong_timeout.max;

	ping(peer);
	peer->ping_sent = now_of(peer);
	peer->pong_ms = peer->doubted && wait > CHECK_MS ? CHECK_MS : wait;
	peer->doubted = false;
}

static uint64_t pong_deadline(const struct peer *peer)
{
	return peer->ping_sent + peer->pong_ms;
}

static void ask_for_peers(struct peer *peer)
{
	struct message m = {.type = MSG_GET_PEERS};

	if (p2p_wants_addresses(peer->p2p) && peer_send(peer, &m) == SEND_OK)
		peer->list_wanted = peer->get_peers_sent;
	peer->ask_at = now_of(peer) + ASK_EVERY_MS + rng_below(peer->p2p->rng, ASK_EVERY_MS / 4);
}

static bool is_gone(struct peer *peer, uint64_t now)
{
	struct limits *l = peer->p2p->limits;

	if (peer->ping_sent && last_heard(peer) >= peer->ping_sent)
		peer->ping_sent = 0;
	if (!peer->ping_sent || now < pong_deadline(peer))
		return false;
	bound_hit(&l->idle_timeout);
	bound_hit(&l->pong_timeout);
	return true;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void set_next_alarm(struct peer *peer)
{
	const struct limits *l = peer->p2p->limits;
	uint64_t next =
		peer->ping_sent ? pong_deadline(peer) : last_heard(peer) + l->idle_timeout.max;

	conn_set_alarm(&peer->conn, earlier(earlier(next, peer->ask_at), life_sign_due(peer)));
}

void peer_alarm(struct conn *c)
{
	struct peer *peer = peer_of(c);
	uint64_t now = now_of(peer), delay = peer_send_delay_ms(peer);

	if (is_gone(peer, now)) {
		conn_close(c, CLOSE_TIMEOUT);
		return;
	}
	bool silent = now >= last_heard(peer) + peer->p2p->limits->idle_timeout.max;
	bool idle = peer->ping_sent == 0 && (peer->doubted || silent);
	if (delay && (idle || now >= peer->ask_at)) {
		conn_set_alarm(c, now + delay);
		return;
	}
	if (idle)
		ask_whether_alive(peer);
	else if (now >= life_sign_due(peer))
		show_life(peer);
	if (now >= peer->ask_at)
		ask_for_peers(peer);
	set_next_alarm(peer);
}

void peer_check(struct peer *peer)
{
	peer->doubted = true;
	conn_set_alarm(&peer->conn, now_of(peer));
}

/* Milliseconds until the first GetPeers. An inbound peer is asked only after it has stayed for a
 * while, unless no outbound peer is there: a host that reconnects again and again could otherwise
 * name new addresses each time. */
static uint64_t first_question(const struct peer *peer)
{
	bool others = peer->p2p->outbound > peer->p2p->dialling;

	return others && !peer->conn.outbound ? ASK_FIRST_MS : 0;
}

void peer_keep_alive(struct peer *peer)
{
	peer->life_sign_after = LIFE_SIGN_MS + rng_below(peer->p2p->rng, LIFE_SIGN_SPREAD_MS);
	peer->ask_at = now_of(peer) + first_question(peer);
	conn_set_alarm(&peer->conn, peer->ask_at);
}
