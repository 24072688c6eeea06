/* A bounded queue of small items from one event loop's thread to another's, for example commands;
 * replies go back in a second queue. Each queue has a descriptor that the receiving loop watches.
 *
 * Ownership: an item that loop_queue_put() accepted belongs to the queue until loop_queue_take()
 * returns it; a refused one stays the caller's. loop_queue_free() passes the items that are left to
 * `drop`.
 *
 * Stopping two loops: the sending side calls loop_queue_close(), which cannot fail, unlike a
 * command for a full queue. The receiving side takes the items that are left, gets ERR_STOPPING,
 * and ends. When its thread was joined, the part that made the queues frees both.
 *
 * Threads: any may put, take and close. A mutex is held while one item is copied, so nobody waits
 * for long, and several threads may put. (A lock-free queue would be limited to two threads, and
 * the descriptor's system call costs more than the lock.) The bound belongs to the queue's lock, so
 * each queue needs its own row.
 * Before: the loop that puts. After: the loop that takes. */
#ifndef BASE_LOOP_QUEUE_H
#define BASE_LOOP_QUEUE_H

#include <stddef.h>

#include "base/bound.h"
#include "base/err.h"

struct loop_queue;

/* Allocates room for row->max items of `item_size` bytes at once, so that no put needs memory;
 * raising the bound later has no effect. `bound` must outlive the queue. `drop` frees what an item
 * holds, NULL = nothing; loop_queue_free() calls it. NULL when there is no memory or no descriptor.
 */
struct loop_queue *loop_queue_new(struct bound *bound, size_t item_size, void (*drop)(void *item));

/* Frees the queue. No thread may use it any more, and no loop may watch its descriptor. NULL is
 * allowed. */
void loop_queue_free(struct loop_queue *q);

/* Copies the item into the queue and wakes the other loop. Never waits. ERR_FULL (a hit of the
 * row), or ERR_STOPPING after loop_queue_close(). */
enum err loop_queue_put(struct loop_queue *q, const void *item);

/* Copies the oldest item out. ERR_NOT_FOUND: the queue is empty. ERR_STOPPING: it is empty and
 * closed. */
enum err loop_queue_take(struct loop_queue *q, void *item);

/* Refuses further items; those inside can still be taken. May be called twice. */
void loop_queue_close(struct loop_queue *q);

/* A descriptor that is readable while there is something to take, or the queue is closed. A loop
 * that watches it (EV_READ | EV_PERSIST) may take as few items in a turn as it likes. Do not read
 * from it. Owned by the queue. */
int loop_queue_fd(const struct loop_queue *q);

#endif
