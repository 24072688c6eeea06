/* Answers questions: who may ask, the stages in their order, aliases, other servers. One thread,
 * that of the DNS server's loop.
 *
 * Before: dns/udp_listener.h, dns/tcp_listener.h by way of dns/server.c. After: the settings'
 * reply(). */
#ifndef DNS_SERVE_QUERY_H
#define DNS_SERVE_QUERY_H

#include "base/clock.h"
#include "base/rng.h"
#include "config/limits.h"
#include "dns/access.h"
#include "dns/asked_names.h"
#include "dns/cache.h"
#include "dns/chain_names.h"
#include "dns/client.h"
#include "dns/figures.h"
#include "dns/hosts.h"
#include "dns/trace.h"
#include "dns/upstream.h"

struct dns_serve;

struct dns_serve_settings {
	const struct clock *clock;
	const struct rng *rng;
	struct limits *limits;
	struct dns_figures *figures;
	struct dns_asked *asked; /* NULL = names are not noted */
	const struct dns_access *access;
	struct dns_chain *chain;
	struct dns_upstream *upstream;
	const atomic_bool *chain_is_current; /* false: the node is behind, or may be */
	uint64_t rate_limit;                 /* answers a second to a network; 0 = no limit */
	uint16_t delegate_port;
	bool delegate_private; /* ask servers of domains in private networks, too */
	uint64_t stale_ms;     /* an expired answer may be served for so long; 0 = not at all */
	/* Work space: an answer, and DNS_MESSAGE_MAX bytes; others may use both between two calls
	 * (dns_upstream_answer(), dns_upstream_message()). */
	struct dns_answer *step;
	uint8_t *wire;

	/* Sends an answer, borrowed for the call; a slice of 0 bytes: there will be none. Called
	 * once for each question, within dns_serve_packet() or later. */
	void (*reply)(void *ctx, const struct dns_client *c, struct slice answer);
	void *ctx;
};

/* All of the settings are borrowed. NULL when memory runs out. */
struct dns_serve *dns_serve_new(const struct dns_serve_settings *s);

/* No question is waiting any more: dns_upstream_free() was called before. NULL is fine. */
void dns_serve_free(struct dns_serve *s);

/* Takes what can change while it runs: access, rate limit, how long after its time an answer may be
 * served. */
void dns_serve_reload(struct dns_serve *s, const struct dns_serve_settings *set);

/* The names of hosts files from now on, borrowed; NULL = none. Kept answers to these names go, for
 * they stand before them: nobody gets them any more, and dns_serve_forget() frees them. */
void dns_serve_set_hosts(struct dns_serve *s, const struct dns_hosts *h);

/* Answers a packet of a client, borrowed for the call, now or later. */
void dns_serve_packet(struct dns_serve *s, struct slice packet, const struct dns_client *c);

/* The same for a question of the node, which may ask whatever dns.allow says. */
void dns_serve_node(struct dns_serve *s, const struct dns_query *q, const struct dns_client *c);

/* At the end of a turn of the loop: ends the read transaction. */
void dns_serve_end_turn(struct dns_serve *s);

/* Drops expired answers; from a timer. */
void dns_serve_sweep(struct dns_serve *s);

/* Brings the figures of the cache up to date. */
void dns_serve_tell(struct dns_serve *s);

/* Forgets kept answers to this name, NULL = all: nobody gets them any more, and dns_serve_forget()
 * frees them. Only while dns_serve_can_flush(), else it does nothing: too many names wait. */
void dns_serve_flush(struct dns_serve *s, const struct dns_name *name);
bool dns_serve_can_flush(const struct dns_serve *s);

/* Frees some of what dns_serve_flush() and dns_serve_set_hosts() forgot, as many as one turn of the
 * loop can have. True while some are left; at the end it logs how many there were. */
bool dns_serve_forget(struct dns_serve *s);

#endif
