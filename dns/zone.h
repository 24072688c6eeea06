/* The chain filter: a question, and the data text of a domain, to an answer (8.9, with the ADVICE).
 * Pure: no store, no socket. Before: dns/serve_query.c, with what dns/chain_names.c found. After:
 * domain/domain.h reads the text. */
#ifndef DNS_ZONE_H
#define DNS_ZONE_H

#include "dns/answer.h"

/* What the chain says of the two last labels of a name. */
struct dns_zone {
	bool found;             /* there is a living domain of this name (8.8) */
	struct slice data;      /* its data text; borrowed */
	int64_t last_full_time; /* seconds; timestamp of the last full block, 0 = there is none */
};

enum { DNS_DELEGATION_SERVERS = 16 }; /* most servers of a domain that are asked */

/* The servers of a domain that has its own (8.9 step 4): each address once, not yet filtered. */
struct dns_delegation {
	struct dns_name top; /* the domain, lower case */
	size_t count;
	uint8_t ip[DNS_DELEGATION_SERVERS][16]; /* IPv4 mapped */
};

enum dns_outcome {
	DNS_PASS,      /* not in one of the ten zones: others are asked */
	DNS_ANSWERED,  /* *out is the answer, an error (SERVFAIL) too */
	DNS_DELEGATED, /* *to says who is to be asked */
};

/* Is the name in, or the apex of, one of the ten zones (8.2)? */
bool dns_zone_is_ours(const struct dns_name *name);

/* The two last labels in lower case, as text without a final dot ("example.ygg"), for
 * dns_chain_find(). False when the name has fewer, or when its labels are bytes that no domain can
 * have (a dot within a label, broken UTF-8): such a name is not on the chain. */
bool dns_zone_top(const struct dns_name *name, char *to, size_t size, size_t *n);

/* Steps 1 to 10 of 8.9, without the chase of CNAMEs. `q` is a readable question of class IN. With
 * RD off a delegated name gets a referral (DNS_ANSWERED). */
enum dns_outcome dns_zone_answer(const struct dns_zone *z, const struct dns_query *q,
	struct dns_answer *out, struct dns_delegation *to);

/* The answer to a question of type ANY, whatever the name: HINFO (RFC 8482 4.2). It is asked for
 * before all others, since dns_zone_answer() knows ANY as a type without records. */
void dns_any_answer(const struct dns_query *q, struct dns_answer *out);

/* Names that are addresses, in the zones v6 and q6 (8.9b): DNS_PASS for other names. */
enum dns_outcome dns_codec_answer(const struct dns_query *q, struct dns_answer *out);

#endif
