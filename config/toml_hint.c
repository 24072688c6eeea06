/* Recognizes the usual mistakes in a settings file. Before: toml.cc refused the text. After: the
 * user reads the error. */
#include <stdio.h>
#include <string.h>

#include "config/toml_hint.h"

enum { LOOKED_AT = 64 /* bytes at the start, for the encoding */ };

/* True at a typographic quote in UTF-8: U+2018 to U+201F, and the angle quotes « and ». */
static bool is_quote(const unsigned char *p, size_t n)
{
	return (n >= 3 && p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0x98 && p[2] <= 0x9f) ||
	       (n >= 2 && p[0] == 0xc2 && (p[1] == 0xab || p[1] == 0xbb));
}

/* The column, in characters from 1, of the first such quote in the line that is outside of texts
 * and comments; 0 = none. */
static uint32_t quote_in_line(const char *line, size_t n)
{
	uint32_t column = 1;

	for (size_t i = 0; i < n && !strchr("#\"'", line[i] ? line[i] : '#'); i++) {
		if (is_quote((const unsigned char *)line + i, n - i))
			return column;
		column += ((unsigned char)line[i] & 0xc0) != 0x80;
	}
	return 0;
}

/* True when the text begins with a byte order mark of UTF-16, or every second byte is mostly 0, as
 * in UTF-16 of Latin letters. */
static bool is_utf16(const char *text, size_t size)
{
	size_t n = size < LOOKED_AT ? size & ~(size_t)1 : LOOKED_AT, zeros[2] = {0, 0};

	if (size >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
		return true;
	for (size_t i = 0; i < n; i++)
		zeros[i % 2] += text[i] == 0;
	return n >= 4 &&
	       ((zeros[0] == 0 && zeros[1] > n / 4) || (zeros[1] == 0 && zeros[0] > n / 4));
}

/* Finds line `number`, from 1; *n = its bytes without the line feed. */
static const char *line_of(const char *text, size_t size, uint32_t number, size_t *n)
{
	const char *end = text + size, *p = text;

	for (; number > 1 && p < end; number--) {
		const char *next = memchr(p, '\n', (size_t)(end - p));
		p = next ? next + 1 : end;
	}
	const char *stop = memchr(p, '\n', (size_t)(end - p));
	*n = (size_t)((stop ? stop : end) - p);
	return p;
}

/* True when a text in this line was not closed: the parser then complains about the line end, which
 * is a control character, and there is no other one in the line. */
static bool is_unclosed(const char *line, size_t n)
{
	n -= n > 0 && line[n - 1] == '\r';
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] < ' ' && line[i] != '\t')
			return false;
	return true;
}

/* Replaces the parser's words for usual mistakes by plainer ones. */
static void replace_words(const char *line, size_t n, struct toml_error *e)
{
	const char *text = NULL;

	if (strstr(e->text, "utf-8"))
		text = "this is not UTF-8: save the file as UTF-8";
	else if (strstr(e->text, "could not determine value type"))
		text = "this is not a value: a text needs quotes, \" or '";
	else if (strstr(e->text, "control characters other than TAB") && is_unclosed(line, n))
		text = "the text is not closed: its second quote is missing";
	if (text)
		snprintf(e->text, sizeof e->text, "%s", text);
}

void toml_hint(const char *text, size_t size, struct toml_error *e)
{
	size_t n = 0;

	if (is_utf16(text, size)) {
		*e = (struct toml_error){.text = "this is UTF-16: save the file as UTF-8"};
		return;
	}
	if (e->line == 0)
		return;
	const char *line = line_of(text, size, e->line, &n);
	uint32_t column = quote_in_line(line, n);
	if (!column) {
		replace_words(line, n, e);
		return;
	}
	e->column = column;
	snprintf(e->text, sizeof e->text,
		"typographic quotes: write the plain ones, \" or ', around a text");
}
