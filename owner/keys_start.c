/* Role: fork and exec of the key process, and its end.
 * Before: owner/keys_link.c. After: cli/key_process.c, in the new process. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "owner/keys_filter.h"
#include "owner/keys_start.h"

enum {
	FIRST_FREE = KEYS_FD_JOURNAL + 1,
	ABOVE = 32, /* copies that are in nobody's way */
	FDS_MOST = 65536,
	COPIES = 4,
	CANNOT = 127, /* exit status, as a shell's */
	PATH_SIZE = 4096,
};

void keys_close_from(int first)
{
#ifdef __NR_close_range
	if (syscall(__NR_close_range, first, ~0U, 0) == 0)
		return;
#endif
	for (int fd = first; fd < FDS_MOST; fd++)
		close(fd);
}

/* In the child, beside other threads' locks: calls of the kernel alone. copies: /dev/null, then
 * what goes to KEYS_FD_NODE and the following. */
static void become(const int copies[COPIES], const char *file)
{
	static char name[] = "alfisd", command[] = KEYS_COMMAND;
	char *arguments[] = {name, command, NULL}, *environment[] = {NULL};
	bool good = setsid() >= 0;

	for (int fd = 0; fd < KEYS_FD_NODE; fd++)
		good &= dup2(copies[0], fd) == fd;
	for (int i = 1; i < COPIES; i++)
		good &= dup2(copies[i], KEYS_FD_NODE + i - 1) == KEYS_FD_NODE + i - 1;
	keys_close_from(FIRST_FREE);
	if (good)
		execve(file, arguments, environment);
	_exit(CANNOT);
}

/* The program's own file, whatever was installed in its place meanwhile. Under valgrind that link
 * is valgrind itself for whoever executes it, and our program for whoever reads it. */
static const char *own_file(char path[PATH_SIZE])
{
	static const char link[] = "/proc/self/exe";
	ssize_t n = filter_runs_under_valgrind() ? readlink(link, path, PATH_SIZE - 1) : 0;

	if (n <= 0)
		return link;
	path[n] = '\0';
	return path;
}

static int copy(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, ABOVE);
}

pid_t keys_start(int node, int listener, int journal, char why[KEYS_TEXT_MAX])
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int copies[COPIES] = {copy(null), copy(node), copy(listener), copy(journal)};
	bool good = copies[0] >= 0 && copies[1] >= 0 && copies[2] >= 0 && copies[3] >= 0;
	char path[PATH_SIZE];
	const char *file = own_file(path);
	pid_t pid = good ? fork() : -1;

	if (pid == 0)
		become(copies, file);
	if (pid < 0)
		snprintf(why, KEYS_TEXT_MAX, "cannot start the key process: %s", strerror(errno));
	for (int i = 0; i < COPIES; i++)
		if (copies[i] >= 0)
			close(copies[i]);
	if (null >= 0)
		close(null);
	return pid;
}

void keys_end(pid_t pid, char why[KEYS_TEXT_MAX])
{
	int status = 0;

	kill(pid, SIGKILL); /* does nothing to one that has ended */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		snprintf(why, KEYS_TEXT_MAX, "the key process was ended by signal %d (%s)",
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == CANNOT)
		snprintf(why, KEYS_TEXT_MAX, "the key process cannot be executed: is /proc there?");
	else
		snprintf(why, KEYS_TEXT_MAX, "the key process ended with status %d",
			WEXITSTATUS(status));
}
