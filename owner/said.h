/* What the owner was told already, so that nothing is told twice, not after a restart either. Each
 * thing that is told is one number; the oldest are forgotten at the bound. Pure.
 * Before: node/node_say.c, which keeps it in the store. After: base/fifo.h. */
#ifndef OWNER_SAID_H
#define OWNER_SAID_H

#include "base/cursor.h"
#include "base/fifo.h"

struct said {
	struct fifo digests; /* uint64_t */
};

/* Nothing was told. `row` bounds how much is remembered; borrowed. */
void said_init(struct said *s, struct bound *row);
void said_clear(struct said *s);

/* True, and it is remembered, when this was not told yet. `what` is any text that tells it from
 * all others. */
bool said_first(struct said *s, struct slice what);

/* The same without remembering it. */
bool said_before(const struct said *s, struct slice what);

/* Its form on disk, 8 bytes for each; and read again: what does not fit the bound is left out, the
 * oldest first. */
void said_encode(const struct said *s, struct wr *w);
void said_decode(struct said *s, struct slice bytes);

#endif
