/* The last lines of the log in a ring, under a lock. Before and after: see log_tail.h. */
#include "base/log_tail.h"

#include <stdio.h>

void log_tail_init(struct log_tail *t)
{
	t->count = 0;
	pthread_mutex_init(&t->lock, NULL);
}

void log_tail_clear(struct log_tail *t)
{
	pthread_mutex_destroy(&t->lock);
}

static uint64_t first_of(const struct log_tail *t)
{
	return t->count < LOG_TAIL_LINES ? 0 : t->count - LOG_TAIL_LINES;
}

uint64_t log_tail_put(struct log_tail *t, enum log_level level, const char *text)
{
	pthread_mutex_lock(&t->lock);
	uint64_t number = t->count++;
	struct log_tail_line *line = &t->lines[number % LOG_TAIL_LINES];
	line->level = level;
	snprintf(line->text, sizeof line->text, "%s", text);
	pthread_mutex_unlock(&t->lock);
	return number;
}

uint64_t log_tail_first(struct log_tail *t)
{
	pthread_mutex_lock(&t->lock);
	uint64_t first = first_of(t);
	pthread_mutex_unlock(&t->lock);
	return first;
}

uint64_t log_tail_next(struct log_tail *t)
{
	pthread_mutex_lock(&t->lock);
	uint64_t next = t->count;
	pthread_mutex_unlock(&t->lock);
	return next;
}

bool log_tail_get(struct log_tail *t, uint64_t number, struct log_tail_line *to)
{
	pthread_mutex_lock(&t->lock);
	bool kept = number >= first_of(t) && number < t->count;
	if (kept)
		*to = t->lines[number % LOG_TAIL_LINES];
	pthread_mutex_unlock(&t->lock);
	return kept;
}
