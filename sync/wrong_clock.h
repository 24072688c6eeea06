/* Compares this machine's clock with the blocks: whether it is certainly wrong, and the texts that
 * say so. The node accepts a block only when it is at most a minute ahead of the clock (protocol.md
 * 7.2 step 4), so a clock that is further behind the tip was set back since (no battery, a restored
 * virtual machine). `wall` is the clock's time, in seconds since 1970. */
#ifndef SYNC_WRONG_CLOCK_H
#define SYNC_WRONG_CLOCK_H

#include "chain/chain.h"

enum { WRONG_CLOCK_MAX = 200 };

/* True when the clock is more than a minute behind the tip. */
bool wrong_clock_proved(const struct chain *c, int64_t wall);

/* Writes "this machine's clock says 1970-01-01 00:01 UTC, the last block is of 2021-09-26 11:22
 * UTC" and returns `to`. */
const char *wrong_clock_words(const struct chain *c, int64_t wall, char to[WRONG_CLOCK_MAX]);

/* To be called now and then: logs one warning when the clock is found to be wrong, and one line
 * when it is right again. *wrong is what the last call found; begins as false. */
void wrong_clock_tick(bool *wrong, const struct chain *c, int64_t wall);

/* Writes why an import refused this block, when that depends on the clock, which says `now`. */
void wrong_clock_refused(const struct block *b, int64_t now, char *to, size_t size);

#endif
