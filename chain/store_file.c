/* Role: the file of a store: its name, whether it is one, how it comes into being whole, and how
 * that of a scratch store vanishes. Before: chain/store_open.c. After: chain/store_env.c. */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "chain/store_open_internal.h"

#define NEW "chain.new"

static enum err say_errno(struct opening *o, const char *what)
{
	return store_say(o, ERR_IO, "%s: cannot %s: %s", o->file, what, store_text_of(errno));
}

bool store_file_name(struct opening *o, const char *name)
{
	int n = snprintf(o->file, sizeof o->file, "%s/%s", o->set->dir, name);

	return n > 0 && (size_t)n < sizeof o->file;
}

static enum err create_in(struct opening *o, int dir)
{
	if (unlinkat(dir, NEW, 0) != 0 && errno != ENOENT)
		return say_errno(o, "delete");
	enum err err = store_open_env(o);
	if (!err)
		err = store_open_content(o);
	if (err)
		return err;
	mdb_env_close(o->s->env);
	o->s->env = NULL;
	unlinkat(dir, NEW "-lock", 0);
	/* fsync of the directory makes the new name survive a power cut. */
	if (renameat(dir, NEW, dir, STORE_FILE) != 0 ||
		(!o->set->no_sync && !o->set->scratch && fsync(dir) != 0))
		return say_errno(o, "finish");
	return ERR_OK;
}

enum err store_file_create(struct opening *o)
{
	if (o->set->read_only || access(o->file, F_OK) == 0)
		return ERR_OK;
	int dir = open(o->set->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return say_errno(o, "look at the directory of");
	store_file_name(o, NEW);
	enum err err = create_in(o, dir);
	close(dir);
	store_file_name(o, STORE_FILE);
	return err;
}

void store_file_hide(const struct opening *o)
{
	if (unlink(o->file) != 0 || rmdir(o->set->dir) != 0)
		log_debug("store: %s stays until it is closed: %s", o->set->dir, strerror(errno));
}

enum err store_file_look(struct opening *o)
{
	struct stat s;

	if (o->set->scratch || stat(o->file, &s) != 0)
		return ERR_OK;
	if (!S_ISREG(s.st_mode))
		return store_say(o, ERR_REFUSED,
			"%s: is no regular file, so it is no store; move it away or set another "
			"node.data_dir",
			o->file);
	if (o->set->read_only && s.st_size == 0)
		return store_say(o, ERR_CORRUPT,
			"%s: damaged: it is empty; restore a snapshot or delete it and sync again",
			o->file);
	return ERR_OK;
}
