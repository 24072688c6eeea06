/* Role: parses "host:port". Settings, commands, messages and Host headers are all parsed here, so
 * that a text means the same everywhere. Part of net/addr.h.
 * Before: config/validate.c, p2p/exchange.c, p2p/p2p_admin.c have a text. After: net/addr.c handles
 * the address, net/resolver.c resolves a name. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "net/addr.h"

enum { PORT_DIGITS = 5, LABEL_MAX = 63, NAME_MAX_BYTES = 253 };

/* Parses an IPv4 address of four decimal numbers, or an IPv6 address. Sets the port to 0. */
static bool read_ip(struct slice text, struct netaddr *a)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	char s[INET6_ADDRSTRLEN + 1];

	if (text.n == 0 || text.n >= sizeof s || memchr(text.p, 0, text.n))
		return false;
	memcpy(s, text.p, text.n);
	s[text.n] = 0;
	if (inet_pton(AF_INET, s, &in.sin_addr) == 1)
		return netaddr_from_sockaddr((const struct sockaddr *)&in, a);
	return inet_pton(AF_INET6, s, &in6.sin6_addr) == 1 &&
	       netaddr_from_sockaddr((const struct sockaddr *)&in6, a);
}

/* Parses 0 to 65535 in decimal digits. Leading zeros are refused, so that a port has one spelling
 * only. */
static bool read_port(struct slice text, uint16_t *port)
{
	unsigned v = 0;

	if (text.n == 0 || text.n > PORT_DIGITS || (text.n > 1 && text.p[0] == '0'))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		v = v * 10 + (unsigned)(text.p[i] - '0');
	}
	*port = (uint16_t)v;
	return v <= UINT16_MAX;
}

/* Splits "host:port" or "[host]:port" into its parts; port->p is NULL when there is no port. A text
 * with two or more colons and no bracket is an IPv6 address without a port. */
static bool cut(struct slice text, struct slice *host, struct slice *port)
{
	const uint8_t *end = text.p + text.n, *at;

	*port = slice_of(NULL, 0);
	*host = text;
	if (text.n == 0)
		return false;
	if (text.p[0] == '[') {
		at = memchr(text.p, ']', text.n);
		if (!at || (at + 1 != end && at[1] != ':'))
			return false;
		*host = slice_of(text.p + 1, (size_t)(at - text.p) - 1);
		if (at + 1 != end)
			*port = slice_of(at + 2, (size_t)(end - at) - 2);
		return true;
	}
	at = memchr(text.p, ':', text.n);
	if (at && !memchr(at + 1, ':', (size_t)(end - at) - 1)) {
		*host = slice_of(text.p, (size_t)(at - text.p));
		*port = slice_of(at + 1, (size_t)(end - at) - 1);
	}
	return true;
}

/* Is the host printable ASCII without spaces and brackets, and not empty? */
static bool is_visible(struct slice host)
{
	for (size_t i = 0; i < host.n; i++)
		if (host.p[i] <= ' ' || host.p[i] > '~' || host.p[i] == '[' || host.p[i] == ']')
			return false;
	return host.n > 0;
}

bool endpoint_parse(struct slice text, uint16_t port, struct endpoint *out)
{
	struct endpoint e = {.port = port};
	struct slice port_text;

	if (!cut(text, &e.host, &port_text))
		return false;
	e.has_port = port_text.p != NULL;
	if (e.has_port && !read_port(port_text, &e.port))
		return false;
	e.is_address = read_ip(e.host, &e.addr);
	bool colons = e.host.n && memchr(e.host.p, ':', e.host.n);
	bool brackets = text.p[0] == '[';
	/* Brackets belong around IPv6 only; without them an IPv6 address has no port. */
	if (colons || brackets ? !e.is_address || !colons : !is_visible(e.host))
		return false;
	e.addr.port = e.port;
	*out = e;
	return true;
}

bool netaddr_parse(struct slice text, struct netaddr *a)
{
	struct endpoint e;

	if (!endpoint_parse(text, 0, &e) || !e.is_address || !e.has_port)
		return false;
	*a = e.addr;
	return true;
}

bool netaddr_parse_loose(struct slice text, uint16_t port, struct netaddr *a)
{
	struct endpoint e;

	if (!endpoint_parse(text, port, &e) || !e.is_address)
		return false;
	*a = e.addr;
	return true;
}

static bool is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

bool endpoint_is_name(struct slice host)
{
	size_t label = 0;
	bool letter = false;

	for (size_t i = 0; i < host.n; i++) {
		uint8_t c = host.p[i];
		bool of_label = is_letter(c) || (c >= '0' && c <= '9');
		if (c == '.' ? label == 0 : !of_label || label >= LABEL_MAX)
			return false;
		label = c == '.' ? 0 : label + 1;
		letter = letter || is_letter(c);
	}
	return letter && host.n <= NAME_MAX_BYTES;
}
