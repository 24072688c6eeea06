/* Compression of names while a message is written (RFC 1035 4.1.4): a table of fixed size of the
 * names that it has so far. Pure. Before: dns/write.c. After: dns/name.h. */
#ifndef DNS_COMPRESS_H
#define DNS_COMPRESS_H

#include "dns/name.h"

enum {
	DNS_COMPRESS_SLOTS = 256,
	DNS_POINTER_MAX = 16383, /* largest offset that a pointer can tell */
};

/* A name that was written: where, and part of its hash. `at` 0 = free: there the header is. */
struct dns_written {
	uint16_t at, hash;
};

/* All zeros = no name yet. When the slots of a name are taken it is not remembered. */
struct dns_compress {
	struct dns_written slot[DNS_COMPRESS_SLOTS];
};

/* Writes a valid name that is not compressed, its end as a pointer to an equal one, whatever the
 * case of its letters. The message begins at the writer's first byte. When the writer becomes bad,
 * the table is of no use for a message that is shorter. */
void dns_compress_name(struct dns_compress *c, struct wr *w, struct slice name);

/* Remembers a name, and those that it ends in, which stands at offset `at` uncompressed. */
void dns_compress_know(struct dns_compress *c, struct slice name, size_t at);

/* Writes a pointer to an offset up to DNS_POINTER_MAX. */
void dns_compress_pointer(struct wr *w, size_t at);

#endif
