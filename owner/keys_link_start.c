/* Role: the node's end of the key process from its start, or the connection to a signer, to the
 * end.
 * Before: node/. After: owner/keys_start.c; owner/keys_link.c asks it and hears it. */
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "owner/keys_link_internal.h"
#include "owner/keys_start.h"

enum { PATIENCE = 2000 /* ms that a process gets to end by itself */ };

struct keys_link *keys_link_new(
	struct event_base *base, const struct keys_hooks *hooks, struct bound *requests)
{
	struct keys_link *l = mem_alloc(sizeof *l);

	if (!l)
		return NULL;
	l->base = base;
	l->hooks = *hooks;
	l->fd = -1;
	fifo_init(&l->waiting, requests, sizeof(struct keys_link_waiting));
	l->space = mem_alloc_unset(sizeof *l->space);
	if (!l->space) {
		mem_free(l);
		return NULL;
	}
	l->rows = l->state.rows = l->space->rows[0];
	l->fresh_rows = l->space->rows[1];
	return l;
}

void keys_link_free(struct keys_link *l)
{
	if (!l)
		return;
	keys_link_stop(l);
	fifo_clear(&l->waiting);
	mem_free(l->space);
	mem_free(l);
}

/* The first message of all. */
static bool send_settings(struct keys_link *l, const struct keys_settings *settings)
{
	uint8_t bytes[64];
	struct wr w = wr_of(bytes, sizeof bytes);

	keys_settings_put(&w, settings);
	return keys_link_ask(l, (struct keys_message){.kind = KEYS_SETTINGS, .bytes = wr_done(&w)},
		-1, NULL, NULL);
}

bool keys_link_start(struct keys_link *l, const struct keys_settings *settings, int listener,
	int journal, char why[KEYS_TEXT_MAX])
{
	int pair[2];

	if (l->fd >= 0) {
		snprintf(why, KEYS_TEXT_MAX, "the key process runs already");
		return false;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		snprintf(why, KEYS_TEXT_MAX, "cannot start the key process: %s", strerror(errno));
		return false;
	}
	pid_t pid = keys_start(pair[1], listener, journal, why);
	close(pair[1]);
	l->pid = pid > 0 ? pid : 0;
	l->fd = pair[0];
	l->away = false;
	if (pid > 0 && keys_link_watch(l) && send_settings(l, settings))
		return true;
	if (pid > 0) {
		keys_end(pid, why);
		snprintf(why, KEYS_TEXT_MAX, "cannot start the key process: out of memory");
	}
	keys_link_forget_all(l);
	return false;
}

/* Without waiting: what queues up there for longer than it takes has no room. */
static int connect_to(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int n = snprintf(a.sun_path, sizeof a.sun_path, "%s", path), fd = -1;

	errno = ENAMETOOLONG;
	if (n > 0 && (size_t)n < sizeof a.sun_path)
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

bool keys_link_connect(struct keys_link *l, const char *path, char why[KEYS_TEXT_MAX])
{
	if (l->fd >= 0) {
		snprintf(why, KEYS_TEXT_MAX, "the signer is connected already");
		return false;
	}
	l->away = true;
	l->fd = connect_to(path);
	if (l->fd < 0) {
		snprintf(why, KEYS_TEXT_MAX, "no signer answers at %.200s: %s", path,
			strerror(errno));
		return false;
	}
	if (keys_link_watch(l)) {
		keys_link_await_word(l);
		return true;
	}
	keys_link_forget_all(l);
	snprintf(why, KEYS_TEXT_MAX, "out of memory");
	return false;
}

/* The other side of the socket is closed when the process has ended. */
static void await_end(int fd)
{
	struct pollfd p = {fd, POLLIN, 0};
	uint8_t bytes[1024];

	shutdown(fd, SHUT_WR);
	while (poll(&p, 1, PATIENCE) > 0 && recv(fd, bytes, sizeof bytes, 0) > 0)
		;
}

void keys_link_stop(struct keys_link *l)
{
	char why[KEYS_TEXT_MAX];

	if (l->fd < 0)
		return;
	if (!l->away) {
		await_end(l->fd);
		keys_end(l->pid, why);
	}
	keys_link_forget_all(l);
}
