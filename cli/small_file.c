/* Reads and writes small files whole. See cli/small_file.h. */
#include "cli/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(char why[SMALL_FILE_WHY], const char *what)
{
	snprintf(why, SMALL_FILE_WHY, "%s: %s", what, strerror(errno));
	return false;
}

/* ---- reading ---- */

static bool read_all(int fd, struct wr *to, char why[SMALL_FILE_WHY])
{
	uint8_t more;

	for (;;) {
		bool full = to->n == to->size;
		ssize_t n = read(fd, full ? &more : to->p + to->n, full ? 1 : to->size - to->n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(why, "cannot be read");
		if (n == 0)
			return true;
		if (full) {
			snprintf(why, SMALL_FILE_WHY, "is longer than %zu bytes", to->size);
			return false;
		}
		to->n += (size_t)n;
	}
}

bool small_file_read(const char *name, struct wr *to, char why[SMALL_FILE_WHY])
{
	if (strcmp(name, "-") == 0)
		return read_all(STDIN_FILENO, to, why);
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(why, "cannot be opened");
	bool good = read_all(fd, to, why);
	close(fd);
	return good;
}

/* ---- writing ---- */

static bool write_all(int fd, struct slice bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes = slice_of(bytes.p + n, bytes.n - (size_t)n);
	}
	return true;
}

/* Where the file really is: links are followed, so that the link stays. */
static bool find_place(
	const char *name, char real[PATH_MAX], mode_t *mode, char why[SMALL_FILE_WHY])
{
	struct stat st;

	if (lstat(name, &st) != 0 && errno == ENOENT) {
		if (snprintf(real, PATH_MAX, "%s", name) < PATH_MAX)
			return true;
		errno = ENAMETOOLONG;
		return fail(why, "cannot be written");
	}
	if (!realpath(name, real) || stat(real, &st) != 0)
		return fail(why, "cannot be written");
	if (!S_ISREG(st.st_mode)) {
		snprintf(why, SMALL_FILE_WHY, "is no regular file: it is not replaced");
		return false;
	}
	*mode = st.st_mode & 0777;
	return true;
}

/* A rename is on disk when its folder is. */
static bool sync_folder(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int n = slash ? (int)(slash - path) + (slash == path) : 1;

	snprintf(folder, sizeof folder, "%.*s", n, slash ? path : ".");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool good = fsync(fd) == 0 || errno == EINVAL;
	close(fd);
	return good;
}

static bool replace(const char *real, struct slice bytes, mode_t mode, char why[SMALL_FILE_WHY])
{
	char temporary[PATH_MAX + 8];

	snprintf(temporary, sizeof temporary, "%s.XXXXXX", real);
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return fail(why, "cannot be written");
	bool good = fchmod(fd, mode) == 0 && write_all(fd, bytes) && fsync(fd) == 0;
	good = close(fd) == 0 && good;
	if (good && rename(temporary, real) == 0 && sync_folder(real))
		return true;
	fail(why, "cannot be written");
	unlink(temporary);
	return false;
}

bool small_file_write(const char *name, struct slice bytes, mode_t mode, char why[SMALL_FILE_WHY])
{
	char real[PATH_MAX];

	if (strcmp(name, "-") == 0)
		return write_all(STDOUT_FILENO, bytes) || fail(why, "cannot be written");
	return find_place(name, real, &mode, why) && replace(real, bytes, mode, why);
}
