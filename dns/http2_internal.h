/* What dns/http2.c (the session) and dns/http2_stream.c (a question and its answer) share. */
#ifndef DNS_HTTP2_INTERNAL_H
#define DNS_HTTP2_INTERNAL_H

#include <nghttp2/nghttp2.h>

#include "dns/http2.h"

enum { DNS_HTTP2_OK = 200 /* the status of an answer */ };

struct dns_http2_stream {
	struct dns_http2 *h;
	struct dns_http2_stream *next, **place; /* of the live ones, or of those that are over */
	void *asker;
	uint8_t *question; /* NULL as soon as it was sent */
	uint8_t *body;     /* `size` of `room` bytes */
	const char *wrong; /* a constant; NULL = good so far */
	int32_t id;
	uint32_t status;
	uint32_t age_s;
	uint32_t error;               /* of RST_STREAM, or as nghttp2 gave it */
	uint32_t announced;           /* content-length; nothing follows from it */
	uint32_t header_size;         /* so far */
	uint32_t size, room;          /* DNS_MESSAGE_MAX, and what doubling makes of it */
	uint16_t sent, question_size; /* `sent` bytes of the question are on their way */
	bool right_type : 1;          /* application/dns-message */
	bool judged : 1;              /* its header is complete */
	bool over : 1;                /* its reply is known */
	bool refused : 1;
};

struct dns_http2 {
	nghttp2_session *session;
	nghttp2_mem mem; /* all of this comes from the row */
	struct bound *bytes;
	struct dns_http2_stream *live, *over, **over_end;
	size_t live_count;
	size_t held; /* bytes of bodies that the server still counts as on their way */
	bool leaving, heard;
	const char *why; /* the session is over; NULL = it is not */
	struct slice authority, path;
	char texts[];
};

/* ---- dns/http2_mem.c ---- */

/* As those of base/mem.h, in the row. NULL also when the row is full. */
void *dns_http2_alloc(struct bound *row, size_t size);
void *dns_http2_realloc(struct bound *row, void *p, size_t size);
void dns_http2_release(struct bound *row, void *p);
/* The same for nghttp2. */
nghttp2_mem dns_http2_mem(struct bound *row);

/* ---- dns/http2_stream.c ---- */

/* nghttp2's: a field of a header, a part of a body, the end of either, the end of a stream. */
int dns_http2_on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
	size_t name_size, const uint8_t *value, size_t value_size, uint8_t flags, void *ctx);
int dns_http2_on_body(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
	size_t size, void *ctx);
int dns_http2_on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *ctx);
int dns_http2_on_close(nghttp2_session *session, int32_t id, uint32_t error, void *ctx);
int dns_http2_on_not_sent(
	nghttp2_session *session, const nghttp2_frame *frame, int error, void *ctx);

/* Frees it, wherever it is. */
void dns_http2_stream_free(struct dns_http2_stream *s);

#endif
