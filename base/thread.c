/* Starting a thread of the node. See thread.h. */
#include "base/thread.h"

#include <signal.h>

/* A thread is born with the mask of the one that makes it. */
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
