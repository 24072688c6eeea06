/* Loads the settings: defaults < file < environment < command line.
 * Before: node/main.c read the command line. After: everything that has a setting or a bound. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/load.h"

/* "a|b|c" */
static void default_list(struct config_list *list, const char *items)
{
	for (list->count = 0; *items; list->count++) {
		size_t n = strcspn(items, "|");
		memcpy(list->item[list->count], items, n);
		items += n + (items[n] == '|');
	}
}

void loader_default(struct config *c)
{
	memset(c, 0, sizeof *c);
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

static bool take_doc(struct loader *l, const struct toml_doc *doc)
{
	for (size_t i = 0; i < doc->count; i++) {
		const struct toml_entry *entry = &doc->entries[i];
		if (!entry->element &&
			!loader_set(l, &(struct setting){entry->key, entry->key, entry}))
			return false;
	}
	return true;
}

static bool take_parsed(struct loader *l, enum err err, struct toml_doc *doc, struct toml_error *e)
{
	if (err != ERR_OK && e->line)
		return loader_fail_plain(
			l, "%.200s:%u:%u: %s", l->out->file, e->line, e->column, e->text);
	if (err != ERR_OK)
		return loader_fail_plain(l, "%.200s: %s", l->out->file, e->text);
	bool ok = take_doc(l, doc);
	toml_free(doc);
	return ok;
}

bool loader_text(struct loader *l, const char *text, size_t size)
{
	struct toml_doc doc;
	struct toml_error e;

	l->source = SOURCE_FILE;
	return take_parsed(l, toml_parse(text, size, &doc, &e), &doc, &e);
}

bool loader_file(struct loader *l, const char *path, bool must_exist)
{
	struct toml_doc doc;
	struct toml_error e;
	enum err err = toml_load(path, &doc, &e);

	if (err == ERR_NOT_FOUND && !must_exist)
		return true;
	l->source = SOURCE_FILE;
	snprintf(l->out->file, sizeof l->out->file, "%s", path);
	return take_parsed(l, err, &doc, &e);
}

static void point_lists(struct config *c)
{
	for (int i = 0; i < KEY_OPTIONS; i++) {
		struct config_list *list = config_value(c, &config_keys[i]);
		if (config_keys[i].kind == KIND_LIST)
			for (size_t j = 0; j < list->count; j++)
				list->ptr[j] = list->item[j];
	}
}

/* For those who name no file: the one of this folder, else the machine's. */
static const char *default_file(void)
{
	return access("node.toml", F_OK) == 0 ? "node.toml" : CONFIG_SYSTEM_FILE;
}

enum err config_load(const char *file, const char *const *sets, size_t set_count,
	const char *const *env, struct config *out, struct config_error *e)
{
	struct loader l = {.out = out, .e = e};

	loader_default(out);
	e->text[0] = 0;
	if (!loader_file(&l, file ? file : default_file(), file != NULL) ||
		!loader_environment(&l, env) || !loader_sets(&l, sets, set_count) ||
		!loader_cross_check(&l))
		return ERR_USAGE;
	point_lists(out);
	return ERR_OK;
}
