/* Role: opens the LMDB environment, also for a process that may read the store but not write beside
 * it.
 * Before: chain/store_open.c, with the locks of chain/store_lock.c. After: LMDB. */
#include <errno.h>
#include <lmdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/human.h"
#include "base/log.h"
#include "chain/store_open_internal.h"

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

/* Called by LMDB before it would abort(), when it finds pages that contradict each other. Logs one
 * clear line and exits with a status of ours instead. */
static void on_damage(MDB_env *env, const char *text)
{
	(void)env;
	log_error(
		"store: damaged: %s; restore a snapshot or delete chain.mdb and sync again", text);
	log_stop_queue(); /* so that the line is written before _exit() */
	_exit(EXIT_STORE);
}

/* Returns 0 or an error of LMDB; s->env is NULL then. */
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

/* For a process that may read the store but not write LMDB's table of readers. A writer does not
 * see such a reader and would reuse pages that it reads. So the process takes the locks that keep a
 * writer away; if a writer holds them it is refused. */
static int make_env_unseen(struct opening *o, unsigned flags)
{
	enum err err = store_open_lock(o);

	if (err == ERR_OK)
		err = store_lock_data(o);
	if (err == ERR_BUSY)
		store_say(o, ERR_REFUSED,
			"%s-lock: %s, and a node runs; read it as root or as the node's user, or "
			"ask the node",
			o->file, strerror(EACCES));
	return err == ERR_OK ? make_env(o, flags | MDB_NOLOCK) : EACCES;
}

/* A 32-bit process has an address space of 2 or 3 GB, or less by a limit of the system
 * (RLIMIT_AS). */
static enum err say_no_room(struct opening *o)
{
	char size[HUMAN_MAX];

	return store_say(o, ERR_USAGE,
		"limits.store_map_bytes is %s, and this machine has not so much address space to "
		"spare: set it lower, such as \"256 MB\"",
		human_bytes(o->set->map_bytes->max, size));
}

enum err store_open_env(struct opening *o)
{
	const struct store_settings *set = o->set;
	unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD;

	flags |= set->read_only ? MDB_RDONLY : 0;
	flags |= set->no_sync || set->scratch ? MDB_NOSYNC : 0;
	flags |= set->settles_later ? MDB_NOMETASYNC : 0;
	flags |= set->alone || set->scratch ? MDB_NOLOCK : 0;
	if (set->map_bytes->max > SIZE_MAX)
		return store_say(o, ERR_USAGE,
			"limits.store_map_bytes is more than this machine can map: set it lower, such as \"256 MB\"");
	if (!(flags & MDB_NOLOCK) && store_look_at_readers(o) != ERR_OK)
		return ERR_REFUSED;
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
	if (rc == EACCES && store_readers_are_closed(o))
		return store_say(o, ERR_IO,
			"%s-lock: %s: it belongs to somebody else; give it to the owner of the "
			"data directory (chown), or remove it while no alfisd runs",
			o->file, strerror(rc));
	if (rc == ENOMEM)
		return say_no_room(o);
	return rc ? store_say_lmdb(o, "open", rc) : ERR_OK;
}
