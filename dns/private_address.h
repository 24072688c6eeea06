/* Addresses that no name of the Internet should have. Pure. Before: dns/scrub.c. After: nothing. */
#ifndef DNS_PRIVATE_ADDRESS_H
#define DNS_PRIVATE_ADDRESS_H

#include "dns/answer.h"

/* Is it an A or AAAA of a private, loopback, link-local or unspecified address, or of one that is
 * shared behind a carrier's translator? Those of Yggdrasil are not. */
bool dns_is_private(const struct dns_rr *rr);

#endif
