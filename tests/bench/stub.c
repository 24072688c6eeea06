/* A DNS server that answers every question with one A record of an hour: what the servers that
 * tests/bench/names.py compares forward to. It must cost less than they do.
 *
 * usage: stub ADDRESS PORT */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 32, PACKET_MAX = 1500, HEADER = 12 };

static const uint8_t record[] = {0xc0, HEADER, 0, 1, 0, 1, 0, 0, 14, 16, 0, 4, 192, 0, 2, 1};

/* Makes the question the answer: its size, 0 = none. What stood behind the question goes. */
static size_t answer(uint8_t *p, size_t n)
{
	static const uint8_t head[] = {0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0};
	size_t at = HEADER;

	while (at < n && p[at])
		at += (size_t)p[at] + 1;
	at += 5;
	if (n < HEADER || at > n)
		return 0;
	memcpy(p + 2, head, sizeof head);
	memcpy(p + at, record, sizeof record);
	return at + sizeof record;
}

static void serve(int fd)
{
	static uint8_t bytes[BATCH][PACKET_MAX + sizeof record];
	struct sockaddr_storage from[BATCH];
	struct mmsghdr m[BATCH];
	struct iovec v[BATCH];

	for (unsigned i = 0; i < BATCH; i++) {
		v[i] = (struct iovec){bytes[i], PACKET_MAX};
		m[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
			.msg_namelen = sizeof from[i],
			.msg_iov = &v[i],
			.msg_iovlen = 1};
	}
	int n = recvmmsg(fd, m, BATCH, MSG_WAITFORONE, NULL);
	for (int i = 0; i < n; i++)
		v[i].iov_len = answer(bytes[i], m[i].msg_len);
	for (int i = 0; i < n;
		i++) /* one by one: a question that is none must not stop the others */
		if (v[i].iov_len)
			(void)sendmsg(fd, &m[i].msg_hdr, 0);
}

int main(int argc, char **argv)
{
	struct sockaddr_in own = {.sin_family = AF_INET};
	int bytes = 1 << 22, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (argc != 3 || inet_pton(AF_INET, argv[1], &own.sin_addr) != 1)
		return fprintf(stderr, "usage: stub ADDRESS PORT\n"), 2;
	own.sin_port = htons((uint16_t)atoi(argv[2]));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof own) != 0)
		return perror("stub"), 1;
	for (;;)
		serve(fd);
}
