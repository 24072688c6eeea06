/* Questions by UDP. Reads a bounded number of datagrams in one turn of the loop, so that nothing
 * else waits for a flood. Before: the kernel. After: the owner's question(), which may answer at
 * once or later. One thread, that of the loop. */
#ifndef DNS_UDP_LISTENER_H
#define DNS_UDP_LISTENER_H

#include "base/bound.h"
#include "dns/client.h"
#include "dns/figures.h"

struct event_base;
struct dns_udp_listener;
struct listen_sockets;

struct dns_udp_listener_owner {
	/* A datagram; the bytes are borrowed for the call. */
	void (*question)(void *ctx, struct slice packet, const struct dns_client *c);
	void *ctx;
	struct dns_figures *figures;
	struct bound *turn; /* row: datagrams in one turn */
};

/* Takes over the sockets (net/listen_sockets.h), also when it fails. NULL when memory runs out. */
struct dns_udp_listener *dns_udp_listener_open(struct event_base *base,
	struct listen_sockets *sockets, const struct dns_udp_listener_owner *owner);
void dns_udp_listener_close(struct dns_udp_listener *u);

/* Sends an answer from the address that the question was sent to. One that does not fit into the
 * socket's buffer is lost, and counted. */
void dns_udp_listener_send(
	struct dns_udp_listener *u, const struct dns_client *c, struct slice answer);

#endif
