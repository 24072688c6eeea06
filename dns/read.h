/* Reads messages from the wire: questions of clients, and answers of other servers. Pure, linear in
 * the packet, without recursion or allocation. Before: dns/udp_listener.c, dns/tcp_client.c;
 * dns/upstream.c. After: dns/serve_query.c; dns/scrub.c. */
#ifndef DNS_READ_H
#define DNS_READ_H

#include "dns/answer.h"

enum dns_reading {
	DNS_READ_OK,
	DNS_READ_SILENCE, /* under 12 bytes, or an answer: nobody is told (8.9a item 2) */
	DNS_READ_ERROR,   /* *rcode says what to answer; id, opcode and RD of *out are read */
};

/* A question of a client, by the ADVICE of 8.9a items 2 to 4: opcode not 0 is NOTIMP; no question,
 * several, an unreadable one, records before the additional section, an additional section that is
 * cut, two OPT or a malformed one, types 41, 249, 250 are FORMERR; an EDNS version over 0 is
 * BADVERS; types 253, 254 are NOTIMP; AXFR, IXFR, and a class that is not IN are REFUSED. TSIG and
 * other records of the additional section are skipped, and so is what stands behind it. */
enum dns_reading dns_query_read(struct slice packet, struct dns_query *out, uint16_t *rcode);

/* An answer of another server: its header, question and OPT to *q (QR must be set, opcode 0; there
 * may be no question: q->has_question), its records to *a, with names uncompressed, and without
 * OPT, TSIG and TKEY; the rcode has the upper bits of the OPT. *tc: it was cut. False when it is
 * not whole and well-formed, or too large for *a; a TC answer may be cut within its records, those
 * before are read then. */
bool dns_response_read(struct slice packet, struct dns_query *q, struct dns_answer *a, bool *tc);

#endif
