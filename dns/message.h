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
	DNS_RDATA_MAX = 65535, /* bytes of a record's data */
	DNS_FLAG_QR = 0x8000,  /* bits of the header's second word */
	DNS_FLAG_AA = 0x0400,
	DNS_FLAG_TC = 0x0200,
	DNS_FLAG_RD = 0x0100,
	DNS_FLAG_RA = 0x0080,
	DNS_FLAG_AD = 0x0020,
	DNS_FLAG_CD = 0x0010,
	DNS_FLAG_DO = 0x8000, /* in the lower half of an OPT's TTL */
	DNS_OPTION_KEEPALIVE = 11,
};

enum dns_type {
	DNS_TYPE_A = 1,
	DNS_TYPE_NS = 2,
	DNS_TYPE_MD = 3,
	DNS_TYPE_MF = 4,
	DNS_TYPE_CNAME = 5,
	DNS_TYPE_SOA = 6,
	DNS_TYPE_MB = 7,
	DNS_TYPE_MG = 8,
	DNS_TYPE_MR = 9,
	DNS_TYPE_PTR = 12,
	DNS_TYPE_HINFO = 13,
	DNS_TYPE_MINFO = 14,
	DNS_TYPE_MX = 15,
	DNS_TYPE_TXT = 16,
	DNS_TYPE_RP = 17,
	DNS_TYPE_AFSDB = 18,
	DNS_TYPE_RT = 21,
	DNS_TYPE_SIG = 24,
	DNS_TYPE_PX = 26,
	DNS_TYPE_AAAA = 28,
	DNS_TYPE_NXT = 30,
	DNS_TYPE_SRV = 33,
	DNS_TYPE_NAPTR = 35,
	DNS_TYPE_KX = 36,
	DNS_TYPE_DNAME = 39,
	DNS_TYPE_OPT = 41,
	DNS_TYPE_DS = 43,
	DNS_TYPE_RRSIG = 46,
	DNS_TYPE_NSEC = 47,
	DNS_TYPE_DNSKEY = 48,
	DNS_TYPE_NSEC3 = 50,
	DNS_TYPE_TLSA = 52,
	DNS_TYPE_SVCB = 64,
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
	DNS_RCODE_YXDOMAIN = 6, /* a name that DNAME made too long */
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
	bool keepalive;       /* the OPT asks how long a TCP connection is kept (RFC 7828) */
	bool tell_idle;       /* set by the TCP listener: the answer tells idle_100ms in its OPT */
	uint16_t idle_100ms;  /* how long this connection is kept, in tenths of a second */
	bool has_question;    /* the next three were read */
	struct dns_name name; /* in the case of the client */
	uint16_t type, klass;
};

#endif
