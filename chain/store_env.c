/* The lock against a second writer, and the LMDB environment, also for who may only read. Before:
 * store_open.c. After: LMDB. */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/log.h"
#include "chain/store_opening.h"

enum err store_say(struct opening *o, enum err err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(o->text, o->size, fmt, args);
	va_end(args);
	return err;
}

enum err store_say_lmdb(struct opening *o, const char *what, int rc)
{
	return store_say(
		o, store_err_of(rc), "%s: cannot %s: %s", o->file, what, store_text_of(rc));
}

static enum err say_lock(struct opening *o, const char *path, int error)
{
	if (error == EWOULDBLOCK)
		return store_say(o, ERR_BUSY,
			"%s: another alfisd uses this data directory; stop it or set another "
			"node.data_dir",
			o->set->dir);
	if (o->set->read_only)
		return store_say(o, ERR_REFUSED, "%s: %s; read it as root or as the node's user",
			path, strerror(error));
	return store_say(o, ERR_IO, "%s: cannot write in the data directory: %s", path,
		store_text_of(error));
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
	o->s->lock_fd = shared ? open(path, O_RDONLY | O_CLOEXEC)
			       : open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
	if (o->s->lock_fd < 0)
		return shared && errno == ENOENT ? ERR_OK : say_lock(o, path, errno);
	if (flock(o->s->lock_fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0)
		return ERR_OK;
	if (errno == EWOULDBLOCK)
		return say_lock(o, path, errno);
	return store_say(o, ERR_IO, "%s: cannot lock: %s", path, store_text_of(errno));
}

/* LMDB gives up on pages that contradict themselves by way of this. */
static void on_damage(MDB_env *env, const char *text)
{
	(void)env;
	log_error(
		"store: damaged: %s; restore a snapshot or delete chain.mdb and sync again", text);
	_exit(EXIT_STORE);
}

/* On failure there is no environment. */
static int make_env(struct opening *o, unsigned flags)
{
	struct store *s = o->s;
	long page = sysconf(_SC_PAGESIZE);
	uint64_t bytes = o->set->map_bytes->max / (uint64_t)page * (uint64_t)page;

	int rc = mdb_env_create(&s->env);
	if (!rc)
		rc = mdb_env_set_maxdbs(s->env, STORE_TABLES);
	if (!rc)
		rc = mdb_env_set_mapsize(s->env, (size_t)bytes);
	if (!rc)
		rc = mdb_env_set_assert(s->env, on_damage);
	if (!rc)
		rc = mdb_env_open(s->env, o->file, flags, FILE_MODE);
	if (rc && s->env) {
		mdb_env_close(s->env);
		s->env = NULL;
	}
	return rc;
}

/* Who may read the store but not write into LMDB's table of readers is not seen by a writer, which
 * would use pages again that are being read. So there must be none meanwhile. */
static int make_env_unseen(struct opening *o, unsigned flags)
{
	enum err err = store_open_lock(o);

	if (err == ERR_BUSY)
		store_say(o, ERR_REFUSED,
			"%s-lock: %s, and a node runs; read it as root or as the node's user, or "
			"ask the node",
			o->file, strerror(EACCES));
	return err == ERR_OK ? make_env(o, flags | MDB_NOLOCK) : EACCES;
}

enum err store_open_env(struct opening *o)
{
	const struct store_settings *set = o->set;
	unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD;

	flags |= set->read_only ? MDB_RDONLY : 0;
	flags |= set->no_sync || set->scratch ? MDB_NOSYNC : 0;
	flags |= set->alone || set->scratch ? MDB_NOLOCK : 0;
	if (set->map_bytes->max > SIZE_MAX)
		return store_say(
			o, ERR_USAGE, "limits.store_map_bytes is more than this machine can map");
	int rc = make_env(o, flags);
	if (rc == EACCES && set->read_only && !set->alone && access(o->file, R_OK) == 0)
		rc = make_env_unseen(o, flags);
	if (rc == ENOENT && set->read_only)
		return store_say(o, ERR_NOT_FOUND, "%s: there is no chain yet", o->file);
	if (rc == EACCES && set->read_only)
		return o->text[0] ? ERR_REFUSED
				  : store_say(o, ERR_REFUSED,
					    "%s: %s; read it as root or as the node's user",
					    o->file, strerror(rc));
	return rc ? store_say_lmdb(o, "open", rc) : ERR_OK;
}
