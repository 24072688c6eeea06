/* Subscribers of a stream of server-sent events. Each one's queue is bounded: who reads too slowly
 * is told and closed. What the events are is the owner's. */
#ifndef HTTP_EVENT_STREAM_H
#define HTTP_EVENT_STREAM_H

#include "base/bound.h"
#include "base/cursor.h"
#include "base/err.h"

struct bufferevent;
struct event_base;
struct event_stream;

enum { EVENT_GREETING_MAX = 8192 + 64 };

/* All borrowed. */
struct event_stream_settings {
	struct event_base *base;
	struct bound *places; /* limits.max_subscribers */
	struct bound *bytes;  /* limits.subscriber_bytes, that may wait for each of them */

	/* The first event of a newcomer, at most EVENT_GREETING_MAX bytes. */
	void (*greet)(void *ctx, struct wr *w);
	/* Once a second while there is a subscriber. */
	void (*beat)(void *ctx);
	void *ctx;
};

/* NULL when memory or the timer cannot be had. */
struct event_stream *event_stream_new(const struct event_stream_settings *s);
void event_stream_free(struct event_stream *e); /* NULL is fine; closes all */

/* Takes the connection over, whose request was read, and greets it. `local`: it came over the Unix
 * socket, for which some places are kept. ERR_FULL, ERR_NOMEM: the connection stays the caller's.
 */
enum err event_stream_take(struct event_stream *e, struct bufferevent *bev, bool local);

/* Is there a subscriber? Without one no event needs to be written. */
bool event_stream_heard(const struct event_stream *e);

/* An event is written behind its head: "event: KIND", and data of one line. */
struct wr event_begin(const char *kind, void *text, size_t size);

/* False when it found no room: then it is not told. */
bool event_end(struct wr *w);

/* To all. Ends the event. */
void event_stream_tell(struct event_stream *e, struct wr *w);

/* Tells all why, and closes them when that is written. */
void event_stream_end(struct event_stream *e, const char *why);

/* The same for those that did not come over the Unix socket: who may ask has changed. */
void event_stream_end_strangers(struct event_stream *e);

#endif
