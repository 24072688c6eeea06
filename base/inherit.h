/* Listening sockets that the service manager opened for us (sd_listen_fds(3)), found by address. */
#ifndef BASE_INHERIT_H
#define BASE_INHERIT_H

#include <sys/socket.h>

/* The one that listens at this address, or -1. It is a copy that the caller closes; the manager's
 * stays open, so that an address which was left can be taken again. */
int inherited_socket(const struct sockaddr *address, socklen_t size);

#endif
