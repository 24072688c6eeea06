/* Writes a file of secrets so that it is whole or not there, whatever fails. Part of
 * owner/key_folder.h. Before: owner/key_folder.c. After: the disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "owner/key_folder_internal.h"

enum { MODE = 0600, NO_REPLACE = 1 /* RENAME_NOREPLACE of the kernel */ };

enum err key_folder_say(char why[KEY_WHY_SIZE], enum err err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, KEY_WHY_SIZE, fmt, args);
	va_end(args);
	return err;
}

/* By a second name for the same file, where the kernel or the file system has no other way. */
static int link_and_unlink(int from_fd, const char *from, int to_fd, const char *to)
{
	if (linkat(from_fd, from, to_fd, to, 0) != 0)
		return errno;
	if (unlinkat(from_fd, from, 0) == 0)
		return 0;
	int error = errno;
	unlinkat(to_fd, to, 0);
	return error;
}

int key_folder_move(int from_fd, const char *from, int to_fd, const char *to)
{
#ifdef SYS_renameat2
	if (syscall(SYS_renameat2, from_fd, from, to_fd, to, NO_REPLACE) == 0)
		return 0;
	if (errno != ENOSYS && errno != EINVAL)
		return errno;
#endif
	return link_and_unlink(from_fd, from, to_fd, to);
}

static int write_all(int fd, struct slice bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : ENOSPC;
		bytes = slice_of(bytes.p + n, bytes.n - (size_t)n);
	}
	return fsync(fd) == 0 ? 0 : errno;
}

/* The mode is set apart from open(), whose mode the umask cuts. */
static int write_part(int dir, const char *part, struct slice bytes)
{
	int fd = openat(dir, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE);

	if (fd < 0)
		return errno;
	int error = fchmod(fd, MODE) == 0 ? write_all(fd, bytes) : errno;
	if (close(fd) != 0 && !error)
		error = errno;
	return error;
}

int key_folder_write(int dir, const char *name, struct slice bytes, bool replace)
{
	char part[300];

	if (snprintf(part, sizeof part, ".%s.part", name) >= (int)sizeof part)
		return ENAMETOOLONG;
	unlinkat(dir, part, 0); /* what a crash has left */
	int error = write_part(dir, part, bytes);
	if (!error && replace)
		error = renameat(dir, part, dir, name) == 0 ? 0 : errno;
	else if (!error)
		error = key_folder_move(dir, part, dir, name);
	if (error)
		unlinkat(dir, part, 0);
	else if (fsync(dir) != 0)
		error = errno;
	return error;
}

/* The folder that `path` is in, and the last part of it. −1 with errno. */
static int open_parent(const char *path, const char **last)
{
	char folder[4096];
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) + 1 : 0;

	*last = path + n;
	if (n >= sizeof folder || !**last) {
		errno = n >= sizeof folder ? ENAMETOOLONG : EISDIR;
		return -1;
	}
	memcpy(folder, path, n);
	folder[n] = 0;
	return open(n ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

enum err key_folder_export(const char *path, struct slice bytes, char why[KEY_WHY_SIZE])
{
	const char *last;
	int dir = open_parent(path, &last);

	if (dir < 0)
		return key_folder_say(why, ERR_IO, "%s: %s", path, strerror(errno));
	int error = key_folder_write(dir, last, bytes, false);
	close(dir);
	if (error == EEXIST)
		return key_folder_say(why, ERR_EXISTS,
			"%s is there already: name another file, or move that one away", path);
	if (error)
		return key_folder_say(why, ERR_IO, "%s: %s", path, strerror(error));
	return ERR_OK;
}
