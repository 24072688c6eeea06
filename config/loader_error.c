/* Collects errors and notices while settings are loaded, each with its place, for one line each.
 * Before: the other loader files. After: struct config; a command or the log prints them. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/width.h"
#include "config/loader_internal.h"

static void place_of(const struct config *c, const struct config_origin *o, const char *label,
	char to[CONFIG_TEXT_MAX])
{
	to[0] = 0;
	if (o->source == SOURCE_FILE)
		snprintf(to, CONFIG_TEXT_MAX, "%.200s:%u:%u", c->file, o->line, o->column);
	if (o->source == SOURCE_ENV)
		snprintf(to, CONFIG_TEXT_MAX, "environment %.200s", label);
	if (o->source == SOURCE_SET)
		snprintf(to, CONFIG_TEXT_MAX, "--set %.200s", label);
}

void loader_place(const struct loader *l, const struct setting *s, const struct toml_entry *at,
	char to[CONFIG_TEXT_MAX])
{
	struct config_origin here = {.source = l->source, .line = at->line, .column = at->column};

	place_of(l->out, &here, s->label, to);
}

/* Replaces control characters, and characters that were cut in the middle, by '?': file names and
 * values may contain anything. */
static void one_line(char *text)
{
	size_t left = strlen(text);
	int columns;

	while (left > 0) {
		size_t n = width_next(text, left, &columns);

		if (columns < 0)
			memset(text, '?', n);
		text += n;
		left -= n;
	}
}

/* ---- errors ---- */

__attribute__((format(printf, 2, 0))) static void add_error(
	struct config *c, const char *fmt, va_list args)
{
	char *to = c->errors[c->error_count < CONFIG_ERRORS_MAX ? c->error_count : 0].text;

	if (c->error_count++ >= CONFIG_ERRORS_MAX)
		return;
	vsnprintf(to, sizeof c->errors[0].text, fmt, args);
	one_line(to);
}

void config_fault(struct config *c, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_error(c, fmt, args);
	va_end(args);
}

/* Adds "place: name: message". `name` is "" where the place already contains it. */
__attribute__((format(printf, 4, 0))) static bool fail(
	struct config *c, const char *place, const char *name, const char *fmt, va_list args)
{
	char message[400];

	vsnprintf(message, sizeof message, fmt, args);
	config_fault(c, "%.230s%s%.100s%s%s", place, name[0] ? ": " : "", name,
		place[0] || name[0] ? ": " : "", message);
	return false;
}

bool loader_fail(struct loader *l, const struct setting *s, const struct toml_entry *at,
	const char *fmt, ...)
{
	char place[CONFIG_TEXT_MAX];
	va_list args;

	loader_place(l, s, at, place);
	va_start(args, fmt);
	fail(l->out, place, l->source == SOURCE_FILE ? s->key : "", fmt, args);
	va_end(args);
	return false;
}

bool loader_fail_plain(struct loader *l, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_error(l->out, fmt, args);
	va_end(args);
	return false;
}

void config_written(const struct config *c, enum config_key_id key, char to[CONFIG_TEXT_MAX])
{
	const char *path = config_keys[key].path, *dot = strchr(path, '.');

	if (c->from[key].as_net)
		snprintf(to, CONFIG_TEXT_MAX, "net%s", dot);
	else
		snprintf(to, CONFIG_TEXT_MAX, "%s", path);
}

/* Finds the place where a key was given ("" for a default) and its name ("" where the place
 * contains it). */
static void place_of_key(const struct config *c, enum config_key_id key,
	char place[CONFIG_TEXT_MAX], char name[CONFIG_TEXT_MAX])
{
	const struct config_origin *o = &c->from[key];
	char variable[CONFIG_TEXT_MAX];

	config_written(c, key, name);
	config_variable(name, variable);
	place_of(c, o, o->source == SOURCE_ENV ? variable : name, place);
	if (place[0] && o->source != SOURCE_FILE)
		name[0] = 0;
}

bool config_fault_key(struct config *c, enum config_key_id key, const char *fmt, ...)
{
	char name[CONFIG_TEXT_MAX], place[CONFIG_TEXT_MAX];
	va_list args;

	place_of_key(c, key, place, name);
	va_start(args, fmt);
	fail(c, place, name, fmt, args);
	va_end(args);
	c->from[key].wrong = true;
	return false;
}

/* ---- notices ---- */

__attribute__((format(printf, 2, 0))) static void add_notice(
	struct config *c, const char *fmt, va_list args)
{
	char *to = c->notices[CONFIG_NOTICES_MAX - 1];

	if (c->notice_count == CONFIG_NOTICES_MAX) {
		snprintf(to, CONFIG_TEXT_MAX, "there are more notices than can be listed");
		return;
	}
	to = c->notices[c->notice_count++];
	vsnprintf(to, CONFIG_TEXT_MAX, fmt, args);
	one_line(to);
}

void loader_notice(struct loader *l, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_notice(l->out, fmt, args);
	va_end(args);
}

void loader_notice_at(struct loader *l, const struct setting *s, const struct toml_entry *at,
	const char *fmt, ...)
{
	char place[CONFIG_TEXT_MAX], message[CONFIG_TEXT_MAX];
	va_list args;

	loader_place(l, s, at, place);
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	if (l->source == SOURCE_FILE)
		loader_notice(l, "%.120s: %s: %s", place, s->key, message);
	else
		loader_notice(l, "%.120s: %s", place, message);
}

__attribute__((format(printf, 2, 3))) static void notice(struct config *c, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_notice(c, fmt, args);
	va_end(args);
}

void config_notice_key(struct config *c, enum config_key_id key, const char *fmt, ...)
{
	char place[CONFIG_TEXT_MAX], name[CONFIG_TEXT_MAX], message[CONFIG_TEXT_MAX];
	va_list args;

	place_of_key(c, key, place, name);
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	notice(c, "%.120s%s%s: %s", place, place[0] && name[0] ? ": " : "", name, message);
}

/* Appends ", key" to a notice, or "…" once when it has no room left. */
static void append_key(char notice[CONFIG_TEXT_MAX], const char *key)
{
	static const char dots[] = ", …";
	size_t n = strlen(notice), k = strlen(key);

	if (n + k + 2 + sizeof dots < CONFIG_TEXT_MAX)
		snprintf(notice + n, CONFIG_TEXT_MAX - n, ", %s", key);
	else if (n < sizeof dots || strcmp(notice + n - (sizeof dots - 1), dots) != 0)
		snprintf(notice + n, CONFIG_TEXT_MAX - n, "%s", dots);
	one_line(notice);
}

static void begin_group(struct loader *l, const struct setting *s,
	const struct config_ignored *known, const char *table)
{
	const char *key = s->key + strlen(table) + (table[0] != 0);
	char place[CONFIG_TEXT_MAX];

	loader_place(l, s, s->value, place);
	if (known && known->table)
		loader_notice(l, "%.120s: [%s] has no effect, because %s: %.60s", place, table,
			known->why, key);
	else if (known)
		loader_notice(l, "%.120s: %s has no effect, because %s", place, s->key, known->why);
	else if (table[0])
		loader_notice(l, "%.120s: keys of [%s] that are unknown and have no effect: %.60s",
			place, table, key);
	else
		loader_notice(
			l, "%.120s: keys that are unknown and have no effect: %.60s", place, key);
}

static struct loader_group *group_of(struct loader *l, const char *table, bool unknown)
{
	for (size_t i = 0; i < l->group_count; i++)
		if (l->groups[i].unknown == unknown && strcmp(l->groups[i].table, table) == 0)
			return &l->groups[i];
	return NULL;
}

void loader_without_effect(
	struct loader *l, const struct setting *s, const struct config_ignored *known)
{
	char table[sizeof l->groups[0].table] = "";
	const char *dot = known && known->table ? strchr(s->key, '.') : strrchr(s->key, '.');

	if (dot)
		snprintf(table, sizeof table, "%.*s", (int)(dot - s->key), s->key);
	if (known && !known->table) /* a single key: it has no table, so its own name is used */
		snprintf(table, sizeof table, "%s", known->name);
	struct loader_group *g = group_of(l, table, !known);
	if (g && known && !known->table)
		return; /* given again by another source: it was mentioned already */
	if (g)
		return append_key(l->out->notices[g->notice], dot ? dot + 1 : s->key);
	size_t before = l->out->notice_count;
	begin_group(l, s, known, known && !known->table ? "" : table);
	if (l->group_count == LOADER_GROUPS_MAX || l->out->notice_count == before)
		return;
	g = &l->groups[l->group_count++];
	*g = (struct loader_group){.unknown = !known, .notice = before};
	memcpy(g->table, table, sizeof table);
}
