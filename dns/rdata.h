/* Where names stand within the data of records, by type: they are uncompressed when a message is
 * read and some of them compressed when one is written (RFC 3597 section 4). Pure.
 * Before: dns/read.c, dns/write.c. After: dns/name.h. */
#ifndef DNS_RDATA_H
#define DNS_RDATA_H

#include "dns/name.h"

/* Data is: `head` bytes, `strings` character strings, `names` names, `tail` bytes. */
struct dns_rdata_form {
	bool known;    /* false: data of this type is any bytes */
	bool compress; /* its names may be compressed when written: types of RFC 1035 */
	uint8_t head, strings, names, tail;
};

enum { DNS_TAIL_ANY = 255 }; /* any number of bytes */

/* The form of this type's data; never NULL. */
const struct dns_rdata_form *dns_rdata_form(uint16_t type);

/* Reads n bytes of data at *r, a cursor within `message`, and writes them without compression.
 * False when they are not of the type's form; *to is bad when they do not fit. */
bool dns_rdata_read(struct rd *r, size_t n, struct slice message, uint16_t type, struct wr *to);

/* Is this uncompressed data of the type's form? */
bool dns_rdata_valid(uint16_t type, struct slice rdata);

#endif
