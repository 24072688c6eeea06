#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/socket_file.h"

static const char *const names_of_store[] = {"chain.mdb", "chain.mdb-lock", "lock"};
enum { STORE_NAMES = sizeof names_of_store / sizeof names_of_store[0] };

/* A socket of such a name would be in the way of the store, or the store in its way. */
static bool is_name_of_store(const char *path)
{
	const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;

	for (size_t i = 0; i < STORE_NAMES; i++)
		if (strcmp(last, names_of_store[i]) == 0)
			return true;
	return false;
}

bool path_is_of_store(const char *data_dir, const char *path)
{
	char name[SOCKET_PATH_MAX + 512];
	struct stat theirs, ours;

	if (is_name_of_store(path))
		return true;
	if (stat(path, &theirs) != 0)
		return false;
	for (size_t i = 0; i < STORE_NAMES; i++)
		if (snprintf(name, sizeof name, "%s/%s", data_dir, names_of_store[i]) <
				(int)sizeof name &&
			stat(name, &ours) == 0 && ours.st_dev == theirs.st_dev &&
			ours.st_ino == theirs.st_ino)
			return true;
	return false;
}

static enum socket_fit look_at(const char *path, char *why, size_t size)
{
	struct stat s;

	if (is_name_of_store(path)) {
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

enum socket_fit socket_file_look(
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

/* 0 when somebody listens there, else an errno. */
static int knock(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error = 0;

	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0)
		error = errno;
	close(fd);
	/* EAGAIN: too many wait there already; EPROTOTYPE: a socket of another type is open. */
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

void socket_file_remove(struct socket_file *f)
{
	struct stat s;

	if (f->made && lstat(f->path, &s) == 0 && S_ISSOCK(s.st_mode) && s.st_dev == f->device &&
		s.st_ino == f->inode)
		unlink(f->path);
	f->made = false;
}
