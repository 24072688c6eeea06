/* The file of a Unix socket. A name in the settings may, by mistake, be that of any file. So before
 * we listen we remove only a socket that nobody listens on, and at the end only the socket that we
 * made. Before: the settings. After: http/server.c listens there. */
#ifndef HTTP_SOCKET_FILE_H
#define HTTP_SOCKET_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/un.h>

enum { SOCKET_PATH_MAX = sizeof((struct sockaddr_un *)0)->sun_path };

enum socket_fit {
	SOCKET_FITS,
	SOCKET_WRONG, /* the setting cannot be used as it is: the user must change it */
	SOCKET_TAKEN, /* another program has it, or the file system refuses: may work later */
};

struct socket_file {
	char path[SOCKET_PATH_MAX];
	bool made;    /* we made the file, and remove it at the end if it still has */
	dev_t device; /* this device */
	ino_t inode;  /* and inode */
};

/* Makes the address of `name`, relative to `dir` unless it is absolute. Unless it returns
 * SOCKET_FITS, `why` (of `size` bytes) says what is wrong. Changes nothing. */
enum socket_fit socket_file_address(
	const char *dir, const char *name, struct sockaddr_un *out, char *why, size_t size);

/* Removes a socket at `address` on which nobody listens, so that we can bind there. Never waits for
 * the other side. Returns SOCKET_TAKEN, with `why`, when a program listens there or we cannot find
 * out. The caller has called socket_file_address() first: any file that refuses a connection is
 * unlinked here. */
enum socket_fit socket_file_clear(const struct sockaddr_un *address, char *why, size_t size);

/* Listens at `name` in `dir`, for this user alone (mode 0600), and notes the file. Returns the
 * descriptor, which does not block and is closed at an exec; −1 with a line in `why`. */
int socket_file_listen(
	struct socket_file *f, const char *dir, const char *name, char *why, size_t size);

/* Notes the file that the caller has just made by binding a socket at `address`. */
void socket_file_made(struct socket_file *f, const struct sockaddr_un *address);

/* Removes the noted file, unless another one has taken its name meanwhile. */
void socket_file_remove(struct socket_file *f);

#endif
