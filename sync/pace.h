/* How fast the chain and the checkers advance, over a time that is long enough to be true: that of
 * the last 64 blocks, two seconds at least and five minutes at most. Pure. Before: sync/sync.c
 * looks. After: figures.def, reason.c, the page's time left. */
#ifndef SYNC_PACE_H
#define SYNC_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACE_MARKS = 301 }; /* one a second */

struct pace_mark {
	uint64_t ms, height, hashes;
};

struct pace {
	struct pace_mark marks[PACE_MARKS];
	size_t count, newest;
	bool behind;
	double blocks, hashes; /* a second */
};

void pace_begin(struct pace *p, const struct pace_mark *now);

/* To be called now and then; while the node is not behind only the last seconds count. */
void pace_look(struct pace *p, const struct pace_mark *now, bool behind);

#endif
