/* Starts threads with the right signal mask. Before and after: see thread.h. */
#include "base/thread.h"

#include <signal.h>

/* A new thread inherits the signal mask of its creator, so that is changed around pthread_create();
 * a signal cannot reach the thread before. */
bool thread_start(pthread_t *thread, void *(*main)(void *), void *ctx)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
	sigset_t most, before;

	sigfillset(&most);
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		sigdelset(&most, faults[i]);
	pthread_sigmask(SIG_SETMASK, &most, &before);
	int rc = pthread_create(thread, NULL, main, ctx);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0;
}
