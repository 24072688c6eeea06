/* Questions to other servers: forwarders of the settings, and servers that a domain of the chain
 * names. One table holds all that are outstanding; equal ones are joined; each has a deadline.
 * Nothing is sent again because a client asks again.
 *
 * Before: dns/serve_query.c asks. After: dns/upstream_udp.c, dns/upstream_tcp.c and the other
 * transports carry it; dns/scrub.c cleans the answer; done() takes it.
 * Everything is on the loop of the DNS server, whose thread alone may call. */
#ifndef DNS_UPSTREAM_H
#define DNS_UPSTREAM_H

#include "base/clock.h"
#include "base/err.h"
#include "base/rng.h"
#include "config/limits.h"
#include "dns/answer.h"
#include "dns/forwarder_text.h"
#include "net/addr.h"

struct event_base;
struct dns_upstream;

/* One who waits for an answer. The asker embeds it and owns it; it is in the table from
 * dns_upstream_ask() until done() is called or dns_upstream_forget(). */
struct dns_waiter {
	/* The answer, scrubbed, borrowed for the call; it may be asked again from within, and
	 * others forgotten. NULL: nobody answered in time, or the question gave way to another one.
	 */
	void (*done)(struct dns_waiter *w, const struct dns_answer *a);
	/* Set for the call of done() with an answer: the name at the end of its chain of CNAMEs,
	 * whose records of the asked type may be missing (dns_scrub()). */
	const struct dns_name *last;
	/* Set for every call of done(): the name that was asked for, in lower case. */
	const struct dns_name *name;
	/* The first question for this is DNS_LATE_MS old, and done() is still to come. Called
	 * again when another one joins. It may ask, and forgets nobody. NULL = not wanted. */
	void (*late)(struct dns_waiter *w);
	struct dns_waiter *next, **place; /* of the same question; the table's */
	void *question;                   /* the table's; NULL = not in the table */
};

enum dns_upstream_where {
	DNS_ASK_FORWARDERS,
	DNS_ASK_SERVERS,    /* those of struct dns_ask: a delegation */
	DNS_ASK_BOOTSTRAPS, /* those of the settings, for the hosts of https:// forwarders */
};

#ifdef WITH_NGHTTP2
enum { DNS_HAS_HTTPS = 1 };
#else
enum { DNS_HAS_HTTPS = 0 }; /* forwarders by HTTPS cannot be asked */
#endif

enum {
	DNS_SERVERS_MAX = 8, /* of a delegation that are asked; further ones are left out */
	DNS_LATE_MS = 1800,  /* clients that wait for longer may ask elsewhere (RFC 8767 5) */
};

struct dns_ask {
	/* name in any case; type, class, dnssec_ok, cd, ad count, the rest not */
	struct dns_query q;
	enum dns_upstream_where where;
	/* of DNS_ASK_SERVERS: borrowed for the call, copied; the port is the settings' */
	const struct netaddr *servers;
	size_t server_count;
	/* of the domain whose servers these are: q's name or one above it; only records at or
	 * below it count */
	struct dns_name top;
};

/* A forwarder as the settings name it. All texts are copied. */
struct dns_forwarder_settings {
	const char *text; /* as written, for people */
	enum dns_transport transport;
	struct netaddr addr; /* of UDP and TLS */
	const char *name;    /* of TLS: the certificate's; of HTTPS: the host; else NULL */
	const char *path;    /* of HTTPS */
	uint16_t port;       /* of HTTPS */
};

struct dns_upstream_settings {
	struct event_base *base;
	const struct clock *clock;
	const struct rng *rng;
	struct limits *limits; /* rows dns_outstanding, dns_sockets and others are counted here */
	const struct dns_forwarder_settings *forwarders; /* copied, DNS_FORWARDERS_MAX at most */
	size_t forwarder_count;
	const struct netaddr *bootstraps; /* copied, DNS_SERVERS_MAX at most */
	size_t bootstrap_count;
	bool use_0x20;
	bool trust_ad;
	bool rebind_protection; /* private addresses are dropped from answers */
	uint16_t delegate_port; /* 53; tests set another */
	const char *ca_file;    /* NULL or "" = the system's store; outlives it */
	/* The time of the chain's tip, in seconds since 1970, for struct dns_tls; NULL = not known.
	 */
	int64_t (*tip_time)(void *ctx);
	/* Looks A or AAAA of a name up in hosts files: false = they do not have it. Adds records to
	 * an empty answer. NULL = there are none. */
	bool (*host)(void *ctx, const struct dns_query *q, struct dns_answer *out);
	/* A forwarder went down or came back: the facts of it are others now. It must not call
	 * back. NULL = nobody is told. */
	void (*changed)(void *ctx);
	void *ctx;
};

/* NULL when memory runs out. Base, clock, rng and limits are borrowed and outlive it. */
struct dns_upstream *dns_upstream_new(const struct dns_upstream_settings *s);

/* Frees it with all questions; done() is called with NULL for each who waits. Not from within
 * done(). NULL is fine. */
void dns_upstream_free(struct dns_upstream *u);

/* Takes other forwarders, bootstraps and switches; questions in flight go on where they are. A
 * forwarder that stays keeps what is known of it. False when memory runs out: all stays as it was.
 */
bool dns_upstream_reload(struct dns_upstream *u, const struct dns_upstream_settings *s);

/* The machine has another address, or slept: all sockets are closed, what is known of servers is
 * forgotten, and questions in flight are sent anew. */
void dns_upstream_reset(struct dns_upstream *u);

/* Asks, or joins an equal question. ERR_OK: done() will be called, never within this call.
 * ERR_FULL: the table is full, and no question in it is older than 200 ms without an answer.
 * ERR_NOT_FOUND: nobody to ask. ERR_NOMEM; ERR_STOPPING: dns_upstream_free() is at work. */
enum err dns_upstream_ask(struct dns_upstream *u, const struct dns_ask *ask, struct dns_waiter *w);

/* The waiter is gone (its client closed): done() is not called. The question goes on alone. Does
 * nothing for one that is not in the table. */
void dns_upstream_forget(struct dns_upstream *u, struct dns_waiter *w);

/* For people and metrics. */
struct dns_forwarder_facts {
	const char *text; /* as written; valid until the next reload */
	bool up;          /* false: three questions in a row were lost; it is probed */
	uint64_t asked, answered, timed_out, bad;
	uint32_t rtt_ms;      /* smoothed; 0 = not measured */
	char last_error[128]; /* "" = none */
};
/* Writes those of the first `max` forwarders and returns how many it wrote. */
size_t dns_upstream_facts(const struct dns_upstream *u, struct dns_forwarder_facts *to, size_t max);

/* Messages that answered none of our questions: forged, or too late. */
uint64_t dns_upstream_wrong(const struct dns_upstream *u);

/* Work space for those who ask, so that there is one of each: an answer, and DNS_MESSAGE_MAX bytes.
 * What they write there stays until the next call of done() begins. */
struct dns_answer *dns_upstream_answer(struct dns_upstream *u);
uint8_t *dns_upstream_message(struct dns_upstream *u);

/* Calls what is due by the clock. The loop does it; tests, too, after they moved the clock. */
void dns_upstream_run(struct dns_upstream *u);

#endif
