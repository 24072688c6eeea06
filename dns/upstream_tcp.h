/* Questions by connections that stay: TCP, and what looks like it, such as TLS, by a maker of its
 * bufferevent. Many questions are on one at a time, answers come in any order (RFC 7766). Each
 * message has two bytes of length before it.
 *
 * Before: dns/upstream_try.c, dns/upstream_probe.c. After: the server; dns_exchange.over(). */
#ifndef DNS_UPSTREAM_TCP_H
#define DNS_UPSTREAM_TCP_H

#include "base/bound.h"
#include "base/err.h"
#include "dns/exchange.h"
#include "dns/timers.h"
#include "net/addr.h"

struct bufferevent;
struct event_base;
struct dns_tcp_conn;
struct dns_tcp_protocol;

enum {
	DNS_TCP_CONNECT_MS = 3000, /* for the connection, with its handshake */
	DNS_TCP_REUSED_MS = 1000,  /* without a byte on one that has answered before: it is dead */
	DNS_TCP_FRESH_MS = 5000,   /* without a byte on another one */
	DNS_TCP_MESSAGE_MS = 5000, /* from the first byte of a message to its last */
	DNS_TCP_IDLE_MS = 10000,   /* without a question */
	DNS_TCP_OUTPUT_MAX =
		16384, /* that waits to be sent: nothing is read or asked until it is gone */
	DNS_TCP_CONN_BYTES =
		131072 /* that one can come to hold: a whole message, and 64 questions */
};

/* Where a connection leads. Two are the same when address and maker are. */
struct dns_tcp_server {
	struct netaddr to;
	bool common; /* a server that a domain names: these have a quarter of the connections */
	/* NULL: plain TCP. Else makes the bufferevent of a socket that is connecting, and owns the
	 * socket from then on (BEV_OPT_CLOSE_ON_FREE); NULL when it cannot, the socket is closed
	 * then. */
	struct bufferevent *(*make)(void *ctx, struct event_base *base, int fd);
	/* Words for people, borrowed until the next connection to this server ends: why this one
	 * did; NULL = it does not know. May be NULL. */
	const char *(*why)(void *ctx, struct bufferevent *bev);
	/* The connection could not be made. True: it has put another address into s->to, to which
	 * the questions go, and the time for that into s->connect_ms. May be NULL. */
	bool (*next)(struct dns_tcp_server *s);
	uint64_t connect_ms; /* for the connection; 0 = DNS_TCP_CONNECT_MS */
	/* What is spoken there; NULL: messages with their length. */
	const struct dns_tcp_protocol *protocol;
	void *ctx;
};

struct dns_tcp {
	struct event_base *base;
	const struct clock *clock;
	const struct rng *rng;
	struct dns_timers *timers;
	struct bound *connections, *streams, *bytes;
	uint8_t *scratch; /* DNS_MESSAGE_MAX bytes; borrowed */
	uint64_t wrong;   /* answers with an id that is not out */
	struct dns_tcp_conn *conns;
};

/* Sends it by a connection that is there, or a new one. ERR_FULL: there is no place for it now;
 * ERR_IO: the kernel refused, or there is no memory. When a connection that has answered before
 * dies, its questions are sent once more on a fresh one. over() comes, if it was sent. */
enum err dns_tcp_send(struct dns_tcp *t, const struct dns_tcp_server *to, struct dns_exchange *x);

/* Closes all connections; questions on them are no longer on their way. `ctx` NULL: all; else those
 * of a maker with this ctx. */
void dns_tcp_close(struct dns_tcp *t, const void *ctx);

#endif
