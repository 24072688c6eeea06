/* Cleans the answer of another server before it is used or kept: only what a chain of CNAMEs
 * reaches from the question stays (8.9 step 11, 12.3 items 10 and 12). Pure.
 * Before: dns/upstream.c. After: dns/serve_query.c, dns/cache.h. */
#ifndef DNS_SCRUB_H
#define DNS_SCRUB_H

#include "dns/answer.h"

enum { DNS_SCRUB_LINKS = 11 }; /* CNAMEs of one answer that are followed */

struct dns_scrub {
	/* of a delegation: only records at or below it stay; NULL = any but those of the ten zones,
	 * v6 and q6, of which other servers know nothing */
	const struct dns_name *top;
	bool rebind_protection; /* drops private and loopback addresses */
	bool keep_ad;           /* the path is trusted: AD stays */
};

/* Leaves in `out` the records of `in` that belong to the answer to q, in their order: of class IN,
 * owned by the asked name or one that a chain of CNAMEs leads to, of the asked type, CNAME, DNAME
 * or RRSIG (all types for ANY); in authority SOA, NS and DS of zones that contain a name of the
 * chain, NSEC, NSEC3 and RRSIG; in additional only addresses of the NS, MX, SRV, SVCB and HTTPS of
 * these. A TTL ≥ 2^31 is 0, one over 86,400 is 86,400, that of an SOA at most 3,600 (its
 * minimum is for who keeps it). AA is cleared; an error other than NXDOMAIN and YXDOMAIN comes
 * without records, one over 15 as SERVFAIL. False, with SERVFAIL in `out`, for a loop of CNAMEs or
 * more than 11 links. *last: the name at the end of the chain. When the chain leads out of where
 * the servers may tell something, or its end was not answered, NOERROR comes with neither records
 * of the asked type at *last nor an SOA: *last is to be asked anew then. */
bool dns_scrub(const struct dns_answer *in, const struct dns_query *q, const struct dns_scrub *how,
	struct dns_answer *out, struct dns_name *last);

#endif
