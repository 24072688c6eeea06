/* Network addresses as values: 16 bytes (IPv4 as ::ffff:a.b.c.d) and a port. */
#ifndef NET_ADDR_H
#define NET_ADDR_H

#include <sys/socket.h>

#include "base/slice.h"

struct netaddr {
	uint8_t ip[16]; /* network order; IPv4 is kept mapped */
	uint16_t port;  /* host order */
};

enum { NETADDR_TEXT_MAX = 56, NETGROUP_SIZE = 6 };

/* "a.b.c.d:port" or "[v6]:port", as the wire writes them (protocol.md 5.1); nothing else. */
bool netaddr_parse(struct slice text, struct netaddr *a);

/* The same with an optional port (default 4244) and bare IPv6, as people write them in ban ADDR. */
bool netaddr_parse_loose(struct slice text, uint16_t port, struct netaddr *a);

/* Writes the wire form and a NUL; returns `to`. */
const char *netaddr_text(const struct netaddr *a, char to[NETADDR_TEXT_MAX]);
const char *netaddr_ip_text(const struct netaddr *a, char to[NETADDR_TEXT_MAX]);

/* IPv4-mapped and IPv4-compatible IPv6 become IPv4 (protocol.md 5.4). False for other families. */
bool netaddr_from_sockaddr(const struct sockaddr *sa, struct netaddr *a);
socklen_t netaddr_to_sockaddr(const struct netaddr *a, struct sockaddr_storage *ss);

bool netaddr_is_ipv4(const struct netaddr *a);
bool netaddr_is_yggdrasil(const struct netaddr *a); /* 0200::/7 */
bool netaddr_is_loopback(const struct netaddr *a);

/* May this address from a stranger be kept and dialled? Not what leads into a network of our own or
 * through a translator: loopback, private and link-local addresses, multicast, NAT64, 6to4, Teredo;
 * nor port 0. */
bool netaddr_is_routable(const struct netaddr *a);

bool netaddr_same_ip(const struct netaddr *a, const struct netaddr *b);
bool netaddr_eq(const struct netaddr *a, const struct netaddr *b);

/* The group that one operator plausibly owns: IPv4 /16, IPv6 /32, Yggdrasil 0200::/7 by 8 bits of
 * the key, loopback by whole address. Equal bytes = same group. */
void netaddr_group(const struct netaddr *a, uint8_t group[NETGROUP_SIZE]);

/* The unit that per-address caps and bans count: the IPv4 address, the IPv6 /64. */
void netaddr_host(const struct netaddr *a, uint8_t host[16]);

#endif
