/* Queues events for the subscribers and drops those that do not read them.
 * Before: http/http_reply.c has a request for the stream; api/events.c writes events. After: the
 * client's socket, as fast as the client reads. */
#include "http/event_stream.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>

#include "base/mem.h"
#include "http/access.h"
#include "http/request.h"

enum {
	BEAT_S = 1,
	RETRY_MS = 5000,
	WRITE_S = 60, /* a client that reads none of its waiting output for so long is closed */
	LAST_WORDS_MAX = 256, /* of the event "end" */
};

struct subscriber {
	struct event_stream *stream;
	struct subscriber *next;
	struct bufferevent *bev;      /* owned */
	bool local;                   /* came over the Unix socket */
	char session[HTTP_TOKEN_MAX]; /* its token; "" = it needs none */
	bool ending; /* gets no more events, and is closed when its output is written */
};

struct event_stream {
	struct event_stream_settings s;
	struct subscriber *all; /* newest first; owned */
	struct event *beat;     /* owned; armed only while there is a subscriber */
	bool (*lives)(void *ctx, const char *session);
	void *judge; /* ctx of that */
};

/* ---- one subscriber ---- */

static void subscriber_free(struct subscriber *s)
{
	struct subscriber **place = &s->stream->all;

	while (*place != s)
		place = &(*place)->next;
	*place = s->next;
	bound_give(s->stream->s.places, 1);
	bufferevent_free(s->bev);
	mem_free(s);
}

static void on_read(struct bufferevent *bev, void *ctx)
{
	struct evbuffer *in = bufferevent_get_input(bev);

	(void)ctx;
	evbuffer_drain(in, evbuffer_get_length(in)); /* a subscriber has nothing more to say */
}

static void on_written(struct bufferevent *bev, void *ctx)
{
	struct subscriber *s = ctx;

	if (s->ending && evbuffer_get_length(bufferevent_get_output(bev)) == 0)
		subscriber_free(s);
}

/* The client closed, failed, or did not read for WRITE_S. */
static void on_end(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	(void)what;
	subscriber_free(ctx);
}

/* Sends the last event. If memory runs out nothing is queued and on_written() is never called, so
 * drop_mute() frees such a subscriber. */
static void end(struct subscriber *s, const char *why)
{
	char text[LAST_WORDS_MAX];
	int n = snprintf(text, sizeof text, "event: end\ndata: {\"reason\":\"%s\"}\n\n", why);

	if (s->ending)
		return;
	s->ending = true;
	bufferevent_write(s->bev, text, (size_t)n);
}

/* Queues a text for one subscriber, or ends it when limits.subscriber_bytes would be exceeded. */
static void give(struct subscriber *s, struct slice text)
{
	struct bound *room = s->stream->s.bytes;
	size_t waiting = evbuffer_get_length(bufferevent_get_output(s->bev)) + text.n;

	if (s->ending)
		return;
	if (waiting > room->max) {
		bound_hit(room);
		end(s, "you read too slowly: limits.subscriber_bytes");
		return;
	}
	bound_peak(room, waiting);
	if (bufferevent_write(s->bev, text.p, text.n) != 0)
		s->ending = true;
}

/* ---- events ---- */

struct wr event_begin(const char *kind, void *text, size_t size)
{
	struct wr w = wr_of(text, size);
	int n = snprintf(text, size, "event: %s\ndata: ", kind);

	w.n = (size_t)n;
	return w;
}

bool event_end(struct wr *w)
{
	static const char end_of_event[] = "\n\n";

	wr_bytes(w, end_of_event, 2);
	return !w->bad;
}

bool event_stream_heard(const struct event_stream *e)
{
	return e->all != NULL;
}

/* A stream lasts, and whoever logged out must hear nothing more. */
static void end_sessions(struct event_stream *e)
{
	for (struct subscriber *s = e->all; s && e->lives; s = s->next)
		if (s->session[0] && !e->lives(e->judge, s->session))
			end(s, "the session has ended");
}

void event_stream_put(struct event_stream *e, struct slice text)
{
	end_sessions(e);
	for (struct subscriber *s = e->all; s; s = s->next)
		give(s, text);
}

void event_stream_tell(struct event_stream *e, struct wr *w)
{
	if (event_end(w))
		event_stream_put(e, wr_done(w));
}

/* ---- the beat ---- */

/* Arms the timer of the beat, unless there is no subscriber: an idle node must not wake up for
 * nothing. */
static void arm(struct event_stream *e)
{
	struct timeval tv = {BEAT_S, 0};

	if (e->all)
		event_add(e->beat, &tv);
}

/* Frees subscribers whose last event could not be queued (out of memory): no write callback will
 * come for them. */
static void drop_mute(struct event_stream *e)
{
	struct subscriber *next;

	for (struct subscriber *s = e->all; s; s = next) {
		next = s->next;
		if (s->ending && evbuffer_get_length(bufferevent_get_output(s->bev)) == 0)
			subscriber_free(s);
	}
}

static void on_beat(evutil_socket_t fd, short what, void *ctx)
{
	struct event_stream *e = ctx;

	(void)fd;
	(void)what;
	end_sessions(e);
	e->s.beat(e->s.ctx);
	drop_mute(e);
	arm(e);
}

/* ---- coming ---- */

/* Takes a place of limits.max_subscribers. Subscribers by TCP leave some places to those of the
 * Unix socket (http_places_kept()). */
static bool take_place(struct event_stream *e, bool local)
{
	struct bound *b = e->s.places;
	uint64_t strangers = 0;

	for (struct subscriber *s = e->all; s; s = s->next)
		strangers += !s->local;
	if (local || strangers + http_places_kept(b->max) < b->max)
		return bound_take(b, 1);
	bound_hit(b);
	return false;
}

/* Sends the response head and the first event to the new subscriber alone. The others get nothing:
 * otherwise a client that connects again and again would cause traffic for all of them. "retry"
 * tells a browser how long to wait before it connects again. */
static void greet(struct subscriber *s)
{
	static const char head[] = "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n"
				   "Cache-Control: no-store\r\n"
				   "X-Content-Type-Options: nosniff\r\n"
				   "X-Frame-Options: DENY\r\nReferrer-Policy: same-origin\r\n"
				   "Content-Security-Policy: default-src 'none'; "
				   "frame-ancestors 'none'\r\n\r\n";
	uint8_t text[EVENT_GREETING_MAX];
	unsigned retry = s->stream->s.retry_ms ? s->stream->s.retry_ms : RETRY_MS;
	char retries[32];
	int n = snprintf(retries, sizeof retries, "retry: %u\n\n", retry);
	struct wr w = wr_of(text, sizeof text);

	give(s, slice_of(head, sizeof head - 1));
	give(s, slice_of(retries, (size_t)n));
	s->stream->s.greet(s->stream->s.ctx, &w);
	if (!w.bad)
		give(s, wr_done(&w));
}

void event_stream_set_judge(
	struct event_stream *e, bool (*lives)(void *ctx, const char *session), void *ctx)
{
	e->lives = lives;
	e->judge = ctx;
}

enum err event_stream_take(
	struct event_stream *e, struct bufferevent *bev, bool local, const char *session)
{
	struct timeval patience = {WRITE_S, 0};

	if (!take_place(e, local))
		return ERR_FULL;
	struct subscriber *s = mem_alloc(sizeof *s);
	if (!s) {
		bound_give(e->s.places, 1);
		return ERR_NOMEM;
	}
	*s = (struct subscriber){.stream = e, .next = e->all, .bev = bev, .local = local};
	snprintf(s->session, sizeof s->session, "%s", session);
	e->all = s;
	bufferevent_setcb(bev, on_read, on_written, on_end, s);
	bufferevent_set_timeouts(bev, NULL, &patience);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
	greet(s);
	arm(e);
	return ERR_OK;
}

/* ---- life ---- */

struct event_stream *event_stream_new(const struct event_stream_settings *s)
{
	struct event_stream *e = mem_alloc(sizeof *e);

	if (!e)
		return NULL;
	e->s = *s;
	e->beat = event_new(s->base, -1, 0, on_beat, e);
	if (e->beat)
		return e;
	mem_free(e);
	return NULL;
}

void event_stream_end(struct event_stream *e, const char *why)
{
	for (struct subscriber *s = e->all; s; s = s->next)
		end(s, why);
}

void event_stream_end_strangers(struct event_stream *e)
{
	for (struct subscriber *s = e->all; s; s = s->next)
		if (!s->local)
			end(s, "who may ask has changed");
}

void event_stream_free(struct event_stream *e)
{
	if (!e)
		return;
	while (e->all)
		subscriber_free(e->all);
	event_free(e->beat);
	mem_free(e);
}
