/* Domain names: zones (protocol.md 8.2) and the rules for names (8.7). Consensus cannot check them,
 * because a block has only the name's hash. */
#ifndef DOMAIN_NAMES_H
#define DOMAIN_NAMES_H

#include "base/cursor.h"

/* Writes the name in Unicode lower case. `name` must be valid UTF-8. When it does not fit, w->bad
 * is set. */
void name_lower(struct slice name, struct wr *w);

/* What 8.7 has against a name. */
enum name_fault {
	NAME_FINE,
	NAME_NOT_ASCII, /* a letter that is none of a … z */
	NAME_CHARACTER, /* another character that no name may have */
	NAME_DOTS,      /* two in a row, also with a hyphen between them */
	NAME_HYPHENS,   /* the same with hyphens */
	NAME_EDGE,      /* begins or ends with a dot or hyphen */
	NAME_DIGITS,    /* fewer than three characters, digits only */
};

/* The first fault of a lower-case name, from the left; those of the whole name come last. */
enum name_fault name_check(struct slice lower);

/* True when a lower-case name obeys 8.7. Does not check that its zone exists: see zone_is_known().
 */
bool name_is_valid(struct slice lower);

/* The last label, borrowed from `lower`: the whole name when it has no dot. */
struct slice name_zone(struct slice lower);
/* True when the zone is one of 8.2. */
bool zone_is_known(struct slice zone);

/* The zones of 8.2 one after the other: the first one after NULL, NULL after the last. Static. */
const char *zone_next(const char *zone);

#endif
