/* Names of files from the settings and the command line. Nothing here changes a file. */
#ifndef CONFIG_PATHS_H
#define CONFIG_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* Is its last part the name of a file of a store, in whatever directory? A socket or a log there
 * would be in the store's way. */
bool path_names_store(const char *path);

/* Is this file one of the store in that data directory, by whatever name it was found? */
bool stat_is_of_store(const struct stat *s, const char *data_dir);

/* Is it, or would it become, a file of the store in `data_dir`, by its name or behind a link? */
bool path_is_of_store(const char *data_dir, const char *path);

/* The absolute form: a relative path belongs to the working directory. Cut when it is too long. */
void path_absolute(const char *path, char *to, size_t size);

#endif
