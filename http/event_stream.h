/* Clients that stay connected to receive server-sent events (the HTML standard's EventSource). The
 * output queue of each is bounded; one that reads too slowly is sent a last event and closed. The
 * owner decides what the events say. */
#ifndef HTTP_EVENT_STREAM_H
#define HTTP_EVENT_STREAM_H

#include "base/bound.h"
#include "base/cursor.h"
#include "base/err.h"

struct bufferevent;
struct event_base;
struct event_stream;

enum { EVENT_GREETING_MAX = 8192 + 64 };

/* All pointers are borrowed until event_stream_free(). */
struct event_stream_settings {
	struct event_base *base;
	struct bound *places; /* limits.max_subscribers */
	struct bound *bytes;  /* limits.subscriber_bytes: what may wait in the queue of each */
	unsigned retry_ms;    /* a browser waits so long before it connects again; 0 = 5,000 */

	/* Writes the first event for a new subscriber, whole (event_begin() to event_end()). `w`
	 * has room for EVENT_GREETING_MAX bytes; when that is too little, no event is sent. */
	void (*greet)(void *ctx, struct wr *w);
	/* Called once a second while there is a subscriber. */
	void (*beat)(void *ctx);
	void *ctx;
};

/* Returns NULL when memory runs out. The caller frees it with event_stream_free(). */
struct event_stream *event_stream_new(const struct event_stream_settings *s);
void event_stream_free(struct event_stream *e); /* NULL is fine; closes all subscribers at once */

/* Queues these bytes, whole lines of the stream, for every subscriber: a comment. */
void event_stream_put(struct event_stream *e, struct slice text);

/* Asked once a second for each subscriber with a session: whether that lives. */
void event_stream_set_judge(
	struct event_stream *e, bool (*lives)(void *ctx, const char *session), void *ctx);

/* Makes a subscriber of a connection whose request was read, and sends it the response head and the
 * greeting. `local`: it came over the Unix socket, for which some places are kept free. `session`:
 * the token of its session, copied; "" = it needs none. On ERR_OK
 * the stream owns `bev`; on ERR_FULL (no place) and ERR_NOMEM the caller still does. */
enum err event_stream_take(
	struct event_stream *e, struct bufferevent *bev, bool local, const char *session);

/* True when there is a subscriber. Without one the caller need not write an event at all. */
bool event_stream_heard(const struct event_stream *e);

/* Starts an event in the caller's buffer: writes "event: KIND" and the beginning of the data line.
 * The caller appends the data, which must not contain a line end. `kind` must fit the buffer. */
struct wr event_begin(const char *kind, void *text, size_t size);

/* Finishes the event. False when it did not fit its buffer: it must not be sent. */
bool event_end(struct wr *w);

/* Calls event_end() and queues the event for every subscriber; an event that did not fit its buffer
 * is dropped. */
void event_stream_tell(struct event_stream *e, struct wr *w);

/* Sends every subscriber a last event "end" with this reason (plain text without quotes or
 * backslashes, at most about 200 bytes) and closes it once that is written. */
void event_stream_end(struct event_stream *e, const char *why);

/* Does the same to the subscribers that came by TCP, after a change of who may ask: the rules that
 * let them in may no longer do so. */
void event_stream_end_strangers(struct event_stream *e);

#endif
