/* Role: addresses as values: their text form, conversion from and to sockaddr, kinds and groups
 * (protocol.md 5.1, 5.4, 5.8). Parsing is in net/addr_text.c.
 * Before and after: all of net/ and p2p/ call it; it is no stop on a block's way. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/addr.h"

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool netaddr_ip_is_ipv4(const uint8_t ip[16])
{
	return memcmp(ip, mapped, sizeof mapped) == 0;
}

void netaddr_ip_from_ipv4(uint8_t ip[16], const void *four)
{
	memcpy(ip, mapped, sizeof mapped);
	memcpy(ip + sizeof mapped, four, 4);
}

bool netaddr_is_ipv4(const struct netaddr *a)
{
	return netaddr_ip_is_ipv4(a->ip);
}

/* Is it an IPv4-compatible address, ::a.b.c.d? :: and ::1 are not. */
static bool is_compatible(const uint8_t ip[16])
{
	static const uint8_t zero[12];

	return memcmp(ip, zero, sizeof zero) == 0 && (ip[12] || ip[13] || ip[14]);
}

static void set_ipv6(struct netaddr *a, const uint8_t ip[16])
{
	if (is_compatible(ip))
		netaddr_ip_from_ipv4(a->ip, ip + 12);
	else
		memcpy(a->ip, ip, 16);
}

/* ---- text ---- */

const char *netaddr_ip_text(const struct netaddr *a, char to[NETADDR_TEXT_MAX])
{
	bool four = netaddr_is_ipv4(a);

	inet_ntop(four ? AF_INET : AF_INET6, four ? a->ip + 12 : a->ip, to, NETADDR_TEXT_MAX);
	return to;
}

const char *netaddr_text(const struct netaddr *a, char to[NETADDR_TEXT_MAX])
{
	char ip[NETADDR_TEXT_MAX];

	netaddr_ip_text(a, ip);
	snprintf(to, NETADDR_TEXT_MAX, netaddr_is_ipv4(a) ? "%.46s:%u" : "[%.46s]:%u", ip, a->port);
	return to;
}

/* ---- sockets ---- */

bool netaddr_from_sockaddr(const struct sockaddr *sa, struct netaddr *a)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof in);
		netaddr_ip_from_ipv4(a->ip, &in.sin_addr);
		a->port = ntohs(in.sin_port);
		return true;
	}
	if (sa->sa_family != AF_INET6)
		return false;
	memcpy(&in6, sa, sizeof in6);
	set_ipv6(a, in6.sin6_addr.s6_addr);
	a->port = ntohs(in6.sin6_port);
	return true;
}

socklen_t netaddr_to_sockaddr(const struct netaddr *a, struct sockaddr_storage *ss)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(a->port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(a->port)};

	memset(ss, 0, sizeof *ss);
	if (netaddr_is_ipv4(a)) {
		memcpy(&in.sin_addr, a->ip + 12, 4);
		memcpy(ss, &in, sizeof in);
		return sizeof in;
	}
	memcpy(in6.sin6_addr.s6_addr, a->ip, 16);
	memcpy(ss, &in6, sizeof in6);
	return sizeof in6;
}

/* ---- kinds ---- */

bool netaddr_is_yggdrasil(const struct netaddr *a)
{
	return (a->ip[0] & 0xFE) == 0x02;
}

bool netaddr_is_loopback(const struct netaddr *a)
{
	static const uint8_t one[16] = {[15] = 1};

	return netaddr_is_ipv4(a) ? a->ip[12] == 127 : memcmp(a->ip, one, 16) == 0;
}

static bool ipv4_is_routable(const uint8_t ip[4])
{
	bool inner = ip[0] == 10 || (ip[0] == 172 && (ip[1] & 0xF0) == 16) ||
		     (ip[0] == 192 && ip[1] == 168) || (ip[0] == 100 && (ip[1] & 0xC0) == 64);
	bool local = ip[0] == 0 || ip[0] == 127 || (ip[0] == 169 && ip[1] == 254);
	bool special = (ip[0] == 192 && ip[1] == 0 && ip[2] == 0) ||
		       (ip[0] == 192 && ip[1] == 88 && ip[2] == 99) ||
		       (ip[0] == 198 && (ip[1] & 0xFE) == 18);

	return !inner && !local && !special && ip[0] < 224;
}

/* Global unicast (2000::/3) and Yggdrasil are routable; unique-local and link-local addresses are
 * not. Nor are addresses that embed an IPv4 address for a translator (NAT64, 6to4, Teredo), because
 * they could lead to a private IPv4 address. */
static bool ipv6_is_routable(const struct netaddr *a)
{
	bool teredo = a->ip[0] == 0x20 && a->ip[1] == 1 && a->ip[2] == 0 && a->ip[3] == 0;
	bool six_to_four = a->ip[0] == 0x20 && a->ip[1] == 2;

	return netaddr_is_yggdrasil(a) || ((a->ip[0] & 0xE0) == 0x20 && !teredo && !six_to_four);
}

bool netaddr_is_routable(const struct netaddr *a)
{
	if (a->port == 0)
		return false;
	return netaddr_is_ipv4(a) ? ipv4_is_routable(a->ip + 12) : ipv6_is_routable(a);
}

bool netaddr_same_ip(const struct netaddr *a, const struct netaddr *b)
{
	return memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

bool netaddr_eq(const struct netaddr *a, const struct netaddr *b)
{
	return netaddr_same_ip(a, b) && a->port == b->port;
}

/* The first byte is the kind of address; the others identify the group within that kind. */
void netaddr_group(const struct netaddr *a, uint8_t group[NETGROUP_SIZE])
{
	memset(group, 0, NETGROUP_SIZE);
	if (netaddr_is_loopback(a)) {
		group[0] = 1;
		memcpy(group + 1, a->ip + 12, 4);
	} else if (netaddr_is_ipv4(a)) {
		group[0] = 4;
		memcpy(group + 1, a->ip + 12, 2);
	} else if (netaddr_is_yggdrasil(a)) {
		/* The second byte counts leading one bits of the node's key and is nearly the same
		 * for all nodes; the key's own bits follow, so the third byte is used. A node's
		 * address (0200::/8) and its subnet (0300::/8) fall into one group. */
		group[0] = 2;
		group[1] = a->ip[2];
	} else {
		group[0] = 6;
		memcpy(group + 1, a->ip, 4);
	}
}

void netaddr_host(const struct netaddr *a, uint8_t host[16])
{
	memcpy(host, a->ip, 16);
	if (!netaddr_is_ipv4(a) && !netaddr_is_loopback(a))
		memset(host + 8, 0, 8);
}

void netaddr_network(const struct netaddr *a, uint8_t network[8])
{
	bool v4 = netaddr_is_ipv4(a);

	memset(network, 0, 8);
	network[0] = v4;
	memcpy(network + 1, v4 ? a->ip + 12 : a->ip, v4 ? 3 : 7);
}
