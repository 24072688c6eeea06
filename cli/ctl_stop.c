/* Waits until a stopped node is gone, so that what a script does next meets neither its lock nor
 * its ports. Before: cli/ctl.c got the answer to `stop`. After: the process and its lock. */
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
	LOOK_MS = 50,
	PATIENCE_MS = 30000, /* over node.drain: a slow disk takes the last blocks */
	/* The lock is given back a moment before the process ends. Whoever listens for a node,
	   the service manager, has our end of the socket, and does not end. */
	AFTER_LOCK_MS = 2000,
};

/* What is left of the node; each −1 when it cannot be seen. */
struct remains {
	int process; /* a descriptor of the process */
	int lock;    /* the file that it holds locked */
};

static struct remains look_for(const struct config *c, pid_t pid)
{
	struct remains r = {-1, -1};
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

static void forget(struct remains *r)
{
	if (r->process >= 0)
		close(r->process);
	if (r->lock >= 0)
		close(r->lock);
}

static bool is_locked(const struct remains *r)
{
	if (r->lock < 0)
		return false;
	if (flock(r->lock, LOCK_SH | LOCK_NB) != 0)
		return errno == EWOULDBLOCK || errno == EINTR;
	flock(r->lock, LOCK_UN);
	return false;
}

/* Waits a moment for the end of the process; true when it is there. */
static bool has_ended(const struct remains *r)
{
	struct pollfd p = {.fd = r->process, .events = POLLIN};

	return poll(&p, 1, LOOK_MS) > 0 && p.revents & POLLIN;
}

static bool wait_for_end(const struct remains *r, uint64_t until)
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

bool ask_wait_for_end(const struct config *c, pid_t pid)
{
	struct remains r = look_for(c, pid);
	uint64_t until = clock_mono(&clock_system) + c->drain + PATIENCE_MS;
	bool nothing = r.process < 0 && r.lock < 0;
	bool ended = nothing || wait_for_end(&r, until);

	forget(&r);
	if (!ended)
		cli_error(
			"stop: the node was told to stop, and has not ended after %llu s; its log "
			"says what it waits for",
			(unsigned long long)((c->drain + PATIENCE_MS) / 1000));
	return ended;
}
