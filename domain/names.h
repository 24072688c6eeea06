/* Domain names: zones (protocol.md 8.2) and the name rules (8.7), which consensus cannot check. */
#ifndef DOMAIN_NAMES_H
#define DOMAIN_NAMES_H

#include "base/cursor.h"

/* Lower case by Unicode; `name` is valid UTF-8. */
void name_lower(struct slice name, struct wr *w);

/* 8.7 for a lower-case name; whether its zone exists is another question. */
bool name_is_valid(struct slice lower);

/* The last label (the whole name when it has no dot). */
struct slice name_zone(struct slice lower);
bool zone_is_known(struct slice zone);

#endif
