/* Role: reads questions from UDP sockets and sends answers. Before: net/listen_sockets.c opened the
 * sockets. After: dns/server.c hands the questions to dns/serve_query.c. */
#include "dns/udp_listener.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "dns/message.h"
#include "net/listen_sockets.h"

enum {
	BATCH = 16,        /* datagrams that one call reads */
	PACKET_MAX = 4096, /* no question is longer; the rest is cut off, and so it is refused */
	CONTROL_MAX = 64,  /* bytes of the address that a datagram was sent to */
	BUFFER = 1 << 20,  /* bytes of the kernel's queue that are asked for */
};

struct udp_socket {
	int fd;
	bool wildcard, v6;
	struct netaddr own; /* where it is bound */
	struct event *readable;
	struct dns_udp_listener *udp;
};

/* What one call of recvmmsg(2) fills. */
struct batch {
	struct mmsghdr message[BATCH];
	struct iovec data[BATCH];
	struct sockaddr_storage from[BATCH];
	_Alignas(struct cmsghdr) uint8_t control[BATCH][CONTROL_MAX];
	uint8_t packet[BATCH][PACKET_MAX];
};

struct reply {
	struct msghdr header;
	struct iovec data;
	struct sockaddr_storage to;
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_MAX];
};

/* Answers of one turn to one socket, which one call sends. */
struct out_batch {
	int fd; /* -1 = no turn: answers are sent one by one */
	size_t count;
	struct mmsghdr message[BATCH];
	struct reply reply[BATCH];
	uint8_t bytes[BATCH][DNS_UDP_SIZE];
};

static void send_batch(struct dns_udp_listener *u);

struct dns_udp_listener {
	struct dns_udp_listener_owner owner;
	struct out_batch out;
	struct listen_sockets *opened;
	struct batch batch;
	size_t count;
	struct udp_socket socket[];
};

/* ---- reading ---- */

static void prepare(struct batch *b)
{
	for (size_t i = 0; i < BATCH; i++) {
		b->data[i] = (struct iovec){b->packet[i], PACKET_MAX};
		b->message[i].msg_hdr = (struct msghdr){.msg_name = &b->from[i],
			.msg_namelen = sizeof b->from[i],
			.msg_iov = &b->data[i],
			.msg_iovlen = 1,
			.msg_control = b->control[i],
			.msg_controllen = CONTROL_MAX};
	}
}

/* Finds the address that the datagram was sent to, on a wildcard socket. */
static void read_destination(struct msghdr *m, struct dns_client *c)
{
	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
		if (h->cmsg_level == IPPROTO_IP && h->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo p;
			memcpy(&p, CMSG_DATA(h), sizeof p);
			c->interface = (uint32_t)p.ipi_ifindex;
			netaddr_ip_from_ipv4(c->to, &p.ipi_addr);
		} else if (h->cmsg_level == IPPROTO_IPV6 && h->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo p;
			memcpy(&p, CMSG_DATA(h), sizeof p);
			c->interface = p.ipi6_ifindex;
			memcpy(c->to, &p.ipi6_addr, 16);
		}
	}
}

/* Nobody asks from port 0, and what we sent ourselves must not be answered for ever. */
static bool is_from_nobody(const struct udp_socket *s, const struct dns_client *c)
{
	if (c->from.port == 0)
		return true;
	return c->from.port == s->own.port && memcmp(c->from.ip, c->to, sizeof c->to) == 0;
}

static void take(struct udp_socket *s, size_t i)
{
	struct dns_udp_listener *u = s->udp;
	struct msghdr *m = &u->batch.message[i].msg_hdr;
	struct dns_client c = {.socket = (uint16_t)(s - u->socket)};

	if (!netaddr_from_sockaddr((struct sockaddr *)&u->batch.from[i], &c.from))
		return;
	if (s->wildcard)
		read_destination(m, &c);
	else
		memcpy(c.to, s->own.ip, sizeof c.to);
	dns_count(&u->owner.figures->udp);
	if (is_from_nobody(s, &c))
		dns_count(&u->owner.figures->drop[DNS_DROP_OWN_ADDRESS]);
	else
		u->owner.question(u->owner.ctx,
			(struct slice){u->batch.packet[i], u->batch.message[i].msg_len}, &c);
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct udp_socket *s = ctx;
	struct dns_udp_listener *u = s->udp;
	uint64_t left = bound_read(&u->owner.turn->max);
	int n = BATCH;

	(void)what;
	u->out.fd = fd;
	for (uint64_t taken = 0; left > 0 && n == BATCH; left -= taken) {
		prepare(&u->batch);
		n = recvmmsg(fd, u->batch.message, left < BATCH ? (unsigned)left : BATCH, 0, NULL);
		taken = n > 0 ? (uint64_t)n : 0;
		for (int i = 0; i < n; i++)
			take(s, (size_t)i);
		send_batch(u);
	}
	u->out.fd = -1;
	bound_note(u->owner.turn, bound_read(&u->owner.turn->max) - left);
	bound_note(u->owner.turn, 0);
	if (left == 0)
		bound_hit(u->owner.turn);
}

/* ---- opening ---- */

static void set_up(struct udp_socket *s)
{
	static const uint8_t zero[16];
	int on = 1, bytes = BUFFER;

	listen_socket_address(s->fd, &s->own);
	s->v6 = !netaddr_is_ipv4(&s->own);
	s->wildcard = memcmp(s->own.ip, zero, 10) == 0 && memcmp(s->own.ip + 12, zero, 4) == 0;
	(void)setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	if (!s->wildcard)
		return;
	if (s->v6)
		(void)setsockopt(s->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
	else
		(void)setsockopt(s->fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
}

struct dns_udp_listener *dns_udp_listener_open(struct event_base *base,
	struct listen_sockets *sockets, const struct dns_udp_listener_owner *owner)
{
	struct dns_udp_listener *u = mem_alloc(sizeof *u + sockets->count * sizeof u->socket[0]);
	bool good = u != NULL;

	if (!u) {
		listen_sockets_close(sockets);
		return NULL;
	}
	u->owner = *owner;
	u->out.fd = -1;
	u->opened = sockets;
	for (size_t i = 0; good && i < sockets->count; i++) {
		struct udp_socket *s = &u->socket[u->count++];
		*s = (struct udp_socket){.fd = sockets->fd[i], .udp = u};
		set_up(s);
		s->readable = event_new(base, s->fd, EV_READ | EV_PERSIST, on_readable, s);
		good = s->readable && event_add(s->readable, NULL) == 0;
	}
	if (good)
		return u;
	dns_udp_listener_close(u);
	return NULL;
}

void dns_udp_listener_close(struct dns_udp_listener *u)
{
	if (!u)
		return;
	for (size_t i = 0; i < u->count; i++)
		if (u->socket[i].readable)
			event_free(u->socket[i].readable);
	listen_sockets_close(u->opened);
	mem_free(u);
}

/* ---- sending ---- */

/* Names the address from which the answer leaves. */
static void set_source(struct msghdr *m, const struct udp_socket *s, const struct dns_client *c,
	uint8_t control[CONTROL_MAX])
{
	struct cmsghdr *h = (struct cmsghdr *)(void *)control;

	memset(control, 0, CONTROL_MAX);
	m->msg_control = control;
	if (s->v6 && !netaddr_is_ipv4(&c->from)) {
		struct in6_pktinfo p = {.ipi6_ifindex = c->interface};
		memcpy(&p.ipi6_addr, c->to, 16);
		*h = (struct cmsghdr){.cmsg_level = IPPROTO_IPV6, .cmsg_type = IPV6_PKTINFO};
		h->cmsg_len = CMSG_LEN(sizeof p);
		memcpy(CMSG_DATA(h), &p, sizeof p);
		m->msg_controllen = CMSG_SPACE(sizeof p);
	} else {
		struct in_pktinfo p = {0};
		memcpy(&p.ipi_spec_dst, c->to + 12, 4);
		*h = (struct cmsghdr){.cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO};
		h->cmsg_len = CMSG_LEN(sizeof p);
		memcpy(CMSG_DATA(h), &p, sizeof p);
		m->msg_controllen = CMSG_SPACE(sizeof p);
	}
}

/* A socket of IPv6 wants IPv4 addresses in their mapped form. */
static socklen_t to_sockaddr(
	const struct udp_socket *s, const struct netaddr *to, struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)ss;

	if (!s->v6)
		return netaddr_to_sockaddr(to, ss);
	memset(ss, 0, sizeof *ss);
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(to->port);
	memcpy(&v6->sin6_addr, to->ip, 16);
	return sizeof *v6;
}

/* One answer, ready to be sent: filled in place, since its parts point to each other. */
static void fill(const struct udp_socket *s, struct reply *r, const struct dns_client *c)
{
	struct msghdr *m = &r->header;

	*m = (struct msghdr){.msg_name = &r->to, .msg_iov = &r->data, .msg_iovlen = 1};
	m->msg_namelen = to_sockaddr(s, &c->from, &r->to);
	if (s->wildcard)
		set_source(m, s, c, r->control);
}

static void send_batch(struct dns_udp_listener *u)
{
	struct out_batch *b = &u->out;
	int sent = 0;

	for (size_t i = 0; i < b->count; i++)
		b->message[i].msg_hdr = b->reply[i].header;
	/* A datagram that cannot be sent stops the call: it is left out, and the others go. */
	for (size_t at = 0; at < b->count; at += (size_t)sent) {
		sent = sendmmsg(b->fd, b->message + at, (unsigned)(b->count - at), 0);
		if (sent <= 0) {
			dns_count(&u->owner.figures->drop[DNS_DROP_SEND]);
			sent = 1;
		}
	}
	b->count = 0;
}

void dns_udp_listener_send(
	struct dns_udp_listener *u, const struct dns_client *c, struct slice answer)
{
	const struct udp_socket *s = &u->socket[c->socket];
	struct out_batch *b = &u->out;
	struct reply alone;

	if (b->fd == s->fd && answer.n <= sizeof b->bytes[0]) {
		struct reply *r = &b->reply[b->count];
		memcpy(b->bytes[b->count], answer.p, answer.n);
		r->data = (struct iovec){b->bytes[b->count], answer.n};
		fill(s, r, c);
		if (++b->count == BATCH)
			send_batch(u);
		return;
	}
	memcpy(&alone.data.iov_base, &answer.p, sizeof answer.p); /* sendmsg() only reads it */
	alone.data.iov_len = answer.n;
	fill(s, &alone, c);
	if (sendmsg(s->fd, &alone.header, 0) < 0)
		dns_count(&u->owner.figures->drop[DNS_DROP_SEND]);
}
