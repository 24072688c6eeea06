/* The locks against a second writer, and LMDB's table of readers beside the store. Before:
 * store_open.c, store_env.c. After: the operating system. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "chain/store_open_internal.h"

/* A file of its own, neither a link nor one that has a second name elsewhere. */
static bool is_plain(const struct stat *s)
{
	return S_ISREG(s->st_mode) && s->st_nlink <= 1;
}

static enum err say_planted(struct opening *o, const char *path)
{
	return store_say(o, ERR_REFUSED,
		"%s: is no plain file of its own but a link or something else, which alfisd does "
		"not make; remove it",
		path);
}

static enum err say_lock(struct opening *o, const char *path, int error)
{
	if (error == EWOULDBLOCK)
		return store_say(o, ERR_BUSY,
			"%s: another alfisd uses this data directory; stop it or set another "
			"node.data_dir",
			o->set->dir);
	struct stat s;
	if (error == ELOOP || (lstat(path, &s) == 0 && !is_plain(&s)))
		return say_planted(o, path);
	if (o->set->read_only)
		return store_say(o, ERR_REFUSED, "%s: %s; read it as root or as the node's user",
			path, strerror(error));
	return store_say(o, ERR_IO, "%s: cannot write in the data directory: %s", path,
		store_text_of(error));
}

static enum err take(struct opening *o, int fd, const char *path)
{
	if (flock(fd, (o->set->read_only ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0)
		return ERR_OK;
	if (errno == EWOULDBLOCK)
		return say_lock(o, path, errno);
	return store_say(o, ERR_IO, "%s: cannot lock: %s", path, store_text_of(errno));
}

/* In a directory of root the store may be another user's, who has to open the file as well: what
 * root makes beside it gets the same owner. */
static void make_for_owner(const struct opening *o, const char *path)
{
	struct stat s;

	if (geteuid() != 0 || stat(o->file, &s) != 0 || s.st_uid == 0)
		return;
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd < 0) /* it is there */
		return;
	if (fchown(fd, s.st_uid, s.st_gid) != 0)
		log_warn("store: cannot give %s to the owner of the store: %s", path,
			strerror(errno));
	close(fd);
}

/* One writer only: LMDB alone would let a second one wait for ever. Many may share it who want no
 * writer meanwhile; where nobody ever wrote there is nothing to share. */
enum err store_open_lock(struct opening *o)
{
	bool shared = o->set->read_only;
	char path[PATH_SIZE];

	if (o->set->scratch)
		return ERR_OK;
	if ((size_t)snprintf(path, sizeof path, "%s/lock", o->set->dir) >= sizeof path)
		return store_say(o, ERR_USAGE, "the name of the data directory is too long");
	const int flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	if (!shared)
		make_for_owner(o, path);
	o->s->lock_fd = shared ? open(path, O_RDONLY | flags)
			       : open(path, O_RDWR | O_CREAT | flags, FILE_MODE);
	if (o->s->lock_fd < 0)
		return shared && errno == ENOENT ? ERR_OK : say_lock(o, path, errno);
	struct stat s;
	if (fstat(o->s->lock_fd, &s) != 0 || !is_plain(&s))
		return say_planted(o, path);
	return take(o, o->s->lock_fd, path);
}

/* `lock` looks as if a crash had left it, and gets removed; nobody removes the store by habit. LMDB
 * takes no lock on this file. */
enum err store_lock_data(struct opening *o)
{
	bool shared = o->set->read_only;

	if (o->set->scratch)
		return ERR_OK;
	o->s->data_fd = open(o->file, (shared ? O_RDONLY : O_RDWR) | O_NONBLOCK | O_CLOEXEC);
	/* Why it cannot be opened is told by who opens it next. */
	return o->s->data_fd < 0 ? ERR_OK : take(o, o->s->data_fd, o->file);
}

/* Does anybody write to the store now? */
static bool is_written_to(const struct opening *o)
{
	int fd = open(o->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	bool taken = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	return taken;
}

/* LMDB writes into its lock file whatever it is, and makes it when it is missing. A reader that
 * made another one than the writer has would not be seen by it. */
enum err store_look_at_readers(struct opening *o)
{
	char path[PATH_SIZE + 8];
	struct stat s;

	snprintf(path, sizeof path, "%s-lock", o->file);
	if (lstat(path, &s) == 0)
		return is_plain(&s) ? ERR_OK : say_planted(o, path);
	if (!o->set->read_only || !is_written_to(o)) {
		make_for_owner(o, path);
		return ERR_OK;
	}
	return store_say(o, ERR_REFUSED,
		"%s was removed while a node runs, which does not see who reads now; restart the "
		"node, or ask it",
		path);
}

/* Is it LMDB's lock file that may not be written, and not the store? */
bool store_readers_are_closed(const struct opening *o)
{
	char path[PATH_SIZE + 8];

	snprintf(path, sizeof path, "%s-lock", o->file);
	return access(o->file, R_OK | W_OK) == 0 && access(path, F_OK) == 0 &&
	       access(path, R_OK | W_OK) != 0;
}
