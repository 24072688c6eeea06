/* The words of a zone file (RFC 1035 5.1): white space, comments, brackets over several lines,
 * quotes and escapes. Before: owner/zone_text.c. After: base/cursor.h. */
#ifndef OWNER_ZONE_TOKEN_H
#define OWNER_ZONE_TOKEN_H

#include "base/cursor.h"
#include "owner/zone_error.h"

enum { ZONE_WORDS = 512, ZONE_WORD_BYTES = 34000 };

struct zone_word {
	struct slice text;     /* without quotes and escapes, in the entry's space */
	bool quoted;           /* stood in quotes */
	bool escaped;          /* had an escape in it, so that no dot in it need be one */
	unsigned line, column; /* of its first character, from 1 */
};

/* One entry: the words up to the end of a line, brackets counted. */
struct zone_entry {
	struct zone_word word[ZONE_WORDS];
	unsigned count;
	bool indented;         /* begins with white space: it has the owner of the one before */
	unsigned line, column; /* behind the last word */
	uint8_t space[ZONE_WORD_BYTES];
	size_t used;
};

/* Where the reader is. */
struct zone_place {
	struct rd rest;
	unsigned line, column;
};

/* Reads the next entry that has words; *end = true when there is none. False with *e. */
bool zone_entry_next(struct zone_place *at, struct zone_entry *to, bool *end, struct zone_error *e);

#endif
