/* Role: opens the sockets for a list of addresses to listen on.
 * Before: addresses of the settings, or sockets that the service manager opened. After:
 * net/listener.c accepts connections; dns/udp_listener.c reads questions. */
#include "net/listen_sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/listen_list.h"
#include "net/socket_activation.h"

enum { BACKLOG = 64, SAID_MAX = 320 };

static bool is_any(const struct netaddr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->ip, zero, sizeof zero) == 0;
}

static bool bind_socket(int fd, const struct sockaddr *to, socklen_t n, int type)
{
	return bind(fd, to, n) == 0 && (type != SOCK_STREAM || listen(fd, BACKLOG) == 0);
}

static int bound_socket(const struct netaddr *a, bool v6_only, int type)
{
	struct sockaddr_storage ss;
	socklen_t n = netaddr_to_sockaddr(a, &ss);
	int on = 1, only = v6_only || !is_any(a);
	int fd = socket_activation_find((struct sockaddr *)&ss, n, type);

	if (fd >= 0)
		return fd;
	fd = socket(ss.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	/* With datagrams two programs could share the port, and each would lose some. */
	if (type == SOCK_STREAM)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (ss.ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
	if (bind_socket(fd, (struct sockaddr *)&ss, n, type))
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

static int any_socket(struct netaddr a, int type)
{
	int fd = bound_socket(&a, false, type);

	if (fd < 0 && is_any(&a) && has_no_ipv6(errno)) {
		memset(a.ip + 10, 0xff, 2); /* no IPv6: use 0.0.0.0, as a mapped address */
		fd = bound_socket(&a, false, type);
	}
	return fd;
}

/* Does a socket of this list conflict with the address: same port, and one of the two is a
 * wildcard? We never plan that, but a socket that the service manager opened may take IPv4, too. */
static bool is_ours(const struct listen_sockets *l, const struct netaddr *a)
{
	struct netaddr own;

	for (size_t i = 0; i < l->count; i++)
		if (listen_socket_address(l->fd[i], &own) && own.port == a->port &&
			(is_any(&own) || is_any(a)))
			return true;
	return false;
}

static const char *who_has_it(const struct listen_sockets *l, const struct listen_wish *w,
	const struct netaddr *a, char said[SAID_MAX])
{
	char at[SOCKET_ACTIVATION_TEXT_MAX];
	struct sockaddr_storage ss;

	netaddr_to_sockaddr(a, &ss);
	if (is_ours(l, a))
		snprintf(said, SAID_MAX,
			"a socket of another address of %s has it already; name one of them only",
			w->key);
	else if (!socket_activation_in_the_way((struct sockaddr *)&ss, w->type, at))
		snprintf(said, SAID_MAX, "another program has the port; stop it or change %s",
			w->key);
	else
		snprintf(said, SAID_MAX,
			"the service manager's own socket at %s has the port; name that address in "
			"%s, or change its %s=",
			at, w->key, w->type == SOCK_STREAM ? "ListenStream" : "ListenDatagram");
	return said;
}

static const char *advice(const struct listen_sockets *l, const struct listen_wish *w,
	const struct netaddr *a, int error, char said[SAID_MAX])
{
	switch (error) {
	case EADDRINUSE:
		return who_has_it(l, w, a, said);
	case EACCES:
		snprintf(said, SAID_MAX, "ports below 1024 need a privilege; %s%s",
			w->privilege ? w->privilege : "choose a higher one in ",
			w->privilege ? "" : w->key);
		return said;
	case EADDRNOTAVAIL:
		snprintf(said, SAID_MAX, "this machine has no such address; change %s", w->key);
		return said;
	case EMFILE:
	case ENFILE:
		return "allow more open files (ulimit -n, LimitNOFILE=)";
	default:
		snprintf(said, SAID_MAX, "change %s", w->key);
		return said;
	}
}

/* Opens the socket for one entry of the plan. False: *why says why. */
static bool open_one(struct listen_sockets *l, const struct listen_wish *w,
	const struct listen_entry *e, char *why, size_t size)
{
	char said[SAID_MAX];

	if (!e->is_address) {
		snprintf(why, size, "%s: \"%s\" is no address:port", w->key, e->text);
		return false;
	}
	int fd = e->v6_only ? bound_socket(&e->addr, true, w->type) : any_socket(e->addr, w->type);
	if (fd < 0 && e->v6_only && has_no_ipv6(errno)) {
		log_info("%s: this machine has no IPv6, so we listen on IPv4 alone", e->text);
		return true;
	}
	if (fd < 0) {
		int error = errno;
		snprintf(why, size, "cannot listen on %s: %s; %s", e->text, strerror(error),
			advice(l, w, &e->addr, error, said));
		return false;
	}
	l->fd[l->count++] = fd;
	return true;
}

struct listen_sockets *listen_sockets_open(const struct listen_wish *w, char *why, size_t size)
{
	struct listen_entry *plan = mem_alloc(w->count * sizeof *plan);
	struct listen_sockets *l = mem_alloc(sizeof *l + w->count * sizeof l->fd[0]);
	bool good = plan && l;

	if (!good)
		snprintf(why, size, "cannot listen: out of memory");
	else
		listen_list_plan(w->addresses, w->count, plan);
	for (size_t i = 0; good && i < w->count; i++)
		if (plan[i].use == LISTEN_USED)
			good = open_one(l, w, &plan[i], why, size);
	mem_free(plan);
	if (good)
		return l;
	listen_sockets_close(l);
	return NULL;
}

void listen_sockets_close(struct listen_sockets *l)
{
	for (size_t i = 0; l && i < l->count; i++)
		close(l->fd[i]);
	mem_free(l);
}

bool listen_socket_address(int fd, struct netaddr *to)
{
	struct sockaddr_storage ss;
	socklen_t n = sizeof ss;

	return getsockname(fd, (struct sockaddr *)&ss, &n) == 0 &&
	       netaddr_from_sockaddr((struct sockaddr *)&ss, to);
}
