/* Shared by the files that open a store: store_open.c, store_file.c, store_lock.c, store_env.c,
 * store_pages.c. */
#ifndef CHAIN_STORE_OPEN_INTERNAL_H
#define CHAIN_STORE_OPEN_INTERNAL_H

#include "chain/store_internal.h"

enum { PATH_SIZE = 1024, FILE_MODE = 0644 };

/* What the steps of opening a store pass on. `text` (`size` bytes) is the error for the user. */
struct opening {
	struct store *s;
	const struct store_settings *set;
	char file[PATH_SIZE];
	char *text;
	size_t size;
};

/* Writes a line to o->text and returns `err`. The second makes the line of a result of LMDB. */
enum err store_say(struct opening *o, enum err err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
enum err store_say_lmdb(struct opening *o, const char *what, int rc);

/* Opens LMDB's environment into o->s->env. On an error o->text says why. */
enum err store_open_env(struct opening *o);

/* store_lock.c: lock the file `lock`, and the store's file; shared when only reading. ERR_BUSY when
 * another process has a lock that excludes ours. Closing the store releases them. */
enum err store_open_lock(struct opening *o);
enum err store_lock_data(struct opening *o);

/* store_pages.c: ERR_CORRUPT when pages are damaged in a way that would make LMDB write to wrong
 * memory, since it trusts them. The store must be locked. */
enum err store_check_pages(struct opening *o);

/* store_lock.c: checks LMDB's lock file, its table of readers, before LMDB opens it; ERR_REFUSED
 * when it must not be opened. The second tells whether we may write the store but not that file. */
enum err store_look_at_readers(struct opening *o);
bool store_readers_are_closed(const struct opening *o);

/* store_open.c: opens or creates the tables, and compares the network. */
enum err store_open_content(struct opening *o);

/* ---- store_file.c ---- */

#define STORE_FILE "chain.mdb"

/* Has o->file be the path of this name in the data directory; false when it is too long. */
bool store_file_name(struct opening *o, const char *name);

/* Refuses anything but a regular file before it is opened: opening a pipe would wait for its other
 * end. */
enum err store_file_look(struct opening *o);

/* Creates the store under a temporary name and renames it when it is complete. A crash in between
 * thus never leaves a half-made store under the real name. */
enum err store_file_create(struct opening *o);

/* Deletes the name of a scratch store, so that its file vanishes with the process however that
 * ends. A network file system may keep the name until the file is closed; then whoever made the
 * directory deletes it. */
void store_file_hide(const struct opening *o);

#endif
