/* GET /api/events and /api/events/log (protocol.md 10.5): what happens as frames of JSON with a
 * `type`, and the last rows of it. For the loop's thread. */
#ifndef WEB_API_EVENTS_H
#define WEB_API_EVENTS_H

#include "api/api.h"

struct event_base;
struct event_stream;
struct web_events;
struct name_count;

/* Starts to listen to a->events, which must outlive it. The rows max_subscribers and
 * subscriber_bytes bound the clients, together with those of GET /events. Both are borrowed. NULL
 * when memory runs out. */
struct web_events *web_events_start(
	const struct api *a, struct limits *limits, struct event_base *base);
void web_events_free(struct web_events *e);    /* NULL is fine; closes all clients at once */
void web_events_quiesce(struct web_events *e); /* NULL is fine; sends all a last event */

/* The stream that clients of GET /api/events are added to; owned. */
struct event_stream *web_events_stream(const struct web_events *e);

/* The count of names for web_status(); owned. */
struct name_count *web_events_names(struct web_events *e);

#endif
