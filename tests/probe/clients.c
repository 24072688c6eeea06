/* Role: clients of the DNS server by TCP that come and go in every way. */
#include <netinet/tcp.h>

#include "dns/message.h"
#include "tests/probe/names.h"

enum {
	WARM = 256,
	STAYS = 500,   /* every so manieth stays until the server has enough of it */
	PIPED = 100,   /* questions at once */
	SMALL = 2048,  /* bytes that a client which does not read lets come */
	SEGMENT = 536, /* and of its segments, so that the kernel takes no more of the answers */
};

static void begin(struct station *s)
{
	names_begin(s, UPSTREAM_UDP);
}

static void end(struct station *s)
{
	names_settle(s);
}

static void say(int fd, const void *bytes, size_t n)
{
	assert_int_equal(send(fd, bytes, n, MSG_NOSIGNAL), n);
}

static void none_left(struct station *s)
{
	names_until(s, &s->config.limits.dns_tcp_clients, 0);
}

static void connects(struct station *s, uint64_t i)
{
	close(names_connect(s, i));
	if (i % 16 == 0)
		names_barrier(s);
}

static void resets(struct station *s, uint64_t i)
{
	const struct linger at_once = {1, 0};
	uint8_t bytes[512];
	int fd = names_connect(s, i);

	say(fd, bytes, names_question("home.ygg", DNS_TYPE_A, bytes));
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
	close(fd);
	if (i % 16 == 0)
		names_barrier(s);
}

static void dribbles(struct station *s, uint64_t i)
{
	uint8_t bytes[512];
	int on = 1, fd = names_connect(s, i);
	size_t n = names_question("home.ygg", DNS_TYPE_A, bytes);
	bool stays = i % STAYS == 0;

	assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
	for (size_t at = 0; at < (stays ? n / 2 : n); at++)
		say(fd, bytes + at, 1);
	assert_true(names_read(s, fd, bytes, sizeof bytes) > 0 || stays);
	close(fd);
}

static void closes_half(struct station *s, uint64_t i)
{
	uint8_t bytes[512];
	int fd = names_connect(s, i);
	size_t sum = 0;
	ssize_t n;

	say(fd, bytes, names_question("home.ygg", DNS_TYPE_A, bytes));
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	while ((n = names_read(s, fd, bytes, sizeof bytes)) > 0)
		sum += (size_t)n;
	assert_int_equal(n, 0);
	assert_true(sum > DNS_HEADER_SIZE);
	close(fd);
}

/* Answers pile up for it, until it goes or has had its time. */
static void reads_nothing(struct station *s, uint64_t i)
{
	const struct bound *unread = &s->config.limits.dns_tcp_send_total_bytes;
	uint8_t bytes[PIPED * 64];
	size_t n = 0;
	int fd = names_connect_small(s, i, SMALL, SEGMENT);

	for (int k = 0; k < PIPED; k++)
		n += names_question("big.ygg", DNS_TYPE_TXT, bytes + n);
	say(fd, bytes, n);
	for (uint64_t until = mono() + NAMES_WAIT_MS; !bound_read(&unread->used);) {
		assert_true(mono() < until);
		names_barrier(s);
	}
	if (i % STAYS == 0)
		none_left(s);
	close(fd);
	none_left(s);
}

const struct work dns_clients[] = {
	{"connect", begin, connects, end, WARM, 0, {NULL}},
	{"reset", begin, resets, end, WARM, 0, {NULL}},
	{"dribble", begin, dribbles, end, WARM, 0, {"limits.dns_tcp_message=200 ms"}},
	{"half-close", begin, closes_half, end, WARM, 0, {NULL}},
	{"read nothing", begin, reads_nothing, end, WARM, 0, {"limits.dns_tcp_write=200 ms"}},
	{.name = NULL},
};
