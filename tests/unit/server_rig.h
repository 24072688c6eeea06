/* A peer that a node dials: it listens, and has the node's Hand and owes the Shake. */
#ifndef TESTS_SERVER_RIG_H
#define TESTS_SERVER_RIG_H

#include "tests/unit/p2p_rig.h"

struct server {
	int listening;
	struct netaddr at;
	char their_id[64]; /* of the node that dialled */
};

static inline void server_open_at(struct server *s, const char *host)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	socklen_t n = sizeof sa;

	assert_int_equal(inet_pton(AF_INET, host, &sa.sin_addr), 1);
	s->listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listening, (struct sockaddr *)&sa, n), 0);
	assert_int_equal(listen(s->listening, 5), 0);
	assert_int_equal(getsockname(s->listening, (struct sockaddr *)&sa, &n), 0);
	assert_true(netaddr_from_sockaddr((struct sockaddr *)&sa, &s->at));
}

static inline void server_open(struct server *s)
{
	server_open_at(s, "127.0.0.1");
}

static inline bool server_accept(const struct server *s, struct raw *w)
{
	w->fd = accept4(s->listening, NULL, NULL, SOCK_CLOEXEC);
	return w->fd >= 0;
}

static inline bool server_take_hello(struct raw *w, uint8_t key[HELLO_KEY])
{
	raw_read(w);
	size_t n = hello_client_parse(slice_of(w->in, w->n), key);
	if (n)
		raw_drop(w, n);
	return n > 0;
}

/* Waits until the node, which was told to, has dialled; up to its Hand. */
static inline void server_meet(struct rig *r, struct server *s, struct raw *w)
{
	uint8_t theirs[HELLO_KEY], ours[HELLO_KEY], hello[HELLO_SENT_MAX];
	struct message m;

	w->n = w->used = 0;
	w->closed = false;
	UNTIL(r, server_accept(s, w));
	UNTIL(r, server_take_hello(w, theirs));
	secure_keypair(&rng_system, w->secret, ours);
	rng_fill(&rng_system, w->session.nonce, sizeof w->session.nonce);
	raw_send(w, hello, hello_server_build(&rng_system, ours, w->session.nonce, hello));
	assert_true(secure_shared(w->secret, theirs, w->session.key));
	raw_expect(r, w, MSG_HAND, &m);
	assert_true(slice_is(m.origin, TEST_ORIGIN) && m.rand_id.n < sizeof s->their_id);
	memcpy(s->their_id, m.rand_id.p, m.rand_id.n);
	s->their_id[m.rand_id.n] = 0;
}

static inline struct message shake(const char *id)
{
	struct message m = hand(id);

	m.type = MSG_SHAKE;
	m.height = 5;
	return m;
}

#endif
