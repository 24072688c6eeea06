/* Finds the known key that a misspelt one most likely means. Before: loader_set.c, loader_env.c,
 * cli/commands.c. After: the table in keys.c. */
#include <stdio.h>
#include <string.h>

#include "config/keys.h"

enum { NAME_MAX_LEN = 63 };

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Optimal string alignment distance, with three rows of the table in memory. */
size_t config_distance(const char *a, const char *b)
{
	size_t rows[3][NAME_MAX_LEN + 1];
	size_t *before = rows[0], *last = rows[1], *now = rows[2];
	size_t na = strlen(a), nb = strlen(b);

	if (na > NAME_MAX_LEN || nb > NAME_MAX_LEN)
		return SIZE_MAX;
	for (size_t j = 0; j <= nb; j++)
		last[j] = j;
	for (size_t i = 1; i <= na; i++) {
		now[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t change = last[j - 1] + (a[i - 1] != b[j - 1]);
			now[j] = least(last[j] + 1, now[j - 1] + 1, change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1, now[j]);
		}
		size_t *spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[nb];
}

static const char *last_part(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}

/* The most similar key by its whole path; -1 = none is similar. */
static int suggest_path(const char *path)
{
	size_t best = strlen(last_part(path)) / 3 + 1;
	int found = -1;

	for (int i = 0; i < CONFIG_KEYS; i++) {
		size_t d = config_distance(path, config_keys[i].path);
		if (d > best || (found >= 0 && d == best))
			continue;
		best = d;
		found = i;
	}
	return found;
}

/* The key with a similar name in another table, if it is the only one: "listen" is in several. -1 =
 * none or several. */
static int only_name(const char *path)
{
	const char *name = last_part(path);
	size_t best = strlen(name) / 3;
	int found = -1;
	bool several = false;

	for (int i = 0; i < CONFIG_KEYS; i++) {
		size_t d = config_distance(name, last_part(config_keys[i].path));
		if (d > best || (found >= 0 && d == best)) {
			several = several || d == best;
			continue;
		}
		best = d;
		found = i;
		several = false;
	}
	return several ? -1 : found;
}

bool config_nearest(const char *path, char to[CONFIG_TEXT_MAX])
{
	if (strlen(path) > NAME_MAX_LEN)
		return false;
	int found = suggest_path(path);
	if (found < 0)
		found = only_name(path);
	if (found < 0)
		return false;
	snprintf(to, CONFIG_TEXT_MAX, "%s", config_keys[found].path);
	return true;
}
