/* Measures how fast the bytes of a peer come in. Only time during which we wanted it counts: a peer
 * without open requests is not slow. Pure: the caller passes count and time. Before:
 * sync/sync_line.c counts. After: it decides by the rate. */
#ifndef SYNC_RATE_H
#define SYNC_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate {
	uint64_t last_ms, last; /* when the last sample was taken, monotonic; the count then */
	double per_second;      /* smoothed over some seconds; 0 at first */
	bool wanted;            /* it has been wanted since the last sample */
	bool known;             /* per_second was measured: something came while it was wanted */
};

/* Takes a sample; to be called a few times a second, and when `wanted` changes. *r begins with all
 * fields zero. `count`: how much has come in all; if it is smaller than before, nothing came.
 * `wanted`: we are waiting for more. `now_ms`: monotonic. */
void rate_update(struct rate *r, uint64_t count, bool wanted, uint64_t now_ms);

#endif
