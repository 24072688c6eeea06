/* What happens, as it happens, to the clients of GET /events (server-sent events), and the last
 * lines of the log. Each client's queue is bounded: who reads too slowly is told and closed.
 * Of the loop's thread; lines of the log come from any. */
#ifndef NODE_EVENTS_H
#define NODE_EVENTS_H

#include "base/log_tail.h"
#include "node/node.h"

struct bufferevent;

enum { EVENT_MAX = 1024 };

/* NULL when memory or the timer cannot be had. From then on it listens to the log. */
struct events *events_start(struct node *n);
void events_free(struct events *e);    /* NULL is fine */
void events_quiesce(struct events *e); /* tells and closes all subscribers */

/* Takes the connection over, whose request was read, and greets it with the node's state. `local`:
 * it came over the Unix socket, for which some places are kept.
 * ERR_FULL, ERR_NOMEM: the connection stays the caller's. */
enum err events_subscribe(struct events *e, struct bufferevent *bev, bool local);
/* Tells and closes those that did not come over the Unix socket: who may ask has changed. */
void events_end_strangers(struct events *e);

size_t events_subscribers(const struct events *e);

void events_tip(struct events *e);
void events_peer(struct events *e, peer_id id, const char *what);

/* The last lines of the log, of all threads. */
struct log_tail *events_tail(struct events *e);

#endif
