/* Sorts a list of names that is written already. */
#ifndef API_NAMES_SORT_H
#define API_NAMES_SORT_H

#include "base/cursor.h"

/* `w` ends with a JSON array, not closed yet, that begins at `from` and has `count` objects, each
 * with a text `name`: puts them in the order of the names. Takes as much memory again as the array;
 * false without it, and nothing is changed. */
bool names_sort(struct wr *w, size_t from, size_t count);

#endif
