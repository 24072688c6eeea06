/* Parses the servers that the settings name, and says what is wrong with one.
 * Before: the check of the settings has a text. After: dns/upstream.h takes what was read. */
#include "dns/forwarder_text.h"

#include "dns/message.h"

static const char https[] = "https://", tls[] = "tls://";

static bool begins_with(struct slice text, const char *word, struct slice *rest)
{
	size_t n = strlen(word);

	if (text.n < n || memcmp(text.p, word, n) != 0)
		return false;
	*rest = slice_of(text.p + n, text.n - n);
	return true;
}

/* Cuts the text before its first `mark`; *behind begins with it, or is empty. */
static struct slice cut_before(struct slice text, char mark, struct slice *behind)
{
	const uint8_t *at = text.n ? memchr(text.p, mark, text.n) : NULL;
	size_t n = at ? (size_t)(at - text.p) : text.n;

	*behind = slice_of(text.p + n, text.n - n);
	return slice_of(text.p, n);
}

/* Bytes that a URL can have as they are: no white space, control characters, or letters that would
 * have to be escaped. */
static bool is_plain(struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] > '~' || strchr("\"<>\\^`{|}", text.p[i]))
			return false;
	return true;
}

static const char *read_address(struct slice text, uint16_t port, struct netaddr *out)
{
	struct endpoint e;

	if (!endpoint_parse(text, port, &e))
		return "is not an address, nor an address and a port";
	if (!e.is_address)
		return "is a name: an address is needed, since names are looked up through it";
	if (e.port == 0)
		return "has port 0";
	*out = e.addr;
	return NULL;
}

static const char *read_https(struct slice rest, struct dns_forwarder_text *out)
{
	struct slice path, host = cut_before(rest, '/', &path);
	struct endpoint e;

	if (!is_plain(rest) || memchr(rest.p, '@', rest.n) || memchr(rest.p, '#', rest.n))
		return "has a character that cannot be in such an address";
	if (!endpoint_parse(host, DNS_HTTPS_PORT, &e) ||
		(!e.is_address && !endpoint_is_name(e.host)))
		return "has no host: https://host/path or https://host:port/path is needed";
	if (e.port == 0)
		return "has port 0";
	if (path.n < 2)
		return "has no path: most servers have /dns-query";
	if (path.n > DNS_PATH_MAX)
		return "has a path of more than 255 bytes";
	*out = (struct dns_forwarder_text){.transport = DNS_OVER_HTTPS,
		.addr = e.addr,
		.has_addr = e.is_address,
		.name = e.host,
		.path = path,
		.port = e.port};
	return NULL;
}

static const char *read_tls(struct slice rest, struct dns_forwarder_text *out)
{
	struct slice name, address = cut_before(rest, '#', &name);
	struct netaddr a;
	const char *why = read_address(address, DNS_TLS_PORT, &a);

	if (why)
		return why;
	if (name.n < 2)
		return "has no name of its certificate: tls://IP#name is needed";
	name = slice_of(name.p + 1, name.n - 1);
	if (!endpoint_is_name(name))
		return "has no host's name behind the #";
	*out = (struct dns_forwarder_text){.transport = DNS_OVER_TLS,
		.addr = a,
		.has_addr = true,
		.name = name,
		.port = a.port};
	return NULL;
}

const char *dns_forwarder_parse(struct slice text, struct dns_forwarder_text *out)
{
	struct slice rest, behind;
	struct netaddr a;
	const char *why;

	if (begins_with(text, https, &rest))
		return read_https(rest, out);
	if (begins_with(text, tls, &rest))
		return read_tls(rest, out);
	cut_before(text, '/', &behind);
	if (behind.n)
		return "is no forwarder: IP, IP:port, https://host/path or tls://IP#name is needed";
	why = read_address(text, DNS_PORT, &a);
	if (!why)
		*out = (struct dns_forwarder_text){
			.transport = DNS_OVER_UDP, .addr = a, .has_addr = true, .port = a.port};
	return why;
}

const char *dns_bootstrap_parse(struct slice text, struct netaddr *out)
{
	return read_address(text, DNS_PORT, out);
}
