/* Judges hashes and addresses of node.toml by their look alone.
 * Before: loader_set.c. After: p2p/ and chain/ read the same texts for good. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "net/cidr.h"
#include "config/validate.h"

enum family { FAMILY_NONE, FAMILY_V4, FAMILY_V6 };

struct host_port {
	char host[CONFIG_TEXT_MAX];
	const char *port; /* NULL when there is none */
	bool brackets;
	enum family family; /* NONE: a name, or nothing that we know */
	uint8_t ip[16];
};

static enum family family_of(const char *host, uint8_t ip[16])
{
	if (inet_pton(AF_INET, host, ip) == 1)
		return FAMILY_V4;
	return inet_pton(AF_INET6, host, ip) == 1 ? FAMILY_V6 : FAMILY_NONE;
}

/* "[v6]:port", "host:port", "host" and bare "v6". */
static bool split(const char *text, struct host_port *h)
{
	h->brackets = text[0] == '[';
	const char *start = text + h->brackets, *colon = strchr(start, ':');
	const char *end = h->brackets ? strchr(start, ']') : colon;

	if (h->brackets && (!end || (end[1] && end[1] != ':')))
		return false;
	if (!end || (!h->brackets && strchr(colon + 1, ':')))
		end = start + strlen(start);
	snprintf(h->host, sizeof h->host, "%.*s", (int)(end - start), start);
	end += h->brackets;
	h->port = *end ? end + 1 : NULL;
	h->family = family_of(h->host, h->ip);
	return h->brackets == (h->family == FAMILY_V6) || (!h->brackets && !h->port);
}

static bool is_port(const char *p, unsigned lowest)
{
	unsigned v = 0;
	size_t n = strlen(p);

	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9' || i >= 5)
			return false;
		v = v * 10 + (unsigned)(p[i] - '0');
	}
	return n > 0 && (n == 1 || p[0] != '0') && v >= lowest && v <= 65535;
}

/* Letters, digits, '-' and '_' between single dots, not only digits (a broken IPv4). */
static bool is_name(const char *host)
{
	size_t label = 0;
	bool letter = false;

	for (const char *p = host; *p; p++) {
		bool digit = *p >= '0' && *p <= '9';
		bool other = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || *p == '-' ||
			     *p == '_';
		if (*p == '.' ? label == 0 : !(digit || other) || label >= 63)
			return false;
		label = *p == '.' ? 0 : label + 1;
		letter = letter || other;
	}
	return letter && strlen(host) <= 253;
}

const char *shape_origin(char text[CONFIG_TEXT_MAX])
{
	uint8_t hash[32];
	size_t n = 0;

	if (!text[0])
		return NULL;
	if (!hex_decode(slice_str(text), hash, sizeof hash, &n) || n != sizeof hash)
		return "is not 64 hexadecimal digits";
	hex_upper(slice_of(hash, n), text);
	return NULL;
}

const char *shape_folder(char text[CONFIG_TEXT_MAX])
{
	return text[0] ? NULL : "is not the name of a folder";
}

bool shape_address(const char *text, uint8_t ip[16], uint16_t *port)
{
	static const uint8_t mapped[16] = {[10] = 0xff, 0xff};
	struct host_port h;

	if (strlen(text) >= CONFIG_TEXT_MAX || !split(text, &h) || h.family == FAMILY_NONE ||
		!h.port || !is_port(h.port, 0))
		return false;
	memcpy(ip, h.family == FAMILY_V4 ? mapped : h.ip, 16);
	if (h.family == FAMILY_V4)
		memcpy(ip + 12, h.ip, 4);
	*port = 0;
	for (const char *p = h.port; *p; p++)
		*port = (uint16_t)(*port * 10 + (*p - '0'));
	return true;
}

/* "fe80::1%eth0" */
static const char scope_id[] =
	"has a scope id (%), which is not supported: name another address of "
	"the machine";

/* 224.0.0.0/4, ff00::/8 and 255.255.255.255: no connection has such an end. */
static bool is_of_many(const struct host_port *h)
{
	static const uint8_t all[4] = {0xff, 0xff, 0xff, 0xff};

	if (h->family == FAMILY_V6)
		return h->ip[0] == 0xff;
	return h->ip[0] >> 4 == 0xe || memcmp(h->ip, all, sizeof all) == 0;
}

const char *shape_listen(char text[CONFIG_TEXT_MAX])
{
	struct host_port h;

	if (strchr(text, '%'))
		return scope_id;
	if (!split(text, &h) || h.family == FAMILY_NONE || !h.port || !is_port(h.port, 0))
		return "is not a literal address:port, such as [::]:4244 or 0.0.0.0:4244";
	if (is_of_many(&h))
		return "is a multicast or broadcast address: nobody can connect to it";
	return NULL;
}

const char *shape_peer(char text[CONFIG_TEXT_MAX])
{
	struct host_port h;

	if (strchr(text, '%'))
		return scope_id;
	if (!split(text, &h) || (h.family == FAMILY_NONE && !is_name(h.host)) ||
		(h.port && !is_port(h.port, 1)))
		return "is not host:port, such as peer-v4.alfis.name:4244, 192.0.2.1 or "
		       "[2001:db8::1]:4244";
	if (h.port)
		return NULL;
	const char *open = h.family == FAMILY_V6 ? "[" : "",
		   *shut = h.family == FAMILY_V6 ? "]" : "";
	int n = snprintf(
		text, CONFIG_TEXT_MAX, "%s%s%s:%d", open, h.host, shut, SHAPE_DEFAULT_PORT);
	return n < CONFIG_TEXT_MAX ? NULL : "is too long";
}

/* Four decimal digits behind what is an address without them. */
bool shape_lacks_brackets(const char *text, char meant[CONFIG_TEXT_MAX])
{
	char host[CONFIG_TEXT_MAX];
	uint8_t ip[16];
	const char *colon = strrchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : sizeof host;

	if (n >= 64 || strlen(colon + 1) != 4 || strspn(colon + 1, "0123456789") != 4)
		return false;
	memcpy(host, text, n);
	host[n] = 0;
	if (inet_pton(AF_INET6, host, ip) != 1 || !is_port(colon + 1, 1))
		return false;
	snprintf(meant, CONFIG_TEXT_MAX, "[%.63s]:%s", host, colon + 1);
	return true;
}

const char *shape_own_address(char text[CONFIG_TEXT_MAX])
{
	struct host_port h;

	if (strchr(text, '%'))
		return scope_id;
	if (!text[0] ||
		(split(text, &h) && h.family != FAMILY_NONE && (!h.port || is_port(h.port, 0))))
		return NULL;
	return "is not a literal address, such as 192.0.2.1 or 2001:db8::1";
}

const char *shape_admin_listen(char text[CONFIG_TEXT_MAX])
{
	struct host_port h;

	if (!text[0])
		return NULL;
	if (strchr(text, '%'))
		return scope_id;
	if (split(text, &h) && h.family != FAMILY_NONE && h.port && is_port(h.port, 1))
		return NULL;
	return "is not a literal address:port, such as 127.0.0.1:4245 or [::1]:4245";
}

const char *shape_network(char text[CONFIG_TEXT_MAX])
{
	struct cidr c;

	return cidr_parse(text, &c)
		       ? NULL
		       : "is not a network, such as 10.0.0.0/8 or fd00::/8, with nothing "
			 "behind the bits that count";
}
