/* Questions by TCP, many on one connection, answers in any order (RFC 7766). Every client has a
 * deadline in each state; places fall to new clients sooner as they run out.
 * Before: the kernel. After: the owner's question(). One thread, that of the loop. */
#ifndef DNS_TCP_LISTENER_H
#define DNS_TCP_LISTENER_H

#include "base/clock.h"
#include "config/limits.h"
#include "dns/client.h"
#include "dns/figures.h"

struct event_base;
struct dns_tcp_listener;
struct listen_wish;

struct dns_tcp_listener_owner {
	/* A question, without its length; the bytes are borrowed for the call. */
	void (*question)(void *ctx, struct slice packet, const struct dns_client *c);
	void *ctx;
	struct dns_figures *figures;
	const struct clock *clock;
	struct limits *limits; /* rows dns_tcp_… */
};

/* NULL with a line in `why`. */
struct dns_tcp_listener *dns_tcp_listener_open(struct event_base *base,
	const struct listen_wish *wish, const struct dns_tcp_listener_owner *owner, char *why,
	size_t size);
void dns_tcp_listener_close(struct dns_tcp_listener *t);

/* Ends a question that was handed over: sends its answer, or none if `answer` is empty. Each
 * question is ended once, at once or later. A client that has gone meanwhile is none. */
void dns_tcp_listener_end(
	struct dns_tcp_listener *t, const struct dns_client *c, struct slice answer);

#endif
