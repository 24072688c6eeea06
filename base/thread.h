/* Starts a thread with the right signal mask. Before: the part that owns the thread and joins it.
 * After: pthreads. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Runs main(ctx) on a new thread, which the caller joins with pthread_join(). All signals are
 * blocked in it, because the node's loop handles them, except those that the thread's own faults
 * raise: reading a damaged store raises one, and its handler must run. May be called from any
 * thread. False when no thread can be made. */
bool thread_start(pthread_t *thread, void *(*main)(void *), void *ctx);

#endif
