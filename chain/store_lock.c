/* Role: the locks that keep a second writer away, and the checks of LMDB's lock file, its table of
 * readers.
 * Before: chain/store_open.c, chain/store_env.c. After: the operating system. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "chain/store_open_internal.h"

/* Is it a regular file with one name only? Anything else may have been planted there to make us
 * write to another file. */
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

/* Creates the file for the owner of the store. If root runs the command on another user's store, a
 * file made by root could not be opened by the node later. */
static void make_for_owner(const struct opening *o, const char *path)
{
	struct stat s;

	if (geteuid() != 0 || stat(o->file, &s) != 0 || s.st_uid == 0)
		return;
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd < 0) /* it exists already */
		return;
	if (fchown(fd, s.st_uid, s.st_gid) != 0)
		log_warn("store: cannot give %s to the owner of the store: %s", path,
			strerror(errno));
	close(fd);
}

/* Locks the data directory: exclusively for a writer, shared for readers that want no writer
 * meanwhile. LMDB alone would let a second writer wait for ever. A reader that finds no lock file
 * needs none: nobody has written there yet. */
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

/* Locks the store's file as well, because people delete the file `lock` when they believe that a
 * crash left it. LMDB itself takes no flock on the store's file. */
enum err store_lock_data(struct opening *o)
{
	bool shared = o->set->read_only;

	if (o->set->scratch)
		return ERR_OK;
	o->s->data_fd = open(o->file, (shared ? O_RDONLY : O_RDWR) | O_NONBLOCK | O_CLOEXEC);
	/* If it cannot be opened, store_open_env() reports why. */
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

/* Checks LMDB's lock file before LMDB opens it, because LMDB writes to whatever has that name, and
 * creates it when it is missing. If it was deleted while a writer runs, a reader would create a new
 * one, which the writer does not look at. */
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

/* Is the store writable and only LMDB's lock file is not? */
bool store_readers_are_closed(const struct opening *o)
{
	char path[PATH_SIZE + 8];

	snprintf(path, sizeof path, "%s-lock", o->file);
	return access(o->file, R_OK | W_OK) == 0 && access(path, F_OK) == 0 &&
	       access(path, R_OK | W_OK) != 0;
}
