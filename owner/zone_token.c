/* Role: cuts a zone file into entries and words. Before: owner/zone_text.c. After: nothing. */
#include <stdarg.h>
#include <stdio.h>

#include "owner/zone_token.h"

bool zone_fail(struct zone_error *e, unsigned line, unsigned column, const char *fmt, ...)
{
	va_list args;

	e->line = line;
	e->column = column;
	va_start(args, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, args);
	va_end(args);
	return false;
}

/* ---- bytes ---- */

static int peek(const struct zone_place *at)
{
	return at->rest.left ? at->rest.p[0] : -1;
}

/* Bytes within a character do not move the column. */
static int take(struct zone_place *at)
{
	int c = peek(at);

	if (c < 0)
		return c;
	rd_u8(&at->rest);
	if (c == '\n') {
		at->line++;
		at->column = 1;
	} else if ((c & 0xC0) != 0x80) {
		at->column++;
	}
	return c;
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void skip_comment(struct zone_place *at)
{
	while (peek(at) >= 0 && peek(at) != '\n')
		take(at);
}

/* ---- words ---- */

static bool put(struct zone_entry *to, uint8_t byte)
{
	if (to->used == sizeof to->space)
		return false;
	to->space[to->used++] = byte;
	return true;
}

/* What stands behind a backslash: three digits of a byte, or a character. */
static bool take_escape(struct zone_place *at, int *byte, struct zone_error *e)
{
	unsigned line = at->line, column = at->column - 1; /* of the backslash */
	int c = take(at), value = 0;

	*byte = c;
	if (c < 0 || c == '\n')
		return zone_fail(e, line, column, "a backslash has a character behind it");
	if (c < '0' || c > '9')
		return true;
	for (int i = 0; i < 3; i++) {
		if (i > 0)
			c = take(at);
		if (c < '0' || c > '9')
			break;
		value = 10 * value + c - '0';
		*byte = i == 2 && value <= UINT8_MAX ? value : -1;
	}
	if (*byte < 0 || value > UINT8_MAX || c < '0' || c > '9')
		return zone_fail(e, line, column,
			"a backslash has three digits of a byte behind it, 000 to 255, or one "
			"other character");
	return true;
}

static bool ends_word(int c, bool quoted)
{
	if (quoted)
		return c == '"';
	return c < 0 || is_blank(c) || c == '\n' || c == ';' || c == '(' || c == ')' || c == '"';
}

static bool take_word(struct zone_place *at, struct zone_entry *to, struct zone_error *e)
{
	struct zone_word *w = &to->word[to->count];
	size_t from = to->used;
	int c;

	*w = (struct zone_word){.line = at->line, .column = at->column};
	if (to->count == ZONE_WORDS - 1)
		return zone_fail(
			e, w->line, w->column, "a record has at most %d words", ZONE_WORDS - 1);
	w->quoted = peek(at) == '"';
	if (w->quoted)
		take(at);
	while (!ends_word(c = peek(at), w->quoted)) {
		if (c < 0 || c == '\n')
			return zone_fail(e, w->line, w->column, "the quotes are not closed");
		take(at);
		if (c == '\\') {
			w->escaped = true;
			if (!take_escape(at, &c, e))
				return false;
		}
		if (!put(to, (uint8_t)c))
			return zone_fail(e, w->line, w->column, "the record is too long");
	}
	if (w->quoted)
		take(at);
	w->text = slice_of(to->space + from, to->used - from);
	to->count++;
	return true;
}

/* ---- entries ---- */

/* Takes one thing of the line that is no word; false when a word begins. */
static bool take_other(struct zone_place *at, unsigned *open)
{
	int c = peek(at);

	if (c == ';')
		skip_comment(at);
	else if (c == '(' || c == ')' || is_blank(c) || (c == '\n' && *open))
		take(at);
	else
		return false;
	if (c == '(')
		++*open;
	return true;
}

static bool take_entry(struct zone_place *at, struct zone_entry *to, struct zone_error *e)
{
	unsigned open = 0, line = at->line, column = at->column;

	to->count = 0;
	to->used = 0;
	to->indented = is_blank(peek(at));
	for (;;) {
		if (peek(at) == '(' && !open) {
			line = at->line;
			column = at->column;
		}
		if (peek(at) == ')') {
			if (!open)
				return zone_fail(e, at->line, at->column, "no bracket is open");
			open--;
		}
		if (take_other(at, &open))
			continue;
		to->line = at->line;
		to->column = at->column;
		if (peek(at) < 0 || peek(at) == '\n')
			break;
		if (!take_word(at, to, e))
			return false;
	}
	take(at);
	return open == 0 || zone_fail(e, line, column, "the bracket is not closed");
}

bool zone_entry_next(struct zone_place *at, struct zone_entry *to, bool *end, struct zone_error *e)
{
	*end = false;
	while (at->rest.left) {
		if (!take_entry(at, to, e))
			return false;
		if (to->count)
			return true;
	}
	*end = true;
	return true;
}
