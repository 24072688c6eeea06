/* Role: turns frames into messages and back, and refuses messages that are not allowed yet. See
 * p2p/peer.h.
 * Before: p2p/conn.c has bytes. After: frame.c, secure.c and wire.c decode them, then handshake.c
 * or node/dispatch.c handles the message. */
#include "p2p/peer.h"

#include "base/log.h"
#include "p2p/frame.h"
#include "p2p/p2p_internal.h"

enum { FRAMES_PER_TURN = 32 /* most frames of one peer handled before other peers */ };

static uint64_t now_of(const struct peer *e)
{
	return clock_mono(e->p2p->clock);
}

/* ---- out ---- */

static void note_sent(struct peer *e, enum message_type t)
{
	e->p2p->frames_out++;
	e->p2p->messages_out[t]++;
	e->last_out = now_of(e);
	unsolicited_sent(&e->unsolicited, t);
	if (!message_rule(t)->wants_answer)
		e->soft_at = e->last_out;
	if (t == MSG_GET_PEERS)
		e->get_peers_sent++;
}

enum send_result peer_send(struct peer *e, const struct message *m)
{
	struct buffers *b = e->p2p->buffers;
	struct wr plain = wr_of(b->plain, sizeof b->plain), frame = wr_of(b->out, sizeof b->out);

	if (!conn_alive(&e->conn) || e->conn.phase < PHASE_HANDSHAKE)
		return SEND_GONE;
	message_encode(m, &plain);
	if (plain.bad || !secure_seal(&e->session, wr_done(&plain), &frame)) {
		log_warn("%s does not fit a frame and is not sent", message_name(m->type));
		return SEND_OK;
	}
	enum send_result r = conn_write(&e->conn, frame.p, frame.n);
	if (r == SEND_OK)
		note_sent(e, m->type);
	return r;
}

uint64_t peer_send_delay_ms(const struct peer *e)
{
	uint64_t until = e->soft_at + SEND_DELAY_MS, now = now_of(e);

	if (e->own_kind || e->soft_at == 0)
		return 0;
	if (conn_output(&e->conn))
		return SEND_DELAY_MS;
	return until > now ? until - now : 0;
}

/* ---- ready ---- */

void peer_ready(struct peer *e)
{
	char text[NETADDR_TEXT_MAX];

	if (e->ready)
		return;
	e->ready = true;
	conn_set_phase(&e->conn, PHASE_READY);
	log_info("peer %llu %s ready: %s, release %s", (unsigned long long)e->conn.id,
		netaddr_text(&e->conn.addr, text), e->conn.outbound ? "outbound" : "inbound",
		e->app_version[0] ? e->app_version : "unknown");
	p2p_peer_ready(e);
	peer_keep_alive(e);
}

/* ---- in ---- */

static void peer_ignore(struct peer *e, const struct message *m)
{
	(void)e;
	(void)m;
}

static void peer_give_peers(struct peer *e, const struct message *asked)
{
	char text[PEERS_SENT_MAX][NETADDR_TEXT_MAX];
	struct message m = {.type = MSG_PEERS};

	(void)asked;
	p2p_pick_peers(e, &m, text);
	peer_send(e, &m);
}

static void peer_hand_on(struct peer *e, const struct message *m)
{
	e->p2p->events.message(e->p2p->events.ctx, e->conn.id, m);
}

/* Drops lists that we did not ask for, by which strangers could push addresses. Also drops answers
 * to a GetPeers that was sent only to provoke an answer (list_wanted): a slow peer could otherwise
 * name as many addresses as it likes. */
static void peer_take_peers(struct peer *e, const struct message *m)
{
	if (e->peers_received >= e->get_peers_sent)
		return;
	e->peers_received++;
	if (e->peers_received == e->list_wanted)
		p2p_take_peers(e, m);
	peer_hand_on(e, m);
}

static void peer_take_pong(struct peer *e, const struct message *m)
{
	if (e->ping_sent) {
		peer_note_rtt(e, now_of(e) - e->ping_sent);
		e->ping_sent = 0;
	}
	peer_hand_on(e, m);
}

/* May a message other than those of the handshake be handled? An inbound peer may begin without a
 * Hand, as with release 0.10; it is ready then (5.14). A peer that we dialled must send its Shake
 * first; anything before that is ignored. */
static bool may_talk(struct peer *e)
{
	if (!e->ready && !e->conn.outbound)
		peer_ready(e);
	return e->ready && conn_alive(&e->conn);
}

static void (*const handlers[MSG_COUNT])(struct peer *e, const struct message *m) = {
#define MESSAGE(id, name, fields, comes, answers, costs, wants, handler, node) handler,
#include "p2p/messages.def"
#undef MESSAGE
};

static void handle(struct peer *e, const struct message *m)
{
	if (!message_rule(m->type)->when_ready || may_talk(e))
		handlers[m->type](e, m);
}

/* Takes one frame, decodes its message and handles it. Returns for how many milliseconds reading
 * from this peer is to pause. */
static uint64_t open_frame(struct peer *e, size_t size)
{
	struct buffers *b = e->p2p->buffers;
	struct slice plain;
	struct message m;

	conn_take(&e->conn, b->in, size);
	e->p2p->frames_in++;
	e->last_in = now_of(e);
	e->frame_last = size;
	if (!secure_open(&e->session, b->in + FRAME_HEAD, size - FRAME_HEAD, &plain) ||
		message_decode(plain, &m, b->scratch, sizeof b->scratch)) {
		conn_close(&e->conn, CLOSE_MALFORMED);
		return 0;
	}
	e->p2p->messages_in[m.type]++;
	uint64_t wait = unsolicited_came(
		&e->unsolicited, m.type, size, &e->p2p->limits->conn_unasked_bytes, e->last_in);
	handle(e, &m);
	return wait;
}

/* The size of the next frame if it has arrived completely, else 0. Closes the connection at once
 * when its length is impossible. */
static size_t whole_frame(struct peer *e)
{
	uint8_t head[FRAME_HEAD];

	if (!conn_alive(&e->conn))
		return 0;
	size_t n = conn_input(&e->conn);
	conn_peek(&e->conn, head, n < FRAME_HEAD ? n : FRAME_HEAD);
	struct frame f = frame_judge(head, n);
	if (f.state == FRAME_BAD)
		conn_close(&e->conn, CLOSE_MALFORMED);
	e->conn.frame_size = n >= FRAME_HEAD ? f.size : 0;
	return f.state == FRAME_READY ? f.size : 0;
}

static bool keys_exchanged(struct peer *e)
{
	switch (key_exchange_read(&e->key_exchange, &e->conn, e->p2p->rng, &e->session)) {
	case KEY_EXCHANGE_MORE:
		return false;
	case KEY_EXCHANGE_BAD:
		conn_close(&e->conn, CLOSE_MALFORMED);
		return false;
	case KEY_EXCHANGE_DONE:
		break;
	}
	conn_set_phase(&e->conn, PHASE_HANDSHAKE);
	if (e->conn.outbound)
		handshake_begin(e);
	return conn_alive(&e->conn);
}

void peer_connected(struct conn *c)
{
	struct peer *e = peer_of(c);

	if (!key_exchange_begin(&e->key_exchange, c, e->p2p->rng))
		conn_close(c, CLOSE_LIMIT);
}

enum step peer_readable(struct conn *c)
{
	struct peer *e = peer_of(c);
	size_t size;

	if (c->phase == PHASE_HELLO && !keys_exchanged(e))
		return STEP_WAIT;
	for (int i = 0; i < FRAMES_PER_TURN; i++) {
		size = whole_frame(e);
		if (size == 0)
			return STEP_WAIT;
		uint64_t wait = open_frame(e, size);
		if (wait) {
			conn_pause(c, wait);
			return STEP_WAIT;
		}
	}
	return whole_frame(e) ? STEP_AGAIN : STEP_WAIT;
}
