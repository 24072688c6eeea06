/* Computes how many columns a text takes on a terminal. Before: cli/out.c, cli/table.c,
 * base/log_line.c, base/json_write.c. After: base/utf8.c. */
#include "base/width.h"

#include <string.h>

#include "base/utf8.h"

struct range {
	uint32_t from, to;
};

/* Combining marks and joiners: the most usual ones, in the scripts that names are written in. */
static const struct range no_columns[] = {
	{0x300, 0x36F},
	{0x483, 0x489},
	{0x591, 0x5BD},
	{0x610, 0x61A},
	{0x64B, 0x65F},
	{0x93C, 0x93C},
	{0x941, 0x948},
	{0xE31, 0xE31},
	{0xE34, 0xE3A},
	{0xE47, 0xE4E},
	{0x1AB0, 0x1AFF},
	{0x200B, 0x200D},
	{0x20D0, 0x20FF},
	{0xFE00, 0xFE0F},
	{0xFE20, 0xFE2F},
};

static const struct range two_columns[] = {
	{0x1100, 0x115F},
	{0x231A, 0x231B},
	{0x2E80, 0x303E},
	{0x3041, 0xA4CF},
	{0xAC00, 0xD7A3},
	{0xF900, 0xFAFF},
	{0xFE30, 0xFE6F},
	{0xFF00, 0xFF60},
	{0xFFE0, 0xFFE6},
	{0x1F300, 0x1F64F},
	{0x1F680, 0x1F6FF},
	{0x1F900, 0x1F9FF},
	{0x20000, 0x3FFFD},
};

/* Control characters (C0, C1), line separators, and characters that reverse the direction of text.
 */
static const struct range unprintable[] = {
	{0, 0x1F},
	{0x7F, 0x9F},
	{0x61C, 0x61C},
	{0x200E, 0x200F},
	{0x2028, 0x202E},
	{0x2060, 0x206F},
	{0xFEFF, 0xFEFF},
	{0xFFF9, 0xFFFB},
	{0xE0000, 0x10FFFF},
};

static bool within(const struct range *table, size_t n, uint32_t code)
{
	for (size_t i = 0; i < n; i++)
		if (code >= table[i].from && code <= table[i].to)
			return true;
	return false;
}
#define WITHIN(table, code) within(table, sizeof table / sizeof table[0], code)

size_t width_next(const char *at, size_t left, int *columns)
{
	size_t n = utf8_good(slice_of(at, left));
	struct rd r = rd_of(slice_of(at, n));

	*columns = -1;
	if (n == 0)
		return 1;
	uint32_t code = (uint32_t)utf8_take(&r);
	if (!WITHIN(unprintable, code))
		*columns = WITHIN(no_columns, code) ? 0 : WITHIN(two_columns, code) ? 2 : 1;
	return n;
}

size_t width_of(const char *text)
{
	size_t left = strlen(text), width = 0;
	int columns;

	while (left > 0) {
		size_t n = width_next(text, left, &columns);
		width += columns < 0 ? 1 : (size_t)columns;
		text += n;
		left -= n;
	}
	return width;
}

size_t width_cut(const char *text, size_t most)
{
	size_t at = 0, width = 0, size = strlen(text);
	int columns;

	while (at < size) {
		size_t n = width_next(text + at, size - at, &columns);
		width += columns < 0 ? 1 : (size_t)columns;
		if (width > most)
			break;
		at += n;
	}
	return at;
}
