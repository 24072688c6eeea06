/* Lines of the log that wait for whoever takes them: a pipe, a terminal, a file on a slow disk. A
 * thread of its own writes, because it may wait and nobody else may. O_NONBLOCK would be seen by
 * every process that shares standard error, and poll() promises nothing about a terminal or about
 * a pipe that others write into; a thread is right for all of them.
 *
 * Before: base/log.c, from any thread. After: the descriptor. */
#ifndef BASE_LOG_QUEUE_H
#define BASE_LOG_QUEUE_H

#include <stddef.h>

#include "base/log_line.h"

struct log_queue;

/* Room for `bytes` of lines, LOG_LINE_MAX at least; lines go to `fd`, which is the caller's. NULL
 * when there is no memory or no thread. */
struct log_queue *log_queue_start(size_t bytes, int fd);

/* Never waits for whoever takes the lines. One that finds no room is lost and counted; how many
 * were lost is said in a line as soon as that fits. Errors have a quarter of the room for
 * themselves. */
void log_queue_put(struct log_queue *q, enum log_form form, const struct log_line *line);

/* Lines go to `fd` from now on, also those that wait. `old` is closed as soon as nobody writes to
 * it; −1 = nothing to close. */
void log_queue_turn(struct log_queue *q, int fd, int old);

void log_queue_facts(struct log_queue *q, struct log_facts *out);

/* Waits for what is left to be taken, `wait_ms` at most, and frees. False when lines were lost in
 * the end. */
bool log_queue_stop(struct log_queue *q, unsigned wait_ms);

#endif
