/* The admin interface: a few HTTP requests over a Unix socket, the read-only ones also over a
 * loopback address (interfaces.md 4). Clients, request and answer sizes and times are bounded. */
#ifndef NODE_ADMIN_H
#define NODE_ADMIN_H

#include "node/node.h"

/* NULL with a logged line when a socket cannot be had. A socket file that nobody listens on any
 * more is replaced. */
struct admin *admin_start(struct node *n);
void admin_free(struct admin *a); /* NULL is fine; removes the socket file */

size_t admin_clients(const struct admin *a); /* connected */

/* ---- admin_routes.c ---- */

/* Writes a JSON answer. */
typedef void (*admin_body)(struct node *n, struct wr *w);

/* 200 with the function that answers, 404 or 405. */
int admin_route(const char *method, const char *path, admin_body *body);

#endif
