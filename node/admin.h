/* The admin interface: a few HTTP requests over a Unix socket, the read-only ones also over a
 * loopback address (interfaces.md 4). Clients, request and answer sizes and times are bounded. */
#ifndef NODE_ADMIN_H
#define NODE_ADMIN_H

#include "node/node.h"

/* NULL with a logged line and n->status when a socket cannot be had. A socket file that nobody
 * listens on any more is replaced; anything else of that name stays and is an error. */
struct admin *admin_start(struct node *n);
void admin_free(struct admin *a); /* NULL is fine; removes the socket file */

/* Moves the sockets to where `fresh` wants them. False, with a logged line and everything as it
 * was, when one cannot be had. Clients stay connected. */
bool admin_reload(struct admin *a, const struct config *old, const struct config *fresh);

size_t admin_clients(const struct admin *a); /* connected */

/* ---- admin_routes.c ---- */

struct http_request;

enum answer_type { ANSWER_JSON, ANSWER_METRICS, ANSWER_PAGE };

/* One request being answered. The answer is JSON unless the function says otherwise. */
struct admin_call {
	struct node *node;
	const struct http_request *request;
	struct wr *answer;
	enum answer_type type; /* decides the Content-Type */
	bool stays;            /* out: the client is to become a subscriber of events */
};

/* Answers; an HTTP status. With another than 200 the answer is an error text. */
typedef int (*admin_fn)(struct admin_call *c);

/* The function for this method and path, or NULL with *status = 404 or 405. */
admin_fn admin_route(const char *method, const char *path, int *status);

#endif
