/* Is our own line alive? When no peer delivers anything, the silence of one peer is no proof
 * against that peer. Pure: the caller passes the time.
 * Before: p2p/conn.c notes arriving bytes. After: p2p/conn_time.c and sync/sync_line.c give a peer
 * more time while the line is doubted. */
#ifndef P2P_LINE_LIFE_H
#define P2P_LINE_LIFE_H

#include <stdbool.h>

#include "config/limits.h"

/* The least rate, in bytes a second, at which a frame that was begun has to arrive. */
enum { CONN_LEAST_RATE = 512 };

/* When bytes of any peer arrived, in monotonic milliseconds, over all connections together. */
struct line_life {
	uint64_t heard;   /* last; 0 = never */
	uint64_t back;    /* when bytes came again after a silence; 0 = there was none */
	uint64_t silence; /* how long that silence was */
};

/* Bytes of some peer have arrived at `now`. */
void line_life_heard(struct line_life *l, uint64_t now, const struct limits *limits);

/* May a peer whose answer is due since `since` be late because our own line was silent? Yes while
 * no peer delivers anything; and after such a silence for as long again, because TCP doubles its
 * retransmission time. Both times are monotonic milliseconds. */
bool line_life_doubted(
	const struct line_life *l, uint64_t since, uint64_t now, const struct limits *limits);

/* The time-out, in milliseconds, that holds instead of `timeout` while the line is doubted; never
 * less than that. */
uint64_t line_life_patience(uint64_t timeout, const struct limits *limits);

#endif
