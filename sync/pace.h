/* How fast the chain and the checkers advance, as a mean over a time long enough to be steady: that
 * of the last 64 blocks, but two seconds at least and five minutes at most. Pure. Before:
 * sync/sync.c calls it. After: the figures, api/reason.c, and the time left on the page. */
#ifndef SYNC_PACE_H
#define SYNC_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACE_SAMPLES = 301 }; /* one a second */

/* What was counted at one moment. */
struct pace_sample {
	uint64_t ms; /* monotonic */
	uint64_t height, hashes;
};

struct pace {
	struct pace_sample samples[PACE_SAMPLES];
	size_t count, newest;
	bool behind;
	double blocks, hashes; /* a second */
};

/* Forgets all samples but this one. */
void pace_begin(struct pace *p, const struct pace_sample *now);

/* Updates the figures; to be called now and then. `behind`: the node downloads blocks. While it
 * does not, the last two seconds suffice, however few blocks came in them. */
void pace_update(struct pace *p, const struct pace_sample *now, bool behind);

#endif
