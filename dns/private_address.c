/* Addresses of home networks, which a name of the Internet must not lead to when
 * dns.rebind_protection is on. Before: dns/scrub.c. After: net/cidr.h. */
#include "dns/private_address.h"

#include <string.h>

#include "net/cidr.h"

/* Networks whose addresses no name of the Internet should have. */
static const struct cidr PRIVATE[] = {
	{{[10] = 0xFF, 0xFF, 0}, 104},        /* 0.0.0.0/8 */
	{{[10] = 0xFF, 0xFF, 10}, 104},       /* 10.0.0.0/8 */
	{{[10] = 0xFF, 0xFF, 127}, 104},      /* 127.0.0.0/8 */
	{{[10] = 0xFF, 0xFF, 169, 254}, 112}, /* 169.254.0.0/16 */
	{{[10] = 0xFF, 0xFF, 172, 16}, 108},  /* 172.16.0.0/12 */
	{{[10] = 0xFF, 0xFF, 192, 168}, 112}, /* 192.168.0.0/16 */
	{{[10] = 0xFF, 0xFF, 100, 64}, 106},  /* 100.64.0.0/10 */
	{{0}, 127},                           /* ::, ::1 */
	{{0xFC}, 7},                          /* fc00::/7 */
	{{0xFE, 0x80}, 10},                   /* fe80::/10 */
};

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
		if (cidr_has(&PRIVATE[i], ip))
			return true;
	return false;
}
