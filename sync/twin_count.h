/* How many of the peers' networks show which copy of a block that was signed twice.
 * Before: sync/twin.c. After: sync/peer_link.h tells where a peer is. */
#ifndef SYNC_TWIN_COUNT_H
#define SYNC_TWIN_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sync;

struct twin_counts {
	size_t all;    /* networks of those who were asked */
	bool silent;   /* one of them did not answer yet */
	size_t ours;   /* networks that show our copy */
	size_t theirs; /* and the other copy that most show, */
	size_t firm;   /* of these: networks in which nobody is silent */
	uint64_t tail; /* where its signature ends */
	bool more;     /* it has more than ours: of all, or, when equal, of those that we dialled */
};

/* Each host has one voice for each copy that it shows, each network one for the copy that most of
 * its hosts show: none when two copies are equal there. */
void twin_count(const struct sync *s, struct twin_counts *c);

#endif
