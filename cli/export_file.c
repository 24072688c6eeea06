/* Opens the target of `export`: looks first at what has the name now, and chooses how to write to
 * it. Before: cli/export.c. After: the disk or a pipe. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/export_file.h"
#include "config/paths.h"
#include "cli/export_file_guard.h"
#include "cli/export_file_helper.h"

enum { TRIES = 100, FILE_MODE = 0666, KEPT_MODE = 0777 };

__attribute__((format(printf, 2, 3))) static bool refuse(
	struct export_file *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(t->error, sizeof t->error, fmt, args);
	va_end(args);
	return false;
}

static bool refuse_errno(struct export_file *t, const char *what)
{
	return refuse(t, "%s: %s%s", t->name, what, strerror(errno));
}

/* ---- written to directly: standard output, pipes, devices ---- */

/* The descriptor that a name such as /dev/stdout or /dev/fd/3 stands for; −1 = it is an ordinary
 * name. */
static int descriptor_of(const char *name)
{
	static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
	char *end;

	if (strcmp(name, "-") == 0 || strcmp(name, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(name, "/dev/stderr") == 0)
		return STDERR_FILENO;
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		size_t n = strlen(folders[i]);
		if (strncmp(name, folders[i], n) != 0 || name[n] < '0' || name[n] > '9')
			continue;
		long number = strtol(name + n, &end, 10);
		return *end || number > INT_MAX ? -1 : (int)number;
	}
	return -1;
}

/* Writes directly to `fd`, which it takes ownership of. Refuses a terminal and the store's own
 * files. */
static bool use(struct export_file *t, int fd, const char *data_dir)
{
	struct stat s, out;

	if (fd < 0)
		return refuse_errno(t, "");
	if (fstat(fd, &s) != 0 || !(t->f = fdopen(fd, "wb"))) {
		refuse_errno(t, "");
		close(fd);
		return false;
	}
	t->through = true;
	t->standard =
		fstat(STDOUT_FILENO, &out) == 0 && out.st_dev == s.st_dev && out.st_ino == s.st_ino;
	if (isatty(fd))
		return refuse(t,
			"%s is a terminal; a snapshot is not text: name a file, or send "
			"it to another program",
			t->name);
	if (stat_is_of_store(&s, data_dir))
		return refuse(t, "%s is a file of the store", t->name);
	return true;
}

/* Opens a pipe or device. Waits until a pipe has a reader; a signal interrupts that with EINTR. */
static bool open_special(struct export_file *t, const struct stat *s, const char *data_dir)
{
	/* O_EXCL refuses a disk that is mounted. */
	int flags = O_WRONLY | O_NOCTTY | O_CLOEXEC | (S_ISBLK(s->st_mode) ? O_EXCL : 0);
	int fd = open(t->name, flags);
	struct stat opened;

	if (fd >= 0 && (fstat(fd, &opened) != 0 || S_ISREG(opened.st_mode))) {
		close(fd);
		return refuse(t, "%s changed while it was opened", t->name);
	}
	return use(t, fd, data_dir);
}

/* ---- a regular file ---- */

static const char *base_of(const struct export_file *t)
{
	return strrchr(t->path, '/') + 1;
}

/* Sets t->path for a file that does not exist yet: its folder with links resolved, then its name.
 */
static bool set_new_path(struct export_file *t)
{
	char folder[EXPORT_PATH_MAX], real[PATH_MAX];
	const char *slash = strrchr(t->name, '/'), *base = slash ? slash + 1 : t->name;
	size_t n = slash ? (size_t)(slash - t->name) + 1 : 0;

	if (!base[0])
		return refuse(t, "%s: the name of a file cannot end with a slash", t->name);
	if (n >= sizeof folder)
		return refuse(t, "%s: the name is too long", t->name);
	memcpy(folder, t->name, n);
	folder[n] = 0;
	if (!realpath(n ? folder : ".", real))
		return refuse_errno(t, "");
	const char *between = strcmp(real, "/") == 0 ? "" : "/";
	if (snprintf(t->path, sizeof t->path, "%s%s%s", real, between, base) >= (int)sizeof t->path)
		return refuse(t, "%s: the name is too long", t->name);
	return true;
}

static bool set_old_path(struct export_file *t)
{
	char real[PATH_MAX];

	if (!realpath(t->name, real))
		return refuse_errno(t, "");
	if (snprintf(t->path, sizeof t->path, "%s", real) >= (int)sizeof t->path)
		return refuse(t, "%s: the name is too long", t->name);
	return true;
}

/* Makes a file without a name: it vanishes with the process, whatever happens. It is linked into
 * the folder when it is complete. −1 where the file system or /proc does not support that. */
static int make_nameless(int dir)
{
	char self[64];
	int fd = openat(dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, FILE_MODE);

	if (fd < 0)
		return -1;
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	if (access(self, F_OK) == 0)
		return fd;
	close(fd); /* without /proc it could never be linked */
	return -1;
}

/* Calls `make` with temporary names until one is free. */
static int with_free_name(struct export_file *t, int (*make)(struct export_file *t))
{
	int result = -1;

	for (unsigned i = 0; i < TRIES; i++) {
		snprintf(t->temporary, sizeof t->temporary, ".alfisd-export-%ld-%u", (long)getpid(),
			i);
		result = make(t);
		if (result >= 0 || errno != EEXIST)
			break;
	}
	if (result < 0)
		t->temporary[0] = 0;
	return result;
}

static int make_named(struct export_file *t)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

	return openat(t->dir, t->temporary, flags, FILE_MODE);
}

/* Gives a file without a name a temporary one: linkat() cannot replace a file, but rename() can. */
static int link_named(struct export_file *t)
{
	char self[64];

	snprintf(self, sizeof self, "/proc/self/fd/%d", fileno(t->f));
	return linkat(AT_FDCWD, self, t->dir, t->temporary, AT_SYMLINK_FOLLOW);
}

/* Gives the new file the mode of the one it replaces, and its owner where we are allowed to. */
static void copy_owner_and_mode(const struct export_file *t, int fd)
{
	if (!t->there)
		return;
	int ignored = fchown(fd, t->old.st_uid, t->old.st_gid);
	(void)ignored;
	ignored = fchmod(fd, t->old.st_mode & KEPT_MODE);
}

static bool open_regular(struct export_file *t, const char *data_dir)
{
	char folder[EXPORT_PATH_MAX];
	const char *base = base_of(t);

	if (export_file_guard_in_folder(t->path, data_dir) ||
		(t->there && stat_is_of_store(&t->old, data_dir)))
		return refuse(t,
			"%s is in the data directory, whose files belong to the node; name "
			"another place",
			t->name);
	if (t->there && export_file_guard_is_chain(t->path))
		return refuse(t,
			"%s is a database, not a snapshot, and is not replaced; alfisd import reads "
			"it",
			t->name);
	snprintf(folder, sizeof folder, "%.*s", (int)(base - t->path), t->path);
	t->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->dir < 0) /* we may be allowed to write in it but not to list it */
		t->dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (t->dir < 0)
		return refuse_errno(t, "");
	int fd = make_nameless(t->dir);
	if (fd < 0)
		fd = with_free_name(t, make_named);
	if (fd < 0)
		return refuse_errno(t, "cannot write in its folder: ");
	copy_owner_and_mode(t, fd);
	t->f = fdopen(fd, "wb");
	if (t->f)
		return true;
	refuse_errno(t, "");
	close(fd);
	return false;
}

bool export_file_open(struct export_file *t, const char *name, const char *data_dir)
{
	int number = descriptor_of(name);
	struct stat link;

	*t = (struct export_file){.name = name, .dir = -1, .helper = -1};
	if (!name[0])
		return refuse(t, "export: the name of the file is empty");
	if (strcmp(name, "-") == 0)
		t->name = "standard output";
	if (number >= 0)
		return use(t, fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), data_dir);
	t->there = stat(name, &t->old) == 0;
	if (!t->there && errno != ENOENT)
		return refuse_errno(t, "");
	if (!t->there && lstat(name, &link) == 0)
		return refuse(t, "%s is a link whose target does not exist", name);
	if (t->there && S_ISDIR(t->old.st_mode))
		return refuse(t, "%s is a directory", name);
	if (t->there && S_ISSOCK(t->old.st_mode))
		return refuse(t, "%s is a socket, not a file", name);
	if (t->there && !S_ISREG(t->old.st_mode))
		return open_special(t, &t->old, data_dir);
	return (t->there ? set_old_path(t) : set_new_path(t)) && open_regular(t, data_dir);
}

bool export_file_rewind(struct export_file *t)
{
	return fseeko(t->f, 0, SEEK_SET) == 0 && ftruncate(fileno(t->f), 0) == 0;
}

/* ---- the end ---- */

/* A pipe or device cannot be synced, and reports that with various errors, which are ignored. The
 * three that mean lost data are not: standard output may be a file. */
static bool sync_file(const struct export_file *t)
{
	if (fflush(t->f) != 0)
		return false;
	return fsync(fileno(t->f)) == 0 ||
	       (t->through && errno != EIO && errno != ENOSPC && errno != EDQUOT);
}

/* Gives the file its name. Refuses when something other than a file has got that name meanwhile. */
static bool put_in_place(struct export_file *t)
{
	struct stat now;

	if (!t->temporary[0] && with_free_name(t, link_named) < 0)
		return refuse_errno(t, "cannot be given its name: ");
	if (fstatat(t->dir, base_of(t), &now, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(now.st_mode))
		return refuse(t, "%s changed while the snapshot was written", t->name);
	if (renameat(t->dir, t->temporary, t->dir, base_of(t)) != 0)
		return refuse_errno(t, "cannot be given its name: ");
	t->temporary[0] = 0;
	/* Sync the folder too, so that the name survives a power cut. */
	if (fsync(t->dir) != 0 && errno != EBADF && errno != EINVAL)
		return refuse_errno(t, "written, but its folder cannot be synced: ");
	return true;
}

bool export_file_finish(struct export_file *t)
{
	bool good = sync_file(t) || refuse_errno(t, "could not be written: ");

	if (good && !t->through)
		good = t->helper < 0 ? put_in_place(t) : export_file_helper_ask(t);
	/* A network file system may report a full disk only at close. */
	if (fclose(t->f) != 0 && good)
		good = refuse_errno(t, "could not be written: ");
	t->f = NULL;
	return good;
}

bool export_file_keep_rights(struct export_file *t)
{
	return t->through || export_file_helper_start(t, put_in_place);
}

void export_file_close(struct export_file *t)
{
	export_file_helper_end(t);
	if (t->f) {
		__fpurge(t->f); /* else fclose() would wait for a reader that does not read */
		fclose(t->f);
	}
	if (t->temporary[0])
		unlinkat(t->dir, t->temporary, 0);
	if (t->dir >= 0)
		close(t->dir);
	t->f = NULL;
	t->dir = -1;
	t->temporary[0] = 0;
}
