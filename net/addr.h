/* Network addresses as values: 16 bytes (IPv4 as ::ffff:a.b.c.d) and a port. All functions are
 * pure; nothing here owns memory. Ports are in host order everywhere. */
#ifndef NET_ADDR_H
#define NET_ADDR_H

#include <sys/socket.h>

#include "base/slice.h"

struct netaddr {
	uint8_t ip[16]; /* network order; IPv4 is kept mapped */
	uint16_t port;  /* host order */
};

enum {
	ALFIS_PORT = 4244, /* the network's (protocol.md 1.4): meant where none is written */
	NETADDR_TEXT_MAX = 56,
	NETGROUP_SIZE = 6,
};

/* ---- net/addr_text.c: reading; nothing is written to the result when it fails ---- */

/* "host:port" taken apart. */
struct endpoint {
	struct slice host;   /* part of the text, without brackets; never empty */
	bool has_port;       /* the text has one, 0 … 65535 */
	uint16_t port;       /* it, or else the default */
	bool is_address;     /* the host is a literal address; otherwise nobody has judged it */
	struct netaddr addr; /* that address, with the port */
};

/* The one reader of "a.b.c.d", "v6", "name" with or without ":port". IPv6 with a port needs
 * brackets; nothing but IPv6 may have them. Ports have no leading zeros. `port`: the default, in
 * host order. `out` borrows from the text. */
bool endpoint_parse(struct slice text, uint16_t port, struct endpoint *out);

/* Is it the name of a host, as DNS has them? Letters, digits, '-' and '_' between single dots, 63
 * bytes a label, 253 in all; not digits alone, which are a mistyped address. */
bool endpoint_is_name(struct slice host);

/* "a.b.c.d:port" or "[v6]:port", as the wire writes them (protocol.md 5.1); nothing else. */
bool netaddr_parse(struct slice text, struct netaddr *a);

/* A literal address as people write it: the port may be left out, and is `port` then. */
bool netaddr_parse_loose(struct slice text, uint16_t port, struct netaddr *a);

/* ---- net/addr.c ---- */

/* Write the address with its port in the wire form (5.1), and the address alone without brackets,
 * each with a NUL. Return `to`. */
const char *netaddr_text(const struct netaddr *a, char to[NETADDR_TEXT_MAX]);
const char *netaddr_ip_text(const struct netaddr *a, char to[NETADDR_TEXT_MAX]);

/* IPv4 in 16 bytes: ::ffff:a.b.c.d. */
bool netaddr_ip_is_ipv4(const uint8_t ip[16]);
void netaddr_ip_from_ipv4(uint8_t ip[16], const void *four);

/* IPv4-mapped and IPv4-compatible IPv6 become IPv4 (protocol.md 5.4). False for other families;
 * `a` is left as it is then. */
bool netaddr_from_sockaddr(const struct sockaddr *sa, struct netaddr *a);

/* Returns the bytes of *ss that count: for bind(2) and connect(2). */
socklen_t netaddr_to_sockaddr(const struct netaddr *a, struct sockaddr_storage *ss);

/* True for an address of that kind. */
bool netaddr_is_ipv4(const struct netaddr *a);
bool netaddr_is_yggdrasil(const struct netaddr *a); /* 0200::/7 */
bool netaddr_is_loopback(const struct netaddr *a);  /* 127.0.0.0/8, ::1 */

/* May this address from a stranger be kept and dialled? Not what leads into a network of our own or
 * through a translator: loopback, private and link-local addresses, multicast, NAT64, 6to4, Teredo;
 * nor port 0 (protocol.md 5.8). */
bool netaddr_is_routable(const struct netaddr *a);

/* The same address, whatever the port; the same address and port. */
bool netaddr_same_ip(const struct netaddr *a, const struct netaddr *b);
bool netaddr_eq(const struct netaddr *a, const struct netaddr *b);

/* The group that one operator plausibly owns: IPv4 /16, IPv6 /32, Yggdrasil 0200::/7 by 8 bits of
 * the key, loopback by whole address. Equal bytes = same group. */
void netaddr_group(const struct netaddr *a, uint8_t group[NETGROUP_SIZE]);

/* The unit that per-address caps and bans count: the IPv4 address, the IPv6 /64. */
void netaddr_host(const struct netaddr *a, uint8_t host[16]);

/* The network that one household or office has: IPv4 /24, IPv6 /56. Equal bytes = same network. */
void netaddr_network(const struct netaddr *a, uint8_t network[8]);

#endif
