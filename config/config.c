/* Loads the settings from all sources: defaults < file < environment < command line. Before:
 * cli/cli_settings.c. After: loader_set.c stores each setting; then every part that has a setting
 * or a limit reads struct config. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/loader_internal.h"
#include "config/toml_hint.h"

/* Splits a default such as "a|b|c". */
static void default_list(struct config_list *list, const char *items)
{
	for (list->count = 0; *items; list->count++) {
		size_t n = strcspn(items, "|");
		memcpy(list->item[list->count], items, n);
		list->item[list->count][n] = 0;
		items += n + (items[n] == '|');
	}
}

static void give_room(
	struct config_list *list, char (*item)[CONFIG_TEXT_MAX], const char **ptr, size_t max)
{
	*list = (struct config_list){.item = item, .ptr = ptr, .max = max};
	for (size_t i = 0; i < max; i++)
		ptr[i] = item[i];
}

static void make_lists(struct config *c)
{
#define OPTION_LIST(field, path, def, reason)                                                      \
	give_room(&c->field, c->room.field, c->field##_ptr, CONFIG_LIST_MAX);
#define OPTION_LONG_LIST(field, path, def, reason)                                                 \
	give_room(&c->field, c->room.field, c->field##_ptr, CONFIG_LONG_LIST_MAX);
#include "config/options.def"
}

void loader_default(struct config *c)
{
	memset(c, 0, offsetof(struct config, room));
	make_lists(c);
	limits_default(&c->limits);
	for (int i = 0; i < KEY_OPTIONS; i++) {
		const struct config_key *key = &config_keys[i];
		void *to = config_value(c, key);
		if (key->kind == KIND_LIST)
			default_list(to, key->text);
		else if (key->kind == KIND_BOOL)
			*(bool *)to = key->def != 0;
		else if (key->text)
			memcpy(to, key->text, strlen(key->text) + 1);
		else
			memcpy(to, &key->def, sizeof key->def);
	}
}

/* A file is the reference node's alfis.toml when it has one of that node's own keys and none of our
 * tables. */
static bool is_reference(const struct toml_doc *doc)
{
	bool theirs = false;

	for (size_t i = 0; i < doc->count; i++) {
		const struct toml_entry *e = &doc->entries[i];
		if (e->element)
			continue;
		if (config_is_ours(e->key))
			return false;
		theirs = theirs || config_is_theirs(e->key);
	}
	return theirs;
}

static void take_doc(struct loader *l, const struct toml_doc *doc)
{
	l->out->reference = is_reference(doc);
	for (size_t i = 0; i < doc->count; i++) {
		const struct toml_entry *entry = &doc->entries[i];
		if (entry->element)
			continue;
		l->out->file_keys += entry->kind != TOML_TABLE;
		loader_set(l, &(struct setting){entry->key, entry->key, entry});
	}
}

static void take_parsed(struct loader *l, enum err err, struct toml_doc *doc, struct toml_error *e)
{
	l->out->unread = err != ERR_OK;
	if (err != ERR_OK && e->line)
		loader_fail_plain(l, "%.200s:%u:%u: %s", l->out->file, e->line, e->column, e->text);
	else if (err != ERR_OK)
		loader_fail_plain(l, "%.200s: %s", l->out->file, e->text);
	else
		take_doc(l, doc);
	toml_free(doc);
}

void loader_text(struct loader *l, const char *text, size_t size)
{
	struct toml_doc doc;
	struct toml_error e;

	l->source = SOURCE_FILE;
	enum err err = toml_parse(text, size, &doc, &e);
	if (err == ERR_MALFORMED)
		toml_hint(text, size, &e);
	take_parsed(l, err, &doc, &e);
}

void loader_file(struct loader *l, const char *path, bool must_exist)
{
	struct toml_doc doc;
	struct toml_error e;
	enum err err = toml_load(path, &doc, &e);

	if (err == ERR_NOT_FOUND && !must_exist)
		return;
	l->source = SOURCE_FILE;
	snprintf(l->out->file, sizeof l->out->file, "%s", path);
	take_parsed(l, err, &doc, &e);
	/* An empty file may be the result of a full disk or a broken copy; /dev/null is meant. */
	if (err == ERR_OK && l->out->file_keys == 0 && strcmp(path, "/dev/null") != 0)
		loader_notice(l, "%.200s: there is no setting in it, all are at their defaults",
			l->out->file);
}

/* Used when no file is named: node.toml of the working directory, else the system's. */
static const char *default_file(void)
{
	return access("node.toml", F_OK) == 0 ? "node.toml" : CONFIG_SYSTEM_FILE;
}

/* Finds the value of an environment variable; NULL if it is not set. */
static const char *variable(const char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; env && *env; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return NULL;
}

enum err config_load(const char *file, const char *const *sets, size_t set_count,
	const char *const *env, struct config *out)
{
	struct loader l = {.out = out, .home = variable(env, "HOME")};

	loader_default(out);
	loader_file(&l, file ? file : default_file(), file != NULL);
	loader_environment(&l, env);
	loader_sets(&l, sets, set_count);
	loader_cross_check(&l);
	return out->error_count ? ERR_USAGE : ERR_OK;
}

bool config_usable(const struct config *c, const enum config_key_id *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (c->from[keys[i]].wrong)
			return false;
	return !c->unread;
}
