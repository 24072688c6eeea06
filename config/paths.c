/* Decides which file names belong to the store, and makes names absolute. Before: the settings,
 * `export`. After: the file system, only for looking. */
#include "config/paths.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const names_of_store[] = {"chain.mdb", "chain.mdb-lock", "lock"};
enum { STORE_NAMES = sizeof names_of_store / sizeof names_of_store[0] };

bool path_names_store(const char *path)
{
	const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;

	for (size_t i = 0; i < STORE_NAMES; i++)
		if (strcmp(last, names_of_store[i]) == 0)
			return true;
	return false;
}

/* Compares inodes, because a link to a file of the store has another name. */
bool stat_is_of_store(const struct stat *s, const char *data_dir)
{
	char file[4096];
	struct stat ours;

	for (size_t i = 0; i < STORE_NAMES; i++)
		if (snprintf(file, sizeof file, "%s/%s", data_dir, names_of_store[i]) <
				(int)sizeof file &&
			stat(file, &ours) == 0 && ours.st_dev == s->st_dev &&
			ours.st_ino == s->st_ino)
			return true;
	return false;
}

bool path_is_of_store(const char *data_dir, const char *path)
{
	struct stat s;

	return path_names_store(path) || (stat(path, &s) == 0 && stat_is_of_store(&s, data_dir));
}

bool path_in_data_dir(const char *data_dir, const char *name, char *to, size_t size)
{
	int n = name[0] == '/' ? snprintf(to, size, "%s", name)
			       : snprintf(to, size, "%s/%s", data_dir, name);

	return n >= 0 && (size_t)n < size;
}

void path_absolute(const char *path, char *to, size_t size)
{
	char here[4096];

	if (path[0] == '/' || !getcwd(here, sizeof here))
		snprintf(to, size, "%s", path);
	else
		snprintf(to, size, "%s/%s", strcmp(here, "/") == 0 ? "" : here, path);
}
