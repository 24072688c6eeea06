/* Role: finds the listening socket for an address among those that the service manager opened
 * (LISTEN_FDS).
 * Before: net/listener.c wants an address. After: the descriptors that the process was started
 * with. */
#include "net/socket_activation.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST = 3, COUNT_MAX = 64, HOST_MAX = 64 };

static bool used[COUNT_MAX];

/* The number of inherited descriptors. The variables count only if LISTEN_PID is this process: a
 * parent may have left its own in the environment. */
static int count(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");

	if (!pid || !fds || strtol(pid, NULL, 10) != (long)getpid())
		return 0;
	long n = strtol(fds, NULL, 10);
	return n < 0 ? 0 : n > COUNT_MAX ? COUNT_MAX : (int)n;
}

static int option(int fd, int name)
{
	socklen_t size = sizeof(int);
	int value = -1;

	return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

/* Does it take connections, or datagrams at a port of an internet address? The port is at the same
 * place for both families. */
static bool is_listening(int fd, struct sockaddr_storage *own)
{
	socklen_t size = sizeof *own;

	memset(own, 0, sizeof *own);
	if (getsockname(fd, (struct sockaddr *)own, &size) != 0)
		return false;
	if (option(fd, SO_TYPE) == SOCK_DGRAM)
		return (own->ss_family == AF_INET || own->ss_family == AF_INET6) &&
		       ((const struct sockaddr_in *)(const void *)own)->sin_port != 0;
	return option(fd, SO_ACCEPTCONN) == 1;
}

/* Are both the same Unix socket? Its path may have two spellings, such as /run and /var/run. */
static bool is_same_file(const struct sockaddr *a, const struct sockaddr *b)
{
	struct stat s, t;

	return a->sa_family == AF_UNIX && b->sa_family == AF_UNIX &&
	       stat(((const struct sockaddr_un *)(const void *)a)->sun_path, &s) == 0 &&
	       stat(((const struct sockaddr_un *)(const void *)b)->sun_path, &t) == 0 &&
	       s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

/* Compares whole structures: unused bytes are zero in both. */
static bool listens_at(int fd, const struct sockaddr *address, socklen_t size)
{
	struct sockaddr_storage own;

	return is_listening(fd, &own) &&
	       (memcmp(&own, address, size) == 0 ||
		       is_same_file((const struct sockaddr *)&own, address));
}

int socket_activation_find(const struct sockaddr *address, socklen_t size, int type)
{
	int n = count();

	for (int fd = FIRST; fd < FIRST + n; fd++) {
		if (!listens_at(fd, address, size) || option(fd, SO_TYPE) != type)
			continue;
		int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (copy >= 0)
			(void)fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) | O_NONBLOCK);
		used[fd - FIRST] = true;
		return copy;
	}
	return -1;
}

/* ---- for people ---- */

static int port_of(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)(const void *)a)->sin_port);
	if (a->sa_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)(const void *)a)->sin6_port);
	return -1;
}

static void tell(const struct sockaddr_storage *own, char text[SOCKET_ACTIVATION_TEXT_MAX])
{
	const struct sockaddr *a = (const struct sockaddr *)own;
	bool v6 = a->sa_family == AF_INET6;
	char host[HOST_MAX];

	if (a->sa_family == AF_UNIX)
		snprintf(text, SOCKET_ACTIVATION_TEXT_MAX, "%s",
			((const struct sockaddr_un *)(const void *)a)->sun_path);
	else if (getnameinfo(a, sizeof *own, host, sizeof host, NULL, 0, NI_NUMERICHOST) == 0)
		snprintf(text, SOCKET_ACTIVATION_TEXT_MAX, "%s%s%s:%d", v6 ? "[" : "", host,
			v6 ? "]" : "", port_of(a));
	else
		snprintf(text, SOCKET_ACTIVATION_TEXT_MAX, "an unknown address");
}

bool socket_activation_unused(size_t i, char text[SOCKET_ACTIVATION_TEXT_MAX])
{
	struct sockaddr_storage own;
	int n = count();

	for (int fd = FIRST; fd < FIRST + n; fd++) {
		if (used[fd - FIRST] || i-- > 0)
			continue;
		if (is_listening(fd, &own))
			tell(&own, text);
		else
			snprintf(text, SOCKET_ACTIVATION_TEXT_MAX,
				"descriptor %d, which does not listen", fd);
		return true;
	}
	return false;
}

bool socket_activation_in_the_way(
	const struct sockaddr *address, int type, char text[SOCKET_ACTIVATION_TEXT_MAX])
{
	struct sockaddr_storage own;
	int n = count(), port = port_of(address);

	for (int fd = FIRST; port >= 0 && fd < FIRST + n; fd++) {
		if (!is_listening(fd, &own) || option(fd, SO_TYPE) != type ||
			port_of((const struct sockaddr *)&own) != port)
			continue;
		tell(&own, text);
		return true;
	}
	return false;
}
