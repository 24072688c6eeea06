/* Listening TCP sockets on the event loop. Accepts a bounded number of connections in one turn of
 * the loop, so that a flood of them does not delay the rest. When descriptors or buffers run out it
 * pauses for a second: the waiting connection would make the loop spin.
 * Before: the kernel. After: the owner's accepted(), then p2p/conn.c. */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "net/listen_sockets.h"

struct event_base;
struct listener;

/* The code that gets the new connections. */
struct listener_owner {
	/* Gets the socket (non-blocking, close-on-exec) and owns it from then on. */
	void (*accepted)(void *ctx, int fd, const struct netaddr *from);
	void *ctx;
};

/* Opens listening sockets at the addresses of `wish`, whose type is SOCK_STREAM, as
 * listen_sockets_open() does (net/listen_sockets.h), and accepts on them. `base` is borrowed,
 * *owner is copied. NULL with a line for the user in `why` (`size` bytes) when that fails or memory
 * runs out; nothing is open then. The caller frees it with listener_close(). */
struct listener *listener_open(struct event_base *base, const struct listen_wish *wish,
	const struct listener_owner *owner, char *why, size_t size);

/* Closes the listening sockets and frees the listener. Accepted connections are the owner's and
 * stay. NULL is fine. */
void listener_close(struct listener *l);

/* Writes up to `max` addresses that it listens on, with the actual port where port 0 was
 * configured. Returns how many. */
size_t listener_addresses(const struct listener *l, struct netaddr *to, size_t max);

#endif
