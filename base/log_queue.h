/* A ring of log lines, and a thread that writes them, because a pipe, a terminal or a file on a
 * slow disk may keep a writer waiting, and no other thread may wait. O_NONBLOCK is no alternative:
 * every process that shares standard error would see it. Nor is poll(): it promises nothing about a
 * terminal, or a pipe that others write to.
 *
 * Before: base/log.c, from any thread. After: the descriptor. */
#ifndef BASE_LOG_QUEUE_H
#define BASE_LOG_QUEUE_H

#include <stddef.h>

#include "base/log_line.h"

struct log_queue;

/* Makes a ring of `bytes` bytes (LOG_LINE_MAX at least) and its thread, which writes to `fd`; the
 * caller keeps `fd`. NULL when there is no memory or no thread. log_queue_stop() frees it. */
struct log_queue *log_queue_start(size_t bytes, int fd);

/* Puts a line into the ring; never waits for the writer. A line that does not fit is lost and
 * counted; a line tells the number of lost ones as soon as there is room. A quarter of the ring is
 * reserved for errors. */
void log_queue_put(struct log_queue *q, enum log_form form, const struct log_line *line);

/* Writes to `fd` from now on, also the lines already in the ring. Closes `old` as soon as the
 * thread does not write to it; −1 = nothing to close. */
void log_queue_turn(struct log_queue *q, int fd, int old);

/* Copies the counts of bytes and lost lines. */
void log_queue_facts(struct log_queue *q, struct log_facts *out);

/* Waits up to `wait_ms` until the ring is written, ends the thread and frees the queue. False when
 * the rest was lost. */
bool log_queue_stop(struct log_queue *q, unsigned wait_ms);

#endif
