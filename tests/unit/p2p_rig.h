/* What the tests of the peer-to-peer side share: nodes in one event loop over real loopback
 * sockets, and a raw peer that can misbehave byte by byte. */
#ifndef TESTS_P2P_RIG_H
#define TESTS_P2P_RIG_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/log.h"
#include "base/mem.h"
#include "p2p/frame.h"
#include "p2p/hello.h"
#include "p2p/p2p.h"
#include "p2p/secure.h"
#include "tests/unit/p2p_start.h"
#include "tests/unit/unused.h"

#define TEST_ORIGIN "0000001D2A77D63477172678502E51DE7F346061FF7EB188A2445ECA3FC0780E"

enum { KEPT = 20 };

struct side {
	struct limits limits;
	struct p2p *p;
	struct netaddr at; /* where it listens */
	uint64_t height;
	size_t ready, gone, drained, moved, messages, counts[MSG_COUNT];
	peer_id ids[KEPT]; /* the first that became ready */
	enum close_reason why;
	/* the last message */
	enum message_type type;
	uint64_t number; /* height or index */
	uint8_t hash[32];
	size_t hash_size, block_size;
	uint8_t block[40000];
	void (*on_message)(struct side *s, peer_id id, const struct message *m);
};

struct rig {
	struct event_base *base;
	struct event *wake;
	size_t blocks; /* of memory, before */
	struct side a, b;
};

static inline uint64_t mono(void)
{
	return clock_mono(&clock_system);
}

/* The clock of the nodes can be set ahead of the system's. */
static uint64_t rig_ahead; /* milliseconds; rig_begin() sets it 0 */

static inline int64_t rig_wall(void *ctx)
{
	(void)ctx;
	return clock_wall(&clock_system) + (int64_t)(rig_ahead / 1000);
}

static inline uint64_t rig_mono(void *ctx)
{
	(void)ctx;
	return clock_mono(&clock_system) + rig_ahead;
}

static const struct clock rig_clock = {rig_wall, rig_mono, NULL};

static inline void on_wake(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what, (void)arg;
}

/* One turn of the loop, at most 5 ms. */
static inline void turn(struct rig *r)
{
	struct timeval tv = {0, 5000};

	evtimer_add(r->wake, &tv);
	event_base_loop(r->base, EVLOOP_ONCE);
}

/* Turns until the expression holds; fails after fifteen seconds, for a machine that is busy. */
#define UNTIL(r, expr)                                                                             \
	do {                                                                                       \
		uint64_t end_ = mono() + 60000;                                                    \
		while (!(expr)) {                                                                  \
			if (mono() > end_)                                                         \
				fail_msg("never: %s", #expr);                                      \
			turn(r);                                                                   \
		}                                                                                  \
	} while (0)

/* Turns for so long, to see that nothing happens. */
static inline void turns(struct rig *r, uint64_t ms)
{
	for (uint64_t end = mono() + ms; mono() < end;)
		turn(r);
}

/* ---- a node ---- */

static inline void side_ready(void *ctx, peer_id id)
{
	struct side *s = ctx;
	if (s->ready < KEPT)
		s->ids[s->ready] = id;
	s->ready++;
}

static inline void side_message(void *ctx, peer_id id, const struct message *m)
{
	struct side *s = ctx;

	s->messages++;
	s->counts[m->type]++;
	s->type = m->type;
	s->number = m->type == MSG_GET_BLOCK || m->type == MSG_BLOCK ? m->index : m->height;
	s->hash_size = m->hash.n < 32 ? m->hash.n : 32;
	if (s->hash_size)
		memcpy(s->hash, m->hash.p, s->hash_size);
	if (m->type == MSG_BLOCK) {
		s->block_size = m->block.n;
		assert_true(m->block.n <= sizeof s->block);
		memcpy(s->block, m->block.p, m->block.n);
	}
	if (s->on_message)
		s->on_message(s, id, m);
}

static inline void side_gone(void *ctx, peer_id id, enum close_reason why)
{
	struct side *s = ctx;
	(void)id;
	s->gone++;
	s->why = why;
}

static inline void side_moved(void *ctx)
{
	((struct side *)ctx)->moved++;
}

static inline void side_drained(void *ctx, peer_id id)
{
	struct side *s = ctx;
	(void)id;
	s->drained++;
}

static inline uint64_t side_tip(void *ctx, uint8_t hash[32])
{
	struct side *s = ctx;
	memset(hash, 0x5a, 32);
	return s->height;
}

static inline struct p2p_settings side_settings(struct rig *r, struct side *s)
{
	struct p2p_settings set = {.base = r->base,
		.clock = &rig_clock,
		.rng = &rng_system,
		.limits = &s->limits,
		.bind = "",
		.advertise = "",
		.is_public = true,
		.allow_local = true,
		.origin = TEST_ORIGIN,
		.events = {side_ready, side_message, side_gone, side_drained, side_tip, side_moved,
			s}};
	return set;
}

static inline bool side_start_at(struct rig *r, struct side *s, const char *listen_at)
{
	struct p2p_settings set = side_settings(r, s);

	set.listen = &listen_at;
	set.listen_count = 1;
	s->p = p2p_start(&set);
	return s->p && p2p_listening(s->p, &s->at, 1) == 1;
}

static inline void side_start(struct rig *r, struct side *s)
{
	assert_true(side_start_at(r, s, "127.0.0.1:0"));
	assert_true(s->at.port != 0);
}

static inline void side_dial(struct side *s, const struct netaddr *to)
{
	char text[NETADDR_TEXT_MAX];
	assert_int_equal(p2p_peer_add(s->p, netaddr_text(to, text)), ERR_OK);
}

static inline struct p2p_stats stats_of(struct side *s)
{
	struct p2p_stats st;
	p2p_stats(s->p, &st);
	return st;
}

static inline uint64_t closed_for(struct side *s, enum close_reason why)
{
	return stats_of(s).closed[why];
}

/* ---- the rig: setup, and an audit at the end ---- */

static inline void rig_begin(struct rig *r)
{
	memset(r, 0, sizeof *r);
	rig_ahead = 0;
	r->blocks = mem_blocks();
	r->base = event_base_new();
	r->wake = evtimer_new(r->base, on_wake, NULL);
	limits_default(&r->a.limits);
	limits_default(&r->b.limits);
}

static inline void rig_end(struct rig *r)
{
	if (r->a.p)
		p2p_free(r->a.p);
	if (r->b.p)
		p2p_free(r->b.p);
	event_free(r->wake);
	event_base_free(r->base);
	assert_int_equal(mem_blocks(), r->blocks);
	assert_unused(&r->a.limits);
	assert_unused(&r->b.limits);
	assert_int_equal(r->a.ready, r->a.gone);
	assert_int_equal(r->b.ready, r->b.gone);
}

/* ---- a raw peer: a plain socket and the protocol by hand ---- */

struct raw {
	int fd;
	struct secure session;
	uint8_t secret[SECURE_KEY];
	uint8_t in[200000], frame[FRAME_MAX], scratch[MESSAGE_MAX];
	size_t n;    /* bytes in `in` */
	size_t used; /* of the message handed out last */
	bool small;  /* ask for a small receive buffer */
	bool closed;
};

static inline void raw_from(struct raw *w, const struct netaddr *to, const char *source)
{
	struct sockaddr_storage ss;
	struct sockaddr_in from = {.sin_family = AF_INET};
	socklen_t n = netaddr_to_sockaddr(to, &ss);
	int one = 1, small = 4096;

	w->n = w->used = 0;
	w->closed = false;
	w->fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(w->fd >= 0);
	if (w->small)
		setsockopt(w->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	if (source) {
		inet_pton(AF_INET, source, &from.sin_addr);
		assert_int_equal(bind(w->fd, (struct sockaddr *)&from, sizeof from), 0);
	}
	assert_int_equal(connect(w->fd, (struct sockaddr *)&ss, n), 0);
	setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static inline void raw_connect(struct raw *w, const struct netaddr *to)
{
	raw_from(w, to, NULL);
}

static inline void raw_close(struct raw *w)
{
	close(w->fd);
	w->fd = -1;
}

static inline void raw_send(struct raw *w, const void *p, size_t n)
{
	assert_int_equal(send(w->fd, p, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* Takes what is there. */
static inline void raw_read(struct raw *w)
{
	ssize_t n = recv(w->fd, w->in + w->n, sizeof w->in - w->n, MSG_DONTWAIT);

	if (n > 0)
		w->n += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
		w->closed = true;
}

static inline void raw_drop(struct raw *w, size_t n)
{
	memmove(w->in, w->in + n, w->n - n);
	w->n -= n;
}

static inline bool raw_is_closed(struct raw *w)
{
	if (!w->closed)
		raw_read(w);
	return w->closed;
}

static inline size_t raw_hello_bytes(struct raw *w, uint8_t to[HELLO_SENT_MAX])
{
	uint8_t key[HELLO_KEY];

	secure_keypair(&rng_system, w->secret, key);
	return hello_client_build(&rng_system, key, to);
}

static inline bool raw_take_hello(struct raw *w)
{
	uint8_t key[HELLO_KEY];
	size_t n;

	raw_read(w);
	n = hello_server_parse(slice_of(w->in, w->n), key, w->session.nonce);
	if (n) {
		raw_drop(w, n);
		assert_true(secure_shared(w->secret, key, w->session.key));
	}
	return n > 0;
}

static inline void raw_hello(struct rig *r, struct raw *w)
{
	uint8_t hello[HELLO_SENT_MAX];

	raw_send(w, hello, raw_hello_bytes(w, hello));
	UNTIL(r, raw_take_hello(w));
}

static inline size_t raw_frame(struct raw *w, const struct message *m)
{
	static uint8_t plain[MESSAGE_MAX];
	struct wr p = wr_of(plain, sizeof plain), f = wr_of(w->frame, sizeof w->frame);

	message_encode(m, &p);
	assert_true(secure_seal(&w->session, wr_done(&p), &f));
	return f.n;
}

static inline void raw_message(struct raw *w, const struct message *m)
{
	size_t n = raw_frame(w, m);
	raw_send(w, w->frame, n);
}

/* The next message, if it is whole. */
static inline bool raw_next(struct raw *w, struct message *m)
{
	struct slice plain;

	raw_drop(w, w->used);
	w->used = 0;
	raw_read(w);
	struct frame f = frame_judge(w->in, w->n);
	assert_int_not_equal(f.state, FRAME_BAD);
	if (f.state == FRAME_MORE)
		return false;
	w->used = f.size;
	assert_true(secure_open(&w->session, w->in + FRAME_HEAD, f.size - FRAME_HEAD, &plain));
	assert_int_equal(message_decode(plain, m, w->scratch, sizeof w->scratch), ERR_OK);
	return true;
}

/* Waits for the next message other than GetPeers, which may come at any time. */
static inline void raw_expect(struct rig *r, struct raw *w, enum message_type t, struct message *m)
{
	do
		UNTIL(r, raw_next(w, m));
	while (m->type == MSG_GET_PEERS && t != MSG_GET_PEERS);
	assert_int_equal(m->type, t);
}

static inline struct message hand(const char *rand_id)
{
	return (struct message){.type = MSG_HAND,
		.app_version = slice_str("0.10.0"),
		.origin = slice_str(TEST_ORIGIN),
		.version = 1,
		.is_public = true,
		.rand_id = slice_str(rand_id)};
}

/* A whole client: hello, Hand, Shake. */
static inline void raw_greet(struct rig *r, struct raw *w, const char *rand_id)
{
	struct message m = hand(rand_id);

	raw_hello(r, w);
	raw_message(w, &m);
	raw_expect(r, w, MSG_SHAKE, &m);
}

static inline int rig_setup(void)
{
	struct log_settings log = {
		.level = getenv("VERBOSE") ? LOG_DEBUG : LOG_ERROR, .per_site_minute = 0};

	log_setup(&log);
	signal(SIGPIPE, SIG_IGN);
	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	return secure_init() ? 0 : 1;
}

#endif
