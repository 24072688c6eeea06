/* The connected clients of the admin interface, at most limits.max_admin_clients. */
#ifndef NODE_ADMIN_CLIENT_H
#define NODE_ADMIN_CLIENT_H

#include <event2/util.h>

#include "node/node.h"

struct client;

struct clients {
	struct node *node;
	struct client *first;
};

/* Owns `fd` from now on; closes it at once when there is no place or no memory. Who came over the
 * Unix socket is trusted to change things. */
void clients_take(struct clients *all, evutil_socket_t fd, bool trusted);
void clients_free(struct clients *all);

#endif
