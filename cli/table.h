/* Tables for the terminal out of the rows of a JSON array: so many columns as fit. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/slice.h"
#include "cli/out.h"

enum cell {
	CELL_TEXT,      /* a string, or whatever it is */
	CELL_COUNT,     /* 22,522 */
	CELL_BYTES,     /* 33.6 MB */
	CELL_MS,        /* 250 ms; 0 is unknown */
	CELL_SECONDS,   /* 3 h 05 min */
	CELL_WAIT,      /* the same; "–" for 0 */
	CELL_MOMENT,    /* seconds since 1970 as "3 h ago"; 0 is never */
	CELL_FLAG,      /* true is the column's title, false nothing */
	CELL_HOST,      /* a text, with the row's member "prefix_bits" where it is a net */
	CELL_UNIT,      /* as the row's member "unit" says: count, bytes, ms */
	CELL_UNIT_NOW,  /* the same; "–" where the row's member "current" is false, */
	CELL_UNIT_PEAK, /* and "–" there when it is 0, too */
};

struct column {
	const char *key;   /* of the row's member */
	const char *title; /* one or two short words */
	enum cell cell;
	unsigned
		rank; /* the highest ranks are left out first, 0 never; TABLE_ALL only with --all */
};
enum { TABLE_ALL = 100, TABLE_COLUMNS_MAX = 24 };

/* `rows` is a JSON array of objects; without rows the line `none`. */
void table_print(struct out *o, struct slice rows, const struct column *columns, size_t count,
	const char *none);

#endif
