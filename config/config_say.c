/* What the loading says: one line for an error, one for a notice, each with its place. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config/load.h"

static void place_of(
	const struct loader *l, const struct origin *o, const char *label, char to[CONFIG_TEXT_MAX])
{
	to[0] = 0;
	if (o->source == SOURCE_FILE)
		snprintf(to, CONFIG_TEXT_MAX, "%.200s:%u:%u", l->out->file, o->line, o->column);
	if (o->source == SOURCE_ENV)
		snprintf(to, CONFIG_TEXT_MAX, "environment %.200s", label);
	if (o->source == SOURCE_SET)
		snprintf(to, CONFIG_TEXT_MAX, "--set %.200s", label);
}

void loader_place(const struct loader *l, const struct setting *s, const struct toml_entry *at,
	char to[CONFIG_TEXT_MAX])
{
	struct origin here = {.source = l->source, .line = at->line, .column = at->column};

	place_of(l, &here, s->label, to);
}

/* What came from outside may hold control characters: an error is one line. */
static void one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			*text = '?';
}

/* "place: name: " without the name where the place has it, then the message. */
__attribute__((format(printf, 4, 0))) static bool fail(
	struct loader *l, const char *place, const char *name, const char *fmt, va_list args)
{
	size_t size = sizeof l->e->text;
	size_t n = (size_t)snprintf(l->e->text, size, "%.230s%s%.100s%s", place,
		name[0] ? ": " : "", name, place[0] || name[0] ? ": " : "");

	vsnprintf(l->e->text + n, size - n, fmt, args);
	one_line(l->e->text);
	return false;
}

bool loader_fail(struct loader *l, const struct setting *s, const struct toml_entry *at,
	const char *fmt, ...)
{
	char place[CONFIG_TEXT_MAX];
	va_list args;

	loader_place(l, s, at, place);
	va_start(args, fmt);
	fail(l, place, l->source == SOURCE_FILE ? s->key : "", fmt, args);
	va_end(args);
	return false;
}

bool loader_fail_plain(struct loader *l, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fail(l, "", "", fmt, args);
	va_end(args);
	return false;
}

/* The key as the one wrote it who gave it last. */
static void written(const struct loader *l, enum config_key_id key, char to[CONFIG_TEXT_MAX])
{
	const char *path = config_keys[key].path, *dot = strchr(path, '.');

	if (l->given[key].as_net)
		snprintf(to, CONFIG_TEXT_MAX, "net%s", dot);
	else
		snprintf(to, CONFIG_TEXT_MAX, "%s", path);
}

bool loader_fail_key(struct loader *l, enum config_key_id key, const char *fmt, ...)
{
	const struct origin *o = &l->given[key];
	char name[CONFIG_TEXT_MAX], place[CONFIG_TEXT_MAX], variable[CONFIG_TEXT_MAX];
	va_list args;

	written(l, key, name);
	config_variable(name, variable);
	place_of(l, o, o->source == SOURCE_ENV ? variable : name, place);
	va_start(args, fmt);
	fail(l, place, o->source == SOURCE_FILE || !place[0] ? name : "", fmt, args);
	va_end(args);
	return false;
}

void loader_notice(struct loader *l, const char *fmt, ...)
{
	struct config *c = l->out;
	va_list args;

	if (c->notice_count == CONFIG_NOTICES_MAX) {
		snprintf(c->notices[CONFIG_NOTICES_MAX - 1], CONFIG_TEXT_MAX,
			"there are more keys without effect than can be listed");
		return;
	}
	char *to = c->notices[c->notice_count++];
	va_start(args, fmt);
	vsnprintf(to, CONFIG_TEXT_MAX, fmt, args);
	va_end(args);
	one_line(to);
}
