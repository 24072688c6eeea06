/* Prints lines to a terminal or a file. Text from the network must not control the user's terminal:
 * control characters and bytes that are not UTF-8 are printed as '?'. */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct out {
	FILE *f;
	unsigned width; /* columns that a line should take at most */
	bool all;       /* --all: nothing is left out */
	bool terminal;  /* standard output is a terminal */
	int64_t now;    /* wall clock in seconds since 1970, to print ages */
	/* --watch redraws a screen: long lines are cut, and the rest of each row is erased */
	bool screen;
	unsigned height; /* of the screen: lines beyond it are dropped */
	unsigned lines;  /* written or dropped so far */
};

/* Prints one line; the format has no "\n". Cut after 8191 bytes. */
void out_line(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Prints a text wrapped at spaces to the width. Every line but the first begins with `indent`. */
void out_wrapped(struct out *o, const char *indent, const char *text);

/* Ends a screen. When lines did not fit, its last line is replaced by one that says how many. */
void out_end(struct out *o);

#endif
