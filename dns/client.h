/* Who asked, and where the answer goes: a value that may be kept while others are asked. */
#ifndef DNS_CLIENT_H
#define DNS_CLIENT_H

#include "net/addr.h"

struct dns_trace;

enum dns_client_kind {
	DNS_CLIENT_UDP,
	DNS_CLIENT_TCP,
	DNS_CLIENT_NODE, /* the node's own loop asks, for `resolve` */
};

struct dns_client {
	enum dns_client_kind kind;
	struct netaddr from; /* of UDP and TCP */
	/* TCP: number of the connection; NODE: of the request. Neither is used again, so a late
	 * answer finds nobody. */
	uint64_t number;
	struct dns_trace *trace; /* NODE: its way is written there; NULL = nobody wants to know */
	uint16_t idle_tenths;    /* TCP: tenths of a second that it may stay idle (RFC 7828) */
	uint16_t socket;         /* UDP: index of the socket */
	uint32_t interface;      /* UDP, on a wildcard socket: where the question came in, */
	uint8_t to[16]; /* and the address that it was sent to, from which the answer leaves */
};

#endif
