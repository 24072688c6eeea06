/* Tells which files `export` must not write to or replace. Before: cli/export_file.c. After: the
 * file system, only for looking. */
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/block_source.h"
#include "cli/export_file.h"
#include "cli/export_file_guard.h"

/* Compares inodes, because a folder that is mounted twice has two paths. */
static bool is_same_folder(const char *path, const char *data_dir)
{
	char folder[EXPORT_PATH_MAX];
	struct stat a, b;

	snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path) + 1, path);
	return stat(folder, &a) == 0 && stat(data_dir, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

bool export_file_guard_in_folder(const char *path, const char *data_dir)
{
	char folder[PATH_MAX];

	if (!realpath(data_dir, folder))
		return false;
	size_t n = strlen(folder);
	return (strncmp(path, folder, n) == 0 && (path[n] == '/' || folder[n - 1] == '/')) ||
	       is_same_folder(path, data_dir);
}

/* A user who types `export` instead of `import` would lose a chain, so databases are refused. Any
 * other file is replaced, as every program does that writes a file. */
bool export_file_guard_is_chain(const char *path)
{
	uint8_t head[BLOCK_SOURCE_HEAD];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? 0 : read(fd, head, sizeof head);

	if (fd >= 0)
		close(fd);
	return n > 0 && block_source_is_database(slice_of(head, (size_t)n));
}
