/* The connected clients of the admin interface, at most limits.max_admin_clients. */
#ifndef NODE_ADMIN_CLIENT_H
#define NODE_ADMIN_CLIENT_H

#include <event2/util.h>

#include "node/admin_access.h"
#include "node/node.h"

struct client;

struct clients {
	struct node *node;
	struct client *first; /* the youngest */
	uint64_t by_tcp;      /* how many of them */
	struct admin_access access;
};

/* Owns `fd` from now on; closes it at once when there is no place or no memory. Clients by TCP
 * leave a quarter of the places to the Unix socket. */
void clients_take(struct clients *all, evutil_socket_t fd, enum admin_door door);
void clients_free(struct clients *all);

#endif
