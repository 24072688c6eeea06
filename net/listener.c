/* Role: accepts connections.
 * Before: net/listen_sockets.c opened the sockets. After: the owner gets each accepted socket. */
#include "net/listener.h"

#include <errno.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/mem.h"

enum {
	ACCEPTS_PER_TURN = 16,
	REST_FIRST_MS = 50,  /* first pause after accept() found no descriptor, doubled each time */
	REST_MOST_MS = 1000, /* longest pause */
};

struct socket_event {
	int fd;
	struct event *readable;
	struct listener *listener;
};

struct listener {
	struct listener_owner owner;
	struct listen_sockets *opened;
	struct event *rest; /* pending during a pause, while no socket is watched */
	unsigned rest_ms;   /* length of the last pause; 0 = the last accept succeeded */
	size_t count;
	struct socket_event sockets[];
};

/* Starts or stops watching all sockets. False when memory ran out for one of them. */
static bool watch(struct listener *l, bool on)
{
	bool good = true;

	for (size_t i = 0; i < l->count; i++)
		if ((on ? event_add(l->sockets[i].readable, NULL)
			: event_del(l->sockets[i].readable)) != 0)
			good = false;
	return good;
}

/* Starts a pause, twice as long as the one before. False when memory ran out. */
static bool begin_rest(struct listener *l)
{
	l->rest_ms = l->rest_ms ? l->rest_ms * 2 : REST_FIRST_MS;
	if (l->rest_ms > REST_MOST_MS)
		l->rest_ms = REST_MOST_MS;
	struct timeval tv = {l->rest_ms / 1000, (suseconds_t)(l->rest_ms % 1000 * 1000)};
	return evtimer_add(l->rest, &tv) == 0;
}

static void on_rested(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)fd, (void)what;
	if (!watch(l, true))
		begin_rest(l);
}

/* Descriptors or memory ran out. If the timer cannot be started the sockets stay watched, since
 * nothing would end the pause: spinning is better than never accepting again. */
static void rest(struct listener *l, int error)
{
	log_warn_rarely("no further connections for the moment: %s; raise the limit of open files "
			"or lower limits.max_connections",
		strerror(error));
	if (begin_rest(l))
		watch(l, false);
}

/* Is the error of accept() about one connection that broke while it waited? Then the next one may
 * be fine. */
static bool concerns_one_connection(int error)
{
	return error == ECONNABORTED || error == EINTR || error == EPERM || error == EPROTO;
}

/* Accepts what waits, up to a bound: a flood of connections must not keep the loop from everything
 * else. The event is called again for those that are left. */
static void on_readable(evutil_socket_t listening, short what, void *arg)
{
	struct socket_event *s = arg;
	struct listener_owner *owner = &s->listener->owner;
	struct sockaddr_storage from;
	struct netaddr addr;
	(void)what;

	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		socklen_t n = sizeof from;
		int fd = accept4(
			listening, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0)
			s->listener->rest_ms = 0;
		if (fd >= 0 && netaddr_from_sockaddr((struct sockaddr *)&from, &addr)) {
			owner->accepted(owner->ctx, fd, &addr);
		} else if (fd >= 0) {
			close(fd);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return;
		} else if (!concerns_one_connection(errno)) {
			rest(s->listener, errno);
			return;
		}
	}
}

static bool watch_one(struct listener *l, struct event_base *base, int fd)
{
	struct socket_event *s = &l->sockets[l->count++];

	*s = (struct socket_event){.fd = fd, .listener = l};
	s->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, s);
	return s->readable && event_add(s->readable, NULL) == 0;
}

struct listener *listener_open(struct event_base *base, const struct listen_wish *wish,
	const struct listener_owner *owner, char *why, size_t size)
{
	struct listen_sockets *opened = listen_sockets_open(wish, why, size);
	size_t count = opened ? opened->count : 0;
	struct listener *l = opened ? mem_alloc(sizeof *l + count * sizeof l->sockets[0]) : NULL;
	bool good = l && (l->rest = evtimer_new(base, on_rested, l));

	if (l) {
		l->owner = *owner;
		l->opened = opened;
	} else {
		listen_sockets_close(opened);
	}
	for (size_t i = 0; good && i < count; i++)
		good = watch_one(l, base, opened->fd[i]);
	if (good)
		return l;
	if (opened)
		snprintf(why, size, "cannot listen: out of memory");
	listener_close(l);
	return NULL;
}

void listener_close(struct listener *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->count; i++)
		if (l->sockets[i].readable)
			event_free(l->sockets[i].readable);
	if (l->rest)
		event_free(l->rest);
	listen_sockets_close(l->opened);
	mem_free(l);
}

size_t listener_addresses(const struct listener *l, struct netaddr *to, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; l && i < l->count && n < max; i++)
		if (listen_socket_address(l->sockets[i].fd, &to[n]))
			n++;
	return n;
}
