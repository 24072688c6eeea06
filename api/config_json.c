/* Writes all settings in force as JSON. Before: config/config.h has them. After: GET /config, and
 * the command `config --json`. */
#include "api/config_json.h"

#include "base/json.h"
#include "config/paths.h"
#include "config/shown.h"

static void json_list(struct json_wr *j, const char *name, const struct config_list *list)
{
	json_open(j, name, '[');
	for (size_t i = 0; i < list->count; i++)
		json_str(j, NULL, list->ptr[i]);
	json_close(j, ']');
}

/* Writes "value", and "unit" where the number has one: sizes are bytes, times seconds. */
static void json_value(struct json_wr *j, const struct config *c, enum config_key_id id)
{
	const struct config_key *key = &config_keys[id];
	const void *value = config_value_const(c, key);
	char room[SHOWN_MAX];

	switch (key->kind) {
	case KIND_STR:
	case KIND_ENUM:
		json_str(j, "value", config_shown(c, id, room));
		return;
	case KIND_LIST:
		json_list(j, "value", value);
		return;
	case KIND_BOOL:
		json_bool(j, "value", *(const bool *)value);
		return;
	case KIND_TIME:
		json_number(j, "value", (double)*(const uint64_t *)value / 1000);
		json_str(j, "unit", "seconds");
		return;
	case KIND_U64:
	case KIND_SIZE:
		break;
	}
	json_u64(j, "value", *(const uint64_t *)value);
	if (key->kind == KIND_SIZE)
		json_str(j, "unit", "bytes");
}

/* Writes where the value came from: the line of the file, the name of the environment variable, or
 * the other setting that it follows. */
static void json_source(struct json_wr *j, const struct config *c, enum config_key_id id)
{
	static const char *const names[] = {[SOURCE_DEFAULT] = "default",
		[SOURCE_FILE] = "file",
		[SOURCE_ENV] = "environment",
		[SOURCE_SET] = "command line",
		[SOURCE_TIED] = "follows"};
	const struct config_origin *from = &c->from[id];
	char name[CONFIG_TEXT_MAX], variable[CONFIG_TEXT_MAX];

	json_str(j, "source", names[from->source]);
	if (from->source == SOURCE_FILE) {
		json_u64(j, "line", from->line);
		json_u64(j, "column", from->column);
	}
	if (from->source == SOURCE_TIED)
		json_str(j, "follows", config_keys[from->because].path);
	if (from->source != SOURCE_ENV)
		return;
	config_written(c, id, name);
	config_variable(name, variable);
	json_str(j, "variable", variable);
}

void config_json(const struct config *c, struct wr *w)
{
	struct json_wr j = {.w = w};
	char file[SHOWN_MAX] = "";

	if (c->file[0])
		path_absolute(c->file, file, sizeof file);
	json_open(&j, NULL, '{');
	json_str(&j, "file", file);
	json_open(&j, "settings", '[');
	for (enum config_key_id id = 0; id < CONFIG_KEYS; id++) {
		json_open(&j, NULL, '{');
		json_str(&j, "key", config_keys[id].path);
		json_value(&j, c, id);
		json_source(&j, c, id);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_open(&j, "params", '[');
	for (size_t i = 0; i < c->param_count; i++) {
		json_open(&j, NULL, '{');
		json_str(&j, "key", c->params[i].name);
		json_u64(&j, "value", c->params[i].value);
		json_str(&j, "place", c->params[i].place);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
}
