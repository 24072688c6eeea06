/* Listening sockets that the service manager opened for us (sd_listen_fds(3)), found by address. */
#ifndef NET_SOCKET_ACTIVATION_H
#define NET_SOCKET_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { INHERITED_TEXT_MAX = 160 };

/* The one that listens at this address, or -1. It is a copy that the caller closes; the manager's
 * stays open, so that an address which was left can be taken again. */
int inherited_socket(const struct sockaddr *address, socklen_t size);

/* Those that nobody has asked for so far: a text about number `i` of them, from 0 on
 * ("127.0.0.1:4299", or what is wrong with it). False when there are no more. */
bool inherited_unused(size_t i, char text[INHERITED_TEXT_MAX]);

/* Is there one that has the port of this address, which therefore cannot be had? Its text. */
bool inherited_in_the_way(const struct sockaddr *address, char text[INHERITED_TEXT_MAX]);

#endif
