/* Lines for the terminal or a file. What comes from others cannot steer the terminal: control
 * characters and what is no UTF-8 are written as '?'. */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct out {
	FILE *f;
	unsigned width;  /* columns that a line should take at most */
	bool all;        /* --all: nothing is left out */
	bool terminal;   /* a person reads it */
	int64_t now;     /* wall time in seconds, for ages */
	bool screen;     /* a screen is drawn again: lines are cut, and end with "erase the rest" */
	unsigned height; /* of the screen: lines beyond it are dropped */
	unsigned lines;  /* written or dropped so far */
};

/* One line, without its "\n". */
void out_line(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A text in as many lines as it needs, broken at spaces; lines after the first begin with `indent`.
 */
void out_wrapped(struct out *o, const char *indent, const char *text);

/* Ends a screen: when lines were dropped, its last line says how many are not seen. */
void out_end(struct out *o);

#endif
