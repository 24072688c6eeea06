/* Takes one setting in: finds its key, judges type, range and shape, stores it.
 * Before: config.c and config_env.c bring what somebody wrote. After: config_check.c. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/load.h"
#include "config/shape.h"
#include "config/units.h"

/* A setting on its way to its key; `at` is the entry that is judged: the value or an element. */
struct target {
	struct loader *l;
	const struct setting *s;
	const struct toml_entry *at;
	int id;
	const struct config_key *key;
};

static const char *(*const shapes[CONFIG_KEYS])(char text[CONFIG_TEXT_MAX]) = {
	[KEY_origin] = shape_origin,
	[KEY_data_dir] = shape_folder,
	[KEY_listen] = shape_listen,
	[KEY_peers] = shape_peer,
	[KEY_bind] = shape_own_address,
	[KEY_advertise] = shape_own_address,
	[KEY_admin_listen] = shape_admin_listen,
};

static bool wrong_kind(const struct target *t, const char *expected)
{
	return loader_fail(
		t->l, t->s, t->at, "expected %s, got %s", expected, toml_kind_name(t->at->kind));
}

/* `n` bytes of text, which may have come with control characters. */
static bool take_text(const struct target *t, const char *text, size_t n, char *to)
{
	if (n >= CONFIG_TEXT_MAX)
		return loader_fail(t->l, t->s, t->at, "longer than %d bytes", CONFIG_TEXT_MAX - 1);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 127)
			return loader_fail(t->l, t->s, t->at, "has a control character in it");
	memcpy(to, text, n);
	to[n] = 0;
	const char *wrong = shapes[t->id] ? shapes[t->id](to) : NULL;
	if (wrong)
		return loader_fail(t->l, t->s, t->at, "\"%.*s\" %s", (int)n, text, wrong);
	return true;
}

static bool set_text(const struct target *t, char *to)
{
	if (t->at->kind != TOML_TEXT)
		return wrong_kind(t, "text");
	return take_text(t, t->at->text, t->at->text_size, to);
}

static bool add_item(const struct target *t, struct config_list *list, const char *text, size_t n)
{
	if (list->count == CONFIG_LIST_MAX)
		return loader_fail(
			t->l, t->s, t->at, "more than %d entries in the list", CONFIG_LIST_MAX);
	return take_text(t, text, n, list->item[list->count++]);
}

/* One text stands for a list of one, or of several with commas between; "" for an empty one. */
static bool split_list(const struct target *t, struct config_list *list)
{
	const char *p = t->at->text, *end = p + t->at->text_size;

	while (p < end) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		size_t n = (size_t)((comma ? comma : end) - p);
		if (!add_item(t, list, p, n))
			return false;
		p += n + (comma != NULL);
		while (p < end && *p == ' ')
			p++;
	}
	return true;
}

static bool set_list(struct target *t, struct config_list *list)
{
	const struct toml_entry *value = t->at;

	if (value->kind != TOML_TEXT && value->kind != TOML_LIST)
		return wrong_kind(t, "a list of texts");
	list->count = 0;
	if (value->kind == TOML_TEXT)
		return split_list(t, list);
	for (size_t i = 1; i <= value->count; i++) {
		t->at = value + i;
		if (t->at->kind != TOML_TEXT)
			return wrong_kind(t, "text");
		if (!add_item(t, list, t->at->text, t->at->text_size))
			return false;
	}
	return true;
}

static bool set_choice(const struct target *t, char *to)
{
	const char *p = t->key->choices;

	if (t->at->kind != TOML_TEXT)
		return wrong_kind(t, "text");
	for (;;) {
		size_t n = strcspn(p, "|");
		if (n == t->at->text_size && memcmp(p, t->at->text, n) == 0) {
			memcpy(to, p, n);
			to[n] = 0;
			return true;
		}
		if (!p[n])
			return loader_fail(t->l, t->s, t->at, "\"%.40s\" is not one of %s",
				t->at->text, t->key->choices);
		p += n + 1;
	}
}

/* Whole numbers are counts, bytes or seconds, as the key wants. */
static bool whole_number(const struct target *t, uint64_t *v)
{
	if (t->at->number < 0)
		return loader_fail(t->l, t->s, t->at, "%" PRId64 " is below the minimum %" PRIu64,
			t->at->number, t->key->kind == KIND_TIME ? 0 : t->key->min);
	*v = (uint64_t)t->at->number;
	if (t->key->kind == KIND_TIME)
		*v = *v > UINT64_MAX / 1000 ? UINT64_MAX : *v * 1000;
	return true;
}

static bool read_number(const struct target *t, uint64_t *v)
{
	const struct toml_entry *at = t->at;

	if (at->kind == TOML_NUMBER)
		return whole_number(t, v);
	if (t->key->kind == KIND_U64)
		return wrong_kind(t, "a whole number");
	if (at->kind == TOML_FLOAT && t->key->kind == KIND_TIME && at->real >= 0 &&
		at->real < 1e12) {
		*v = (uint64_t)(at->real * 1000 + 0.5);
		return true;
	}
	bool is_size = t->key->kind == KIND_SIZE;
	if (at->kind == TOML_TEXT && strlen(at->text) == at->text_size &&
		(is_size ? units_parse_size : units_parse_time)(at->text, v))
		return true;
	const char *expected = is_size ? "a size, such as \"32 MB\" or 4096"
				       : "a time, such as \"5 s\", \"500 ms\" or 5";
	if (at->kind != TOML_TEXT)
		return wrong_kind(t, expected);
	return loader_fail(t->l, t->s, at, "expected %s, got \"%.40s\"", expected, at->text);
}

static bool set_number(const struct target *t, uint64_t *to)
{
	char value[UNITS_TEXT_MAX], bound[UNITS_TEXT_MAX];
	uint64_t v = 0;

	if (!read_number(t, &v))
		return false;
	bool low = v < t->key->min;
	if (low || v > t->key->max) {
		const char *given = t->at->kind == TOML_TEXT ? t->at->text
							     : config_number_text(t->key, v, value);
		return loader_fail(t->l, t->s, t->at, "%.40s is %s %s", given,
			low ? "below the minimum" : "above the maximum",
			config_number_text(t->key, low ? t->key->min : t->key->max, bound));
	}
	*to = v;
	return true;
}

static bool set_bool(const struct target *t, bool *to)
{
	if (t->at->kind != TOML_BOOL)
		return t->at->kind == TOML_TEXT
			       ? loader_fail(t->l, t->s, t->at,
					 "expected true or false, got \"%.40s\"", t->at->text)
			       : wrong_kind(t, "true or false");
	*to = t->at->number != 0;
	return true;
}

static bool assign(struct target *t)
{
	void *to = config_value(t->l->out, t->key);

	switch (t->key->kind) {
	case KIND_STR:
		return set_text(t, to);
	case KIND_LIST:
		return set_list(t, to);
	case KIND_ENUM:
		return set_choice(t, to);
	case KIND_BOOL:
		return set_bool(t, to);
	case KIND_U64:
	case KIND_SIZE:
	case KIND_TIME:
		return set_number(t, to);
	}
	return false;
}

/* Numbers of [chain.params] are kept by name; a later source replaces an earlier one. */
static bool set_param(struct loader *l, const struct setting *s, const char *name)
{
	struct config *c = l->out;
	size_t i = 0;

	if (s->value->kind != TOML_NUMBER || s->value->number < 0)
		return loader_fail(l, s, s->value, "expected a whole number from 0 on");
	while (i < c->param_count && strcmp(c->params[i].name, name) != 0)
		i++;
	if (i == CONFIG_PARAMS_MAX || strlen(name) >= sizeof c->params[i].name)
		return loader_fail(l, s, s->value, "there is no such number");
	struct config_param *p = &c->params[i];
	snprintf(p->name, sizeof p->name, "%s", name);
	p->value = (uint64_t)s->value->number;
	loader_place(l, s, s->value, p->place);
	c->param_count += i == c->param_count;
	return true;
}

static bool unknown(struct loader *l, const struct setting *s)
{
	char place[CONFIG_TEXT_MAX], near[CONFIG_TEXT_MAX];

	loader_place(l, s, s->value, place);
	if (config_is_table(s->key))
		return loader_fail_plain(l, "%s: %s is a table: write [%s]", place, s->key, s->key);
	if (config_nearest(s->key, near))
		return loader_fail_plain(
			l, "%s: unknown key %s, did you mean %s?", place, s->key, near);
	return loader_fail_plain(l,
		"%s: unknown key %s; `alfisd config-template` lists the known ones", place, s->key);
}

/* A row of [limits] has two names; one source must not use both. */
static bool note_given(struct target *t, bool as_net)
{
	struct origin *was = &t->l->given[t->id];
	struct origin now = {t->l->source, as_net, t->at->line, t->at->column};

	if (was->source == now.source && was->as_net != as_net)
		return loader_fail(t->l, t->s, t->at, "given as %s%s too, keep one of them",
			as_net ? "limits." : "net.", strchr(t->key->path, '.') + 1);
	*was = now;
	return true;
}

bool loader_set(struct loader *l, const struct setting *s)
{
	static const char params[] = "chain.params.";
	char place[CONFIG_TEXT_MAX];
	bool as_net;

	if (s->value->kind == TOML_TABLE && config_is_table(s->key))
		return true;
	if (strncmp(s->key, params, sizeof params - 1) == 0)
		return set_param(l, s, s->key + sizeof params - 1);
	const char *lack = config_key_ignored(s->key);
	if (lack) {
		loader_place(l, s, s->value, place);
		loader_notice(l, "%s: %s: accepted, %s", place, s->key, lack);
		return true;
	}
	int id = config_key_find(s->key, &as_net);
	if (id < 0)
		return unknown(l, s);
	struct target t = {l, s, s->value, id, &config_keys[id]};
	return note_given(&t, as_net) && assign(&t);
}
