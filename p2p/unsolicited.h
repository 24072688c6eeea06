/* What a peer sends that nobody asked for, in bytes: limits.conn_unasked_bytes of it are read a
 * second, then reading from that peer waits. An endless stream so costs its sender time, not us.
 * Free are answers, as many as we asked for, and GetBlock: what it brings out bounds it. Pure.
 * Before and after: p2p/peer.c. */
#ifndef P2P_UNSOLICITED_H
#define P2P_UNSOLICITED_H

#include "base/bound.h"
#include "p2p/wire.h"

/* A zeroed one is ready. */
struct unsolicited {
	uint64_t open[MSG_COUNT]; /* messages of ours that were not answered */
	uint64_t debt;            /* bytes read and not yet made up for by time */
	uint64_t since;           /* monotonic milliseconds: when that was so */
	uint64_t waits;           /* how often reading had to wait */
};

/* We sent a message: one answer to it is free. */
void unsolicited_sent(struct unsolicited *u, enum message_type t);

/* A message came in a frame of so many bytes, at `now` (monotonic milliseconds). Returns for how
 * many milliseconds reading is to wait, 0 = not; `rate` is limits.conn_unasked_bytes, in bytes a
 * second, and counts its hits. */
uint64_t unsolicited_came(
	struct unsolicited *u, enum message_type t, size_t bytes, struct bound *rate, uint64_t now);

#endif
