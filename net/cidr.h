/* Networks as people write them (CIDR): "10.0.0.0/8", "fd00::/8", or a single address. Pure. */
#ifndef NET_CIDR_H
#define NET_CIDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cidr {
	uint8_t ip[16]; /* network order; IPv4 is kept mapped */
	unsigned bits;  /* length of the prefix in those 128 bits; of IPv4 96 more than written */
};

/* Parses a network. False, with *out undefined, when the text is not one; also when bits after the
 * prefix are set, as in 10.0.0.1/8, because then it is unclear what was meant. */
bool cidr_parse(const char *text, struct cidr *out);

/* True when the address (16 bytes, IPv4 mapped, as in struct netaddr) is in this network. */
bool cidr_has(const struct cidr *c, const uint8_t ip[16]);

#endif
