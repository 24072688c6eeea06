#include "base/inherit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST = 3, COUNT_MAX = 64 };

/* How many there are; the variables may also be those of a parent. */
static int count(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");

	if (!pid || !fds || strtol(pid, NULL, 10) != (long)getpid())
		return 0;
	long n = strtol(fds, NULL, 10);
	return n < 0 ? 0 : n > COUNT_MAX ? COUNT_MAX : (int)n;
}

/* Both addresses have zeros wherever nothing is said. */
static bool listens_at(int fd, const struct sockaddr *address, socklen_t size)
{
	struct sockaddr_storage own = {0};
	socklen_t own_size = sizeof own, int_size = sizeof(int);
	int listening = 0;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &int_size) == 0 && listening &&
	       getsockname(fd, (struct sockaddr *)&own, &own_size) == 0 &&
	       memcmp(&own, address, size) == 0;
}

int inherited_socket(const struct sockaddr *address, socklen_t size)
{
	int n = count();

	for (int fd = FIRST; fd < FIRST + n; fd++) {
		if (!listens_at(fd, address, size))
			continue;
		int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (copy >= 0)
			(void)fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) | O_NONBLOCK);
		return copy;
	}
	return -1;
}
