/* The file of a Unix socket. A name from the settings may be that of anything: nothing but a socket
 * that nobody answers on is ever removed, and at the end nothing but the socket that was made.
 * Before: the settings. After: http/server.c listens there. */
#ifndef HTTP_SOCKET_FILE_H
#define HTTP_SOCKET_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/un.h>

enum { SOCKET_PATH_MAX = sizeof((struct sockaddr_un *)0)->sun_path };

enum socket_fit {
	SOCKET_FITS,
	SOCKET_WRONG, /* the setting cannot be used as it is */
	SOCKET_TAKEN, /* another program has it, or there is no permission */
};

struct socket_file {
	char path[SOCKET_PATH_MAX];
	bool made; /* by us: it has these numbers, and is removed at the end */
	dev_t device;
	ino_t inode;
};

/* The address of `name`, which is inside `dir` unless it is absolute. What is wrong with it is
 * written to `why`. Reads only. */
enum socket_fit socket_file_look(
	const char *dir, const char *name, struct sockaddr_un *out, char *why, size_t size);

/* Removes a socket at `address` on which nobody answers; does not wait. */
enum socket_fit socket_file_clear(const struct sockaddr_un *address, char *why, size_t size);

/* A socket was bound at `address` just now. */
void socket_file_made(struct socket_file *f, const struct sockaddr_un *address);

/* Removes the file if it still is the one that was made. */
void socket_file_remove(struct socket_file *f);

#endif
