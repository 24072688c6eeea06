/* Writes messages: answers to clients, and our questions to other servers. Pure.
 * Before: dns/serve_query.c, dns/upstream.c. After: the socket. */
#ifndef DNS_WRITE_H
#define DNS_WRITE_H

#include "dns/answer.h"

/* Bytes of an answer that this client can take by UDP: 512 without OPT, else max(512, min(payload,
 * 1232)) (8.9a item 4). */
size_t dns_udp_limit(const struct dns_query *q);

/* Writes the response to `q`: QR, RA, opcode, RD and CD copied, AD if the answer has it and the
 * client set AD or DO, the question in the client's case, OPT iff the question had one (1232,
 * version 0, DO copied; with the idle time if q->tell_idle). Names are compressed whatever their
 * case, so one that ends like the question takes the client's case there; but not the names of SRV
 * and newer types, nor beyond offset 16,383. At most `limit` bytes: the additional section gives
 * way first and silently, so do NS records beside an answer; then whole sets of records, with TC.
 * A record that cannot be written is left out. An answer that is `bad` becomes SERVFAIL. Returns
 * its bytes, 0 when header, question and OPT alone do not fit. */
size_t dns_answer_write(
	const struct dns_answer *a, const struct dns_query *q, uint8_t *to, size_t limit);

/* The same, but nothing is cut: 0 when the whole answer does not fit. */
size_t dns_answer_write_whole(
	const struct dns_answer *a, const struct dns_query *q, uint8_t *to, size_t limit);

/* The same without records: an error, or TC alone. An rcode over 15 needs an OPT, and is SERVFAIL
 * without. */
size_t dns_error_write(
	const struct dns_query *q, uint16_t rcode, bool tc, uint8_t *to, size_t limit);

/* Writes our question: name in the case that it has, id, flags RD, CD, AD as in `q`, and an OPT
 * (1232, DO as in `q`) if q->edns. 0 when it does not fit. */
size_t dns_query_write(const struct dns_query *q, uint8_t *to, size_t limit);

/* ---- for dns/cache.c, which writes responses without records to write ---- */

/* The header's flags of a response to `q`. */
uint16_t dns_response_flags(const struct dns_query *q, uint16_t rcode, bool aa, bool ad, bool tc);

/* Bytes of the OPT of a response to `q`; 0 when it gets none. */
size_t dns_opt_size(const struct dns_query *q);

/* Writes that OPT, with the upper bits of the rcode. */
void dns_opt_write(struct wr *w, const struct dns_query *q, uint16_t rcode);

#endif
