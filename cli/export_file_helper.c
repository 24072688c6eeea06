/* The helper process that renames a snapshot into place in a directory that only root may write to.
 * Before: cli/export_file.c. After: the directory of the snapshot. */
#include "cli/export_file_helper.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The helper's answer. */
struct reply {
	char good;
	char error[sizeof((struct export_file *)0)->error];
};

static bool read_all(int fd, void *to, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = read(fd, (char *)to + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static bool send_all(int fd, const void *from, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = send(fd, (const char *)from + done, size - done, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

/* The helper's life: waits for one byte, calls `put` and answers. When the connection closes
 * instead, the other process has ended, in whatever way. It ignores signals that a terminal sends
 * to all processes, so that it can still remove the temporary file. */
static void help(struct export_file *t, int fd, bool (*put)(struct export_file *t))
{
	struct reply r = {0};
	char word;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (read_all(fd, &word, 1)) {
		r.good = put(t);
		memcpy(r.error, t->error, sizeof r.error);
		send_all(fd, &r, sizeof r);
	}
	if (t->temporary[0])
		unlinkat(t->dir, t->temporary, 0);
	_exit(0);
}

bool export_file_helper_start(struct export_file *t, bool (*put)(struct export_file *t))
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0) {
		t->helper_pid = fork();
		if (t->helper_pid == 0) {
			close(pair[0]);
			help(t, pair[1], put);
		}
		close(pair[1]);
		t->helper = pair[0];
		if (t->helper_pid > 0) {
			t->temporary[0] = 0; /* from now on the helper removes it */
			return true;
		}
	}
	snprintf(t->error, sizeof t->error, "%s: cannot begin: %s", t->name, strerror(errno));
	return false;
}

bool export_file_helper_ask(struct export_file *t)
{
	struct reply r;

	if (send_all(t->helper, "p", 1) && read_all(t->helper, &r, sizeof r)) {
		memcpy(t->error, r.error, sizeof t->error);
		return r.good;
	}
	snprintf(t->error, sizeof t->error,
		"%s: cannot be given its name: the process for that is gone", t->name);
	return false;
}

void export_file_helper_end(struct export_file *t)
{
	if (t->helper < 0)
		return;
	close(t->helper);
	while (waitpid(t->helper_pid, NULL, 0) < 0 && errno == EINTR)
		;
	t->helper = -1;
}
