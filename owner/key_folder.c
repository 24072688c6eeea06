/* Opens the folder of keys, reads its files, adds, renames and removes them. Before: the node, at
 * the start and when the key process has made something. After: owner/key_folder_write.c. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "owner/key_folder_internal.h"

enum { FOLDER_MODE = 0700, OTHERS = 0077, REMOVED_MAX = 99 };

static const char removed[] = "removed";

/* ---- the folder ---- */

static enum err judge_folder(const struct key_folder *f, char why[KEY_WHY_SIZE])
{
	struct stat s;

	if (fstat(f->fd, &s) != 0)
		return key_folder_say(why, ERR_IO, "%s: %s", f->path, strerror(errno));
	if (s.st_uid != geteuid())
		return key_folder_say(why, ERR_REFUSED,
			"%s belongs to another user: give it to the node's user (chown)", f->path);
	if (s.st_mode & OTHERS)
		return key_folder_say(why, ERR_REFUSED,
			"%s: others may look into it (mode %03o): chmod 700 %s", f->path,
			(unsigned)(s.st_mode & 0777), f->path);
	return ERR_OK;
}

static enum err open_failed(const char *path, char why[KEY_WHY_SIZE])
{
	if (errno == ENOENT)
		return key_folder_say(why, ERR_NOT_FOUND, "%s is not there", path);
	if (errno == ELOOP || errno == ENOTDIR)
		return key_folder_say(why, ERR_REFUSED,
			"%s is no folder (a link is none): move it away, or set owner.keys", path);
	return key_folder_say(why, ERR_IO, "%s: %s", path, strerror(errno));
}

enum err key_folder_open(struct key_folder *f, const char *path, bool make, char why[KEY_WHY_SIZE])
{
	f->fd = -1;
	if (snprintf(f->path, sizeof f->path, "%s", path) >= (int)sizeof f->path)
		return key_folder_say(why, ERR_REFUSED, "owner.keys: the path is too long");
	if (make && mkdir(path, FOLDER_MODE) != 0 && errno != EEXIST)
		return key_folder_say(why, ERR_IO, "%s: %s", path, strerror(errno));
	f->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (f->fd < 0)
		return open_failed(path, why);
	enum err err = judge_folder(f, why);
	if (err != ERR_OK)
		key_folder_close(f);
	return err;
}

void key_folder_close(struct key_folder *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* ---- reading ---- */

static enum err tell(
	const struct key_folder *f, const char *file, int error, char why[KEY_WHY_SIZE])
{
	if (error == EEXIST)
		return key_folder_say(why, ERR_EXISTS,
			"%s/%s is there already: choose another name", f->path, file);
	if (error == ENOENT)
		return key_folder_say(why, ERR_NOT_FOUND, "%s/%s is not there", f->path, file);
	return error ? key_folder_say(why, ERR_IO, "%s/%s: %s", f->path, file, strerror(error))
		     : ERR_OK;
}

/* The file of a key; the name is a good one. */
static void file_of(const char *name, char to[KEY_FILE_NAME_SIZE])
{
	snprintf(to, KEY_FILE_NAME_SIZE, "%.48s%s", name, CONFIG_KEY_SUFFIX);
}

/* The key's name when the file is one of a key. */
static bool name_of(const char *file, char to[KEY_NAME_MAX + 1])
{
	size_t n = strlen(file), suffix = strlen(CONFIG_KEY_SUFFIX);

	if (n <= suffix || n - suffix > KEY_NAME_MAX ||
		strcmp(file + n - suffix, CONFIG_KEY_SUFFIX) != 0)
		return false;
	memcpy(to, file, n - suffix);
	to[n - suffix] = 0;
	return key_name_is_valid(slice_str(to));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Puts the name into its place; with a full table the last one by name is left out. */
static size_t insert(char (*names)[KEY_NAME_MAX + 1], size_t count, size_t most, const char *name)
{
	if (count < most) {
		memcpy(names[count++], name, (KEY_NAME_MAX + 1));
	} else if (strcmp(name, names[most - 1]) < 0) {
		memcpy(names[most - 1], name, (KEY_NAME_MAX + 1));
	} else {
		return count;
	}
	qsort(names, count, (KEY_NAME_MAX + 1), by_name);
	return count;
}

/* A stream of its own, from the beginning. */
static DIR *listing(const struct key_folder *f)
{
	int fd = openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

int key_folder_list(const struct key_folder *f, char (*names)[KEY_NAME_MAX + 1], size_t most,
	char why[KEY_WHY_SIZE])
{
	DIR *dir = listing(f);
	char name[KEY_NAME_MAX + 1];
	struct dirent *e;
	size_t count = 0;
	int all = 0;

	if (!dir) {
		key_folder_say(why, ERR_IO, "%s: %s", f->path, strerror(errno));
		return -1;
	}
	while ((e = readdir(dir)) != NULL) {
		if (!name_of(e->d_name, name))
			continue;
		count = insert(names, count, most, name);
		all++;
	}
	closedir(dir);
	return all;
}

/* What is wrong with the file itself; NULL = nothing. */
static const char *judge_file(int fd)
{
	struct stat s;

	if (fstat(fd, &s) != 0)
		return strerror(errno);
	if (!S_ISREG(s.st_mode))
		return "is no regular file";
	if (s.st_uid != geteuid())
		return "belongs to another user: give it to the node's user (chown)";
	if (s.st_mode & OTHERS)
		return "others may read it: chmod 600 it";
	return s.st_size > KEY_FILE_MAX ? "is too long for a key" : NULL;
}

static const char *read_file(int fd, uint8_t *to, size_t *n)
{
	const char *wrong = judge_file(fd);

	*n = 0;
	while (!wrong && *n <= KEY_FILE_MAX) {
		ssize_t got = read(fd, to + *n, KEY_FILE_MAX + 1 - *n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return strerror(errno);
		if (got == 0)
			return NULL;
		*n += (size_t)got;
	}
	return wrong ? wrong : "is too long for a key";
}

/* O_NONBLOCK: a pipe of that name must not hold up the start. */
enum err key_folder_load(const struct key_folder *f, const char *name,
	uint8_t bytes[KEY_FILE_MAX + 1], size_t *n, char why[KEY_WHY_SIZE])
{
	char file[KEY_FILE_NAME_SIZE];

	*n = 0;
	file_of(name, file);
	int fd = openat(f->fd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ELOOP)
		return key_folder_say(
			why, ERR_REFUSED, "%s/%s: is a link, not a file", f->path, file);
	if (fd < 0)
		return tell(f, file, errno, why);
	const char *wrong = read_file(fd, bytes, n);
	close(fd);
	if (!wrong)
		return ERR_OK;
	*n = 0;
	return key_folder_say(why, ERR_REFUSED, "%s/%s: %s", f->path, file, wrong);
}

/* ---- changing ---- */

enum err key_folder_add(
	const struct key_folder *f, const char *name, struct slice bytes, char why[KEY_WHY_SIZE])
{
	char file[KEY_FILE_NAME_SIZE];

	file_of(name, file);
	return tell(f, file, key_folder_write(f->fd, file, bytes, false), why);
}

enum err key_folder_replace(
	const struct key_folder *f, const char *name, struct slice bytes, char why[KEY_WHY_SIZE])
{
	char file[KEY_FILE_NAME_SIZE];
	struct stat s;

	file_of(name, file);
	if (fstatat(f->fd, file, &s, AT_SYMLINK_NOFOLLOW) != 0)
		return tell(f, file, errno, why);
	return tell(f, file, key_folder_write(f->fd, file, bytes, true), why);
}

enum err key_folder_rename(
	const struct key_folder *f, const char *from, const char *to, char why[KEY_WHY_SIZE])
{
	char old[KEY_FILE_NAME_SIZE], fresh[KEY_FILE_NAME_SIZE];

	file_of(from, old);
	file_of(to, fresh);
	int error = key_folder_move(f->fd, old, f->fd, fresh);
	if (!error && fsync(f->fd) != 0)
		error = errno;
	return tell(f, error == ENOENT ? old : fresh, error, why);
}

/* Moves the file to the first name that is free: NAME.key, NAME.2.key, NAME.3.key. */
static int move_away(
	const struct key_folder *f, const char *name, int to, char file[KEY_FILE_NAME_SIZE])
{
	char old[KEY_FILE_NAME_SIZE];
	int error = EEXIST;

	file_of(name, old);
	memcpy(file, old, KEY_FILE_NAME_SIZE);
	for (int i = 2; error == EEXIST && i <= REMOVED_MAX; i++) {
		error = key_folder_move(f->fd, old, to, file);
		if (error == EEXIST)
			snprintf(
				file, KEY_FILE_NAME_SIZE, "%.48s.%d%s", name, i, CONFIG_KEY_SUFFIX);
	}
	if (!error && (fsync(to) != 0 || fsync(f->fd) != 0))
		error = errno;
	return error;
}

enum err key_folder_remove(const struct key_folder *f, const char *name, char where[KEY_PATH_SIZE],
	char why[KEY_WHY_SIZE])
{
	char file[KEY_FILE_NAME_SIZE];

	if (mkdirat(f->fd, removed, FOLDER_MODE) != 0 && errno != EEXIST)
		return tell(f, removed, errno, why);
	int to = openat(f->fd, removed, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0)
		return tell(f, removed, errno, why);
	int error = move_away(f, name, to, file);
	close(to);
	if (error) {
		file_of(name, file);
		return tell(f, file, error, why);
	}
	snprintf(where, KEY_PATH_SIZE, "%s/%s/%s", f->path, removed, file);
	return ERR_OK;
}
