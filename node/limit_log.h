/* Writes into the log which rows of limits.def were at their bound, at most once a minute for each
 * row. */
#ifndef NODE_LIMIT_LOG_H
#define NODE_LIMIT_LOG_H

#include "config/limits.h"

struct limit_log {
	uint64_t next_ms; /* no look before then; monotonic */
	struct {
		uint64_t hits;    /* how many of its hits were logged */
		uint64_t next_ms; /* no line before then */
	} row[LIMIT_ROWS];
};

/* To be called now and then, with the monotonic time. `last`: the node stops, so all hits that were
 * not logged yet are logged now. */
void limit_log_tick(struct limit_log *w, const struct limits *l, uint64_t now_ms, bool last);

/* Copies the log's own counts into the row log_buffer_bytes. The log counts for itself, because it
 * also does so on other threads. */
void limit_log_refresh(struct limits *l);

#endif
