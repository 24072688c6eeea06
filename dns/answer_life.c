/* How long an answer of another server may be kept (RFC 2308). Before: dns/serve_query.c. After:
 * dns/cache.c keeps it. */
#include "base/cursor.h"
#include "dns/cache.h"

enum {
	LIFE_MAX = 86400, /* seconds */
	LIFE_MAX_NEGATIVE = 3600,
	LIFE_FAILED = 5,
	TTL_MAX = INT32_MAX, /* larger ones count as 0 (RFC 2181 section 8) */
	SOA_NUMBERS = 20,    /* bytes of the numbers at the end of an SOA; the minimum is last */
};

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Lowers *life to what the SOA in the authority section allows; false when there is none. */
static bool negative_life(const struct dns_answer *a, uint32_t *life)
{
	bool found = false;

	for (size_t i = 0; i < a->count; i++) {
		const struct dns_rr *rr = &a->rr[i];
		if (rr->section != DNS_SECTION_AUTHORITY || rr->type != DNS_TYPE_SOA ||
			rr->rdata.n < SOA_NUMBERS)
			continue;
		struct rd r = rd_of(slice_of(rr->rdata.p + rr->rdata.n - 4, 4));
		*life = least(*life, rd_be32(&r));
		found = true;
	}
	*life = least(*life, LIFE_MAX_NEGATIVE);
	return found;
}

uint32_t dns_answer_life(const struct dns_answer *a, uint16_t type)
{
	bool positive = false;
	uint32_t life = LIFE_MAX;

	if (a->bad)
		return 0;
	if (a->rcode == DNS_RCODE_SERVFAIL)
		return LIFE_FAILED;
	if (a->rcode != DNS_RCODE_NOERROR && a->rcode != DNS_RCODE_NXDOMAIN)
		return 0;
	for (size_t i = 0; i < a->count; i++) {
		const struct dns_rr *rr = &a->rr[i];
		life = least(life, rr->ttl > TTL_MAX ? 0 : rr->ttl);
		positive = positive || (rr->section == DNS_SECTION_ANSWER &&
					       (rr->type == type || type == DNS_TYPE_ANY));
	}
	if (positive && a->rcode == DNS_RCODE_NOERROR)
		return life;
	return negative_life(a, &life) ? life : 0;
}
