/* Runs the rest of a command in a child, so that it gets another process number. Before:
 * cli/offline.c. After: the same command continues in the child. */
#include "cli/child.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t child_pid; /* read by the signal handler */

static void pass_on(int number)
{
	if (child_pid > 0)
		kill((pid_t)child_pid, number);
}

static void catch_signals(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction sa = {.sa_handler = pass_on};

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		sigaction(numbers[i], &sa, NULL);
}

/* Ends this process the way the child ended, because our caller waits for us and reads our status.
 */
static void end_as(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	signal(WTERMSIG(status), SIG_DFL);
	raise(WTERMSIG(status));
	_exit(128 + WTERMSIG(status)); /* process 1 of a container survives its own signal */
}

bool child_goes_on(void)
{
	pid_t parent = getpid();

	fflush(stdout);
	pid_t pid = fork();
	if (pid < 0)
		return false;
	if (pid > 0) {
		child_pid = pid;
		catch_signals();
		end_as(pid);
	}
	/* End with the parent: others know only its number, and would not find us. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(128 + SIGKILL);
	return true;
}
