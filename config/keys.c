/* The table of keys, and finding one by what the user wrote. Before: the loader files. After:
 * options.def, limits.def. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/keys.h"
#include "config/units.h"

/* The kind of key for each unit of limits.def. */
#define KIND_COUNT_ROW KIND_U64
#define KIND_BYTES_ROW KIND_SIZE
#define KIND_MS_ROW    KIND_TIME

#define AT(field) offsetof(struct config, field)

/* The loader writes a limit through a plain uint64_t pointer, although it is atomic: no other
 * thread reads it yet. The two must have the same size. */
_Static_assert(sizeof(_Atomic uint64_t) == sizeof(uint64_t), "a row's number is a plain one");

const struct config_key config_keys[CONFIG_KEYS] = {
#define OPTION_STR(field, path, def, why)  {path, KIND_STR, AT(field), def, NULL, 0, 0, 0, why},
#define OPTION_LIST(field, path, def, why) {path, KIND_LIST, AT(field), def, NULL, 0, 0, 0, why},
#define OPTION_LONG_LIST                   OPTION_LIST
#define OPTION_BOOL(field, path, def, why) {path, KIND_BOOL, AT(field), NULL, NULL, def, 0, 1, why},
#define OPTION_U64(field, path, def, min, max, why)                                                \
	{path, KIND_U64, AT(field), NULL, NULL, def, min, max, why},
#define OPTION_SIZE(field, path, def, min, max, why)                                               \
	{path, KIND_SIZE, AT(field), NULL, NULL, def, min, max, why},
#define OPTION_TIME(field, path, def, min, max, why)                                               \
	{path, KIND_TIME, AT(field), NULL, NULL, def, min, max, why},
#define OPTION_ENUM(field, path, def, choices, why)                                                \
	{path, KIND_ENUM, AT(field), def, choices, 0, 0, 0, why},
#include "config/options.def"
#define LIMIT(name, unit, def, low, high, on_hit, cost, why)                                       \
	{"limits." #name, KIND_##unit##_ROW, AT(limits.name.max), NULL, NULL, def, low, high, why},
#include "config/limits.def"
#undef LIMIT
};

/* The name of a limit without "limits.". */
static const char *row_name(int key)
{
	return config_keys[key].path + strlen("limits.");
}

int config_key_find(const char *path, bool *as_net)
{
	*as_net = false;
	for (int i = 0; i < CONFIG_KEYS; i++)
		if (strcmp(config_keys[i].path, path) == 0)
			return i;
	*as_net = true;
	if (strncmp(path, "net.", 4) == 0)
		for (int i = KEY_OPTIONS; i < CONFIG_KEYS; i++)
			if (strcmp(row_name(i), path + 4) == 0)
				return i;
	return -1;
}

void config_variable(const char *path, char *to)
{
	int n = snprintf(to, CONFIG_TEXT_MAX, "ALFISD_%s", path);

	for (int i = 0; i < n && to[i]; i++)
		if (to[i] == '.')
			to[i] = '_';
		else if (to[i] >= 'a' && to[i] <= 'z')
			to[i] = (char)(to[i] - 'a' + 'A');
}

int config_key_of_variable(const char *variable, bool *as_net)
{
	char name[CONFIG_TEXT_MAX], net[CONFIG_TEXT_MAX];

	for (int i = 0; i < CONFIG_KEYS; i++) {
		config_variable(config_keys[i].path, name);
		*as_net = false;
		if (strcmp(name, variable) == 0)
			return i;
		if (i < KEY_OPTIONS)
			continue;
		snprintf(net, sizeof net, "net.%s", row_name(i));
		config_variable(net, name);
		*as_net = true;
		if (strcmp(name, variable) == 0)
			return i;
	}
	return -1;
}

static bool one_of(const char *path, size_t n, const char *const *names)
{
	for (; *names; names++)
		if (strlen(*names) == n && memcmp(*names, path, n) == 0)
			return true;
	return false;
}

bool config_is_table(const char *path)
{
	static const char *const tables[] = {"node", "log", "chain", "chain.params", "net",
		"limits", "admin", "dns", "mining", "owner", "webui", NULL};

	return one_of(path, strlen(path), tables);
}

bool config_is_ours(const char *path)
{
	static const char *const tables[] = {
		"node", "log", "chain", "limits", "admin", "owner", NULL};

	return one_of(path, strcspn(path, "."), tables);
}

bool config_is_theirs(const char *path)
{
	static const char *const names[] = {
		"dns", "mining", "webui", "key_files", "dark_theme", NULL};

	return one_of(path, strcspn(path, "."), names);
}

const struct config_ignored *config_ignored(const char *path)
{
	static const struct config_ignored rows[] = {
		{"owner.heal", false, "this version heals when it signs: owner.sign"},
		{"dark_theme", false, "this program has no window"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t n = strlen(rows[i].name);
		if (strncmp(rows[i].name, path, n) == 0 && path[n] == (rows[i].table ? '.' : 0))
			return &rows[i];
	}
	return NULL;
}

bool config_is_secret(const char *path)
{
	const char *dot = strrchr(path, '.'), *name = dot ? dot + 1 : path;

	return strcmp(name, "token") == 0 || strcmp(name, "passphrase") == 0 ||
	       strncmp(name, "password", strlen("password")) == 0;
}

const char *config_number_text(const struct config_key *key, uint64_t v, char *to)
{
	if (key->kind == KIND_SIZE)
		return units_size(v, to);
	if (key->kind == KIND_TIME)
		return units_time(v, to);
	snprintf(to, UNITS_TEXT_MAX, "%" PRIu64, v);
	return to;
}

void *config_value(struct config *c, const struct config_key *key)
{
	return (char *)c + key->offset;
}

const void *config_value_const(const struct config *c, const struct config_key *key)
{
	return (const char *)c + key->offset;
}
