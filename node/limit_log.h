/* Says in the log when a row of limits.def was at its bound, once a minute for each row. */
#ifndef NODE_LIMIT_LOG_H
#define NODE_LIMIT_LOG_H

#include "config/limits.h"

struct limit_log {
	uint64_t next_ms; /* monotonic; not before then */
	struct {
		uint64_t hits; /* told of */
		uint64_t next_ms;
	} row[LIMIT_ROWS];
};

/* Every now and then; `last`: the node stops, tell all that is untold. */
void limit_log_look(struct limit_log *w, const struct limits *l, uint64_t now_ms, bool last);

/* Brings the row log_buffer_bytes up to date: the log counts on other threads, too. */
void limit_log_refresh(struct limits *l);

#endif
