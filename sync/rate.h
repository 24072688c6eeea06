/* How fast something comes in: the bytes of a peer, the hashes of the checkers. Only the time
 * during which it is wanted counts. Pure. Before: sync/sync_line.c looks. After: it decides. */
#ifndef SYNC_RATE_H
#define SYNC_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate {
	uint64_t last_ms, last; /* the count at that time */
	double per_second;      /* smoothed over some seconds */
	bool wanted;            /* since then */
	bool known;             /* something came while it was wanted */
};

/* To be called a few times a second. `count` only grows, as a rule; when it is smaller than before
 * nothing came. */
void rate_update(struct rate *r, uint64_t count, bool wanted, uint64_t now_ms);

#endif
