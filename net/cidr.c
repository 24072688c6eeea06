/* Role: parses networks such as 10.0.0.0/8 and single addresses, and tests whether an address lies
 * in one.
 * Before: admin.allow in the settings. After: config/validate.c checks the text; http/ looks up the
 * address of a client. */
#include "net/cidr.h"

#include <arpa/inet.h>
#include <string.h>

#include "net/addr.h"

enum { MAPPED_BITS = 96, ALL_BITS = 128, LENGTH_DIGITS = 3 };

/* Parses the address before the slash. *before is what must be added to its prefix length to count
 * in 128 bits: 96 for IPv4, which is stored as a mapped address. */
static bool parse_address(const char *text, uint8_t ip[16], unsigned *before)
{
	uint8_t four[4];

	*before = MAPPED_BITS;
	if (inet_pton(AF_INET, text, four) == 1) {
		netaddr_ip_from_ipv4(ip, four);
		return true;
	}
	*before = 0;
	return inet_pton(AF_INET6, text, ip) == 1;
}

/* Parses the prefix length after the slash. */
static bool parse_length(const char *text, unsigned *length)
{
	size_t n = strlen(text);

	*length = 0;
	for (size_t i = 0; i < n && i <= LENGTH_DIGITS; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*length = *length * 10 + (unsigned)(text[i] - '0');
	}
	return n > 0 && n <= LENGTH_DIGITS && (text[0] != '0' || n == 1);
}

static bool bit(const uint8_t ip[16], unsigned i)
{
	return ip[i / 8] >> (7 - i % 8) & 1;
}

bool cidr_parse(const char *text, struct cidr *out)
{
	const char *slash = strchr(text, '/');
	char address[INET6_ADDRSTRLEN] = "";
	unsigned before, length = ALL_BITS;

	if (!slash)
		slash = text + strlen(text);
	if ((size_t)(slash - text) >= sizeof address)
		return false;
	memcpy(address, text, (size_t)(slash - text));
	if (!parse_address(address, out->ip, &before))
		return false;
	if (*slash && !parse_length(slash + 1, &length))
		return false;
	out->bits = *slash ? before + length : ALL_BITS;
	for (unsigned i = out->bits; i < ALL_BITS; i++)
		if (bit(out->ip, i))
			return false;
	return out->bits <= ALL_BITS;
}

bool cidr_has(const struct cidr *c, const uint8_t ip[16])
{
	unsigned whole = c->bits / 8;
	uint8_t rest = (uint8_t)(0xff00u >> c->bits % 8); /* bits of the byte behind them */

	return memcmp(c->ip, ip, whole) == 0 &&
	       (rest == 0 || ((c->ip[whole] ^ ip[whole]) & rest) == 0);
}
