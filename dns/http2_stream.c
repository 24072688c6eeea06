/* One question by HTTP/2: what its answer has to be, byte by byte as it comes. What is wrong ends
 * it at once; the session goes on.
 * Before: nghttp2 calls, with what dns/http2.c was given. After: dns_http2_next() has the reply. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "dns/http2_internal.h"
#include "dns/message.h"

enum { BODY_FIRST = 512 };

/* ---- where a stream is ---- */

static void unlink_stream(struct dns_http2_stream *s)
{
	struct dns_http2 *h = s->h;

	*s->place = s->next;
	if (s->next)
		s->next->place = s->place;
	if (h->over_end == &s->next)
		h->over_end = s->place;
}

void dns_http2_stream_free(struct dns_http2_stream *s)
{
	struct dns_http2 *h = s->h;

	unlink_stream(s);
	if (!s->over)
		h->live_count--;
	dns_http2_release(h->bytes, s->question);
	dns_http2_release(h->bytes, s->body);
	dns_http2_release(h->bytes, s);
}

/* The server may send more on the connection: these bytes are nobody's any more. */
static void let_go(struct dns_http2_stream *s)
{
	struct dns_http2 *h = s->h;

	h->held -= s->size;
	nghttp2_session_consume_connection(h->session, s->size);
}

/* Its reply is known. nghttp2 may know the stream for longer: what comes on it is nobody's. */
static void finish(struct dns_http2_stream *s)
{
	struct dns_http2 *h = s->h;

	nghttp2_session_set_stream_user_data(h->session, s->id, NULL);
	let_go(s);
	unlink_stream(s);
	h->live_count--;
	s->over = true;
	s->next = NULL;
	s->place = h->over_end;
	*h->over_end = s;
	h->over_end = &s->next;
}

static void fail(struct dns_http2_stream *s, const char *wrong)
{
	s->wrong = wrong;
	nghttp2_submit_rst_stream(s->h->session, NGHTTP2_FLAG_NONE, s->id, NGHTTP2_CANCEL);
	finish(s);
}

static struct dns_http2_stream *stream_of(nghttp2_session *session, int32_t id)
{
	return nghttp2_session_get_stream_user_data(session, id);
}

void dns_http2_cancel(struct dns_http2_stream *s)
{
	struct dns_http2 *h = s->h;

	if (!s->over) {
		nghttp2_submit_rst_stream(h->session, NGHTTP2_FLAG_NONE, s->id, NGHTTP2_CANCEL);
		nghttp2_session_set_stream_user_data(h->session, s->id, NULL);
		let_go(s);
	}
	dns_http2_stream_free(s);
}

/* ---- its header ---- */

static uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

/* Parameters may follow. */
static bool is_dns_message(const uint8_t *value, size_t size)
{
	static const char type[] = "application/dns-message";
	size_t n = sizeof type - 1;

	if (size < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (lower(value[i]) != (uint8_t)type[i])
			return false;
	return size == n || value[n] == ';' || value[n] == ' ';
}

/* A number; the largest one when it is too large, 0 when it is none. */
static uint32_t number_of(const uint8_t *value, size_t size)
{
	uint64_t n = 0;

	for (size_t i = 0; i < size; i++) {
		if (value[i] < '0' || value[i] > '9')
			return 0;
		n = n * 10 + (value[i] - '0');
		if (n > UINT32_MAX)
			return UINT32_MAX;
	}
	return (uint32_t)n;
}

static bool is_field(const char *wanted, const uint8_t *name, size_t size)
{
	return strlen(wanted) == size && memcmp(wanted, name, size) == 0;
}

/* Names are in lower case, as HTTP/2 has them. */
int dns_http2_on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
	size_t name_size, const uint8_t *value, size_t value_size, uint8_t flags, void *ctx)
{
	struct dns_http2_stream *s = stream_of(session, frame->hd.stream_id);

	(void)flags, (void)ctx;
	if (!s)
		return 0;
	s->header_size += name_size + value_size;
	if (s->header_size > DNS_HTTP2_HEADER_MAX)
		fail(s, "its header has no end");
	else if (is_field(":status", name, name_size))
		s->status = number_of(value, value_size);
	else if (is_field("content-type", name, name_size) && !s->judged)
		s->right_type = is_dns_message(value, value_size);
	else if (is_field("content-length", name, name_size))
		s->announced = number_of(value, value_size);
	else if (is_field("age", name, name_size))
		s->age_s = number_of(value, value_size);
	return 0;
}

/* The header is complete. False: the answer is of no use, and the stream over. */
static bool judge(struct dns_http2_stream *s)
{
	s->judged = true;
	if (s->status != DNS_HTTP2_OK)
		fail(s, "HTTP status");
	else if (!s->right_type)
		fail(s, "it is not application/dns-message");
	else if (s->announced > DNS_MESSAGE_MAX)
		fail(s, "it has more than 65,535 bytes");
	return !s->over;
}

/* ---- its body ---- */

static bool make_room(struct dns_http2_stream *s, size_t size)
{
	size_t room = s->room ? s->room : BODY_FIRST;
	uint8_t *body;

	while (room < size)
		room *= 2;
	if (room == s->room)
		return true;
	body = dns_http2_realloc(s->h->bytes, s->body, room);
	if (!body)
		return false;
	s->body = body;
	s->room = room;
	return true;
}

/* Answers that are not complete hold the window of all: the largest one goes. One alone is never
 * too large. */
static void keep_within_window(struct dns_http2 *h)
{
	struct dns_http2_stream *largest = h->live;

	if (h->held <= DNS_HTTP2_STREAM_WINDOW)
		return;
	for (struct dns_http2_stream *s = h->live; s; s = s->next)
		if (s->size > largest->size)
			largest = s;
	fail(largest, "too many large answers come at once");
}

int dns_http2_on_body(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
	size_t size, void *ctx)
{
	struct dns_http2_stream *s = stream_of(session, id);
	struct dns_http2 *h = ctx;

	(void)flags;
	if (!s) {
		nghttp2_session_consume_connection(session, size);
		return 0;
	}
	h->heard = true;
	if (s->size + size > DNS_MESSAGE_MAX || !make_room(s, s->size + size)) {
		nghttp2_session_consume_connection(session, size);
		fail(s, s->size + size > DNS_MESSAGE_MAX
				? "it has more than 65,535 bytes"
				: "limits.dns_upstream_bytes has no room for it");
		return 0;
	}
	memcpy(s->body + s->size, bytes, size);
	s->size += size;
	h->held += size;
	keep_within_window(h);
	return 0;
}

/* ---- its end ---- */

static void on_end(struct dns_http2_stream *s)
{
	if (s->size == 0)
		s->wrong = "it is empty";
	finish(s);
}

/* 103 and the like: the answer comes behind it, and nothing said here is about that. */
static bool is_interim(struct dns_http2_stream *s)
{
	if (s->status / 100 != 1)
		return false;
	s->right_type = false;
	s->announced = s->age_s = 0;
	return true;
}

int dns_http2_on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *ctx)
{
	struct dns_http2_stream *s;
	struct dns_http2 *h = ctx;
	bool header = frame->hd.type == NGHTTP2_HEADERS;

	if (frame->hd.type == NGHTTP2_GOAWAY)
		h->leaving = true;
	s = frame->hd.stream_id ? stream_of(session, frame->hd.stream_id) : NULL;
	if (!s || (!header && frame->hd.type != NGHTTP2_DATA))
		return 0;
	h->heard = true;
	if (header && !s->judged && is_interim(s))
		return 0;
	if (header && !s->judged && !judge(s))
		return 0;
	if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
		on_end(s);
	return 0;
}

int dns_http2_on_close(nghttp2_session *session, int32_t id, uint32_t error, void *ctx)
{
	struct dns_http2_stream *s = stream_of(session, id);

	(void)ctx;
	if (!s)
		return 0;
	s->error = error;
	s->refused = error == NGHTTP2_REFUSED_STREAM;
	s->wrong = s->refused ? "the server refused it" : "it ended without an answer";
	finish(s);
	return 0;
}

/* A request that waited for its turn while the server said that it is going away. */
int dns_http2_on_not_sent(
	nghttp2_session *session, const nghttp2_frame *frame, int error, void *ctx)
{
	struct dns_http2 *h = ctx;
	struct dns_http2_stream *s = h->live;

	(void)session, (void)error;
	while (s && s->id != frame->hd.stream_id)
		s = s->next;
	if (!s || frame->hd.type != NGHTTP2_HEADERS)
		return 0;
	s->refused = true;
	s->wrong = "the server refused it";
	finish(s);
	return 0;
}
