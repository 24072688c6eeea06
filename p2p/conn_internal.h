/* What conn.c, conn_time.c and conn_pool.c say to each other; everybody else uses p2p/conn.h. */
#ifndef P2P_CONN_INTERNAL_H
#define P2P_CONN_INTERNAL_H

#include "p2p/conn.h"

/* Takes a place of max_connections; it is given back at the mark, so that one who makes room makes
 * it at once. False when there is none. */
bool conn_pool_link(struct conn_pool *p, struct conn *c);

/* A connection that never began: frees its parts, but not its memory, and calls no hook. */
void conn_abandon(struct conn *c);

/* Arms the timer anew when the earliest deadline came nearer. */
void conn_schedule(struct conn *c);

/* The bound whose time is up, or NULL. */
struct bound *conn_overdue(struct conn *c, uint64_t now);

static inline uint64_t conn_now(const struct conn *c)
{
	return clock_mono(c->pool->clock);
}

/* While flushing: the kernel has everything. */
void conn_delivered(struct conn *c);

/* Calls drained() of those who were refused for the sum, when half of it is free again. */
void conn_pool_feed(struct conn_pool *p);

#endif
