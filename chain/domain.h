/* The `data` text of a domain transaction: exactly what the reference accepts (protocol.md 8.3),
 * and the rules for its records (8.4, 8.5). Pure, no recursion, memory independent of the input. */
#ifndef CHAIN_DOMAIN_H
#define CHAIN_DOMAIN_H

#include "base/slice.h"

enum domain_check {
	DOMAIN_OK,
	DOMAIN_MALFORMED,    /* does not parse as DomainData */
	DOMAIN_MANY_RECORDS, /* 12d */
	DOMAIN_CLEARNET,     /* 12e: a clearnet record in a Yggdrasil-only zone */
	DOMAIN_LONG,	     /* 12e: a text form over 255 bytes there */
};

/* Whether the text parses; what consensus needs for the required difficulty (7.5). */
bool domain_parses(struct slice data);

/* Everything: parse, then 12d and 12e in the order of 7.2. */
enum domain_check domain_check(struct slice data);

#endif
