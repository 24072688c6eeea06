/* Sends what happens to the clients of GET /events: new tips, peers, log lines, the state. Also
 * keeps the last lines of the log for the status page. For the loop's thread; only log lines come
 * from any thread. */
#ifndef API_EVENTS_H
#define API_EVENTS_H

#include "base/log_tail.h"
#include "api/api.h"

struct event_base;
struct event_stream;

enum { EVENT_MAX = 1024 /* bytes of one event, but for the state and log lines */ };

/* Starts to receive log lines (log_tap()). max_subscribers and subscriber_bytes of `limits` bound
 * the clients. All three arguments are borrowed until events_free(). NULL when memory or
 * descriptors run out. The caller frees it with events_free(). */
struct events *events_start(const struct api *a, struct limits *limits, struct event_base *base);
void events_free(struct events *e);    /* NULL is fine; closes all clients at once */
void events_quiesce(struct events *e); /* NULL is fine; sends all a last event and closes them */

/* The stream that clients of GET /events are added to; owned by `e`. */
struct event_stream *events_stream(const struct events *e);

/* Tell all clients that the tip has moved; or that a peer is ready (`what` is "ready") or gone
 * (`what` is the reason, close_reason_name()). NULL for `e` is fine. */
void events_tip(struct events *e);
void events_peer(struct events *e, peer_id id, const char *what);

/* Tells all clients that the owner's keys, or what their process does, are other than before: how
 * many there are and are locked, no names. NULL for `e` is fine. */
void events_keys(struct events *e);

/* Tells all clients of a step of a job, or how far its search is: its number, no name. NULL for `e`
 * is fine. */
void events_job(struct events *e, const struct job *job);

/* Tells all clients what the owner must see to: `kind` is a word of node/node_say.h, `line` what
 * the log has of it. NULL for `e` is fine. */
void events_owner(struct events *e, const char *kind, const char *line);

/* Who else is told of the same, on the loop's thread; none of them may be NULL. line() is called
 * while a line is logged, and must not log. */
struct events_tap {
	void (*tip)(void *ctx);
	void (*keys)(void *ctx);
	void (*job)(void *ctx, const struct job *job);
	void (*line)(void *ctx, enum log_level level, const char *line);
	void *ctx;
};

/* Has these called from now on; NULL = nobody. NULL for `e` is fine. */
void events_set_tap(struct events *e, const struct events_tap *tap);

/* The last lines of the log, of all threads; owned by `e`. */
struct log_tail *events_tail(struct events *e);

#endif
