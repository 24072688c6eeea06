/* Who asked, and where the answer goes: a value that may be kept while others are asked. */
#ifndef DNS_CLIENT_H
#define DNS_CLIENT_H

#include "net/addr.h"

struct dns_client {
	struct netaddr from;
	bool tcp;
	uint64_t conn;      /* TCP: number of the connection, never used again: a late answer finds
			       nobody */
	uint16_t socket;    /* UDP: index of the socket */
	uint32_t interface; /* UDP, on a wildcard socket: where it came in, and the address */
	uint8_t to[16];     /* that it was sent to, from which the answer must leave */
};

#endif
