/* What a name from outside must not be, beyond config/paths.h: for cli/target.c, before it writes
 * there. Nothing is changed. */
#ifndef CLI_TARGET_GUARD_H
#define CLI_TARGET_GUARD_H

#include <stdbool.h>

/* `path`, without links, is inside of that directory. */
bool guards_folder(const char *path, const char *data_dir);

/* A database of the reference node, or a store of alfisd. */
bool guards_chain(const char *path);

#endif
