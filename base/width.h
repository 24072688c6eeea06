/* How many columns a text takes on a terminal. The text may come from the network: what is not
 * UTF-8, or could control the terminal, counts as one column and is printed as '?'. */
#ifndef BASE_WIDTH_H
#define BASE_WIDTH_H

#include "base/slice.h"

/* Looks at the character at[0] …; `left` bytes are there, at least 1. Returns its length in bytes.
 * *columns: 0 for a combining mark, 1, 2 for a wide character, −1 when it must not be printed as it
 * is. */
size_t width_next(const char *at, size_t left, int *columns);

/* Columns of a whole text. */
size_t width_of(const char *text);

/* How many bytes from the start take at most `columns` columns. */
size_t width_cut(const char *text, size_t columns);

#endif
