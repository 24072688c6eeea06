/* A script of events at the connections of a node: others come, greet, talk, send bytes in pieces
 * or rubbish, read or not, leave; the node dials; time passes; memory fails. Nobody hears of a peer
 * that is not ready, no bound is passed, what the node says is understood, and nothing is left.
 *
 * Three bytes of settings; then an event a byte (low half: what, high half: on which link, and a
 * variant), followed by what it needs. */
#include <signal.h>

#include <event2/event.h>

#include "base/log.h"
#include "p2p/p2p_internal.h"
#include "tests/fuzz/conn_model.h"

enum { EVENTS = 160 };

static void setup(void)
{
	static const struct log_settings quiet = {.level = LOG_ERROR, .file = "/dev/null"};
	static bool done;

	if (done)
		return;
	done = true;
	must(secure_init() && log_setup(&quiet));
	signal(SIGPIPE, SIG_IGN);
	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
}

static struct netaddr address(uint8_t which)
{
	static const char *const text[] = {"10.1.2.3", "10.1.9.4", "93.184.1.1", "93.184.1.2",
		"2a00::5", "2a00::6", "200::1", "127.0.0.1"};
	struct netaddr a;

	must(netaddr_parse_loose(slice_str(text[which & 7]), (uint16_t)(1024 + which), &a));
	return a;
}

static const char *address_text(uint8_t which)
{
	static char text[NETADDR_TEXT_MAX];
	struct netaddr a = address(which);

	return netaddr_text(&a, text);
}

/* ---- messages of a peer ---- */

static const char *pick(uint8_t bits, const char *usual, const char *other)
{
	return bits ? usual : other;
}

/* An id that the node shows on some connection, if it does. */
static const char *id_of_ours(const struct p2p *p, const char *other)
{
	for (struct conn *c = p->pool.all; c; c = c->next)
		if (peer_of(c)->our_id[0])
			return peer_of(c)->our_id;
	return other;
}

static struct message greeting(enum message_type type, uint8_t how, const struct p2p *p)
{
	static char rand_id[] = "aaaaaa";

	rand_id[0] = (char)('a' + (how & 3));
	return (struct message){.type = type,
		.app_version = slice_str(pick(how & 0x0C, "0.10.0+alfisd", "0.8.1")),
		.origin = slice_str(pick(how & 0x30, p->origin, "0000")),
		.version = how & 0xC0 ? 1 : 2,
		.is_public = how & 1,
		.rand_id = slice_str(how == 0xFF ? id_of_ours(p, rand_id) : rand_id),
		.height = how};
}

static void say(struct world *w, struct link *l, struct rd *r)
{
	static uint8_t block[FRAME_BODY_MAX];
	static char text[PEERS_SENT_MAX][NETADDR_TEXT_MAX];
	uint8_t how = rd_u8(r), what = rd_u8(r);
	struct message m = {.type = what % MSG_COUNT, .height = how, .index = how};

	if (m.type == MSG_HAND || m.type == MSG_SHAKE)
		m = greeting(m.type, how, w->p);
	if (m.type == MSG_BLOCK)
		m.block = slice_of(block, (size_t)how * 128);
	for (; m.type == MSG_PEERS && m.peer_count < (how & 7); m.peer_count++) {
		snprintf(text[m.peer_count], NETADDR_TEXT_MAX, "%s", address_text(rd_u8(r)));
		m.peers[m.peer_count] = slice_str(text[m.peer_count]);
	}
	link_message(w, l, &m);
}

/* ---- what the node does by itself ---- */

static void node_sends(struct world *w, uint8_t what)
{
	static const uint8_t block[60000];
	struct message m = {.type = MSG_PING, .height = what, .index = what};
	peer_id ids[16];
	size_t n = p2p_list(w->p, true, ids, 16);

	if (what & 1)
		m.type = what & 2 ? MSG_GET_BLOCK : MSG_PONG;
	else if (what & 2)
		m = (struct message){.type = MSG_BLOCK, .block = slice_of(block, what * 200u)};
	for (size_t i = 0; i < n; i++)
		must(p2p_send(w->p, ids[i], &m) != SEND_OK ||
			p2p_send_delay_ms(w->p, ids[i]) <= 10);
}

static void by_hand(struct world *w, uint8_t what, uint8_t which)
{
	const char *text = address_text(which);
	peer_id ids[16];
	size_t n = p2p_list(w->p, false, ids, 16);

	switch (what & 7) {
	case 0:
		p2p_ban(w->p, text, which);
		break;
	case 1:
		p2p_unban(w->p, text);
		break;
	case 2:
	case 3:
		p2p_peer_add(w->p, text);
		break;
	case 4:
		p2p_peer_remove(w->p, text);
		break;
	case 5:
		if (n)
			p2p_close(w->p, ids[which % n], CLOSE_OPERATOR);
		break;
	case 6:
		if (n)
			p2p_ban_peer(w->p, ids[which % n], 0, "as the script says");
		break;
	case 7:
		if (n)
			p2p_note_rtt(w->p, ids[which % n], which);
	}
}

static void save_and_load(struct world *w, bool bans)
{
	size_t size = p2p_book_bound(w->p);
	uint8_t *space = malloc(size);
	struct wr out = wr_of(space, size);

	(bans ? p2p_save_bans : p2p_save_book)(w->p, &out);
	must(!out.bad);
	(bans ? p2p_load_bans : p2p_load_book)(w->p, wr_done(&out));
	free(space);
}

/* ---- the script ---- */

/* From a millisecond to an hour. */
static uint64_t duration(uint8_t n)
{
	static const uint64_t ms[] = {1, 10, 26, 200, 1000, 5000, 16000, 61000, 91000, 3600000};

	return ms[n % (sizeof ms / sizeof ms[0])];
}

static void raw_bytes(struct world *w, struct link *l, struct rd *r, bool sealed)
{
	size_t n = rd_u8(r);
	struct slice bytes = rd_bytes(r, n < r->left ? n : r->left);

	if (sealed) {
		link_frame(w, l, bytes);
		l->peers_asked++; /* it may have said so */
	} else {
		l->foul = true;
		link_send(w, l, bytes.p, bytes.n);
	}
}

static void greet(struct world *w, struct link *l, uint8_t how)
{
	enum message_type type = l->dialled ? MSG_SHAKE : MSG_HAND;
	struct message m = greeting(type, how, w->p);

	link_read(w, l);
	link_hello(w, l);
	world_turn(w);
	link_read(w, l);
	link_message(w, l, &m);
}

static void play(struct world *w, struct rd *r)
{
	uint8_t event = rd_u8(r), variant = event >> 6;
	struct link *l = &w->link[event >> 4 & 3];
	struct netaddr from;

	switch (event & 15) {
	case 0:
		from = address(rd_u8(r));
		link_open(w, l, &from);
		break;
	case 1:
		link_hello(w, l);
		break;
	case 2:
		greet(w, l, variant ? 0xFD : rd_u8(r));
		break;
	case 3:
		say(w, l, r);
		break;
	case 4:
		raw_bytes(w, l, r, variant);
		break;
	case 5:
		l->piece = rd_u8(r);
		break;
	case 6:
		world_pass(w, duration(rd_u8(r)));
		break;
	case 7:
		link_close(l, variant);
		break;
	case 8:
		link_read(w, l);
		break;
	case 9:
		node_sends(w, rd_u8(r));
		break;
	case 10:
		by_hand(w, rd_u8(r), rd_u8(r));
		break;
	case 11:
		w->dial = rd_u8(r) % DIAL_MODES;
		break;
	case 12:
		w->react = rd_u8(r) % REACTS;
		break;
	case 13:
		save_and_load(w, variant);
		break;
	case 14:
		mem_fail_nth(1 + rd_u8(r));
		break;
	case 15:
		w->wall += (int8_t)rd_u8(r) * 3600;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	struct rd r = rd_of(slice_of(data, size));
	uint8_t places = rd_u8(&r), queue = rd_u8(&r), kind = rd_u8(&r);

	setup();
	world_init(&w);
	w.limits.max_connections.max = 2 + places % 4;
	w.limits.max_inbound.max = 1 + places / 4 % 4;
	w.limits.max_half_open.max = 1 + places / 16 % 4;
	w.limits.max_per_address.max = 1 + places / 64;
	w.limits.conn_send_bytes.max = 131072;
	w.limits.send_total_bytes.max = 262144;
	w.limits.max_configured_peers.max = 1 + queue % 4;
	w.limits.max_bans.max = w.limits.max_address_book.max = w.limits.max_new_peers.max = 16;
	world_start(&w, kind & 1);
	for (int i = 0; i < EVENTS && r.left; i++) {
		play(&w, &r);
		world_turn(&w);
		world_check(&w);
	}
	world_stop(&w);
	return 0;
}
