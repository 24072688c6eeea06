/* Prints a JSON array of objects as a table, with as many columns as fit the terminal. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/slice.h"
#include "cli/out.h"

enum cell {
	CELL_TEXT,      /* a string, or any other value as JSON has it */
	CELL_COUNT,     /* 22,522 */
	CELL_BYTES,     /* 33.6 MB */
	CELL_MS,        /* 250 ms; 0 is unknown */
	CELL_SECONDS,   /* "3 h 05 min" */
	CELL_WAIT,      /* the same, but "–" for 0 */
	CELL_MOMENT,    /* seconds since 1970 as "3 h ago"; 0 is never */
	CELL_FLAG,      /* the column's title for true, empty for false */
	CELL_HOST,      /* a string; with "/64" when the row's member "prefix_bits" is 64 */
	CELL_UNIT,      /* a number in the unit of the row's member "unit": count, bytes, ms */
	CELL_UNIT_NOW,  /* the same, but "–" when the row's member "current" is false */
	CELL_UNIT_PEAK, /* the same, but "–" when "current" is false and the value is 0 */
};

struct column {
	const char *key;   /* of the member that the column shows */
	const char *title; /* one or two short words */
	enum cell cell;
	/* 0 = always shown; the highest rank is left out first; TABLE_ALL = only with --all */
	unsigned rank;
};
enum { TABLE_ALL = 100, TABLE_COLUMNS_MAX = 24 };

/* `rows` is a JSON array of objects, borrowed. Prints the line `none` when it has no elements. */
void table_print(struct out *o, struct slice rows, const struct column *columns, size_t count,
	const char *none);

#endif
