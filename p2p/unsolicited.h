/* Limits what a peer sends without our request: limits.conn_unasked_bytes are read from it in a
 * second, then reading pauses. So an endless stream costs its sender time and us little. Not
 * counted are replies to our own requests, and GetBlock, because serving it is limited by the
 * peer's output buffer. Pure.
 * Before and after: p2p/peer.c. */
#ifndef P2P_UNSOLICITED_H
#define P2P_UNSOLICITED_H

#include "base/bound.h"
#include "p2p/wire.h"

/* A zeroed one is ready. */
struct unsolicited {
	uint64_t open[MSG_COUNT]; /* messages of ours that were not answered */
	uint64_t debt;            /* bytes counted, less what time has paid off */
	uint64_t since;           /* monotonic milliseconds: when `debt` was computed */
	uint64_t waits;           /* how often reading was paused */
};

/* We sent a message: one answer to it is free. */
void unsolicited_sent(struct unsolicited *u, enum message_type t);

/* A message came in a frame of so many bytes, at `now` (monotonic milliseconds). Returns for how
 * many milliseconds reading is to wait, 0 = not; `rate` is limits.conn_unasked_bytes, in bytes a
 * second, and counts its hits. */
uint64_t unsolicited_came(
	struct unsolicited *u, enum message_type t, size_t bytes, struct bound *rate, uint64_t now);

#endif
