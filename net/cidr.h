/* Networks as people write them: "10.0.0.0/8", "fd00::/8", or one address. Pure. */
#ifndef NET_CIDR_H
#define NET_CIDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cidr {
	uint8_t ip[16]; /* network order; IPv4 is kept mapped */
	unsigned bits;  /* of the 128 that count */
};

/* False when the text is none, or when there is something behind the bits that count; *out is
 * undefined then. */
bool cidr_parse(const char *text, struct cidr *out);

/* Is the address, IPv4 mapped, in this network? */
bool cidr_has(const struct cidr *c, const uint8_t ip[16]);

#endif
