/* Stores one setting: finds its key, checks type, range and form. Before: config.c and loader_env.c
 * read the sources. After: config_text.c checks and stores texts; loader_check.c checks settings
 * against each other when all are read. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/loader_internal.h"
#include "config/units.h"

enum { STALE_MS = 86400000 /* dns.serve_stale = true */ };

/* A whole number is a count, bytes or seconds, depending on the key. */
static bool whole_number(const struct known_setting *t, uint64_t *v)
{
	if (t->at->number < 0)
		return loader_fail(t->l, t->s, t->at, "%" PRId64 " is below the minimum %" PRIu64,
			t->at->number, t->key->kind == KIND_TIME ? 0 : t->key->min);
	*v = (uint64_t)t->at->number;
	if (t->key->kind == KIND_TIME)
		*v = *v > UINT64_MAX / 1000 ? UINT64_MAX : *v * 1000;
	return true;
}

static bool read_number(const struct known_setting *t, uint64_t *v)
{
	const struct toml_entry *at = t->at;

	if (at->kind == TOML_NUMBER)
		return whole_number(t, v);
	if (at->kind == TOML_BOOL && t->id == KEY_dns_serve_stale) {
		*v = at->number ? STALE_MS : 0;
		return true;
	}
	if (t->key->kind == KIND_U64)
		return loader_wrong_kind(t, "a whole number");
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
		return loader_wrong_kind(t, expected);
	return loader_fail(t->l, t->s, at, "expected %s, got \"%.40s\"", expected, at->text);
}

/* The reference node has no bounds for numbers, so a number out of range in its file becomes the
 * nearest bound. */
static bool is_forgiven(const struct known_setting *t)
{
	return t->l->out->reference && t->l->source == SOURCE_FILE;
}

static bool out_of_range(const struct known_setting *t, uint64_t v, uint64_t *to)
{
	char value[UNITS_TEXT_MAX], bound[UNITS_TEXT_MAX];
	bool low = v < t->key->min;
	uint64_t nearest = low ? t->key->min : t->key->max;
	const char *given =
		t->at->kind == TOML_TEXT ? t->at->text : config_number_text(t->key, v, value);

	config_number_text(t->key, nearest, bound);
	if (!is_forgiven(t))
		return loader_fail(t->l, t->s, t->at, "%.40s is %s %s", given,
			low ? "below the minimum" : "above the maximum", bound);
	loader_notice_at(t->l, t->s, t->at, "%s instead of %.40s, which is %s", bound, given,
		low ? "below the minimum" : "above the maximum");
	*to = nearest;
	return true;
}

static bool set_number(const struct known_setting *t, uint64_t *to)
{
	uint64_t v = 0;

	if (!read_number(t, &v))
		return false;
	if (v < t->key->min || v > t->key->max)
		return out_of_range(t, v, to);
	*to = v;
	return true;
}

static bool set_bool(const struct known_setting *t, bool *to)
{
	if (t->at->kind != TOML_BOOL)
		return t->at->kind == TOML_TEXT
			       ? loader_fail(t->l, t->s, t->at,
					 "expected true or false, got \"%.40s\"", t->at->text)
			       : loader_wrong_kind(t, "true or false");
	*to = t->at->number != 0;
	return true;
}

static bool assign(const struct known_setting *t)
{
	void *to = config_value(t->l->out, t->key);

	switch (t->key->kind) {
	case KIND_STR:
		return loader_set_text(t, to);
	case KIND_LIST:
		return loader_set_list(t, to);
	case KIND_ENUM:
		return loader_set_choice(t, to);
	case KIND_BOOL:
		return set_bool(t, to);
	case KIND_U64:
	case KIND_SIZE:
	case KIND_TIME:
		return set_number(t, to);
	}
	return false;
}

/* Stores a number of [chain.params] by its name. A later source overrides an earlier one. */
static bool set_param(struct loader *l, const struct setting *s, const char *name)
{
	struct config *c = l->out;
	size_t i = 0;

	if (s->value->kind != TOML_NUMBER || s->value->number < 0)
		return loader_fail(l, s, s->value, "expected a whole number from 0 on");
	while (i < c->param_count && strcmp(c->params[i].name, name) != 0)
		i++;
	if (i == CONFIG_PARAMS_MAX || strlen(name) >= sizeof c->params[i].name)
		return loader_fail(l, s, s->value, "there is no such parameter");
	struct config_param *p = &c->params[i];
	snprintf(p->name, sizeof p->name, "%s", name);
	p->value = (uint64_t)s->value->number;
	loader_place(l, s, s->value, p->place);
	c->param_count += i == c->param_count;
	return true;
}

/* An unknown key is an error, but not in the reference node's file: that node ignores it. */
static void unknown(struct loader *l, const struct setting *s)
{
	char place[CONFIG_TEXT_MAX], near[CONFIG_TEXT_MAX];

	loader_place(l, s, s->value, place);
	if (config_is_table(s->key))
		loader_fail_plain(l, "%s: %s is a table: write [%s]", place, s->key, s->key);
	else if (l->out->reference && l->source == SOURCE_FILE)
		loader_without_effect(l, s, NULL);
	else if (l->out->error_count < CONFIG_ERRORS_MAX && config_nearest(s->key, near))
		loader_fail_plain(l, "%s: unknown key %s, did you mean %s?", place, s->key, near);
	else
		loader_fail_plain(l,
			"%s: unknown key %s; `alfisd config-template` lists the known ones", place,
			s->key);
}

/* Notes where the setting was given. A limit has two names ([limits] and [net]); giving both in one
 * source is an error. */
static bool note_given(const struct known_setting *t, bool as_net)
{
	struct config_origin *was = &t->l->out->from[t->id];
	struct config_origin now = {.source = t->l->source,
		.as_net = as_net,
		.line = t->at->line,
		.column = t->at->column};

	if (was->source == now.source && was->as_net != as_net)
		return loader_fail(t->l, t->s, t->at, "given as %s%s too, keep one of them",
			as_net ? "limits." : "net.", strchr(t->key->path, '.') + 1);
	*was = now;
	return true;
}

void loader_set(struct loader *l, const struct setting *s)
{
	static const char params[] = "chain.params.";
	bool as_net;

	if (s->value->kind == TOML_TABLE && config_is_table(s->key))
		return;
	if (strncmp(s->key, params, sizeof params - 1) == 0) {
		set_param(l, s, s->key + sizeof params - 1);
		return;
	}
	const struct config_ignored *ignored = config_ignored(s->key);
	if (ignored)
		return loader_without_effect(l, s, ignored);
	int id = config_key_find(s->key, &as_net);
	if (id < 0)
		return unknown(l, s);
	struct known_setting t = {l, s, s->value, (enum config_key_id)id, &config_keys[id]};
	if (!note_given(&t, as_net) || !assign(&t))
		l->out->from[id].wrong = true;
}
