/* Writes messages: answers to clients, and our questions to other servers. Pure.
 * Before: dns/serve_query.c, dns/upstream.c. After: the socket. */
#ifndef DNS_WRITE_H
#define DNS_WRITE_H

#include "dns/answer.h"

/* Bytes of an answer that this client can take by UDP: 512 without OPT, else max(512, min(payload,
 * 1232)) (8.9a item 4). */
size_t dns_udp_limit(const struct dns_query *q);

/* Writes the response to `q`: QR, RA, RD and CD copied, the question in the client's case, OPT iff
 * the question had one (1232, version 0, DO copied). Names are compressed, but not the targets of
 * SRV, HTTPS and newer types, nor beyond offset 16,383. At most `limit` bytes: the additional
 * section gives way first and silently, then whole sets of records, with TC. A record that cannot
 * be written is left out. Returns its bytes, 0 when not even the header fits. */
size_t dns_answer_write(
	const struct dns_answer *a, const struct dns_query *q, uint8_t *to, size_t limit);

/* The same without records: an error, or TC alone. */
size_t dns_error_write(
	const struct dns_query *q, uint16_t rcode, bool tc, uint8_t *to, size_t limit);

/* Writes our question: name in the case that it has, flags RD, CD, AD as in `q`, and an OPT (1232,
 * DO as in `q`) if q->edns. */
size_t dns_query_write(const struct dns_query *q, uint8_t *to, size_t limit);

#endif
