/* Role: turns frames into messages and back, and refuses messages that are not allowed yet. See
 * p2p/peer.h.
 * Before: p2p/conn.c has bytes. After: frame.c, secure.c and wire.c decode them, then handshake.c
 * or node/dispatch.c handles the message. */
#include "p2p/peer.h"

#include "base/log.h"
#include "p2p/frame.h"
#include "p2p/p2p_internal.h"

enum { FRAMES_PER_TURN = 32 /* most frames of one peer handled before other peers */ };

static uint64_t now_of(const struct peer *peer)
{
	return clock_mono(peer->p2p->clock);
}

/* ---- out ---- */

static void note_sent(struct peer *peer, enum message_type t)
{
	peer->p2p->frames_out++;
	peer->p2p->messages_out[t]++;
	peer->last_out = now_of(peer);
	unsolicited_sent(&peer->unsolicited, t);
	if (!message_rule(t)->wants_answer)
		peer->soft_at = peer->last_out;
	if (t == MSG_GET_PEERS)
		peer->get_peers_sent++;
}

enum send_result peer_send(struct peer *peer, const struct message *m)
{
	struct buffers *b = peer->p2p->buffers;
	struct wr plain = wr_of(b->plain, sizeof b->plain), frame = wr_of(b->out, sizeof b->out);

	if (!conn_alive(&peer->conn) || peer->conn.phase < PHASE_HANDSHAKE)
		return SEND_GONE;
	message_encode(m, &plain);
	if (plain.bad || !secure_seal(&peer->session, wr_done(&plain), &frame)) {
		log_warn("%s does not fit a frame and is not sent", message_name(m->type));
		return SEND_OK;
	}
	enum send_result r = conn_write(&peer->conn, frame.p, frame.n);
	if (r == SEND_OK)
		note_sent(peer, m->type);
	return r;
}

uint64_t peer_send_delay_ms(const struct peer *peer)
{
	uint64_t until = peer->soft_at + SEND_DELAY_MS, now = now_of(peer);

	if (peer->own_kind || peer->soft_at == 0)
		return 0;
	if (conn_output(&peer->conn))
		return SEND_DELAY_MS;
	return until > now ? until - now : 0;
}

/* ---- ready ---- */

void peer_ready(struct peer *peer)
{
	char text[NETADDR_TEXT_MAX];

	if (peer->ready)
		return;
	peer->ready = true;
	conn_set_phase(&peer->conn, PHASE_READY);
	log_info("peer %llu %s ready: %s, release %s", (unsigned long long)peer->conn.id,
		netaddr_text(&peer->conn.addr, text), peer->conn.outbound ? "outbound" : "inbound",
		peer->app_version[0] ? peer->app_version : "unknown");
	p2p_peer_ready(peer);
	peer_keep_alive(peer);
}

/* ---- in ---- */

static void peer_ignore(struct peer *peer, const struct message *m)
{
	(void)peer;
	(void)m;
}

static void peer_give_peers(struct peer *peer, const struct message *asked)
{
	char text[PEERS_SENT_MAX][NETADDR_TEXT_MAX];
	struct message m = {.type = MSG_PEERS};

	(void)asked;
	p2p_pick_peers(peer, &m, text);
	peer_send(peer, &m);
}

static void peer_hand_on(struct peer *peer, const struct message *m)
{
	peer->p2p->events.message(peer->p2p->events.ctx, peer->conn.id, m);
}

/* Drops lists that we did not ask for, by which strangers could push addresses. Also drops answers
 * to a GetPeers that was sent only to provoke an answer (list_wanted): a slow peer could otherwise
 * name as many addresses as it likes. */
static void peer_take_peers(struct peer *peer, const struct message *m)
{
	if (peer->peers_received >= peer->get_peers_sent)
		return;
	peer->peers_received++;
	if (peer->peers_received == peer->list_wanted)
		p2p_take_peers(peer, m);
	peer_hand_on(peer, m);
}

static void peer_take_pong(struct peer *peer, const struct message *m)
{
	if (peer->ping_sent) {
		peer_note_rtt(peer, now_of(peer) - peer->ping_sent);
		peer->ping_sent = 0;
	}
	peer_hand_on(peer, m);
}

/* May a message other than those of the handshake be handled? An inbound peer may begin without a
 * Hand, as with release 0.10; it is ready then (5.14). A peer that we dialled must send its Shake
 * first; anything before that is ignored. */
static bool may_talk(struct peer *peer)
{
	if (!peer->ready && !peer->conn.outbound)
		peer_ready(peer);
	return peer->ready && conn_alive(&peer->conn);
}

static void (*const handlers[MSG_COUNT])(struct peer *peer, const struct message *m) = {
#define MESSAGE(id, name, fields, comes, answers, costs, wants, handler, node) handler,
#include "p2p/messages.def"
#undef MESSAGE
};

static void handle(struct peer *peer, const struct message *m)
{
	if (!message_rule(m->type)->when_ready || may_talk(peer))
		handlers[m->type](peer, m);
}

/* Takes one frame, decodes its message and handles it. Returns for how many milliseconds reading
 * from this peer is to pause. */
static uint64_t open_frame(struct peer *peer, size_t size)
{
	struct buffers *b = peer->p2p->buffers;
	struct slice plain;
	struct message m;

	conn_take(&peer->conn, b->in, size);
	peer->p2p->frames_in++;
	peer->last_in = now_of(peer);
	peer->frame_last = size;
	if (!secure_open(&peer->session, b->in + FRAME_HEAD, size - FRAME_HEAD, &plain) ||
		message_decode(plain, &m, b->scratch, sizeof b->scratch)) {
		conn_close(&peer->conn, CLOSE_MALFORMED);
		return 0;
	}
	peer->p2p->messages_in[m.type]++;
	uint64_t wait = unsolicited_came(&peer->unsolicited, m.type, size,
		&peer->p2p->limits->conn_unasked_bytes, peer->last_in);
	handle(peer, &m);
	return wait;
}

/* The size of the next frame if it has arrived completely, else 0. Closes the connection at once
 * when its length is impossible. */
static size_t whole_frame(struct peer *peer)
{
	uint8_t head[FRAME_HEAD];

	if (!conn_alive(&peer->conn))
		return 0;
	size_t n = conn_input(&peer->conn);
	conn_peek(&peer->conn, head, n < FRAME_HEAD ? n : FRAME_HEAD);
	struct frame f = frame_judge(head, n);
	if (f.state == FRAME_BAD)
		conn_close(&peer->conn, CLOSE_MALFORMED);
	peer->conn.frame_size = n >= FRAME_HEAD ? f.size : 0;
	return f.state == FRAME_READY ? f.size : 0;
}

static bool keys_exchanged(struct peer *peer)
{
	switch (key_exchange_read(
		&peer->key_exchange, &peer->conn, peer->p2p->rng, &peer->session)) {
	case KEY_EXCHANGE_MORE:
		return false;
	case KEY_EXCHANGE_BAD:
		conn_close(&peer->conn, CLOSE_MALFORMED);
		return false;
	case KEY_EXCHANGE_DONE:
		break;
	}
	conn_set_phase(&peer->conn, PHASE_HANDSHAKE);
	if (peer->conn.outbound)
		handshake_begin(peer);
	return conn_alive(&peer->conn);
}

void peer_connected(struct conn *c)
{
	struct peer *peer = peer_of(c);

	if (!key_exchange_begin(&peer->key_exchange, c, peer->p2p->rng))
		conn_close(c, CLOSE_LIMIT);
}

enum step peer_readable(struct conn *c)
{
	struct peer *peer = peer_of(c);
	size_t size;

	if (c->phase == PHASE_HELLO && !keys_exchanged(peer))
		return STEP_WAIT;
	for (int i = 0; i < FRAMES_PER_TURN; i++) {
		size = whole_frame(peer);
		if (size == 0)
			return STEP_WAIT;
		uint64_t wait = open_frame(peer, size);
		if (wait) {
			conn_pause(c, wait);
			return STEP_WAIT;
		}
	}
	return whole_frame(peer) ? STEP_AGAIN : STEP_WAIT;
}
