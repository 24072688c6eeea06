/* Waits until a node that was told to stop has ended, so that a script can start another one at
 * once and finds neither the lock nor the ports taken. Before: cli/ctl.c got the answer to `stop`.
 * After: watches the process and the lock file. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/ctl.h"

enum {
	CHECK_MS = 50,
	PATIENCE_MS = 30000, /* on top of node.drain: a slow disk may need it for the last blocks */
	/* The node unlocks a moment before its process ends. Waiting for the process alone is not
	 * enough: when the service manager opened the socket, the peer's process number is the
	 * manager's, and that one does not end. */
	AFTER_LOCK_MS = 2000,
};

/* Two signs that the node still runs; −1 = we cannot see that one. */
struct watched {
	int process; /* pidfd of the process */
	int lock;    /* the file "lock" in the data directory, which the node keeps locked */
};

static struct watched watch(const struct config *c, pid_t pid)
{
	struct watched r = {-1, -1};
	char path[CONFIG_TEXT_MAX + 8];

#ifdef SYS_pidfd_open
	if (pid > 1)
		r.process = (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
#endif
	snprintf(path, sizeof path, "%s/lock", c->data_dir);
	r.lock = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return r;
}

static void stop_watching(struct watched *r)
{
	if (r->process >= 0)
		close(r->process);
	if (r->lock >= 0)
		close(r->lock);
}

static bool is_locked(const struct watched *r)
{
	if (r->lock < 0)
		return false;
	if (flock(r->lock, LOCK_SH | LOCK_NB) != 0)
		return errno == EWOULDBLOCK || errno == EINTR;
	flock(r->lock, LOCK_UN);
	return false;
}

/* Waits CHECK_MS for the process to end; true when it has ended. */
static bool has_ended(const struct watched *r)
{
	struct pollfd p = {.fd = r->process, .events = POLLIN};

	return poll(&p, 1, CHECK_MS) > 0 && p.revents & POLLIN;
}

/* Waits until the process has ended. Once it has unlocked the store it gets AFTER_LOCK_MS more
 * (none when we cannot see the process), and then counts as ended. */
static bool wait_for_end(const struct watched *r, uint64_t until)
{
	bool unlocked = r->lock < 0;

	while (!has_ended(r)) {
		uint64_t now = clock_mono(&clock_system);

		if (!unlocked && !is_locked(r)) {
			unlocked = true;
			until = now + (r->process < 0 ? 0 : AFTER_LOCK_MS);
		}
		if (now >= until)
			return unlocked && r->lock >= 0;
	}
	return true;
}

bool ctl_wait_for_end(const struct config *c, pid_t pid)
{
	struct watched r = watch(c, pid);
	uint64_t until = clock_mono(&clock_system) + c->drain + PATIENCE_MS;
	bool nothing = r.process < 0 && r.lock < 0;
	bool ended = nothing || wait_for_end(&r, until);

	stop_watching(&r);
	if (!ended)
		cli_error(
			"stop: the node was told to stop, and has not ended after %llu s; its log "
			"says what it waits for",
			(unsigned long long)((c->drain + PATIENCE_MS) / 1000));
	return ended;
}
