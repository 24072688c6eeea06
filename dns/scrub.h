/* Cleans the answer of another server before it is used or kept: only what a chain of CNAMEs
 * reaches from the question stays (8.9 step 11, 12.3 items 10 and 12). Pure.
 * Before: dns/upstream.c. After: dns/serve_query.c, dns/cache.h. */
#ifndef DNS_SCRUB_H
#define DNS_SCRUB_H

#include "dns/answer.h"

struct dns_scrub {
	const struct dns_name
		*top;           /* of a delegation: only records at or below it stay; NULL = any */
	bool rebind_protection; /* drops private and loopback addresses */
	bool keep_ad;           /* the path is trusted: AD stays */
};

/* Leaves in `out` the records of `in` that belong to the answer to q: those of the asked name, of
 * what a chain of CNAMEs (DNAME) leads to, their RRSIGs; in authority SOA, NS, NSEC, NSEC3, DS and
 * their RRSIGs of zones that contain a name of that chain; no additional section but addresses of
 * its NS, MX, SRV. TTL ≥ 2^31 is 0. AA is cleared. False, with SERVFAIL in `out`, for a loop of
 * CNAMEs or more than 11 links. *last: the name at the end of the chain, whose records of the asked
 * type may be missing: it is to be asked anew then. */
bool dns_scrub(const struct dns_answer *in, const struct dns_query *q, const struct dns_scrub *how,
	struct dns_answer *out, struct dns_name *last);

#endif
