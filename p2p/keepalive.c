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

static uint64_t now_of(const struct peer *e)
{
	return clock_mono(e->p2p->clock);
}

void peer_note_rtt(struct peer *e, uint64_t ms)
{
	ms = ms ? ms : 1;
	if (e->rtt == 0 || ms < e->rtt)
		e->rtt = ms;
	else
		e->rtt += (ms - e->rtt) / RTT_DECAY;
}

static void ping(struct peer *e)
{
	uint8_t hash[32];
	struct message m = {.type = MSG_PING};

	m.height = e->p2p->events.tip(e->p2p->events.ctx, hash);
	m.hash = slice_of(hash, m.height ? sizeof hash : 0);
	peer_send(e, &m);
}

/* Sends a Ping as a sign of life. Release 0.10 sends one every 31 to 40 s (protocol.md 5.14), and
 * two idle nodes of our own kind do the same: otherwise each would hear nothing until idle_timeout
 * and then have to ask. Nothing depends on the answer. */
static void show_life(struct peer *e)
{
	ping(e);
	e->life_sign_sent = now_of(e);
	e->life_sign_after = LIFE_SIGN_MS + rng_below(e->p2p->rng, LIFE_SIGN_SPREAD_MS);
}

/* When the peer was last heard of, in monotonic milliseconds. The bytes of an unfinished frame
 * count, because a long frame takes its time on a slow line. */
static uint64_t last_heard(const struct peer *e)
{
	return e->last_in > e->conn.last_read ? e->last_in : e->conn.last_read;
}

static uint64_t life_sign_due(const struct peer *e)
{
	uint64_t since = e->last_in > e->life_sign_sent ? e->last_in : e->life_sign_sent;

	return e->own_kind ? since + e->life_sign_after : UINT64_MAX;
}

/* Sends a Ping that must be answered: the peer was silent for idle_timeout, or our network changed.
 * Without an answer within pong_ms the connection is closed. */
static void ask_whether_alive(struct peer *e)
{
	uint64_t wait = e->p2p->limits->pong_timeout.max;

	ping(e);
	e->ping_sent = now_of(e);
	e->pong_ms = e->doubted && wait > CHECK_MS ? CHECK_MS : wait;
	e->doubted = false;
}

static uint64_t pong_deadline(const struct peer *e)
{
	return e->ping_sent + e->pong_ms;
}

static void ask_for_peers(struct peer *e)
{
	struct message m = {.type = MSG_GET_PEERS};

	if (p2p_wants_addresses(e->p2p) && peer_send(e, &m) == SEND_OK)
		e->list_wanted = e->get_peers_sent;
	e->ask_at = now_of(e) + ASK_EVERY_MS + rng_below(e->p2p->rng, ASK_EVERY_MS / 4);
}

static bool is_gone(struct peer *e, uint64_t now)
{
	struct limits *l = e->p2p->limits;

	if (e->ping_sent && last_heard(e) >= e->ping_sent)
		e->ping_sent = 0;
	if (!e->ping_sent || now < pong_deadline(e))
		return false;
	bound_hit(&l->idle_timeout);
	bound_hit(&l->pong_timeout);
	return true;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void set_next_alarm(struct peer *e)
{
	const struct limits *l = e->p2p->limits;
	uint64_t next = e->ping_sent ? pong_deadline(e) : last_heard(e) + l->idle_timeout.max;

	conn_set_alarm(&e->conn, earlier(earlier(next, e->ask_at), life_sign_due(e)));
}

void peer_alarm(struct conn *c)
{
	struct peer *e = peer_of(c);
	uint64_t now = now_of(e), delay = peer_send_delay_ms(e);

	if (is_gone(e, now)) {
		conn_close(c, CLOSE_TIMEOUT);
		return;
	}
	bool silent = now >= last_heard(e) + e->p2p->limits->idle_timeout.max;
	bool idle = e->ping_sent == 0 && (e->doubted || silent);
	if (delay && (idle || now >= e->ask_at)) {
		conn_set_alarm(c, now + delay);
		return;
	}
	if (idle)
		ask_whether_alive(e);
	else if (now >= life_sign_due(e))
		show_life(e);
	if (now >= e->ask_at)
		ask_for_peers(e);
	set_next_alarm(e);
}

void peer_check(struct peer *e)
{
	e->doubted = true;
	conn_set_alarm(&e->conn, now_of(e));
}

/* Milliseconds until the first GetPeers. An inbound peer is asked only after it has stayed for a
 * while, unless no outbound peer is there: a host that reconnects again and again could otherwise
 * name new addresses each time. */
static uint64_t first_question(const struct peer *e)
{
	bool others = e->p2p->outbound > e->p2p->dialling;

	return others && !e->conn.outbound ? ASK_FIRST_MS : 0;
}

void peer_keep_alive(struct peer *e)
{
	e->life_sign_after = LIFE_SIGN_MS + rng_below(e->p2p->rng, LIFE_SIGN_SPREAD_MS);
	e->ask_at = now_of(e) + first_question(e);
	conn_set_alarm(&e->conn, e->ask_at);
}
