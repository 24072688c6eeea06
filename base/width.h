/* How many columns of a terminal a text takes. Texts of others may be anything: what is no UTF-8,
 * and what would steer the terminal, is one column and is written as '?'. */
#ifndef BASE_WIDTH_H
#define BASE_WIDTH_H

#include "base/slice.h"

/* The next character, at[0] … at[left−1], left > 0: its bytes, and its columns (0 for what is put
 * onto the one before, 2 for wide ones) or −1 when it is not to be written as it is. */
size_t width_next(const char *at, size_t left, int *columns);

/* Columns of a whole text. */
size_t width_of(const char *text);

/* The bytes at its start that take no more than so many columns. */
size_t width_cut(const char *text, size_t columns);

#endif
