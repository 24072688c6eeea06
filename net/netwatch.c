/* Role: notices when the machine has slept and when its addresses or links change. A change is
 * reported one second later, because changes come in groups, and at most once in PAUSE_S, because
 * some machines change all the time.
 * Before: the kernel; net/netwatch_read.c parses its messages. After: p2p/p2p_watch.c. */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#endif

#include "base/human.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/netwatch.h"

enum {
	TICK_S = 5,
	SLEPT_MS = 30000, /* a shorter sleep is not reported: connections survive it */
	SETTLE_S = 1,
	PAUSE_S = 15, /* least time between two reports */
	READ_BYTES = 8192,
	READS_MAX = 16, /* in one turn of the loop */
};

struct netwatch {
	struct netwatch_hooks hooks;
	struct event *tick, *settle, *pause, *readable; /* readable: NULL = the kernel refused */
	int fd;                                         /* -1 = the kernel refused */
	uint64_t asleep;
	const char *news; /* to be reported after settle or pause; NULL = nothing */
	struct netwatch_links links;
};

uint64_t netwatch_asleep(void *ctx)
{
	(void)ctx;
#ifdef CLOCK_BOOTTIME
	struct timespec whole, awake;

	if (clock_gettime(CLOCK_MONOTONIC, &awake) != 0 ||
		clock_gettime(CLOCK_BOOTTIME, &whole) != 0)
		return 0;
	int64_t ms = (int64_t)(whole.tv_sec - awake.tv_sec) * 1000 +
		     (whole.tv_nsec - awake.tv_nsec) / 1000000;
	return ms > 0 ? (uint64_t)ms : 0;
#else
	return 0;
#endif
}

/* ---- sleep ---- */

/* The time asleep only grows. A clock that was corrected may make it a little smaller: then the
 * smaller value is the new start. */
void netwatch_check(struct netwatch *w)
{
	uint64_t now = w->hooks.asleep(w->hooks.ctx);
	char span[HUMAN_MAX], said[64];

	if (now < w->asleep + SLEPT_MS) {
		w->asleep = now < w->asleep ? now : w->asleep;
		return;
	}
	snprintf(said, sizeof said, "this machine slept for %s",
		human_duration((now - w->asleep) / 1000, span));
	w->asleep = now;
	w->hooks.changed(w->hooks.ctx, said);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd, (void)what;
	netwatch_check(ctx);
}

/* ---- addresses and links ---- */

/* Waits for further changes, unless it waits already or the pause after a report will end with
 * that.
 */
static void begin_settling(struct netwatch *w)
{
	static const struct timeval soon = {SETTLE_S, 0};

	if (!event_pending(w->pause, EV_TIMEOUT, NULL) &&
		!event_pending(w->settle, EV_TIMEOUT, NULL))
		event_add(w->settle, &soon);
}

static void on_settled(evutil_socket_t fd, short what, void *ctx)
{
	static const struct timeval pause = {PAUSE_S, 0};
	struct netwatch *w = ctx;
	const char *news = w->news;

	(void)fd, (void)what;
	w->news = NULL;
	event_add(w->pause, &pause);
	w->hooks.changed(w->hooks.ctx, news);
}

static void on_pause_over(evutil_socket_t fd, short what, void *ctx)
{
	struct netwatch *w = ctx;

	(void)fd, (void)what;
	if (w->news)
		begin_settling(w);
}

/* Reads the kernel's messages, a bounded number in one turn of the loop. Only the last piece of
 * news is kept, since one report stands for all. */
static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct netwatch *w = ctx;
	uint8_t bytes[READ_BYTES];

	(void)what;
	for (int i = 0; i < READS_MAX; i++) {
		ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
		const char *news = NULL;
		if (n > 0)
			news = netwatch_read(&w->links, bytes, (size_t)n);
		else if (n < 0 && errno == ENOBUFS) /* its queue overflowed: messages were lost */
			news = "the network of this machine changed";
		else if (n < 0 && errno != EINTR)
			break;
		w->news = news ? news : w->news;
	}
	if (w->news)
		begin_settling(w);
}

#ifdef __linux__
static int open_netlink(void)
{
	struct sockaddr_nl at = {.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) != 0) {
		int e = errno;
		close(fd);
		errno = e;
		return -1;
	}
	return fd;
}
#else
static int open_netlink(void)
{
	errno = ENOSYS;
	return -1;
}
#endif

/* ---- life ---- */

static bool open_events(struct netwatch *w, struct event_base *base)
{
	static const struct timeval every = {TICK_S, 0};

	w->tick = event_new(base, -1, EV_PERSIST, on_tick, w);
	w->settle = event_new(base, -1, 0, on_settled, w);
	w->pause = event_new(base, -1, 0, on_pause_over, w);
	if (!w->tick || !w->settle || !w->pause || event_add(w->tick, &every) != 0)
		return false;
	w->fd = open_netlink();
	if (w->fd < 0) {
		log_info("the kernel does not tell of changed addresses (%s): dead connections "
			 "are noticed later",
			strerror(errno));
		return true;
	}
	w->readable = event_new(base, w->fd, EV_READ | EV_PERSIST, on_readable, w);
	return w->readable && event_add(w->readable, NULL) == 0;
}

struct netwatch *netwatch_start(struct event_base *base, const struct netwatch_hooks *hooks)
{
	struct netwatch *w = mem_alloc(sizeof *w);

	if (!w)
		return NULL;
	*w = (struct netwatch){.hooks = *hooks, .fd = -1};
	w->asleep = hooks->asleep(hooks->ctx);
	if (open_events(w, base))
		return w;
	netwatch_free(w);
	return NULL;
}

void netwatch_free(struct netwatch *w)
{
	if (!w)
		return;
	struct event *all[] = {w->tick, w->settle, w->pause, w->readable};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i])
			event_free(all[i]);
	if (w->fd >= 0)
		close(w->fd);
	mem_free(w);
}
