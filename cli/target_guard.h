/* What a name from outside must not be: for cli/target.c and node/socket_file.c, before they write
 * there. Nothing is changed. */
#ifndef CLI_TARGET_GUARD_H
#define CLI_TARGET_GUARD_H

#include <stdbool.h>
#include <sys/stat.h>

/* Its last part is the name of a file of a store, in whatever directory: a socket or a log there
 * would be in the store's way. */
bool guards_store_name(const char *path);

/* A file of the store in that directory, by whatever name it was found. */
bool guards_store_file(const struct stat *s, const char *data_dir);

/* `path`, without links, is inside of that directory. */
bool guards_folder(const char *path, const char *data_dir);

/* A database of the reference node, or a store of alfisd. */
bool guards_chain(const char *path);

#endif
