/* Prints lines without characters that could control the terminal. Before: cli/print*.c and
 * cli/table.c make them. After: standard output. */
#include <stdarg.h>
#include <string.h>

#include "base/width.h"
#include "cli/out.h"

enum { LINE_SIZE = 8192 };

/* Writes text with '?' in place of what must not reach a terminal. */
static void put_printable(FILE *f, const char *text, size_t left)
{
	int columns;

	while (left > 0) {
		size_t n = width_next(text, left, &columns);
		if (columns < 0)
			fputc('?', f);
		else
			fwrite(text, 1, n, f);
		text += n;
		left -= n;
	}
}

/* Prints a row of the screen and erases what is behind it. After a full row it must not erase: the
 * cursor still stands on the last character. */
static void put_screen_line(struct out *o, const char *text)
{
	put_printable(o->f, text, width_cut(text, o->width));
	fputs(width_of(text) < o->width ? "\033[K" : "", o->f);
}

/* Draws one row. "\n" goes before a row, not after it: after the last one it would scroll. */
static void draw_line(struct out *o, const char *text)
{
	if (++o->lines > o->height)
		return;
	fputs(o->lines > 1 ? "\r\n" : "", o->f);
	put_screen_line(o, text);
}

void out_end(struct out *o)
{
	char text[64];

	if (!o->screen || o->height < 2 || o->lines <= o->height)
		return;
	snprintf(text, sizeof text, "and %u more lines: they need a higher window",
		o->lines - o->height + 1);
	fputs("\r", o->f);
	put_screen_line(o, text);
}

void out_line(struct out *o, const char *fmt, ...)
{
	char line[LINE_SIZE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	if (o->screen) {
		draw_line(o, line);
	} else {
		put_printable(o->f, line, strlen(line));
		fputc('\n', o->f);
	}
}

/* Bytes of the text for the next line: up to the last space that fits, or cut within a word. */
static size_t line_end(const char *text, unsigned room)
{
	size_t n = width_cut(text, room), end = n;

	if (!text[n])
		return n;
	while (end > 0 && text[end] != ' ')
		end--;
	return end ? end : n ? n : strlen(text);
}

void out_wrapped(struct out *o, const char *indent, const char *text)
{
	const char *before = "";

	do {
		size_t used = width_of(before);
		size_t n = line_end(text, o->width > used + 8 ? o->width - (unsigned)used : 8);
		out_line(o, "%s%.*s", before, (int)n, text);
		text += n;
		text += strspn(text, " ");
		before = indent;
	} while (*text);
}
