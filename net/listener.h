/* Listening sockets. Accepts a bounded number of connections in one turn, and rests for a second
 * when descriptors or buffers run out, instead of spinning.
 * Before: the kernel. After: the owner's accepted(), then p2p/conn.c. */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "net/addr.h"

struct event_base;
struct listener;

/* Who is told of a new connection. */
struct listener_owner {
	/* Takes the socket (non-blocking, close-on-exec), whatever becomes of it. */
	void (*accepted)(void *ctx, int fd, const struct netaddr *from);
	void *ctx;
};

/* Listens on all of "address:port". An address that is there twice, or
 * inside a wildcard of the list, needs no socket of its own; [::] takes IPv4 too, unless an IPv4
 * address of its port is in the list, and stands for 0.0.0.0 where there is no IPv6. NULL when one
 * of them cannot be had or memory runs out, with a line in `why` that says what to do; none is open
 * then. The texts are read now and not kept; *owner is copied. Sockets that the service manager
 * opened for an address are used (net/socket_activation.h). */
struct listener *listener_open(struct event_base *base, const char *const *addresses, size_t count,
	const struct listener_owner *owner, char *why, size_t size);

/* Closes the sockets and frees it; connections that were handed over stay. NULL is fine. */
void listener_close(struct listener *l);

/* Writes up to `max` addresses, with the ports that the system chose; returns how many. */
size_t listener_addresses(const struct listener *l, struct netaddr *to, size_t max);

#endif
