/* Which files `export` must not replace, besides those of config/paths.h: files in the data
 * directory, and databases. Only looks, changes nothing. */
#ifndef CLI_EXPORT_FILE_GUARD_H
#define CLI_EXPORT_FILE_GUARD_H

#include <stdbool.h>

/* True when `path`, which must have no links, is inside of the directory `data_dir`. */
bool export_file_guard_in_folder(const char *path, const char *data_dir);

/* True when the file is a database of the reference node or a store of alfisd. */
bool export_file_guard_is_chain(const char *path);

#endif
