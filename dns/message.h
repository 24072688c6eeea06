/* The numbers of DNS messages, and a name as a value. Nothing here owns memory.
 * Sections are those of docs/protocol.md where not said otherwise. */
#ifndef DNS_MESSAGE_H
#define DNS_MESSAGE_H

#include "base/slice.h"

enum {
	DNS_HEADER_SIZE = 12,    /* bytes */
	DNS_NAME_MAX = 255,      /* bytes of a name on the wire, the root's zero included */
	DNS_LABEL_MAX = 63,      /* bytes of a label */
	DNS_MESSAGE_MAX = 65535, /* bytes of a message, by TCP */
	DNS_UDP_PLAIN = 512,     /* bytes of an answer by UDP to a question without OPT */
	DNS_UDP_SIZE = 1232,     /* bytes that we offer, and the most that we send by UDP */
	DNS_PORT = 53,
};

enum dns_type {
	DNS_TYPE_A = 1,
	DNS_TYPE_NS = 2,
	DNS_TYPE_CNAME = 5,
	DNS_TYPE_SOA = 6,
	DNS_TYPE_PTR = 12,
	DNS_TYPE_HINFO = 13,
	DNS_TYPE_MX = 15,
	DNS_TYPE_TXT = 16,
	DNS_TYPE_AAAA = 28,
	DNS_TYPE_SRV = 33,
	DNS_TYPE_DNAME = 39,
	DNS_TYPE_OPT = 41,
	DNS_TYPE_DS = 43,
	DNS_TYPE_RRSIG = 46,
	DNS_TYPE_NSEC = 47,
	DNS_TYPE_DNSKEY = 48,
	DNS_TYPE_TLSA = 52,
	DNS_TYPE_HTTPS = 65,
	DNS_TYPE_TKEY = 249,
	DNS_TYPE_TSIG = 250,
	DNS_TYPE_IXFR = 251,
	DNS_TYPE_AXFR = 252,
	DNS_TYPE_MAILB = 253,
	DNS_TYPE_MAILA = 254,
	DNS_TYPE_ANY = 255,
};

enum { DNS_CLASS_IN = 1 }; /* the only class that is answered */

enum dns_rcode {
	DNS_RCODE_NOERROR = 0,
	DNS_RCODE_FORMERR = 1,
	DNS_RCODE_SERVFAIL = 2,
	DNS_RCODE_NXDOMAIN = 3,
	DNS_RCODE_NOTIMP = 4,
	DNS_RCODE_REFUSED = 5,
	DNS_RCODE_BADVERS = 16, /* needs an OPT: its upper bits stand there */
};

enum dns_section {
	DNS_SECTION_ANSWER,
	DNS_SECTION_AUTHORITY,
	DNS_SECTION_ADDITIONAL,
	DNS_SECTIONS
};

/* A name in wire form: labels with their lengths, not compressed, the root's zero at the end. */
struct dns_name {
	uint8_t size; /* bytes of `wire` that count, 1 (the root) … 255 */
	uint8_t wire[DNS_NAME_MAX];
};

/* A question, as a client or we ourselves ask it. Everything else of the packet is ignored. */
struct dns_query {
	uint16_t id;
	uint8_t opcode;
	bool rd, cd, ad;      /* flags as they came */
	bool edns;            /* it has an OPT */
	bool dnssec_ok;       /* DO */
	uint16_t payload;     /* of the OPT: bytes the client can take by UDP; 0 without one */
	bool has_question;    /* the next three were read */
	struct dns_name name; /* in the case of the client */
	uint16_t type, klass;
};

#endif
