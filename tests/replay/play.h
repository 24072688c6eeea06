/* Playing one file of vectors: its lines, and the differences that are found. */
#ifndef TESTS_REPLAY_PLAY_H
#define TESTS_REPLAY_PLAY_H

#include <stdio.h>

#include "base/slice.h"

struct play {
	const char *file;
	FILE *out;
	struct slice rest;  /* text that was not read yet */
	unsigned long line; /* number of the last line read, from 1 */
	unsigned long passed, failed;
	unsigned long seeds; /* other orders of a script's blocks to be tried */
};

/* Plays a whole text of any format. */
void play_text(struct play *p, struct slice text);

/* The next line without its end; false at the end of the file. */
bool play_next(struct play *p, struct slice *line);

/* Says one difference of a line. */
__attribute__((format(printf, 3, 4))) void play_say(
	struct play *p, unsigned long line, const char *fmt, ...);

/* The formats that are more than a table of independent lines (tests/replay/consensus.c). `header`
 * is the first line, already read. */
void play_consensus(struct play *p, struct slice header);
void play_chain(struct play *p, struct slice header);

#endif
