/* Measures how fast the bytes of a peer come in, smoothed over some seconds. Before:
 * sync/sync_line.c counts them. After: it decides by the rate. */
#include "sync/rate.h"

enum {
	CHECK_MS = 250, /* shortest time between two samples */
	UP_MS = 1000,   /* a faster rate is adopted within about this time */
	DOWN_MS = 8000, /* a slower one later: lines pause now and then without being slow */
};

/* Moves the rate towards the sample, the more the longer the sample lasted. */
static void take(struct rate *r, double sample, uint64_t span)
{
	double memory = sample > r->per_second ? UP_MS : DOWN_MS;

	if (!r->known && sample > 0)
		r->per_second = sample;
	else
		r->per_second += (sample - r->per_second) * (double)span / ((double)span + memory);
	r->known = r->known || sample > 0;
}

void rate_update(struct rate *r, uint64_t count, bool wanted, uint64_t now_ms)
{
	uint64_t span = now_ms - r->last_ms;
	bool goes_on = r->wanted && wanted;

	if (goes_on && span < CHECK_MS)
		return;
	if (goes_on && count < r->last)
		count = r->last;
	else if (goes_on && count == r->last && !r->known)
		return; /* the first bytes need a round trip, which says nothing about the rate */
	if (goes_on)
		take(r, (double)(count - r->last) * 1000 / (double)span, span);
	r->wanted = wanted;
	r->last_ms = now_ms;
	r->last = count;
}
