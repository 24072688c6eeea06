/* What happens, as it happens, to the clients of GET /events, and the last lines of the log. Of the
 * loop's thread; lines of the log come from any. */
#ifndef API_EVENTS_H
#define API_EVENTS_H

#include "base/log_tail.h"
#include "api/api.h"

struct event_base;
struct event_stream;

enum { EVENT_MAX = 1024 };

/* NULL when memory, descriptors or a timer cannot be had. From then on it listens to the log. The
 * rows of `limits` bound the clients. All three are borrowed. */
struct events *events_start(const struct api *a, struct limits *limits, struct event_base *base);
void events_free(struct events *e);    /* NULL is fine */
void events_quiesce(struct events *e); /* NULL is fine; tells and closes all clients */

/* Where those who ask for events are put. */
struct event_stream *events_stream(const struct events *e);

/* NULL is fine: nobody is told. */
void events_tip(struct events *e);
void events_peer(struct events *e, peer_id id, const char *what);

/* The last lines of the log, of all threads. */
struct log_tail *events_tail(struct events *e);

#endif
