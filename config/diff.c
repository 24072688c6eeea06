/* Compares two sets of settings, and copies values. Before: node/reload.c has loaded the settings
 * again. After: the parts that the changed keys belong to. */
#include "config/diff.h"

#include <stdio.h>
#include <string.h>

static bool same_list(const struct config_list *a, const struct config_list *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++)
		same = strcmp(a->item[i], b->item[i]) == 0;
	return same;
}

bool config_same(const struct config *a, const struct config *b, enum config_key_id id)
{
	const struct config_key *key = &config_keys[id];
	const void *x = config_value_const(a, key), *y = config_value_const(b, key);

	switch (key->kind) {
	case KIND_STR:
	case KIND_ENUM:
		return strcmp(x, y) == 0;
	case KIND_LIST:
		return same_list(x, y);
	case KIND_BOOL:
		return *(const bool *)x == *(const bool *)y;
	case KIND_U64:
	case KIND_SIZE:
	case KIND_TIME:
		break;
	}
	return *(const uint64_t *)x == *(const uint64_t *)y;
}

bool config_same_params(const struct config *a, const struct config *b)
{
	bool same = a->param_count == b->param_count;

	for (size_t i = 0; same && i < a->param_count; i++)
		same = strcmp(a->params[i].name, b->params[i].name) == 0 &&
		       a->params[i].value == b->params[i].value;
	return same;
}

static void show_list(const struct config_list *l, char *to, size_t size)
{
	size_t n = (size_t)snprintf(to, size, "[");

	for (size_t i = 0; i < l->count && n < size; i++)
		n += (size_t)snprintf(to + n, size - n, "%s\"%s\"", i ? ", " : "", l->item[i]);
	if (n < size)
		snprintf(to + n, size - n, "]");
}

void config_show(const struct config *c, enum config_key_id id, char *to, size_t size)
{
	const struct config_key *key = &config_keys[id];
	const void *value = config_value_const(c, key);
	char number[64];

	if (config_is_secret(key->path)) {
		snprintf(to, size, "(hidden)");
		return;
	}
	switch (key->kind) {
	case KIND_STR:
	case KIND_ENUM:
		snprintf(to, size, "\"%s\"", (const char *)value);
		return;
	case KIND_LIST:
		show_list(value, to, size);
		return;
	case KIND_BOOL:
		snprintf(to, size, "%s", *(const bool *)value ? "true" : "false");
		return;
	case KIND_U64:
	case KIND_SIZE:
	case KIND_TIME:
		break;
	}
	snprintf(to, size, "%s", config_number_text(key, *(const uint64_t *)value, number));
}

static void take_list(struct config_list *to, const struct config_list *from)
{
	to->count = from->count;
	for (size_t i = 0; i < to->count; i++)
		memcpy(to->item[i], from->item[i], CONFIG_TEXT_MAX);
}

void config_take(struct config *to, const struct config *from, enum config_key_id id)
{
	const struct config_key *key = &config_keys[id];
	void *x = config_value(to, key);
	const void *y = config_value_const(from, key);

	to->from[id] = from->from[id];
	switch (key->kind) {
	case KIND_STR:
		memcpy(x, y, CONFIG_TEXT_MAX);
		return;
	case KIND_ENUM:
		memcpy(x, y, sizeof to->network);
		return;
	case KIND_LIST:
		take_list(x, y);
		return;
	case KIND_BOOL:
		*(bool *)x = *(const bool *)y;
		return;
	case KIND_U64:
	case KIND_SIZE:
	case KIND_TIME:
		break;
	}
	/* Other threads may read a limit, so it is written atomically. */
	if (id >= KEY_OPTIONS)
		bound_write(
			&limits_bound(&to->limits, id - KEY_OPTIONS)->max, *(const uint64_t *)y);
	else
		*(uint64_t *)x = *(const uint64_t *)y;
}
