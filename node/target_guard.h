/* Inside of writing to a name from outside, for node/target.c: what must be left alone. */
#ifndef NODE_TARGET_GUARD_H
#define NODE_TARGET_GUARD_H

#include <stdbool.h>
#include <sys/stat.h>

/* A file of the store in that directory, by whatever name it was found. */
bool guards_store_file(const struct stat *s, const char *data_dir);

/* `path`, without links, is inside of that directory. */
bool guards_folder(const char *path, const char *data_dir);

/* A database of the reference node, or a store of alfisd. */
bool guards_chain(const char *path);

#endif
