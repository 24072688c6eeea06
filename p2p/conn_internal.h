/* Declarations shared by conn.c, conn_time.c and conn_pool.c. All other files use p2p/conn.h. */
#ifndef P2P_CONN_INTERNAL_H
#define P2P_CONN_INTERNAL_H

#include "p2p/conn.h"

/* Adds the connection to the pool and counts it against max_connections. The count drops when the
 * connection is marked for closing, not when it is freed, so that an eviction makes room at once.
 * False when the limit is reached. */
bool conn_pool_link(struct conn_pool *p, struct conn *c);

/* For a connection that could not be opened: frees its parts, but not the struct itself, and calls
 * no hook. */
void conn_abandon(struct conn *c);

/* Sets the timer again if the earliest deadline is now earlier than the timer's. */
void conn_schedule(struct conn *c);

/* The time limit that has passed, or NULL. */
struct bound *conn_overdue(struct conn *c, uint64_t now);

/* Monotonic milliseconds. */
static inline uint64_t conn_now(const struct conn *c)
{
	return clock_mono(c->pool->clock);
}

/* While flushing: if all output is with the kernel, sets the time at which the connection is
 * closed. */
void conn_delivered(struct conn *c);

/* Calls drained() for connections whose writes were refused at send_total_bytes, once less than
 * half of that is in use. */
void conn_pool_resume_writers(struct conn_pool *p);

#endif
