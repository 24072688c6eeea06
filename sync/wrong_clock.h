/* This machine's clock against the blocks: whether it is wrong for certain, and the words for it. A
 * block is taken only when it is at most a minute ahead of the clock, so a clock that is further
 * behind the tip has gone wrong since (no battery, a restored virtual machine). */
#ifndef SYNC_WRONG_CLOCK_H
#define SYNC_WRONG_CLOCK_H

#include "chain/chain.h"

enum { WRONG_CLOCK_MAX = 200 };

/* Is the clock behind the tip? */
bool wrong_clock_proved(const struct chain *c, int64_t wall);

/* "this machine's clock says 1970-01-01 00:01 UTC, the last block is of 2021-09-26 11:22 UTC". */
const char *wrong_clock_words(const struct chain *c, int64_t wall, char to[WRONG_CLOCK_MAX]);

/* Looked at now and then: logs one warning when the clock is found to be wrong, and one line when
 * it is right again. `wrong` is what the last look found; begins as false. */
void wrong_clock_look(bool *wrong, const struct chain *c, int64_t wall);

/* Why a block of an import was not taken, when that depends on the clock. */
void wrong_clock_refused(const struct block *b, int64_t now, char *to, size_t size);

#endif
