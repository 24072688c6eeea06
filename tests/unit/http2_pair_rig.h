/* A client of DNS by HTTP/2 and a server in memory, whose bytes the test carries to and fro. */
#ifndef TESTS_UNIT_HTTP2_PAIR_RIG_H
#define TESTS_UNIT_HTTP2_PAIR_RIG_H

#include "base/mem.h"
#include "dns/http2.h"
#include "dns/message.h"
#include "tests/unit/http2_rig.h"

enum { ROW = 1 << 20, NTH_MAX = 2000 };

struct pair {
	struct bound row;
	struct dns_http2 *h;
	struct h2_server v;
	bool heard;
	const char *why;
	struct dns_http2_reply r;
	uint8_t body[DNS_MESSAGE_MAX];
	int asker;
};

static const uint8_t question[40] = {0, 0, 1, 0, 0, 1};

static inline struct dns_http2_settings to_example(struct pair *p)
{
	return (struct dns_http2_settings){.authority = slice_str("dns.example:8443"),
		.path = slice_str("/dns-query"),
		.bytes = &p->row};
}

static inline int begin(void **state)
{
	struct pair *p = calloc(1, sizeof *p);
	const struct dns_http2_settings s = to_example(p);

	p->row.max = ROW;
	p->h = dns_http2_new(&s);
	assert_non_null(p->h);
	h2_begin(&p->v, NULL, 0);
	*state = p;
	return 0;
}

static inline int end(void **state)
{
	struct pair *p = *state;

	dns_http2_free(p->h);
	h2_end(&p->v);
	assert_int_equal(p->row.used, 0);
	assert_int_equal(mem_blocks(), 0);
	free(p);
	return 0;
}

/* What the client has to say goes to the server. Returns how many bytes. */
static inline size_t to_server(struct pair *p)
{
	struct slice bytes;
	size_t n = 0;

	while (!(p->why = dns_http2_take(p->h, &bytes)) && bytes.n) {
		n += bytes.n;
		nghttp2_session_mem_recv(p->v.session, bytes.p, bytes.n);
	}
	return n;
}

static inline size_t to_client(struct pair *p)
{
	const uint8_t *bytes;
	size_t total = 0;
	ssize_t n;

	while (!p->why && (n = nghttp2_session_mem_send(p->v.session, &bytes)) > 0) {
		total += (size_t)n;
		p->why = dns_http2_put(p->h, slice_of(bytes, (size_t)n), &p->heard);
	}
	return total;
}

/* Until nobody has anything to say. */
static inline void talk(struct pair *p)
{
	while (to_server(p) + to_client(p))
		;
}

static inline struct h2_stream *ask(struct pair *p)
{
	struct dns_http2_stream *stream;

	assert_int_equal(
		dns_http2_ask(p->h, slice_of(question, sizeof question), &p->asker, &stream),
		ERR_OK);
	talk(p);
	return &p->v.streams[p->v.count - 1];
}

static inline bool next(struct pair *p)
{
	return dns_http2_next(p->h, &p->r, p->body);
}

/* There is one reply, without a message, for this reason. */
static inline void expect_bad(struct pair *p, const char *why, unsigned status, size_t size)
{
	assert_true(next(p));
	assert_false(p->r.has_message);
	assert_string_equal(p->r.why, why);
	assert_int_equal(p->r.status, status);
	assert_int_equal(p->r.size, size);
	assert_ptr_equal(p->r.asker, &p->asker);
	assert_false(next(p));
}

/* The session goes on: another question is answered. */
static inline void expect_good(struct pair *p)
{
	h2_echo(&p->v, ask(p));
	talk(p);
	assert_null(p->why);
	assert_true(next(p));
	assert_true(p->r.has_message);
	assert_int_equal(p->r.size, sizeof question);
	assert_false(next(p));
}

#endif
