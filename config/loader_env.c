/* Reads settings from the environment (ALFISD_TABLE_KEY) and the command line (--set
 * table.key=value). Before: config.c passes environ and the --set options. After: loader_set.c, as
 * for the file. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "config/loader_internal.h"

/* True when the key takes text, and the value is given without TOML quotes or brackets. */
static bool is_bare_text(const char *key, const char *value)
{
	bool as_net;
	int id = config_key_find(key, &as_net);
	enum key_kind kind = id < 0 ? KIND_U64 : config_keys[id].kind;

	return (kind == KIND_STR || kind == KIND_LIST || kind == KIND_ENUM) &&
	       !strchr("\"'[", value[0] ? value[0] : ' ');
}

/* Parses the value as TOML. False when it is not TOML; it is then taken as text. */
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

static void take(struct loader *l, const char *key, const char *label, const char *value)
{
	struct toml_entry text = {
		.key = key, .kind = TOML_TEXT, .text = value, .text_size = strlen(value)};
	struct toml_doc doc = {NULL, 0};
	bool bare = is_bare_text(key, value) || !parse_value(value, &doc);

	loader_set(l, &(struct setting){key, label, bare ? &text : doc.entries});
	toml_free(&doc);
}

/* Guesses the path that a variable stands for: ALFISD_NET_PEER → "net.peer". */
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

/* True when `text` ends with `end` and is longer than it. */
static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n > m && strcmp(text + n - m, end) == 0;
}

static bool is_url(const char *value)
{
	return strncmp(value, "tcp://", 6) == 0 || strncmp(value, "udp://", 6) == 0 ||
	       strncmp(value, "sctp://", 7) == 0;
}

/* True for variables that Kubernetes and Docker set for a service called alfisd or alfisd-dns:
 * ALFISD_SERVICE_HOST, ALFISD_DNS_SERVICE_PORT_UDP, ALFISD_PORT_4244_TCP_ADDR, ALFISD_NET_NAME. */
static bool is_of_containers(const char *variable, const char *value)
{
	const char *port = strstr(variable, "_PORT_");

	return ends_with(variable, "_SERVICE_HOST") || strstr(variable, "_SERVICE_PORT") ||
	       (ends_with(variable, "_PORT") && is_url(value)) ||
	       (port && port[6] >= '0' && port[6] <= '9') ||
	       (ends_with(variable, "_NAME") && value[0] == '/') || strstr(variable, "_ENV_");
}

/* True when the path begins with a table of node.toml. Other ALFISD_ variables are not meant for
 * us. */
static bool is_ours(const char *path)
{
	char table[CONFIG_TEXT_MAX];

	snprintf(table, sizeof table, "%.*s", (int)strcspn(path, "."), path);
	return config_is_table(table);
}

static void unknown_variable(struct loader *l, const char *variable)
{
	char path[CONFIG_TEXT_MAX], near[CONFIG_TEXT_MAX], meant[CONFIG_TEXT_MAX];

	guess_path(variable, path);
	if (!config_nearest(path, near)) {
		loader_fail_plain(l, "environment %s: there is no such setting", variable);
		return;
	}
	config_variable(near, meant);
	loader_fail_plain(
		l, "environment %s: there is no such setting, did you mean %s?", variable, meant);
}

/* Takes one variable whose name begins with ALFISD_. */
static void take_variable(struct loader *l, const char *variable, const char *value)
{
	static const char params[] = "chain.params_"; /* guess_path() of ALFISD_CHAIN_PARAMS_… */
	char path[CONFIG_TEXT_MAX];
	bool as_net;
	int id = config_key_of_variable(variable, &as_net);

	guess_path(variable, path);
	if (id >= 0 && as_net)
		snprintf(path, sizeof path, "net%s", strchr(config_keys[id].path, '.'));
	else if (id >= 0)
		snprintf(path, sizeof path, "%s", config_keys[id].path);
	else if (is_of_containers(variable, value))
		return;
	else if (strncmp(path, params, sizeof params - 1) == 0)
		path[sizeof params - 2] = '.';
	else if (!is_ours(path))
		return;
	else if (!config_ignored(path))
		return unknown_variable(l, variable);
	take(l, path, variable, value);
}

void loader_environment(struct loader *l, const char *const *env)
{
	char variable[CONFIG_TEXT_MAX];

	l->source = SOURCE_ENV;
	for (; env && *env; env++) {
		const char *equals = strchr(*env, '=');
		if (strncmp(*env, "ALFISD_", 7) != 0 || !equals)
			continue;
		snprintf(variable, sizeof variable, "%.*s", (int)(equals - *env), *env);
		take_variable(l, variable, equals + 1);
	}
}

void loader_sets(struct loader *l, const char *const *sets, size_t count)
{
	char key[CONFIG_TEXT_MAX];

	l->source = SOURCE_SET;
	for (size_t i = 0; i < count; i++) {
		const char *equals = strchr(sets[i], '=');
		if (!equals) {
			loader_fail_plain(l, "--set %.200s: write --set table.key=value", sets[i]);
			continue;
		}
		snprintf(key, sizeof key, "%.*s", (int)(equals - sets[i]), sets[i]);
		take(l, key, key, equals + 1);
	}
}
