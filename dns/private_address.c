/* Addresses of home networks, which a name of the Internet must not lead to when
 * dns.rebind_protection is on. Before: dns/scrub.c. After: nothing. */
#include "dns/private_address.h"

/* Prefixes of addresses that no name of the Internet should have, IPv4 mapped. */
static const struct {
	uint8_t bits, ip[16];
} PRIVATE[] = {
	{104, {[10] = 0xFF, 0xFF, 0}},        /* 0.0.0.0/8 */
	{104, {[10] = 0xFF, 0xFF, 10}},       /* 10.0.0.0/8 */
	{104, {[10] = 0xFF, 0xFF, 127}},      /* 127.0.0.0/8 */
	{112, {[10] = 0xFF, 0xFF, 169, 254}}, /* 169.254.0.0/16 */
	{108, {[10] = 0xFF, 0xFF, 172, 16}},  /* 172.16.0.0/12 */
	{112, {[10] = 0xFF, 0xFF, 192, 168}}, /* 192.168.0.0/16 */
	{106, {[10] = 0xFF, 0xFF, 100, 64}},  /* 100.64.0.0/10 */
	{127, {0}},                           /* ::, ::1 */
	{7, {0xFC}},                          /* fc00::/7 */
	{10, {0xFE, 0x80}},                   /* fe80::/10 */
};

static bool has_prefix(const uint8_t ip[16], const uint8_t prefix[16], unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(ip, prefix, whole) == 0 &&
	       (!rest || (ip[whole] ^ prefix[whole]) >> (8 - rest) == 0);
}

bool dns_is_private(const struct dns_rr *rr)
{
	uint8_t ip[16] = {[10] = 0xFF, 0xFF};

	if (rr->type == DNS_TYPE_A && rr->rdata.n == 4)
		memcpy(ip + 12, rr->rdata.p, 4);
	else if (rr->type == DNS_TYPE_AAAA && rr->rdata.n == 16)
		memcpy(ip, rr->rdata.p, 16);
	else
		return false;
	for (size_t i = 0; i < sizeof PRIVATE / sizeof *PRIVATE; i++)
		if (has_prefix(ip, PRIVATE[i].ip, PRIVATE[i].bits))
			return true;
	return false;
}
