/* Listening sockets. Accepts a bounded number of connections in one turn, and rests for a second
 * when descriptors or buffers run out, instead of spinning.
 * Before: the kernel. After: the owner's accepted(), then p2p/conn.c. */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "net/listen_sockets.h"

struct event_base;
struct listener;

/* Who is told of a new connection. */
struct listener_owner {
	/* Takes the socket (non-blocking, close-on-exec), whatever becomes of it. */
	void (*accepted)(void *ctx, int fd, const struct netaddr *from);
	void *ctx;
};

/* Listens as listen_sockets_open() says (net/listen_sockets.h), for connections: wish->type is
 * SOCK_STREAM. NULL with a line in `why` when that fails or memory runs out; nothing is open then.
 * *owner is copied. */
struct listener *listener_open(struct event_base *base, const struct listen_wish *wish,
	const struct listener_owner *owner, char *why, size_t size);

/* Closes the sockets and frees it; connections that were handed over stay. NULL is fine. */
void listener_close(struct listener *l);

/* Writes up to `max` addresses, with the ports that the system chose; returns how many. */
size_t listener_addresses(const struct listener *l, struct netaddr *to, size_t max);

#endif
