/* Role: the bytes of one client by TCP: what came and was not handed over, and answers that wait to
 * be read. A block of libevent may hold twice the bytes that are in it, so these are blocks of our
 * own, which rows can count. Before and after: dns/tcp_client.c. */
#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/mem.h"
#include "dns/tcp_internal.h"

enum {
	BLOCK = 16,        /* bytes that the C library adds to a block */
	SENT_AT_ONCE = 16, /* answers */
};

/* ---- what came ---- */

static uint8_t *buffer(struct dns_tcp_client *c)
{
	return c->in.big ? c->in.big : c->in.small;
}

const uint8_t *dns_tcp_bytes(const struct dns_tcp_client *c)
{
	return c->in.big ? c->in.big : c->in.small;
}

static bool is_for_later(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

int dns_tcp_receive(struct dns_tcp_client *c)
{
	struct dns_tcp_input *in = &c->in;
	ssize_t n = recv(c->fd, buffer(c) + in->size, in->room - in->size, MSG_DONTWAIT);

	if (n < 0)
		return is_for_later(errno) ? -1 : -2;
	in->size += (size_t)n;
	return n > 0 ? 1 : 0;
}

static void give_long(struct dns_tcp_client *c)
{
	struct dns_tcp_listener *t = c->tcp;

	t->long_used--;
	if (t->starved)
		event_active(t->resume, EV_TIMEOUT, 0);
}

bool dns_tcp_enlarge(struct dns_tcp_client *c, size_t most)
{
	struct dns_tcp_input *in = &c->in;
	size_t room = DNS_TCP_LENGTH + most;

	if (room <= in->room)
		return true;
	if (!in->big && c->tcp->long_used == DNS_TCP_LONG)
		return false;
	uint8_t *big = mem_realloc(in->big, room);
	if (!big)
		return false;
	if (!in->big) {
		memcpy(big, in->small, in->size);
		c->tcp->long_used++;
	}
	in->big = big;
	in->room = room;
	return true;
}

void dns_tcp_drain(struct dns_tcp_client *c, size_t n)
{
	struct dns_tcp_input *in = &c->in;

	in->size -= n;
	memmove(buffer(c), buffer(c) + n, in->size);
	if (!in->big || in->size > sizeof in->small)
		return;
	memcpy(in->small, in->big, in->size);
	mem_free(in->big);
	in->big = NULL;
	in->room = sizeof in->small;
	give_long(c);
}

/* ---- what waits to be read ---- */

size_t dns_tcp_cost(size_t n)
{
	return sizeof(struct dns_tcp_unsent) + DNS_TCP_LENGTH + n + BLOCK;
}

bool dns_tcp_add(struct dns_tcp_client *c, struct slice answer)
{
	struct dns_tcp_unsent *a = mem_alloc_unset(sizeof *a + DNS_TCP_LENGTH + answer.n);

	if (!a)
		return false;
	*a = (struct dns_tcp_unsent){.size = DNS_TCP_LENGTH + answer.n};
	a->bytes[0] = (uint8_t)(answer.n >> 8);
	a->bytes[1] = (uint8_t)answer.n;
	memcpy(a->bytes + DNS_TCP_LENGTH, answer.p, answer.n);
	*c->last_place = a;
	c->last_place = &a->next;
	c->unsent += dns_tcp_cost(answer.n);
	return true;
}

static void drop_first(struct dns_tcp_client *c)
{
	struct dns_tcp_unsent *a = c->first;
	size_t cost = dns_tcp_cost(a->size - DNS_TCP_LENGTH);

	c->first = a->next;
	if (!c->first)
		c->last_place = &c->first;
	c->unsent -= cost;
	mem_free(a);
	dns_tcp_give_bytes(c->tcp, cost);
}

/* Counts what the kernel took. */
static void note_taken(struct dns_tcp_client *c, size_t n)
{
	c->taken += n;
	while (c->first && n >= c->first->size - c->first->sent) {
		n -= c->first->size - c->first->sent;
		drop_first(c);
	}
	if (c->first)
		c->first->sent += n;
}

static ssize_t send_some(struct dns_tcp_client *c, size_t *wished)
{
	struct iovec v[SENT_AT_ONCE];
	struct msghdr m = {.msg_iov = v};
	size_t count = 0;

	*wished = 0;
	for (struct dns_tcp_unsent *a = c->first; a && count < SENT_AT_ONCE; a = a->next) {
		v[count++] = (struct iovec){a->bytes + a->sent, a->size - a->sent};
		*wished += a->size - a->sent;
	}
	m.msg_iovlen = count;
	return sendmsg(c->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool dns_tcp_flush(struct dns_tcp_client *c)
{
	while (c->first) {
		size_t wished;
		ssize_t n = send_some(c, &wished);
		if (n < 0)
			return is_for_later(errno);
		note_taken(c, (size_t)n);
		if ((size_t)n < wished)
			break;
	}
	return true;
}

void dns_tcp_buffers_free(struct dns_tcp_client *c)
{
	while (c->first)
		drop_first(c);
	if (c->in.big)
		give_long(c);
	mem_free(c->in.big);
}
