/* Checks the path of a Unix socket before it is bound, and removes the file at the end. Before:
 * node/settings.c checks the setting; http/server.c is about to listen. After: the file system. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/socket_file.h"
#include "config/paths.h"

/* Fits when nothing has that name, or a socket has. lstat() does not follow a link, which somebody
 * may have planted to make us remove another file. */
static enum socket_fit look_at(const char *path, char *why, size_t size)
{
	struct stat s;

	if (path_names_store(path)) {
		snprintf(why, size, "%s is a name of the store's own files; set another", path);
		return SOCKET_WRONG;
	}
	if (lstat(path, &s) != 0) {
		if (errno == ENOENT)
			return SOCKET_FITS;
		snprintf(why, size, "%s: %s", path, strerror(errno));
		return SOCKET_TAKEN;
	}
	if (S_ISSOCK(s.st_mode))
		return SOCKET_FITS;
	snprintf(why, size, "%s is there and is no socket; set another, or move it away", path);
	return SOCKET_WRONG;
}

enum socket_fit socket_file_address(
	const char *dir, const char *name, struct sockaddr_un *out, char *why, size_t size)
{
	bool inside = name[0] != '/';
	int n;

	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	n = snprintf(out->sun_path, sizeof out->sun_path, "%s%s%s", inside ? dir : "",
		inside ? "/" : "", name);
	if (n < 0 || (size_t)n >= sizeof out->sun_path) {
		snprintf(why, size,
			"the path is longer than the %d bytes of a Unix socket: set a shorter "
			"absolute one",
			SOCKET_PATH_MAX - 1);
		return SOCKET_WRONG;
	}
	return look_at(out->sun_path, why, size);
}

/* Connects to find out whether a program listens there: 0 if one does, else the errno. */
static int knock(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error = 0;

	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0)
		error = errno;
	close(fd);
	/* EAGAIN: the queue of its listener is full. EPROTOTYPE: a socket of another type. */
	return error == EAGAIN || error == EINPROGRESS || error == EPROTOTYPE ? 0 : error;
}

enum socket_fit socket_file_clear(const struct sockaddr_un *address, char *why, size_t size)
{
	const char *path = address->sun_path;
	int error = knock(address);

	if (error == ENOENT)
		return SOCKET_FITS;
	if (error == 0) {
		snprintf(
			why, size, "another program answers at %s; set another admin.socket", path);
		return SOCKET_TAKEN;
	}
	if (error != ECONNREFUSED) {
		snprintf(why, size, "%s: cannot see whether somebody answers: %s", path,
			strerror(error));
		return SOCKET_TAKEN;
	}
	if (unlink(path) == 0 || errno == ENOENT)
		return SOCKET_FITS;
	snprintf(why, size, "%s: cannot remove what a node left there: %s", path, strerror(errno));
	return SOCKET_TAKEN;
}

void socket_file_made(struct socket_file *f, const struct sockaddr_un *address)
{
	struct stat s;

	memcpy(f->path, address->sun_path, sizeof f->path);
	f->made = lstat(f->path, &s) == 0;
	if (!f->made)
		return;
	f->device = s.st_dev;
	f->inode = s.st_ino;
}

/* The mode is that of the file from its first moment on. */
static int bind_at(const struct sockaddr_un *sa)
{
	enum { BACKLOG = 8 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t old = umask(0177);
	bool bound = fd >= 0 && bind(fd, (const struct sockaddr *)sa, sizeof *sa) == 0 &&
		     listen(fd, BACKLOG) == 0;
	int error = errno;

	umask(old);
	if (bound)
		return fd;
	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

int socket_file_listen(
	struct socket_file *f, const char *dir, const char *name, char *why, size_t size)
{
	struct sockaddr_un sa;

	if (socket_file_address(dir, name, &sa, why, size) != SOCKET_FITS ||
		socket_file_clear(&sa, why, size) != SOCKET_FITS)
		return -1;
	int fd = bind_at(&sa);
	if (fd < 0)
		snprintf(why, size, "cannot listen on %s: %s", sa.sun_path, strerror(errno));
	else
		socket_file_made(f, &sa);
	return fd;
}

void socket_file_remove(struct socket_file *f)
{
	struct stat s;

	if (f->made && lstat(f->path, &s) == 0 && S_ISSOCK(s.st_mode) && s.st_dev == f->device &&
		s.st_ino == f->inode)
		unlink(f->path);
	f->made = false;
}
