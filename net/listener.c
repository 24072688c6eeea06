/* Role: opens listening sockets and accepts connections from them.
 * Before: addresses of the settings, or sockets that the service manager opened. After: the owner
 * gets each accepted socket. */
#include "net/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/event.h>

#include "net/socket_activation.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/listen_list.h"

enum {
	BACKLOG = 64,
	ACCEPTS_PER_TURN = 16,
	REST_FIRST_MS = 50, /* first pause after accept() found no descriptor, doubled each time */
	SAID_MAX = 320,
	REST_MOST_MS = 1000, /* longest pause */
};

struct socket_event {
	int fd;
	struct event *readable;
	struct listener *listener;
};

struct listener {
	struct listener_owner owner;
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

/* ---- opening ---- */

static bool is_any(const struct netaddr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->ip, zero, sizeof zero) == 0;
}

static int bound_socket(const struct netaddr *a, bool v6_only)
{
	struct sockaddr_storage ss;
	socklen_t n = netaddr_to_sockaddr(a, &ss);
	int on = 1, only = v6_only || !is_any(a);
	int fd = socket_activation_find((struct sockaddr *)&ss, n);

	if (fd >= 0)
		return fd;
	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (ss.ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
	if (bind(fd, (struct sockaddr *)&ss, n) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int e = errno;
	close(fd);
	errno = e;
	return -1;
}

static bool has_no_ipv6(int error)
{
	return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

static int any_socket(struct netaddr a)
{
	int fd = bound_socket(&a, false);

	if (fd < 0 && is_any(&a) && has_no_ipv6(errno)) {
		memset(a.ip + 10, 0xff, 2); /* no IPv6: use 0.0.0.0, as a mapped address */
		fd = bound_socket(&a, false);
	}
	return fd;
}

/* Does a socket of this listener conflict with the address: same port, and one of the two is a
 * wildcard? We never plan that, but a socket that the service manager opened may take IPv4, too. */
static bool is_ours(const struct listener *l, const struct netaddr *a)
{
	struct sockaddr_storage ss;
	struct netaddr own;

	for (size_t i = 0; i < l->count; i++) {
		socklen_t n = sizeof ss;

		if (getsockname(l->sockets[i].fd, (struct sockaddr *)&ss, &n) == 0 &&
			netaddr_from_sockaddr((struct sockaddr *)&ss, &own) &&
			own.port == a->port && (is_any(&own) || is_any(a)))
			return true;
	}
	return false;
}

static const char *who_has_it(
	const struct listener *l, const struct netaddr *a, char said[SAID_MAX])
{
	char at[SOCKET_ACTIVATION_TEXT_MAX];
	struct sockaddr_storage ss;

	netaddr_to_sockaddr(a, &ss);
	if (is_ours(l, a))
		return "a socket of another address of net.listen has it already; name one of them "
		       "only";
	if (!socket_activation_in_the_way((struct sockaddr *)&ss, at))
		return "another program has the port; stop it or change net.listen";
	snprintf(said, SAID_MAX,
		"the service manager's own socket at %s has the port; name that address in "
		"net.listen, or change its ListenStream=",
		at);
	return said;
}

static const char *advice(
	const struct listener *l, const struct netaddr *a, int error, char said[SAID_MAX])
{
	switch (error) {
	case EADDRINUSE:
		return who_has_it(l, a, said);
	case EACCES:
		return "ports below 1024 need a privilege; choose a higher one in net.listen";
	case EADDRNOTAVAIL:
		return "this machine has no such address; change net.listen";
	case EMFILE:
	case ENFILE:
		return "allow more open files (ulimit -n, LimitNOFILE=)";
	default:
		return "change net.listen";
	}
}

/* Opens the socket for one entry of the plan. False: *why says why. */
static bool open_one(struct listener *l, struct event_base *base, const struct listen_entry *e,
	char *why, size_t size)
{
	struct socket_event *s = &l->sockets[l->count];
	char said[SAID_MAX];

	if (!e->is_address) {
		snprintf(why, size, "net.listen: \"%s\" is no address:port", e->text);
		return false;
	}
	s->listener = l;
	s->fd = e->v6_only ? bound_socket(&e->addr, true) : any_socket(e->addr);
	if (s->fd < 0 && e->v6_only && has_no_ipv6(errno)) {
		log_info("%s: this machine has no IPv6, so we listen on IPv4 alone", e->text);
		return true;
	}
	if (s->fd < 0) {
		int error = errno;
		snprintf(why, size, "cannot listen on %s: %s; %s", e->text, strerror(error),
			advice(l, &e->addr, error, said));
		return false;
	}
	s->readable = event_new(base, s->fd, EV_READ | EV_PERSIST, on_readable, s);
	l->count++;
	if (s->readable && event_add(s->readable, NULL) == 0)
		return true;
	snprintf(why, size, "cannot listen on %s: out of memory", e->text);
	return false;
}

static bool open_all(struct listener *l, struct event_base *base, const char *const *addresses,
	size_t count, char *why, size_t size)
{
	struct listen_entry *plan = mem_alloc(count * sizeof *plan);
	bool good = true;

	if (!plan) {
		snprintf(why, size, "cannot listen: out of memory");
		return false;
	}
	listen_list_plan(addresses, count, plan);
	for (size_t i = 0; good && i < count; i++)
		if (plan[i].use == LISTEN_USED)
			good = open_one(l, base, &plan[i], why, size);
	mem_free(plan);
	return good;
}

struct listener *listener_open(struct event_base *base, const char *const *addresses, size_t count,
	const struct listener_owner *owner, char *why, size_t size)
{
	struct listener *l = mem_alloc(sizeof *l + count * sizeof l->sockets[0]);

	if (l)
		l->rest = evtimer_new(base, on_rested, l);
	if (l && l->rest) {
		l->owner = *owner;
		if (open_all(l, base, addresses, count, why, size))
			return l;
	} else {
		snprintf(why, size, "cannot listen: out of memory");
	}
	listener_close(l);
	return NULL;
}

void listener_close(struct listener *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->count; i++) {
		if (l->sockets[i].readable)
			event_free(l->sockets[i].readable);
		close(l->sockets[i].fd);
	}
	if (l->rest)
		event_free(l->rest);
	mem_free(l);
}

size_t listener_addresses(const struct listener *l, struct netaddr *to, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; l && i < l->count && n < max; i++) {
		struct sockaddr_storage ss;
		socklen_t size = sizeof ss;
		if (getsockname(l->sockets[i].fd, (struct sockaddr *)&ss, &size) == 0 &&
			netaddr_from_sockaddr((struct sockaddr *)&ss, &to[n]))
			n++;
	}
	return n;
}
