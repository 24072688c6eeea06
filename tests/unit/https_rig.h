/* A forwarder by HTTPS on loopback, in the loop of the rig: TLS with a certificate of the test, and
 * HTTP/2 (tests/unit/http2_rig.h). */
#ifndef TESTS_UNIT_HTTPS_RIG_H
#define TESTS_UNIT_HTTPS_RIG_H

#include <event2/bufferevent_ssl.h>
#include <netinet/tcp.h>

#include "tests/unit/dns_upstream_rig.h"
#include "tests/unit/http2_rig.h"
#include "tests/unit/tls_rig.h"

enum { H2_CONNS = 16, DAY = 86400, NOW = 1500 * DAY };

struct h2_stub;

struct h2_conn {
	struct h2_stub *s;
	struct bufferevent *bev; /* NULL = there is none */
	struct h2_server v;
};

struct h2_stub {
	struct rig *r;
	struct netaddr at;
	SSL_CTX *context;
	struct evconnlistener *listener;
	struct h2_conn conns[H2_CONNS];
	/* what it does */
	const char *alpn; /* NULL = h2, "" = none */
	bool silent, close_each;
	size_t away;          /* so many questions are refused by GOAWAY */
	struct h2_answer how; /* with its body, if it has one */
	unsigned rcode;
	bool wrong_id;
	void (*seen)(struct h2_stub *s); /* before each answer; NULL = nothing */
	/* what it has seen */
	size_t accepted, asked;
	uint8_t last[H2_QUESTION];
};

static inline void h2_hang_up(struct h2_conn *c)
{
	if (!c->bev)
		return;
	bufferevent_free(c->bev);
	c->bev = NULL;
	h2_end(&c->v);
}

static inline void h2_flush(struct h2_conn *c)
{
	const uint8_t *p;
	ssize_t n;

	while (c->bev && (n = nghttp2_session_mem_send(c->v.session, &p)) > 0)
		bufferevent_write(c->bev, p, (size_t)n);
}

/* With one A record, 192.0.2.1. */
static inline void h2_reply(struct h2_conn *c, struct h2_stream *q)
{
	static const uint8_t record[] = {0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1};
	size_t end = question_end(q->question);
	struct h2_answer a = c->s->how;

	q->question[1] ^= c->s->wrong_id;
	q->question[2] |= 0x80;
	q->question[3] = (uint8_t)(0x80 | c->s->rcode);
	memset(q->question + 6, 0, 6);
	if (c->s->rcode == 0) {
		memcpy(q->question + end, record, sizeof record);
		q->question[7] = 1;
		end += sizeof record;
	}
	if (!a.body) {
		a.body = q->question;
		a.size = end;
	}
	h2_answer(&c->v, q, &a);
}

static inline void h2_serve(struct h2_conn *c)
{
	struct h2_stub *s = c->s;

	for (size_t i = 0; c->bev && i < c->v.count; i++) {
		struct h2_stream *q = &c->v.streams[i];
		if (!q->whole || q->answered || q->reset)
			continue;
		s->asked++;
		q->answered = true;
		memcpy(s->last, q->question, sizeof s->last);
		if (s->seen)
			s->seen(s);
		if (s->close_each) {
			h2_hang_up(c);
			return;
		}
		if (s->away && s->away--)
			nghttp2_submit_goaway(c->v.session, 0, i ? c->v.streams[0].id : 0,
				NGHTTP2_NO_ERROR, NULL, 0);
		else if (!s->silent)
			h2_reply(c, q);
	}
	h2_flush(c);
}

static inline void h2_on_readable(struct bufferevent *bev, void *ctx)
{
	struct h2_conn *c = ctx;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t n;

	while ((n = evbuffer_get_contiguous_space(in)) > 0) {
		nghttp2_session_mem_recv(c->v.session, evbuffer_pullup(in, (ev_ssize_t)n), n);
		evbuffer_drain(in, n);
	}
	h2_serve(c);
}

static inline void h2_on_event(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	if (what & BEV_EVENT_CONNECTED)
		h2_flush(ctx);
	else
		h2_hang_up(ctx);
}

static inline void h2_on_accept(
	struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from, int size, void *ctx)
{
	struct h2_stub *s = ctx;
	struct h2_conn *c = s->conns;
	int yes = 1;

	(void)l, (void)from, (void)size;
	while (c->bev)
		assert_true(++c < s->conns + H2_CONNS);
	c->s = s;
	c->bev = bufferevent_openssl_socket_new(s->r->base, fd, SSL_new(s->context),
		BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	s->accepted++;
	if (!c->bev) { /* memory ran out */
		close(fd);
		return;
	}
	h2_begin(&c->v, NULL, 0);
	c->v.consumes = true;
	bufferevent_setcb(c->bev, h2_on_readable, NULL, h2_on_event, c);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

static inline int h2_choose(SSL *ssl, const unsigned char **out, unsigned char *size,
	const unsigned char *offered, unsigned n, void *ctx)
{
	struct h2_stub *s = ctx;
	const char *alpn = s->alpn ? s->alpn : "h2";

	(void)ssl, (void)offered, (void)n;
	*out = (const unsigned char *)alpn;
	*size = (unsigned char)strlen(alpn);
	return *size ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

static inline void h2_stub_listen(struct h2_stub *s, const char *host, uint16_t port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
	socklen_t size = sizeof in;

	assert_int_equal(inet_pton(AF_INET, host, &in.sin_addr), 1);
	s->listener = evconnlistener_new_bind(s->r->base, h2_on_accept, s,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 64, (struct sockaddr *)&in, sizeof in);
	assert_non_null(s->listener);
	assert_int_equal(
		getsockname(evconnlistener_get_fd(s->listener), (struct sockaddr *)&in, &size), 0);
	assert_true(netaddr_from_sockaddr((struct sockaddr *)&in, &s->at));
}

static inline void h2_stub_stop(struct h2_stub *s)
{
	if (s->listener)
		evconnlistener_free(s->listener);
	s->listener = NULL;
	for (size_t i = 0; i < H2_CONNS; i++)
		h2_hang_up(&s->conns[i]);
}

static inline void h2_stub_open(struct rig *r, struct h2_stub *s, const struct tls_rig *authority,
	const struct tls_wish *w, const char *host)
{
	*s = (struct h2_stub){.r = r, .context = tls_server(authority, w)};
	SSL_CTX_set_alpn_select_cb(s->context, h2_choose, s);
	h2_stub_listen(s, host, 0);
}

static inline void h2_stub_close(struct h2_stub *s)
{
	h2_stub_stop(s);
	SSL_CTX_free(s->context);
	s->context = NULL;
}

/* ---- the forwarder, its bootstrap and others ---- */

/* One authority for all tests, since making keys takes time. */
static struct tls_rig authority;
static const struct tls_wish good = {
	.name = "dns.example", .begins = 1000 * DAY, .ends = 2000 * DAY};

/* The server is at 127.0.2.1, as stub 1 says, which is the bootstrap. Stub 2 is a plain forwarder.
 */
struct world {
	struct rig *r;
	struct h2_stub h;
	char text[64];
};

static inline int begin_https(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	struct rig *r;

	begin((void **)&r);
	w->r = r;
	r->now = (uint64_t)NOW * 1000;
	r->set.ca_file = authority.ca_file;
	*state = w;
	return 0;
}

static inline int end_https(void **state)
{
	struct world *w = *state;

	dns_upstream_free(w->r->u);
	w->r->u = NULL;
	h2_stub_close(&w->h);
	turns(w->r, 4);
	end((void **)&w->r);
	free(w);
	return 0;
}

static inline void set_https(struct world *w, const char *host)
{
	struct dns_forwarder_settings *f = &w->r->forwarders[0];

	snprintf(w->text, sizeof w->text, "https://%s:%u/dns-query", host, w->h.at.port);
	*f = (struct dns_forwarder_settings){.text = w->text,
		.transport = DNS_OVER_HTTPS,
		.name = host,
		.path = "/dns-query",
		.port = w->h.at.port};
	w->r->set.forwarder_count = 1;
}

/* `count` forwarders; the others are plain ones. */
static inline void open_all(struct world *w, size_t count, const struct tls_wish *wish)
{
	struct rig *r = w->r;

	h2_stub_open(r, &w->h, &authority, wish, "127.0.2.1");
	stub_open(r, &r->stubs[1], "127.0.0.1", 0);
	r->stubs[1].local = true;
	r->set.bootstraps = &r->stubs[1].at;
	r->set.bootstrap_count = 1;
	for (size_t i = 2; i < 1 + count; i++)
		stub_open(r, &r->stubs[i], "127.0.0.1", 0);
	set_forwarders(r, 1, count);
	set_https(w, "dns.example");
	r->set.forwarder_count = count;
}

static inline void start_https(struct world *w, size_t count)
{
	open_all(w, count, &good);
	w->r->u = dns_upstream_new(&w->r->set);
	assert_non_null(w->r->u);
}

static inline void ask_name(struct world *w, size_t i)
{
	char name[16];

	snprintf(name, sizeof name, "n%zu.example", i);
	assert_int_equal(ask(w->r, i, name), ERR_OK);
}

static inline void ask_and_get(struct world *w, size_t i)
{
	ask_name(w, i);
	expect_answer(w->r, i);
}

/* No answer comes, for this reason. */
static inline void expect_failure(struct world *w, size_t i, const char *why)
{
	struct asker *k = &w->r->askers[i];

	UNTIL(w->r, k->told);
	assert_int_equal(k->got, 0);
	assert_string_equal(facts(w->r, 0).last_error, why);
}

static inline int begin_group(void **state)
{
	(void)state;
	tls_rig_begin(&authority);
	return 0;
}

static inline int end_group(void **state)
{
	(void)state;
	tls_rig_end(&authority);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_https, end_https)

#endif
