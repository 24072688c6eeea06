/* A server of HTTP/2 in memory, on nghttp2: what it is asked it answers as the test says, or the
 * test sends frames of its own. */
#ifndef TESTS_UNIT_HTTP2_RIG_H
#define TESTS_UNIT_HTTP2_RIG_H

#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/main.h"

enum { H2_STREAMS = 128, H2_QUESTION = 512, H2_BODY = 70000 };

/* How it answers. */
struct h2_answer {
	const char *status, *type; /* NULL = 200, application/dns-message */
	const char *age, *length;  /* NULL = none */
	const uint8_t *body;       /* NULL = what `echo` says */
	size_t size;
	bool open;     /* the stream is not ended */
	size_t fields; /* so many further fields in the header */
};

struct h2_stream {
	int32_t id;
	bool whole, reset, answered;
	uint8_t question[H2_QUESTION];
	size_t size;
	char path[64], authority[64], method[8], type[32];
	const uint8_t *body;
	size_t body_size, sent;
	bool open;
};

struct h2_server {
	nghttp2_session *session;
	struct h2_stream streams[H2_STREAMS];
	size_t count, whole, resets;
	bool gone_away;
	bool consumes;  /* lets more come for what came */
	int32_t window; /* of a stream, as the client said */
};

static inline struct h2_stream *h2_find(struct h2_server *v, int32_t id)
{
	for (size_t i = 0; i < v->count; i++)
		if (v->streams[i].id == id)
			return &v->streams[i];
	return NULL;
}

/* Streams that are over give their places, and the others move up. */
static inline void h2_tidy(struct h2_server *v)
{
	size_t stay = 0;

	for (size_t i = 0; i < v->count; i++) {
		struct h2_stream *s = &v->streams[i], *to = &v->streams[stay];
		if (s->reset || (s->answered && s->sent == s->body_size && !s->open))
			continue;
		bool own = s->body == s->question;
		if (to != s)
			*to = *s;
		if (own)
			to->body = to->question;
		stay++;
	}
	v->count = stay;
}

static inline int h2_on_begin(nghttp2_session *n, const nghttp2_frame *f, void *ctx)
{
	struct h2_server *v = ctx;

	(void)n;
	if (v->count == H2_STREAMS)
		h2_tidy(v);
	assert_true(v->count < H2_STREAMS);
	v->streams[v->count++] = (struct h2_stream){.id = f->hd.stream_id};
	return 0;
}

static inline void h2_keep(char *to, size_t room, const uint8_t *value, size_t size)
{
	snprintf(to, room, "%.*s", (int)size, (const char *)value);
}

static inline int h2_on_header(nghttp2_session *n, const nghttp2_frame *f, const uint8_t *name,
	size_t name_size, const uint8_t *value, size_t size, uint8_t flags, void *ctx)
{
	struct h2_stream *s = h2_find(ctx, f->hd.stream_id);
	char text[32];

	(void)n, (void)flags;
	h2_keep(text, sizeof text, name, name_size);
	if (strcmp(text, ":path") == 0)
		h2_keep(s->path, sizeof s->path, value, size);
	else if (strcmp(text, ":authority") == 0)
		h2_keep(s->authority, sizeof s->authority, value, size);
	else if (strcmp(text, ":method") == 0)
		h2_keep(s->method, sizeof s->method, value, size);
	else if (strcmp(text, "content-type") == 0)
		h2_keep(s->type, sizeof s->type, value, size);
	return 0;
}

static inline int h2_on_body(
	nghttp2_session *n, uint8_t flags, int32_t id, const uint8_t *p, size_t size, void *ctx)
{
	struct h2_server *v = ctx;
	struct h2_stream *s = h2_find(v, id);

	(void)flags;
	assert_true(s->size + size <= H2_QUESTION);
	if (v->consumes)
		nghttp2_session_consume(n, id, size);
	memcpy(s->question + s->size, p, size);
	s->size += size;
	return 0;
}

static inline int h2_on_frame(nghttp2_session *n, const nghttp2_frame *f, void *ctx)
{
	struct h2_server *v = ctx;
	struct h2_stream *s = h2_find(v, f->hd.stream_id);

	(void)n;
	if (f->hd.type == NGHTTP2_GOAWAY)
		v->gone_away = true;
	if (f->hd.type == NGHTTP2_SETTINGS && !(f->hd.flags & NGHTTP2_FLAG_ACK))
		for (size_t i = 0; i < f->settings.niv; i++)
			if (f->settings.iv[i].settings_id == NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE)
				v->window = (int32_t)f->settings.iv[i].value;
	if (s && f->hd.type == NGHTTP2_RST_STREAM) {
		s->reset = true;
		v->resets++;
	}
	if (s && f->hd.type == NGHTTP2_DATA && f->hd.flags & NGHTTP2_FLAG_END_STREAM) {
		s->whole = true;
		v->whole++;
	}
	return 0;
}

static inline void h2_begin(struct h2_server *v, const nghttp2_settings_entry *said, size_t count)
{
	nghttp2_session_callbacks *c;
	nghttp2_option *o;

	memset(v, 0, sizeof *v);
	assert_int_equal(nghttp2_option_new(&o), 0);
	nghttp2_option_set_no_auto_window_update(o, 1);
	assert_int_equal(nghttp2_session_callbacks_new(&c), 0);
	nghttp2_session_callbacks_set_on_begin_headers_callback(c, h2_on_begin);
	nghttp2_session_callbacks_set_on_header_callback(c, h2_on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, h2_on_body);
	nghttp2_session_callbacks_set_on_frame_recv_callback(c, h2_on_frame);
	assert_int_equal(nghttp2_session_server_new2(&v->session, c, v, o), 0);
	nghttp2_session_callbacks_del(c);
	nghttp2_option_del(o);
	assert_int_equal(nghttp2_submit_settings(v->session, 0, said, count), 0);
}

static inline void h2_end(struct h2_server *v)
{
	nghttp2_session_del(v->session);
	v->session = NULL;
}

static inline ssize_t h2_on_read(nghttp2_session *n, int32_t id, uint8_t *to, size_t room,
	uint32_t *flags, nghttp2_data_source *source, void *ctx)
{
	struct h2_stream *s = h2_find(ctx, id);
	size_t left = s->body_size - s->sent, size = left < room ? left : room;

	(void)n, (void)source;
	if (left == 0 && s->open)
		return NGHTTP2_ERR_DEFERRED;
	if (size)
		memcpy(to, s->body + s->sent, size);
	s->sent += size;
	if (size == left && !s->open)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)size;
}

static inline nghttp2_nv h2_field(const char *name, const char *value)
{
	return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
		strlen(value), 0};
}

/* Answers this stream. The body is borrowed until it was sent. */
static inline void h2_answer(struct h2_server *v, struct h2_stream *s, const struct h2_answer *a)
{
	static nghttp2_nv all[1100];
	size_t n = 0;
	nghttp2_data_provider body = {.read_callback = h2_on_read};

	all[n++] = h2_field(":status", a->status ? a->status : "200");
	all[n++] = h2_field("content-type", a->type ? a->type : "application/dns-message");
	if (a->age)
		all[n++] = h2_field("age", a->age);
	if (a->length)
		all[n++] = h2_field("content-length", a->length);
	for (size_t i = 0; i < a->fields; i++)
		all[n++] = h2_field("x-filler", "0123456789");
	s->body = a->body;
	s->body_size = a->size;
	s->open = a->open;
	s->answered = true;
	assert_int_equal(nghttp2_submit_response(v->session, s->id, all, n, &body), 0);
}

/* An answer to the question of the stream: the question itself, as an answer. */
static inline void h2_echo(struct h2_server *v, struct h2_stream *s)
{
	const struct h2_answer a = {.body = s->question, .size = s->size};

	s->question[2] |= 0x80;
	h2_answer(v, s, &a);
}

/* The frame as it is, of this type. Returns its bytes. */
static inline size_t h2_frame(
	uint8_t *to, uint8_t type, uint8_t flags, uint32_t stream, const void *payload, size_t size)
{
	const uint8_t head[9] = {(uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size, type,
		flags, (uint8_t)(stream >> 24), (uint8_t)(stream >> 16), (uint8_t)(stream >> 8),
		(uint8_t)stream};

	memcpy(to, head, sizeof head);
	if (size)
		memcpy(to + sizeof head, payload, size);
	return sizeof head + size;
}

#endif
