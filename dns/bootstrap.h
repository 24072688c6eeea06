/* The addresses of a host that forwarders by HTTPS have: which are known, how long they are good,
 * which one is tried next, and when others are asked for. It asks nobody itself. Pure; times are
 * monotonic milliseconds, given by the caller.
 *
 * Before: dns/upstream_https.c gives it answers of bootstraps. After: it connects to an address. */
#ifndef DNS_BOOTSTRAP_H
#define DNS_BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>

#include "dns/answer.h"
#include "net/addr.h"

enum {
	DNS_BOOTSTRAP_EACH = 4, /* addresses of IPv6, and of IPv4; further ones are left out */
	DNS_BOOTSTRAP_MAX = 2 * DNS_BOOTSTRAP_EACH,
	DNS_BOOTSTRAP_TTL_MIN_MS = 30 * 1000, /* no host is asked for more often */
	DNS_BOOTSTRAP_TTL_MAX_MS = 86400 * 1000,
	DNS_BOOTSTRAP_PAUSE_MS = 500,      /* after a failure; doubled each time */
	DNS_BOOTSTRAP_PAUSE_MAX_MS = 5000, /* as probes of a forwarder have it */
};

/* The addresses of one family. */
struct dns_bootstrap_family {
	struct netaddr at[DNS_BOOTSTRAP_EACH];
	size_t count;
	bool asked;   /* an answer is to come */
	bool renewed; /* the last answer had addresses */
};

/* Zeroed = nothing is known, and it is due. */
struct dns_bootstrap {
	struct dns_bootstrap_family v6, v4;
	size_t turn;       /* of the address that is used: v6 and v4 in turn */
	size_t unreached;  /* addresses in a row that could not be reached */
	bool fixed;        /* from the settings or a hosts file: nobody is asked */
	uint64_t until_ms; /* the addresses are good until then */
	uint64_t ttl_ms;   /* the least of the answers that came */
	uint64_t again_ms; /* nobody is asked before */
	unsigned failures; /* in a row */
};

/* Is somebody to be asked now? No address is good, the pause after a failure is over, and no answer
 * is to come. */
bool dns_bootstrap_is_due(const struct dns_bootstrap *b, uint64_t now_ms);

/* Are the addresses good? Those of one family are while the other's answer is to come. Others, if
 * there are any, are the last that were good. */
bool dns_bootstrap_is_good(const struct dns_bootstrap *b, uint64_t now_ms);

/* Is an answer to come? */
bool dns_bootstrap_is_asking(const struct dns_bootstrap *b);

/* AAAA and A were asked for. Each is to be answered once. */
void dns_bootstrap_asked(struct dns_bootstrap *b);

/* An answer to AAAA (`v6`) or A; NULL = none came. The addresses get this port. What was known
 * stays when nothing better comes. */
void dns_bootstrap_answer(struct dns_bootstrap *b, bool v6, const struct dns_answer *a,
	uint16_t port, uint64_t now_ms);

/* Takes addresses that are good for ever, or until dns_bootstrap_reset(). */
void dns_bootstrap_fix(struct dns_bootstrap *b, const struct netaddr *at, size_t count);

/* The address that is to be used now. False when none is known. */
bool dns_bootstrap_address(const struct dns_bootstrap *b, struct netaddr *out);

/* How many more can be tried after it, before all were in vain. */
size_t dns_bootstrap_others(const struct dns_bootstrap *b);

/* The address was reached, or could not be: the next one is used from now on. True when that one
 * was not tried yet. */
void dns_bootstrap_reached(struct dns_bootstrap *b);
bool dns_bootstrap_unreached(struct dns_bootstrap *b);

/* The network is another one: it is due at once. The addresses stay for the worst case. */
void dns_bootstrap_reset(struct dns_bootstrap *b);

#endif
