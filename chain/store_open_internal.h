/* Inside of opening a store, for store_open.c, store_lock.c and store_env.c. */
#ifndef CHAIN_STORE_OPEN_INTERNAL_H
#define CHAIN_STORE_OPEN_INTERNAL_H

#include "chain/store_internal.h"

enum { PATH_SIZE = 1024, FILE_MODE = 0644 };

/* What opening needs on its way; `text` is for the user. */
struct opening {
	struct store *s;
	const struct store_settings *set;
	char file[PATH_SIZE];
	char *text;
	size_t size;
};

/* Puts a line into o->text, and returns `err`. */
enum err store_say(struct opening *o, enum err err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
enum err store_say_lmdb(struct opening *o, const char *what, int rc);

/* Opens LMDB's environment into o->s->env. On an error o->text says why. */
enum err store_open_env(struct opening *o);

/* store_lock.c: the file `lock`, then the store itself; shared by who only reads. */
enum err store_open_lock(struct opening *o);
enum err store_lock_data(struct opening *o);

/* store_pages.c: ERR_CORRUPT when LMDB would trust what is wrong. The store is locked. */
enum err store_check_pages(struct opening *o);

/* May LMDB's lock file be opened? Is it that one that may not be written, and not the store? */
enum err store_look_at_readers(struct opening *o);
bool store_readers_are_closed(const struct opening *o);

#endif
