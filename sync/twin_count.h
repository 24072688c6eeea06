/* How many network groups of the peers show which copy of a block that was signed twice. "Network"
 * here means such a group (netaddr_group() in net/addr.h). Before: sync/twin.c. After:
 * sync/peer_link.h tells the address of a peer. */
#ifndef SYNC_TWIN_COUNT_H
#define SYNC_TWIN_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sync;

struct twin_counts {
	size_t all;    /* networks of the peers that were asked */
	bool silent;   /* one of these peers did not answer yet */
	size_t ours;   /* networks that show our copy */
	size_t theirs; /* networks that show the other copy which most show, */
	size_t firm;   /* and those of them in which every peer that was asked has answered */
	uint64_t tail; /* names that other copy, as twin.tail names ours */
	bool more;     /* more networks show it than ours; when equal, more that we dialled */
};

/* Each host has one vote for each copy that it shows. Each network has one vote, for the copy that
 * most of its hosts show, and none when two copies are equal there. Always fills *c. */
void twin_count(const struct sync *s, struct twin_counts *c);

#endif
