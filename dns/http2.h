/* DNS over HTTPS as bytes: questions become requests of HTTP/2 (RFC 8484), answers are taken out of
 * what the server sends. A pure state machine on nghttp2: no sockets, no clock. Only in a program
 * that is built with libnghttp2.
 *
 * Before: dns/upstream_https.c gives it what came, and sends what it has to say. After: nghttp2. */
#ifndef DNS_HTTP2_H
#define DNS_HTTP2_H

#include "base/bound.h"
#include "base/cursor.h"
#include "base/err.h"

struct dns_http2;
struct dns_http2_stream;

enum {
	DNS_HTTP2_STREAM_WINDOW =
		65535,               /* bytes of answers that are held at once: as HTTP/2 has it */
	DNS_HTTP2_HEADER_MAX = 8192, /* of one answer, names and values */
	DNS_HTTP2_ACKS_MAX = 64,     /* PING and SETTINGS that wait for our word */
	DNS_HTTP2_WHY_MAX = 80,
};

struct dns_http2_settings {
	struct slice authority; /* host, or host:port; copied */
	struct slice path;      /* copied */
	/* What the session holds is taken from this row, allocation by allocation. Borrowed. */
	struct bound *bytes;
};

/* What became of a question. */
struct dns_http2_reply {
	void *asker;
	size_t size; /* of the body: in the buffer; without a message what came or was announced */
	unsigned status; /* of HTTP; 0 = none came */
	uint32_t age_s;  /* how long it has been in caches of HTTP */
	bool refused;    /* the server has not looked at it: it may be asked anew */
	bool has_message;
	char why[DNS_HTTP2_WHY_MAX]; /* words for people, without a message */
};

/* A session whose first bytes are ready to be sent. NULL when memory or the row runs out. */
struct dns_http2 *dns_http2_new(const struct dns_http2_settings *s);

/* Frees it with all streams; nobody is told. NULL is fine. */
void dns_http2_free(struct dns_http2 *h);

/* Asks. The question, of UINT16_MAX bytes at most, is copied until it is sent; *stream is for
 * dns_http2_cancel() until its reply was taken. ERR_NOMEM: memory or the row runs out. */
enum err dns_http2_ask(
	struct dns_http2 *h, struct slice question, void *asker, struct dns_http2_stream **stream);

/* Takes the question back: there is no reply. */
void dns_http2_cancel(struct dns_http2_stream *stream);

/* Would the server take one more question now? */
bool dns_http2_has_room(const struct dns_http2 *h);

/* Will it take no more at all? Those that it took may be answered. */
bool dns_http2_is_leaving(const struct dns_http2 *h);

/* Takes bytes of the server. *heard becomes true when they belong to an answer. NULL, or a constant
 * for people: the session is over. */
const char *dns_http2_put(struct dns_http2 *h, struct slice bytes, bool *heard);

/* The next bytes for the server, valid until the next call of any of these; empty = none. The
 * result is that of dns_http2_put(). */
const char *dns_http2_take(struct dns_http2 *h, struct slice *bytes);

/* Takes the next reply, with its body to `to`, which has room for DNS_MESSAGE_MAX bytes. False when
 * there is none. */
bool dns_http2_next(struct dns_http2 *h, struct dns_http2_reply *r, uint8_t *to);

#endif
