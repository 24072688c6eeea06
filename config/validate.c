/* Checks the form of hashes and addresses in the settings. Before: config_text.c. After: net/addr.h
 * and net/cidr.h parse them. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "net/addr.h"
#include "net/cidr.h"
#include "config/validate.h"

const char *validate_origin(char text[CONFIG_TEXT_MAX])
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

const char *validate_folder(char text[CONFIG_TEXT_MAX])
{
	return text[0] ? NULL : "is not the name of a folder";
}

/* For addresses such as "fe80::1%eth0". */
static const char scope_id[] =
	"has a scope id (%), which is not supported: name another address of "
	"the machine";

/* True for multicast and broadcast addresses (224.0.0.0/4, ff00::/8, 255.255.255.255): no
 * connection can have such an end. */
static bool is_of_many(const struct netaddr *a)
{
	static const uint8_t all[4] = {0xff, 0xff, 0xff, 0xff};

	if (!netaddr_is_ipv4(a))
		return a->ip[0] == 0xff;
	return a->ip[12] >> 4 == 0xe || memcmp(a->ip + 12, all, sizeof all) == 0;
}

const char *validate_listen(char text[CONFIG_TEXT_MAX])
{
	struct netaddr a;

	if (strchr(text, '%'))
		return scope_id;
	if (!netaddr_parse(slice_str(text), &a))
		return "is not a literal address:port, such as [::]:4244 or 0.0.0.0:4244";
	if (is_of_many(&a))
		return "is a multicast or broadcast address: nobody can connect to it";
	return NULL;
}

/* Appends the network's port; an IPv6 address gets the brackets that it needs before a port. */
static const char *with_port(char text[CONFIG_TEXT_MAX], struct slice host)
{
	bool v6 = memchr(host.p, ':', host.n);
	char copy[CONFIG_TEXT_MAX];

	snprintf(copy, sizeof copy, "%.*s", (int)host.n, (const char *)host.p);
	int n = snprintf(text, CONFIG_TEXT_MAX, v6 ? "[%s]:%d" : "%s:%d", copy, ALFIS_PORT);
	return n < CONFIG_TEXT_MAX ? NULL : "is too long";
}

const char *validate_peer(char text[CONFIG_TEXT_MAX])
{
	struct endpoint e;

	if (strchr(text, '%'))
		return scope_id;
	if (!endpoint_parse(slice_str(text), ALFIS_PORT, &e) || e.port == 0 ||
		(!e.is_address && !endpoint_is_name(e.host)))
		return "is not host:port, such as peer-v4.alfis.name:4244, 192.0.2.1 or "
		       "[2001:db8::1]:4244";
	return e.has_port ? NULL : with_port(text, e.host);
}

/* It looks like a forgotten pair of brackets when the last group has four digits and the rest is an
 * address without them. */
bool validate_lacks_brackets(const char *text, char meant[CONFIG_TEXT_MAX])
{
	const char *colon = strrchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : CONFIG_TEXT_MAX;
	struct netaddr a;

	if (n >= 64 || strlen(colon + 1) != 4)
		return false;
	snprintf(meant, CONFIG_TEXT_MAX, "[%.*s]:%s", (int)n, text, colon + 1);
	return netaddr_parse(slice_str(meant), &a);
}

const char *validate_own_address(char text[CONFIG_TEXT_MAX])
{
	struct netaddr a;

	if (strchr(text, '%'))
		return scope_id;
	if (!text[0] || netaddr_parse_loose(slice_str(text), ALFIS_PORT, &a))
		return NULL;
	return "is not a literal address, such as 192.0.2.1 or 2001:db8::1";
}

const char *validate_admin_listen(char text[CONFIG_TEXT_MAX])
{
	struct netaddr a;

	if (!text[0])
		return NULL;
	if (strchr(text, '%'))
		return scope_id;
	if (netaddr_parse(slice_str(text), &a) && a.port)
		return NULL;
	return "is not a literal address:port, such as 127.0.0.1:4245 or [::1]:4245";
}

const char *validate_network(char text[CONFIG_TEXT_MAX])
{
	struct cidr c;

	return cidr_parse(text, &c)
		       ? NULL
		       : "is not a network, such as 10.0.0.0/8 or fd00::/8, with nothing "
			 "behind the bits that count";
}

const char *validate_clients(char text[CONFIG_TEXT_MAX])
{
	if (strcmp(text, "loopback") == 0 || strcmp(text, "private") == 0)
		return NULL;
	return validate_network(text);
}
