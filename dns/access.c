/* Role: decides whether a client may ask. Before: dns/serve_query.c. After: net/cidr.h. */
#include "dns/access.h"

#include <string.h>

/* "loopback" is the first two, "private" the others. */
static const struct cidr local[] = {
	{{[10] = 0xff, 0xff, 127}, 104},      /* 127.0.0.0/8 */
	{{[15] = 1}, 128},                    /* ::1 */
	{{[10] = 0xff, 0xff, 10}, 104},       /* 10.0.0.0/8 */
	{{[10] = 0xff, 0xff, 172, 16}, 108},  /* 172.16.0.0/12 */
	{{[10] = 0xff, 0xff, 192, 168}, 112}, /* 192.168.0.0/16 */
	{{[10] = 0xff, 0xff, 169, 254}, 112}, /* 169.254.0.0/16 */
	{{0xfe, 0x80}, 10},                   /* fe80::/10 */
	{{0xfc}, 7},                          /* fc00::/7 */
};

enum { LOCALS = sizeof local / sizeof *local, LOOPBACKS = 2 };

static bool is_in(const struct cidr *nets, size_t count, const uint8_t ip[16])
{
	for (size_t i = 0; i < count; i++)
		if (cidr_has(&nets[i], ip))
			return true;
	return false;
}

static bool add(struct dns_access *a, const struct cidr *nets, size_t count)
{
	if (count > DNS_ACCESS_MAX - a->count)
		return false;
	memcpy(&a->net[a->count], nets, count * sizeof *nets);
	a->count += count;
	return true;
}

static bool add_text(struct dns_access *a, const char *text)
{
	struct cidr net;

	if (strcmp(text, "loopback") == 0)
		return add(a, local, LOOPBACKS);
	if (strcmp(text, "private") == 0)
		return add(a, local + LOOPBACKS, LOCALS - LOOPBACKS);
	return cidr_parse(text, &net) && add(a, &net, 1);
}

bool dns_access_read(struct dns_access *a, const char *const *texts, size_t count, size_t *wrong)
{
	a->count = 0;
	for (size_t i = 0; i < count; i++)
		if (!add_text(a, texts[i])) {
			*wrong = i;
			return false;
		}
	return true;
}

bool dns_access_allows(const struct dns_access *a, const uint8_t ip[16])
{
	return is_in(a->net, a->count, ip);
}

bool dns_access_is_private(const uint8_t ip[16])
{
	return is_in(local, LOCALS, ip);
}
