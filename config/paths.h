/* File names from the settings and the command line: which of them belong to the store. Nothing
 * here changes a file. */
#ifndef CONFIG_PATHS_H
#define CONFIG_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* True when the last part of the path is the name of a store's file, in any directory. A socket or
 * a log of that name would be in the store's way. */
bool path_names_store(const char *path);

/* True when `s` describes a file of the store in `data_dir`, whatever name it was found by. */
bool stat_is_of_store(const struct stat *s, const char *data_dir);

/* True when the path is, or would become, a file of the store in `data_dir`: by its name, or
 * because it is a link to one. */
bool path_is_of_store(const char *data_dir, const char *path);

/* Writes where a file of the data directory is: `name` itself when it is absolute. False when it is
 * too long for `size`. */
bool path_in_data_dir(const char *data_dir, const char *name, char *to, size_t size);

/* Writes the absolute form of a path, which is relative to the working directory. Cut to `size`. */
void path_absolute(const char *path, char *to, size_t size);

#endif
