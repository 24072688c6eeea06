/* Sends questions by UDP and takes the replies: only from the connected address, with an id and the
 * question that we sent (RFC 5452). What else arrives is counted, and waiting goes on.
 * Before: dns/upstream_try.c, dns/upstream_probe.c. After: they are told by dns_exchange.over().
 */
#include <errno.h>
#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "dns/upstream_udp.h"

enum {
	BUCKETS = 16,
	TURN_MAX = 64,  /* datagrams of one socket in one turn of the loop */
	WRONG_MAX = 64, /* that a socket may get: somebody guesses then */
	SAME_MAX = 4,   /* sockets to one address in a common pool */
};

struct dns_udp_socket {
	struct dns_udp_pool *pool;
	struct dns_udp_socket *next;
	struct event *event;
	struct dns_timer age;
	struct netaddr to;
	int fd; /* −1 = closed, and freed as soon as it is not busy */
	bool busy, aged;
	uint64_t sent_ms; /* the last question */
	unsigned asked, waiting, wrong;
	struct dns_exchange *by_id[BUCKETS];
};

/* ---- closing ---- */

static void forget_exchanges(struct dns_udp_socket *s)
{
	for (size_t i = 0; i < BUCKETS; i++)
		while (s->by_id[i]) {
			s->by_id[i]->carrier = NULL;
			dns_exchange_unlink(s->by_id[i]);
		}
	s->waiting = 0;
}

static void close_socket(struct dns_udp_socket *s)
{
	struct dns_udp_socket **place = &s->pool->sockets;

	if (s->fd < 0)
		return;
	while (*place != s)
		place = &(*place)->next;
	*place = s->next;
	s->pool->count--;
	if (s->pool->common)
		bound_give(s->pool->row, 1);
	forget_exchanges(s);
	dns_timer_stop(s->pool->udp->timers, &s->age);
	if (s->event)
		event_free(s->event);
	close(s->fd);
	s->fd = -1;
	if (!s->busy)
		mem_free(s);
}

static bool is_usable(const struct dns_udp_socket *s)
{
	return !s->aged && s->asked < DNS_UDP_QUESTIONS_MAX && s->wrong < WRONG_MAX;
}

static void close_if_done(struct dns_udp_socket *s)
{
	if (s->fd >= 0 && s->waiting == 0 && !is_usable(s))
		close_socket(s);
}

void dns_udp_close(struct dns_udp_pool *p)
{
	while (p->sockets)
		close_socket(p->sockets);
}

static void on_age(struct dns_timer *t)
{
	struct dns_udp_socket *s =
		(struct dns_udp_socket *)(void *)((char *)t - offsetof(struct dns_udp_socket, age));

	s->aged = true;
	close_if_done(s);
}

/* ---- replies ---- */

static void take_off(struct dns_udp_socket *s, struct dns_exchange *x)
{
	dns_exchange_unlink(x);
	x->carrier = NULL;
	s->waiting--;
}

static void drop(struct dns_exchange *x)
{
	struct dns_udp_socket *s = x->carrier;

	take_off(s, x);
	if (!s->busy)
		close_if_done(s);
}

static struct dns_exchange *find(const struct dns_udp_socket *s, uint16_t id)
{
	struct dns_exchange *x = s->by_id[id % BUCKETS];

	while (x && x->id != id)
		x = x->next;
	return x;
}

static void on_datagram(struct dns_udp_socket *s, struct slice message)
{
	enum dns_reply how = DNS_REPLY_MALFORMED;
	struct dns_exchange *x = NULL;
	uint16_t id;

	if (message.n <= DNS_UDP_REPLY_MAX && dns_reply_id(message, &id))
		x = find(s, id);
	if (x)
		how = dns_reply_compare(x, message);
	if (how == DNS_REPLY_MALFORMED) {
		s->wrong++;
		s->pool->udp->wrong++;
		return;
	}
	take_off(s, x);
	x->over(x, how, message, NULL);
}

static struct dns_exchange *untold(const struct dns_udp_socket *s)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct dns_exchange *x = s->by_id[i]; x; x = x->next)
			if (!x->told)
				return x;
	return NULL;
}

/* The kernel got an ICMP message. Anybody may have sent that one, so waiting goes on. */
static void on_unreachable(struct dns_udp_socket *s)
{
	struct dns_exchange *x;

	while (s->fd >= 0 && (x = untold(s)) != NULL) {
		x->told = true;
		x->over(x, DNS_REPLY_UNREACHABLE, slice_of(NULL, 0), NULL);
	}
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct dns_udp_socket *s = ctx;
	struct dns_udp *udp = s->pool->udp;

	(void)what;
	s->busy = true;
	for (int i = 0; i < TURN_MAX && s->fd >= 0; i++) {
		ssize_t n = recv(fd, udp->scratch, sizeof udp->scratch, MSG_DONTWAIT);
		if (n >= 0)
			on_datagram(s, slice_of(udp->scratch, (size_t)n));
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			break;
		else if (errno != EINTR)
			on_unreachable(s);
	}
	s->busy = false;
	if (s->fd < 0)
		mem_free(s);
	else
		close_if_done(s);
}

/* ---- sockets ---- */

static int connected(const struct netaddr *to)
{
	struct sockaddr_storage ss;
	socklen_t size = netaddr_to_sockaddr(to, &ss);
	int fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&ss, size) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void link_socket(struct dns_udp_pool *p, struct dns_udp_socket *s)
{
	s->next = p->sockets;
	p->sockets = s;
	p->count++;
	if (!p->common)
		bound_peak(p->row, p->count);
	s->age.due = on_age;
	dns_timer_set(p->udp->timers, &s->age, clock_mono(p->udp->clock) + DNS_UDP_SOCKET_MS);
}

/* The caller has taken its place in the row. */
static struct dns_udp_socket *make_socket(struct dns_udp_pool *p, const struct netaddr *to)
{
	struct dns_udp_socket *s = mem_alloc(sizeof *s);

	if (!s)
		return NULL;
	s->pool = p;
	s->to = *to;
	s->fd = connected(to);
	if (s->fd >= 0)
		s->event = event_new(p->udp->base, s->fd, EV_READ | EV_PERSIST, on_readable, s);
	if (s->event && event_add(s->event, NULL) == 0) {
		link_socket(p, s);
		return s;
	}
	if (s->event)
		event_free(s->event);
	if (s->fd >= 0)
		close(s->fd);
	mem_free(s);
	return NULL;
}

static struct dns_udp_socket *open_socket(struct dns_udp_pool *p, const struct netaddr *to)
{
	if (!p->common)
		return p->count < bound_read(&p->row->max) ? make_socket(p, to) : NULL;
	if (!bound_take(p->row, 1))
		return NULL;
	struct dns_udp_socket *s = make_socket(p, to);
	if (!s)
		bound_give(p->row, 1);
	return s;
}

/* Closes the socket that is the least loss: an empty one, else the one whose last question is the
 * oldest, 200 ms at least. */
static bool make_room(struct dns_udp_pool *p)
{
	uint64_t now = clock_mono(p->udp->clock);
	struct dns_udp_socket *least = NULL;

	for (struct dns_udp_socket *s = p->sockets; s; s = s->next) {
		if (s->busy || (s->waiting && s->sent_ms + DNS_UDP_GIVES_WAY_MS > now))
			continue;
		if (!least || (!s->waiting && least->waiting) ||
			(!s->waiting == !least->waiting && s->sent_ms < least->sent_ms))
			least = s;
	}
	if (least)
		close_socket(least);
	return least != NULL;
}

/* ---- which one ---- */

static bool leads_to(const struct dns_udp_socket *s, const struct netaddr *to)
{
	return netaddr_eq(&s->to, to);
}

static size_t usable_to(const struct dns_udp_pool *p, const struct netaddr *to)
{
	size_t n = 0;

	for (const struct dns_udp_socket *s = p->sockets; s; s = s->next)
		n += is_usable(s) && leads_to(s, to);
	return n;
}

/* A usable one at random; without any, the one with the fewest questions. */
static struct dns_udp_socket *choose(const struct dns_udp_pool *p, const struct netaddr *to)
{
	size_t n = usable_to(p, to), at = n ? rng_below(p->udp->rng, (uint32_t)n) : 0;
	struct dns_udp_socket *least = NULL;

	for (struct dns_udp_socket *s = p->sockets; s; s = s->next) {
		if (!leads_to(s, to))
			continue;
		if (n && is_usable(s) && at-- == 0)
			return s;
		if (!least || s->waiting < least->waiting)
			least = s;
	}
	return least;
}

static struct dns_udp_socket *socket_for(struct dns_udp_pool *p, const struct netaddr *to)
{
	struct dns_udp_socket *s = NULL;

	if (!p->common)
		s = open_socket(p, to);
	else if (usable_to(p, to) < SAME_MAX && (bound_has(p->row, 1) || make_room(p)))
		s = open_socket(p, to);
	return s ? s : choose(p, to);
}

/* ---- sending ---- */

static bool draw_id(const struct dns_udp_socket *s, struct dns_exchange *x)
{
	for (int i = 0; i < 64; i++) {
		rng_fill(s->pool->udp->rng, &x->id, sizeof x->id);
		if (!find(s, x->id))
			return true;
	}
	return false;
}

/* A full buffer is like a lost datagram. An ICMP message to an earlier question is reported once in
 * place of sending. */
static bool send_bytes(struct dns_udp_socket *s, const uint8_t *bytes, size_t n)
{
	ssize_t sent = send(s->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent < 0 && errno == ECONNREFUSED)
		sent = send(s->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	return sent >= 0 || errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS;
}

enum err dns_udp_send(struct dns_udp_pool *p, const struct netaddr *to, struct dns_exchange *x)
{
	uint8_t bytes[DNS_QUESTION_MAX];
	struct dns_udp_socket *s = socket_for(p, to);

	if (!s || !draw_id(s, x))
		return p->common && !bound_has(p->row, 1) ? ERR_FULL : ERR_IO;
	dns_exchange_draw(x, p->udp->rng);
	size_t n = dns_exchange_write(x, bytes);
	if (n == 0 || !send_bytes(s, bytes, n))
		return ERR_IO;
	dns_exchange_link(&s->by_id[x->id % BUCKETS], x);
	x->carrier = s;
	x->drop = drop;
	x->told = false;
	s->asked++;
	s->waiting++;
	s->sent_ms = clock_mono(p->udp->clock);
	return ERR_OK;
}
