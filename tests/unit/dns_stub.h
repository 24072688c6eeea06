/* Name servers of our own, on loopback, in the loop of the rig (dns_upstream_rig.h): what each
 * does, and what it has seen. */
#ifndef TESTS_UNIT_DNS_STUB_H
#define TESTS_UNIT_DNS_STUB_H

#include <arpa/inet.h>
#include <dirent.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "dns/name.h"
#include "dns/upstream.h"
#include "tests/unit/main.h"

enum { STUBS = 6, ASKERS = 64, QUESTION = 512, REPLY = 8192, CONNS = 16 };

struct rig;

/* A name server: what it does, and what it has seen. */
struct stub {
	struct rig *r;
	struct netaddr at;
	int udp;
	struct event *readable;
	struct evconnlistener *listener;
	struct bufferevent *conns[CONNS];
	/* what it does */
	bool silent, silent_tcp, tc, tc_tcp, lower, no_aa, no_edns, bare_formerr, badvers;
	bool other_question, wrong_id, cut, ad, close_tcp, dribble, no_length, local, foreign;
	unsigned rcode, pad;
	/* TCP: makes the bufferevent of what was accepted; NULL = plain. It may close it and return
	 * NULL. */
	struct bufferevent *(*make)(struct stub *s, evutil_socket_t fd);
	void *ctx;           /* of make() */
	size_t silent_after; /* TCP: answers so many questions of a connection only; 0 = all */
	/* what it has seen */
	size_t asked, asked_tcp, accepted, plain, with_rd, with_do, with_cd, with_ad;
	uint8_t last[QUESTION];
	size_t last_size;
	struct sockaddr_in from;
	void (*seen)(struct stub *s, const uint8_t *question, size_t n);
};

struct asker {
	struct dns_waiter w;
	struct rig *r;
	size_t told, got;
	uint16_t rcode;
	bool ad;
	size_t records;
	void (*then)(struct asker *a);
};

struct rig {
	struct event_base *base;
	uint64_t now;
	struct clock clock;
	struct rng_seeded seed;
	struct rng rng;
	struct limits limits;
	struct stub stubs[STUBS];
	struct asker askers[ASKERS];
	struct dns_forwarder_settings forwarders[STUBS];
	char texts[STUBS][NETADDR_TEXT_MAX];
	struct dns_upstream_settings set;
	struct dns_upstream *u;
	bool inside;
	size_t descriptors;
};

static inline size_t count_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

/* ---- a stub ---- */

static inline size_t question_end(const uint8_t *q)
{
	size_t at = DNS_HEADER_SIZE;

	while (q[at])
		at += q[at] + 1u;
	return at + 5;
}

static inline void note(struct stub *s, const uint8_t *q, size_t n)
{
	size_t end = question_end(q);

	memcpy(s->last, q, n);
	s->last_size = n;
	s->plain += n == end;
	s->with_rd += q[2] & 1;
	s->with_ad += q[3] >> 5 & 1;
	s->with_cd += q[3] >> 4 & 1;
	s->with_do += n > end && q[end + 7] >> 7;
	if (s->seen)
		s->seen(s, q, n);
}

/* Header, question, and one A record for NOERROR. */
static inline size_t reply_to(
	const struct stub *s, const uint8_t *q, size_t n, uint8_t *to, bool tcp)
{
	static const uint8_t record[] = {0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1},
			     opt[] = {0, 0, 41, 4, 208, 1, 0, 0, 0, 0, 0};
	size_t end = question_end(q), at = end;
	bool has_opt = n > end;
	unsigned rcode = has_opt && s->no_edns ? DNS_RCODE_FORMERR : s->rcode;

	memcpy(to, q, end);
	to[2] = (uint8_t)(0x80 | (s->no_aa ? 0 : 4) | (q[2] & 1) |
			  ((tcp ? s->tc_tcp : s->tc) ? 2 : 0));
	to[3] = (uint8_t)(0x80 | (s->ad ? 0x20 : 0) | rcode);
	memset(to + 6, 0, 6);
	if (has_opt && s->bare_formerr) {
		to[3] = 0x80 | DNS_RCODE_FORMERR;
		to[5] = 0;
		return DNS_HEADER_SIZE;
	}
	for (size_t i = DNS_HEADER_SIZE; s->lower && i < end - 4; i++)
		if (to[i] >= 'A' && to[i] <= 'Z')
			to[i] = (uint8_t)(to[i] + 32);
	to[0] = (uint8_t)(to[0] + s->wrong_id);
	to[DNS_HEADER_SIZE + 1] = (uint8_t)(to[DNS_HEADER_SIZE + 1] + 2 * s->other_question);
	if (rcode == 0 && !(has_opt && s->badvers)) {
		memcpy(to + at, record, sizeof record);
		at += sizeof record;
		if (s->local) /* 127.0.2.1 */
			to[at - 4] = 127;
		if (s->foreign) /* what the name is below */
			to[end + 1] = (uint8_t)(DNS_HEADER_SIZE + 1 + q[DNS_HEADER_SIZE]);
		to[7] = 1;
	}
	if (has_opt && s->badvers) {
		memcpy(to + at, opt, sizeof opt);
		at += sizeof opt;
		to[11] = 1;
	}
	memset(to + at, 0, s->pad);
	return at + s->pad - 4 * s->cut;
}

static inline void on_udp(evutil_socket_t fd, short what, void *ctx)
{
	struct stub *s = ctx;
	uint8_t q[QUESTION], to[REPLY];
	socklen_t size = sizeof s->from;
	ssize_t n = recvfrom(fd, q, sizeof q, 0, (struct sockaddr *)&s->from, &size);

	(void)what;
	if (n < DNS_HEADER_SIZE)
		return;
	s->asked++;
	note(s, q, (size_t)n);
	if (!s->silent)
		sendto(fd, to, reply_to(s, q, (size_t)n, to, false), 0, (struct sockaddr *)&s->from,
			size);
}

static inline void end_conn(struct stub *s, struct bufferevent *bev)
{
	for (size_t i = 0; i < CONNS; i++)
		if (s->conns[i] == bev)
			s->conns[i] = NULL;
	bufferevent_free(bev);
}

static inline void on_conn_event(struct bufferevent *bev, short what, void *ctx)
{
	if (what != BEV_EVENT_CONNECTED) /* TLS is ready */
		end_conn(ctx, bev);
}

static inline void answer_by_tcp(
	struct stub *s, struct bufferevent *bev, const uint8_t *q, size_t n)
{
	uint8_t to[2 + REPLY];
	size_t size = reply_to(s, q, n, to + 2, true);

	to[0] = (uint8_t)(size >> 8);
	to[1] = (uint8_t)size;
	if (s->no_length)
		to[0] = to[1] = 0;
	bufferevent_write(bev, to, s->dribble ? 3 : 2 + size);
}

static inline void on_conn_readable(struct bufferevent *bev, void *ctx)
{
	struct stub *s = ctx;
	struct evbuffer *in = bufferevent_get_input(bev);
	uint8_t q[2 + QUESTION];

	while (evbuffer_copyout(in, q, 2) == 2) {
		size_t n = (size_t)q[0] << 8 | q[1];
		if (evbuffer_get_length(in) < 2 + n)
			return;
		evbuffer_remove(in, q, 2 + n);
		s->asked_tcp++;
		note(s, q + 2, n);
		if (s->close_tcp) {
			end_conn(s, bev);
			return;
		}
		if (!s->silent_tcp && !(s->silent_after && s->asked_tcp > s->silent_after))
			answer_by_tcp(s, bev, q + 2, n);
	}
}

static inline void on_accept(
	struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from, int n, void *ctx)
{
	struct stub *s = ctx;
	size_t i = 0;

	(void)l, (void)from, (void)n;
	s->accepted++;
	struct bufferevent *bev =
		s->make ? s->make(s, fd)
			: bufferevent_socket_new(s->r->base, fd, BEV_OPT_CLOSE_ON_FREE);
	while (i < CONNS && s->conns[i])
		i++;
	assert_true(i < CONNS);
	if (!bev) { /* memory ran out: the connection is closed */
		if (!s->make)
			close(fd);
		return;
	}
	s->conns[i] = bev;
	bufferevent_setcb(bev, on_conn_readable, NULL, on_conn_event, s);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

/* At this address of loopback and port, 0 = any, by UDP and TCP. */
static inline void stub_open(struct rig *r, struct stub *s, const char *host, uint16_t port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
	socklen_t size = sizeof in;

	s->r = r;
	assert_int_equal(inet_pton(AF_INET, host, &in.sin_addr), 1);
	for (int tries = 0; !s->listener; tries++) {
		assert_true(tries < 20);
		in.sin_port = htons(port);
		s->udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(s->udp, (struct sockaddr *)&in, size), 0);
		assert_int_equal(getsockname(s->udp, (struct sockaddr *)&in, &size), 0);
		s->listener = evconnlistener_new_bind(r->base, on_accept, s,
			LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 64, (struct sockaddr *)&in,
			sizeof in);
		if (!s->listener)
			close(s->udp);
	}
	assert_true(netaddr_from_sockaddr((struct sockaddr *)&in, &s->at));
	s->readable = event_new(r->base, s->udp, EV_READ | EV_PERSIST, on_udp, s);
	event_add(s->readable, NULL);
}

static inline void stub_hang_up(struct stub *s)
{
	for (size_t i = 0; i < CONNS; i++)
		if (s->conns[i])
			end_conn(s, s->conns[i]);
}

static inline void stub_stop_tcp(struct stub *s)
{
	stub_hang_up(s);
	if (s->listener)
		evconnlistener_free(s->listener);
	s->listener = NULL;
}

static inline void stub_close(struct stub *s)
{
	if (!s->readable)
		return;
	stub_stop_tcp(s);
	event_free(s->readable);
	close(s->udp);
	s->readable = NULL;
}

/* What a silent one was asked last is answered after all. */
static inline void stub_answer_now(struct stub *s)
{
	uint8_t to[REPLY];

	s->silent = s->silent_tcp = false;
	if (s->asked_tcp)
		answer_by_tcp(s, s->conns[0], s->last, s->last_size);
	else
		sendto(s->udp, to, reply_to(s, s->last, s->last_size, to, false), 0,
			(struct sockaddr *)&s->from, sizeof s->from);
}

#endif
