/* Keeps the last lines of the log, for the status page and the clients of /events. Each line has a
 * number that is never used again, so that a reader can continue where it stopped. Any thread may
 * call any of these. Before: base/log.c. After: api/events.c, web/page_home.c. */
#ifndef BASE_LOG_TAIL_H
#define BASE_LOG_TAIL_H

#include <pthread.h>

#include "base/log.h"

enum { LOG_TAIL_LINES = 40, LOG_TAIL_TEXT = 248 };

struct log_tail_line {
	enum log_level level;
	char text[LOG_TAIL_TEXT]; /* cut when it is longer */
};

struct log_tail {
	pthread_mutex_t lock; /* protects the rest; held only while a line is copied */
	uint64_t count;       /* lines so far, of which the last LOG_TAIL_LINES are kept */
	struct log_tail_line lines[LOG_TAIL_LINES];
};

/* An empty list; it needs no memory of its own. */
void log_tail_init(struct log_tail *t);
void log_tail_clear(struct log_tail *t); /* no thread may use it any more */

/* Copies the line over the oldest one. Returns its number; the first is 0. */
uint64_t log_tail_put(struct log_tail *t, enum log_level level, const char *text);

/* The number of the oldest line kept; if there is none, that of the next line. */
uint64_t log_tail_first(struct log_tail *t);

/* The number that the next line will have. */
uint64_t log_tail_next(struct log_tail *t);

/* Copies the line with this number. False when it is no longer kept, or not written yet. */
bool log_tail_get(struct log_tail *t, uint64_t number, struct log_tail_line *to);

#endif
