/* Role: decides whether a client may ask. Before: dns/serve_query.c. After: net/cidr.h. */
#include "dns/access.h"

#include <string.h>

static const char *const loopback[] = {"127.0.0.0/8", "::1/128"};
static const char *const private_nets[] = {
	"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fe80::/10", "fc00::/7"};

enum {
	LOOPBACKS = sizeof loopback / sizeof *loopback,
	PRIVATES = sizeof private_nets / sizeof *private_nets,
};

static bool add(struct dns_access *a, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (a->count == DNS_ACCESS_MAX || !cidr_parse(texts[i], &a->net[a->count++]))
			return false;
	return true;
}

bool dns_access_read(struct dns_access *a, const char *const *texts, size_t count, size_t *wrong)
{
	a->count = 0;
	for (size_t i = 0; i < count; i++) {
		bool good;
		if (strcmp(texts[i], "loopback") == 0)
			good = add(a, loopback, LOOPBACKS);
		else if (strcmp(texts[i], "private") == 0)
			good = add(a, private_nets, PRIVATES);
		else
			good = add(a, &texts[i], 1);
		if (!good) {
			*wrong = i;
			return false;
		}
	}
	return true;
}

bool dns_access_allows(const struct dns_access *a, const uint8_t ip[16])
{
	for (size_t i = 0; i < a->count; i++)
		if (cidr_has(&a->net[i], ip))
			return true;
	return false;
}

bool dns_access_is_private(const uint8_t ip[16])
{
	/* fc00::/7, fe80::/10, ::1; then ::ffff:a.b.c.d */
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}, zero[15];
	const uint8_t *v4 = ip + 12;

	if (memcmp(ip, mapped, sizeof mapped) != 0)
		return (ip[0] & 0xfe) == 0xfc || (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80) ||
		       (memcmp(ip, zero, sizeof zero) == 0 && ip[15] == 1);
	return v4[0] == 127 || v4[0] == 10 || (v4[0] == 172 && (v4[1] & 0xf0) == 16) ||
	       (v4[0] == 192 && v4[1] == 168) || (v4[0] == 169 && v4[1] == 254);
}
