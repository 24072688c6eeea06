/* Sends one datagram to the service manager. Before: node/service_manager.c, node/node.c,
 * node/reload.c. After: the socket that $NOTIFY_SOCKET names. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "node/sd_notify.h"

bool sd_notify_is_wanted(void)
{
	return getenv("NOTIFY_SOCKET") != NULL;
}

bool sd_notify_send(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	size_t n = path ? strlen(path) : 0;

	if (n < 2 || n >= sizeof a.sun_path)
		return true;
	memcpy(a.sun_path, path, n);
	if (path[0] == '@')
		a.sun_path[0] = 0; /* abstract */
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	bool full =
		sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&a,
			(socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0 &&
		(errno == EAGAIN || errno == ENOBUFS);
	close(fd);
	return !full;
}

void sd_notify_reloading(const struct clock *clock)
{
	char text[64];

	snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%llu000",
		(unsigned long long)clock_mono(clock));
	sd_notify_send(text);
}
