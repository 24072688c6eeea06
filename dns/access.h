/* Who may ask: networks of the settings (dns.allow). Before: dns/server.c makes it. After:
 * dns/serve_query.c asks. Pure once it is made. */
#ifndef DNS_ACCESS_H
#define DNS_ACCESS_H

#include "net/cidr.h"

enum { DNS_ACCESS_MAX = 64 };

struct dns_access {
	size_t count;
	struct cidr net[DNS_ACCESS_MAX];
};

/* Reads the texts: networks, "loopback", "private". False, with *wrong, for one that is none, or
 * when there are too many. */
bool dns_access_read(struct dns_access *a, const char *const *texts, size_t count, size_t *wrong);

/* `ip`: IPv4 mapped. */
bool dns_access_allows(const struct dns_access *a, const uint8_t ip[16]);

/* Is the address of this machine or of a private network? Such clients have no rate limit. */
bool dns_access_is_private(const uint8_t ip[16]);

#endif
