/* Starting a thread of the node. Before: whoever owns the thread, and joins it. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Runs main(ctx) on a thread of its own, which the caller joins with pthread_join(). The thread
 * hears no signal but those that its own faults raise: signals are for the node's loop. A fault
 * must reach its handler, because a store whose file is damaged shows itself as one. From any
 * thread. False when there is no thread to be had. */
bool thread_start(pthread_t *thread, void *(*main)(void *), void *ctx);

#endif
