/* A bounded queue of small items from one event loop's thread to another's: commands one way, and
 * replies the other way in a second queue. Each has a descriptor that the taking loop watches.
 *
 * Who owns an item: what loop_queue_put() took is the queue's until loop_queue_take() gives it out;
 * what it refused stays the caller's. What nobody took is given to `drop` by loop_queue_free().
 *
 * How two loops stop: the side that puts calls loop_queue_close(), which cannot fail, as a command
 * in a full queue could. The taking side takes what is left, is told ERR_STOPPING, and ends. When
 * its thread was joined, whoever made the queues frees both.
 *
 * Threads: put, take and close from any; a mutex is held for a copy of one item, so nobody waits
 * for long, and several may put (a queue without locks would be for two threads only, and the
 * descriptor's system call costs more than the lock). The row belongs to the queue's lock: a row
 * for each queue.
 * Before: the loop that puts. After: the loop that takes. */
#ifndef BASE_LOOP_QUEUE_H
#define BASE_LOOP_QUEUE_H

#include <stddef.h>

#include "base/bound.h"
#include "base/err.h"

struct loop_queue;

/* Room for row->max items of `item_size` bytes, had at once, so that no put asks for memory; a row
 * that is raised later changes nothing. `row` outlives the queue. `drop` frees what an item holds,
 * NULL = nothing; called on the thread of loop_queue_free(). NULL when there is no memory or no
 * descriptor. */
struct loop_queue *loop_queue_new(struct bound *row, size_t item_size, void (*drop)(void *item));

/* No thread uses it any more, and no loop watches its descriptor. NULL is fine. */
void loop_queue_free(struct loop_queue *q);

/* Copies the item in and wakes the other loop. Never waits: ERR_FULL (a hit of the row), or
 * ERR_STOPPING after loop_queue_close(). */
enum err loop_queue_put(struct loop_queue *q, const void *item);

/* Copies the oldest item out. ERR_NOT_FOUND: nothing waits. ERR_STOPPING: it is closed, and nothing
 * is left. */
enum err loop_queue_take(struct loop_queue *q, void *item);

/* Nothing more can be put; what waits can be taken. May be called twice. */
void loop_queue_close(struct loop_queue *q);

/* Readable as long as there is something to take or the queue is closed: a loop that watches it
 * (EV_READ | EV_PERSIST) may take as few items as it likes in a turn. Never read it. */
int loop_queue_fd(const struct loop_queue *q);

#endif
