/* Opens the sockets for a list of addresses to listen on, for connections or for datagrams.
 * Before: addresses of the settings. After: net/listener.h, dns/udp_listener.h. */
#ifndef NET_LISTEN_SOCKETS_H
#define NET_LISTEN_SOCKETS_H

#include "net/addr.h"

struct listen_wish {
	const char *key;              /* the setting, for messages: "net.listen" */
	int type;                     /* SOCK_STREAM or SOCK_DGRAM */
	const char *const *addresses; /* texts "address:port"; read now and not kept */
	size_t count;
	const char *privilege; /* what to do when the port needs one; NULL = choose another port */
};

struct listen_sockets {
	size_t count;
	int fd[]; /* non-blocking, close-on-exec; those for connections listen */
};

/* Opens a socket for each address. One that is there twice, or inside a wildcard of the list, needs
 * none of its own; [::] takes IPv4 too, unless an IPv4 address of its port is in the list, and
 * stands for 0.0.0.0 where there is no IPv6. Sockets that the service manager opened for an address
 * are used (net/socket_activation.h). NULL when one of them cannot be had or memory runs out, with
 * a line in `why` that says what to do; none is open then. */
struct listen_sockets *listen_sockets_open(const struct listen_wish *w, char *why, size_t size);

/* Closes them and frees the list. NULL is fine. */
void listen_sockets_close(struct listen_sockets *l);

/* The address that the socket has, with the port that the system chose. */
bool listen_socket_address(int fd, struct netaddr *to);

#endif
