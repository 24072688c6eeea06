/* One link of the model: its bytes, and what must hold for all that the node sends on it. */
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "p2p/p2p_internal.h"
#include "tests/fuzz/conn_model.h"

void link_begin(struct world *w, struct link *l, int fd, bool dialled)
{
	uint64_t piece = l->piece;

	*l = (struct link){.fd = fd, .dialled = dialled, .piece = piece, .node_fd = -1};
	secure_keypair(&w->rng, l->secret, l->key);
}

void link_open(struct world *w, struct link *l, const struct netaddr *from)
{
	int pair[2];

	if (l->fd >= 0)
		return;
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
	link_begin(w, l, pair[1], false);
	p2p_accepted(w->p, pair[0], from);
}

void link_close(struct link *l, bool half)
{
	if (l->fd < 0)
		return;
	if (half) {
		shutdown(l->fd, SHUT_WR);
		return;
	}
	close(l->fd);
	l->fd = -1;
}

void link_send(struct world *w, struct link *l, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	size_t piece = l->piece ? l->piece : n;

	for (size_t at = 0; l->fd >= 0 && at < n; at += piece) {
		size_t part = n - at < piece ? n - at : piece;
		if (send(l->fd, p + at, part, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)part)
			l->foul = true;
		event_base_loop(w->base, EVLOOP_NONBLOCK);
	}
}

void link_hello(struct world *w, struct link *l)
{
	uint8_t hello[HELLO_SENT_MAX], nonce[HELLO_NONCE];

	if (l->fd < 0 || l->hello_sent || (l->dialled && !l->session_made))
		return;
	l->hello_sent = true;
	if (l->dialled) {
		memcpy(nonce, l->session.nonce, sizeof nonce);
		link_send(w, l, hello, hello_server_build(&w->rng, l->key, nonce, hello));
	} else {
		link_send(w, l, hello, hello_client_build(&w->rng, l->key, hello));
	}
}

void link_frame(struct world *w, struct link *l, struct slice plain)
{
	static uint8_t frame[FRAME_MAX];
	struct wr out = wr_of(frame, sizeof frame);

	if (l->session_made && l->hello_sent && secure_seal(&l->session, plain, &out))
		link_send(w, l, out.p, out.n);
}

void link_message(struct world *w, struct link *l, const struct message *m)
{
	static uint8_t plain[MESSAGE_MAX];
	struct wr out = wr_of(plain, sizeof plain);

	message_encode(m, &out);
	l->peers_asked += m->type == MSG_GET_PEERS;
	link_frame(w, l, wr_done(&out));
}

/* ---- what the node sent ---- */

static void drop(struct link *l, size_t n)
{
	l->n -= n;
	memmove(l->in, l->in + n, l->n);
}

static void take_hello(struct world *w, struct link *l)
{
	uint8_t key[HELLO_KEY];
	struct slice in = slice_of(l->in, l->n);
	size_t n = l->dialled ? hello_client_parse(in, key)
			      : hello_server_parse(in, key, l->session.nonce);

	if (!n)
		return;
	must(n >= HELLO_SENT_MIN && n <= HELLO_SENT_MAX);
	must(l->dialled || l->hello_sent || l->foul);
	if (l->dialled)
		rng_fill(&w->rng, l->session.nonce, HELLO_NONCE);
	must(secure_shared(l->secret, key, l->session.key));
	l->session_made = true;
	drop(l, n);
}

static void check_message(struct link *l, struct slice plain)
{
	static uint8_t scratch[MESSAGE_MAX], again[MESSAGE_MAX];
	struct wr w = wr_of(again, sizeof again);
	struct message m;

	must(message_decode(plain, &m, scratch, sizeof scratch) == ERR_OK);
	message_encode(&m, &w);
	must(slice_eq(wr_done(&w), plain));
	must(m.type != MSG_ERROR && m.type != MSG_TWIN);
	l->counts[m.type]++;
	must(l->counts[MSG_HAND] == l->dialled);
	must(l->foul || l->counts[MSG_PEERS] <= l->peers_asked);
}

static bool take_frame(struct link *l)
{
	struct frame f = frame_judge(l->in, l->n);
	struct slice plain;

	must(f.state != FRAME_BAD);
	if (f.state == FRAME_MORE)
		return false;
	must(secure_open(&l->session, l->in + FRAME_HEAD, f.size - FRAME_HEAD, &plain));
	check_message(l, plain);
	drop(l, f.size);
	return true;
}

void link_read(struct world *w, struct link *l)
{
	ssize_t n = 1;

	while (l->fd >= 0 && n > 0) {
		size_t room = l->skip && l->skip < sizeof l->in ? l->skip : sizeof l->in - l->n;
		n = recv(l->fd, l->in + l->n, room, MSG_DONTWAIT);
		if (n > 0 && l->skip) {
			l->skip -= (size_t)n;
			continue;
		}
		l->n += n > 0 ? (size_t)n : 0;
		if (!l->session_made)
			take_hello(w, l);
		/* after foul bytes the keys may not be the ones that it has */
		while (l->session_made && !l->foul && take_frame(l))
			;
		if (l->foul)
			l->n = 0;
	}
	if (n == 0)
		link_close(l, false);
}
