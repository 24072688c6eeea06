/* Listening sockets that the service manager opened for us (sd_listen_fds(3)), found by address. */
#ifndef NET_SOCKET_ACTIVATION_H
#define NET_SOCKET_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { SOCKET_ACTIVATION_TEXT_MAX = 160 };

/* The inherited socket of this type (SOCK_STREAM, SOCK_DGRAM) that listens at this address, or -1.
 * Returns a dup that the caller must close. The inherited descriptor stays open, so that the
 * address can be listened on again after a reload. */
int socket_activation_find(const struct sockaddr *address, socklen_t size, int type);

/* Inherited sockets that nothing has used so far: writes a text about number `i` of them, from 0
 * ("127.0.0.1:4299", or what is wrong with it). False when there are no more. */
bool socket_activation_unused(size_t i, char text[SOCKET_ACTIVATION_TEXT_MAX]);

/* Has an inherited socket of this type the port of this address, so that the address cannot be
 * listened on? Writes its address to `text`. */
bool socket_activation_in_the_way(
	const struct sockaddr *address, int type, char text[SOCKET_ACTIVATION_TEXT_MAX]);

#endif
