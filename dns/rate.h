/* Counts answers by network and second, in a table of fixed size: after its start it asks for no
 * memory, whoever asks. Networks that share a slot share its rate.
 * Before: dns/serve_query.c. One thread. */
#ifndef DNS_RATE_H
#define DNS_RATE_H

#include "base/bound.h"

struct dns_rate;

enum dns_rate_verdict {
	DNS_RATE_FINE,
	DNS_RATE_SLIP, /* above the rate: an empty answer with TC, so that an honest client asks by
			  TCP */
	DNS_RATE_DROP, /* above the rate */
};

/* `slots`: how many counters there are, a row; `slip`: every such answer above the rate is SLIP.
 * Both are borrowed. NULL when memory runs out. */
struct dns_rate *dns_rate_new(struct bound *slots, const struct bound *slip, uint64_t seed);
void dns_rate_free(struct dns_rate *r);

/* One more answer to the network of this address (IPv4 /24, IPv6 /56); `most` a second, 0 = any
 * number. */
enum dns_rate_verdict dns_rate_take(
	struct dns_rate *r, const uint8_t ip[16], uint64_t most, uint64_t now_ms);

/* True once a second for each address: for telling it that it is refused. */
bool dns_rate_tell(struct dns_rate *r, const uint8_t ip[16], uint64_t now_ms);

#endif
