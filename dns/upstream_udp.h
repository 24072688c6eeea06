/* Questions by UDP: pools of connected sockets, each on a random port that the kernel chose. A
 * socket takes no more questions after 256 of them or 30 s, and is closed when the last one on it
 * is over. Ids are drawn among those that are free on the socket.
 *
 * Before: dns/upstream_try.c, dns/upstream_probe.c. After: the server; dns_exchange.over(). */
#ifndef DNS_UPSTREAM_UDP_H
#define DNS_UPSTREAM_UDP_H

#include "base/bound.h"
#include "base/err.h"
#include "dns/exchange.h"
#include "dns/timers.h"
#include "net/addr.h"

struct event_base;
struct dns_udp_socket;

enum {
	DNS_UDP_REPLY_MAX = 4096,    /* bytes; more than we offer is no answer */
	DNS_UDP_QUESTIONS_MAX = 256, /* of a socket */
	DNS_UDP_SOCKET_MS = 30000,
	DNS_UDP_GIVES_WAY_MS = 200,
};

/* What all sockets of the thread share. */
struct dns_udp {
	struct event_base *base;
	const struct clock *clock;
	const struct rng *rng;
	struct dns_timers *timers;
	uint64_t wrong; /* datagrams that answered none of our questions */
	uint8_t scratch[DNS_UDP_REPLY_MAX + 1];
};

/* The sockets of one forwarder, or those to all servers that domains name. */
struct dns_udp_pool {
	struct dns_udp *udp;
	struct bound *row;
	bool common; /* to many servers: the row counts its sockets; else it is for each pool */
	size_t count;
	struct dns_udp_socket *sockets;
};

/* Sends it to this address. ERR_FULL: all sockets of a common pool are in use; ERR_IO: the kernel
 * refused, or there is no memory. Otherwise over() may come, or never: who sends has a time-out. In
 * a common pool a question that has waited for 200 ms loses its socket to a new one, when there is
 * no other. */
enum err dns_udp_send(struct dns_udp_pool *p, const struct netaddr *to, struct dns_exchange *x);

/* Closes all sockets; questions on them are no longer on their way. */
void dns_udp_close(struct dns_udp_pool *p);

#endif
