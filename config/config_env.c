/* Settings from the environment (ALFISD_TABLE_KEY) and the command line (--set table.key=value).
 * Before: environ and argv. After: config_set.c, as for the file. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "config/load.h"

/* Is the value of this key text that may stand without quotes? */
static bool is_bare_text(const char *key, const char *value)
{
	bool as_net;
	int id = config_key_find(key, &as_net);
	enum key_kind kind = id < 0 ? KIND_U64 : config_keys[id].kind;

	return (kind == KIND_STR || kind == KIND_LIST || kind == KIND_ENUM) &&
	       !strchr("\"'[", value[0] ? value[0] : ' ');
}

/* The value as TOML; false when it is none, and then it is taken as text. */
static bool parse_value(const char *value, struct toml_doc *doc)
{
	struct toml_error ignored;
	size_t size = strlen(value) + sizeof "v = ";
	char *text = mem_alloc(size);

	*doc = (struct toml_doc){NULL, 0};
	if (!text)
		return false;
	int n = snprintf(text, size, "v = %s", value);
	enum err err = toml_parse(text, (size_t)n, doc, &ignored);
	mem_free(text);
	if (err != ERR_OK)
		return false;
	const struct toml_entry *v = doc->entries;
	if (doc->count == 1 + v->count && strcmp(v->key, "v") == 0)
		return true;
	toml_free(doc);
	return false;
}

static bool take(struct loader *l, const char *key, const char *label, const char *value)
{
	struct toml_entry text = {
		.key = key, .kind = TOML_TEXT, .text = value, .text_size = strlen(value)};
	struct toml_doc doc = {NULL, 0};
	bool bare = is_bare_text(key, value) || !parse_value(value, &doc);
	bool ok = loader_set(l, &(struct setting){key, label, bare ? &text : doc.entries});

	toml_free(&doc);
	return ok;
}

/* ALFISD_NET_PEER → "net.peer", the best guess for a variable that names no key. */
static void guess_path(const char *variable, char to[CONFIG_TEXT_MAX])
{
	int n = snprintf(to, CONFIG_TEXT_MAX, "%.200s", variable + strlen("ALFISD_"));
	char *first = strchr(to, '_');

	for (int i = 0; i < n; i++)
		if (to[i] >= 'A' && to[i] <= 'Z')
			to[i] = (char)(to[i] - 'A' + 'a');
	if (first)
		*first = '.';
}

static bool unknown_variable(struct loader *l, const char *variable)
{
	char path[CONFIG_TEXT_MAX], near[CONFIG_TEXT_MAX], meant[CONFIG_TEXT_MAX];

	guess_path(variable, path);
	if (!config_nearest(path, near))
		return loader_fail_plain(l, "environment %s: there is no such setting", variable);
	config_variable(near, meant);
	return loader_fail_plain(
		l, "environment %s: there is no such setting, did you mean %s?", variable, meant);
}

/* One "NAME=value" of the environment that begins with ALFISD_. */
static bool take_variable(struct loader *l, const char *variable, const char *value)
{
	static const char params[] = "chain.params_"; /* what guess_path() makes of them */
	char path[CONFIG_TEXT_MAX];
	bool as_net;
	int id = config_key_of_variable(variable, &as_net);

	guess_path(variable, path);
	if (id >= 0 && as_net)
		snprintf(path, sizeof path, "net%s", strchr(config_keys[id].path, '.'));
	else if (id >= 0)
		snprintf(path, sizeof path, "%s", config_keys[id].path);
	else if (strncmp(path, params, sizeof params - 1) == 0)
		path[sizeof params - 2] = '.';
	else if (!config_key_ignored(path))
		return unknown_variable(l, variable);
	return take(l, path, variable, value);
}

bool loader_environment(struct loader *l, const char *const *env)
{
	char variable[CONFIG_TEXT_MAX];

	l->source = SOURCE_ENV;
	for (; env && *env; env++) {
		const char *equals = strchr(*env, '=');
		if (strncmp(*env, "ALFISD_", 7) != 0 || !equals)
			continue;
		snprintf(variable, sizeof variable, "%.*s", (int)(equals - *env), *env);
		if (!take_variable(l, variable, equals + 1))
			return false;
	}
	return true;
}

bool loader_sets(struct loader *l, const char *const *sets, size_t count)
{
	char key[CONFIG_TEXT_MAX];

	l->source = SOURCE_SET;
	for (size_t i = 0; i < count; i++) {
		const char *equals = strchr(sets[i], '=');
		if (!equals)
			return loader_fail_plain(
				l, "--set %.200s: write --set table.key=value", sets[i]);
		snprintf(key, sizeof key, "%.*s", (int)(equals - sets[i]), sets[i]);
		if (!take(l, key, key, equals + 1))
			return false;
	}
	return true;
}
