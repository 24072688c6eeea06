/* What is wrong in a text of records, and where. Before: whoever shows it. After:
 * owner/zone_token.c and owner/zone_fields.c note it. */
#ifndef OWNER_ZONE_ERROR_H
#define OWNER_ZONE_ERROR_H

#include <stdbool.h>

enum { ZONE_ERROR_MAX = 256 };

struct zone_error {
	unsigned line, column;     /* from 1; columns are characters */
	char text[ZONE_ERROR_MAX]; /* one line: what is wrong, and what is right */
};

/* Notes an error at that place, and returns false. */
__attribute__((format(printf, 4, 5))) bool zone_fail(
	struct zone_error *e, unsigned line, unsigned column, const char *fmt, ...);

#endif
