/* What the files of dns/upstream.h share: the table, a question in it, a try of one, a forwarder
 * with its sockets. dns/upstream.c has its life, upstream_table.c the table,
 * upstream_waiters.c who waits, upstream_next.c which server is asked when, upstream_try.c one try,
 * upstream_judge.c what an answer is worth, upstream_target.c forwarders, upstream_probe.c their
 * probes. */
#ifndef DNS_UPSTREAM_INTERNAL_H
#define DNS_UPSTREAM_INTERNAL_H

#include "dns/bootstrap.h"
#include "dns/forwarders.h"
#include "dns/timers.h"
#include "dns/tls.h"
#include "dns/upstream.h"
#include "dns/upstream_tcp.h"
#include "dns/upstream_udp.h"

enum {
	DNS_TRIES = 4, /* of one question that are waited for at the same time */
	DNS_MORE_TRIES_OF =
		4, /* for one of so many questions there is room for a second, third … */
	DNS_BUCKETS = 1024,
	DNS_GIVES_WAY_MS = 200, /* a question older than this gives way in a full table */
	DNS_PARKED_MS = 200,    /* before it is tried again to get a socket or a connection */
	DNS_QUICK_MS = 1000,    /* for an answer while all forwarders are down */
	DNS_ORPHANS = 64,       /* questions that give way in one turn, at most */
};

struct dns_target;

/* How a forwarder is reached. */
struct dns_transport_functions {
	/* ERR_FULL: there is no place for it now, it waits in the table; others: it cannot be sent.
	 */
	enum err (*send)(struct dns_target *t, struct dns_exchange *x);
	/* Closes all sockets and connections; questions on them are no longer on their way. */
	void (*close)(struct dns_target *t);
	bool capitals; /* mixed capitals (0x20) are of use */
	/* Words for people: why the last send() did not succeed. NULL = nothing is known. */
	const char *(*why)(struct dns_target *t);
};

/* What one that is reached by HTTPS has besides. */
struct dns_https {
	struct dns_bootstrap host;    /* its addresses */
	struct dns_waiter v6, v4;     /* for an answer with them */
	struct dns_exchange *waiting; /* for an address */
	struct dns_timer timer;
	uint64_t old_ms; /* addresses that are not good any more are used from then on */
	const char *why; /* no address is known; a constant */
};

/* A forwarder, with what it takes to reach it. */
struct dns_target {
	struct dns_upstream *u;
	struct dns_target *next; /* of those that were removed and still have questions */
	struct dns_forwarder f;
	enum dns_transport kind;
	const char *name, *path; /* as in the settings; in `texts` */
	uint16_t port;
	/* By the second one an answer is fetched that is too large for the first; NULL = none. Both
	 * NULL: this program cannot reach it. */
	const struct dns_transport_functions *first, *second;
	struct dns_udp_pool udp;
	struct dns_tcp_server tcp;
	struct dns_tls_server tls;
	struct dns_https https;
	struct dns_exchange probe;
	struct dns_timer probe_timer;
	uint64_t probe_ms; /* when the last one was sent */
	size_t users;      /* tries on their way */
	bool removed;      /* from the settings; freed when nobody uses it */
	char texts[];
};

/* The servers of a delegation, or the bootstraps. */
struct dns_delegation {
	uint8_t top_size; /* of the domain's name, which is the end of the question's; 0 = none */
	uint8_t count;
	struct dns_server servers[DNS_SERVERS_MAX];
};

/* A question on its way to one server. */
struct dns_try {
	struct dns_exchange x;
	struct dns_question *question;
	struct dns_target *target; /* NULL: a server of the delegation */
	uint64_t sent_ms;
	uint8_t at;    /* which one of the forwarders or servers */
	bool used;     /* the rest counts */
	bool parked;   /* there was no place for it yet */
	bool lost;     /* its time is over; its answer still counts */
	bool second;   /* by the second transport */
	bool for_case; /* since its answer had other capitals */
	bool plain;    /* without EDNS, after a FORMERR */
	bool repeated; /* this server was asked before */
};

struct dns_question {
	struct dns_upstream *u;
	struct dns_question *next, **place; /* in its bucket, or the next orphan */
	struct dns_question *newer, *older; /* in the order of age */
	struct dns_waiter *waiters;
	struct dns_delegation *delegation; /* owned; NULL: forwarders are asked */
	struct dns_try *current;           /* the latest try, whose time the timer has */
	struct dns_timer timer;
	uint64_t born_ms;
	uint32_t life_ms; /* it ends after so long */
	struct dns_tried tried;
	uint16_t hash;
	uint16_t best;   /* code of somebody who refused or failed; 0 = nobody did */
	bool last;       /* no further try: at the timer it ends */
	uint8_t begun;   /* tries */
	uint8_t repeats; /* of them to a server that was asked before */
	uint8_t where;   /* enum dns_upstream_where */
	struct dns_try first;
	struct dns_try *more[DNS_TRIES - 1]; /* owned, counted by more_tries; NULL = none */
	struct dns_asked q;
	uint8_t name[]; /* q's: most are short, and a place for the longest is half of the rest */
};

struct dns_upstream {
	struct event_base *base;
	const struct clock *clock;
	const struct rng *rng;
	struct limits *limits;
	struct dns_timers timers;
	struct dns_udp udp;
	struct dns_udp_pool delegated; /* sockets to servers of delegations and bootstraps */
	struct dns_tcp tcp;
	struct dns_target *targets[DNS_FORWARDERS_MAX], *removed;
	struct dns_forwarder *forwarders[DNS_FORWARDERS_MAX]; /* those of the targets */
	size_t target_count;
	struct dns_timer sweep; /* frees what was removed */
	struct netaddr bootstraps[DNS_SERVERS_MAX];
	size_t bootstrap_count;
	bool use_0x20, trust_ad, rebind_protection, stopping;
	uint16_t delegate_port;
	struct dns_tls tls;         /* of all servers that are reached by TLS */
	struct dns_timer renew_tls; /* set while the certificates are to be read anew */
	/* Of the settings. */
	bool (*host)(void *ctx, const struct dns_query *q, struct dns_answer *out);
	void (*changed)(void *ctx);
	void *ctx;
	uint64_t seed;
	struct dns_question *buckets[DNS_BUCKETS], *oldest, *newest;
	struct dns_question *early;   /* the oldest whose waiters were not told that it is late */
	struct dns_timer late;        /* when it is */
	struct dns_question *orphans; /* gave way; who waits is told in the next turn */
	size_t orphan_count;
	size_t more_tries;          /* of all questions, besides the first one of each */
	struct dns_waiter *telling; /* being told now */
	struct dns_timer tell_orphans;
	/* Scratch: an answer as it came, and scrubbed; a message by TCP. Others may use `in` and
	 * `scratch` while they are told (dns/upstream.h). */
	struct dns_answer *in, *out;
	uint8_t *scratch;
};

/* ---- dns/upstream_table.c ---- */

/* Ends it: tells all who wait and frees it. `a`: NULL = no answer. */
void dns_question_end(
	struct dns_question *q, const struct dns_answer *a, const struct dns_name *last);

/* ---- dns/upstream_waiters.c ---- */

/* Puts `w` into a list; `question` is what it waits for, and not NULL. */
void dns_waiter_add(struct dns_waiter **list, struct dns_waiter *w, void *question);

/* All of `from`, which wait for `question` from then on. */
void dns_waiters_move(struct dns_waiter **from, struct dns_waiter **to, void *question);

/* Tells all of u->telling, who are in no list any more then. `a`: NULL = no answer; it and the
 * names are borrowed. */
void dns_waiters_tell(struct dns_upstream *u, const struct dns_answer *a,
	const struct dns_name *name, const struct dns_name *last);

/* Tells those whose question gave way; the timer's function. */
void dns_orphans_tell(struct dns_timer *timer);

/* Tells those whose question is late; the timer's function. */
void dns_late_tell(struct dns_timer *timer);

/* ---- dns/upstream_next.c ---- */

/* Sends it for the first time, or anew. Never ends it: its timer does. */
void dns_question_begin(struct dns_question *q);

/* Asks the next server, or waits for those that were asked. Never ends it. */
void dns_question_next(struct dns_question *q);

/* Sends a try anew whose answer asks for it: it has its time anew. */
void dns_try_again(struct dns_try *t);

/* The try is over without an answer that can be used; the next server is asked, if it was the
 * latest. */
void dns_try_failed(struct dns_try *t);

/* All connections by TLS were closed: the latest try, if it was on one, is sent anew when there is
 * a place again, and others are taken back. */
void dns_question_park(struct dns_question *q);

/* ---- dns/upstream_try.c ---- */

/* The bit of a server in struct dns_tried. */
static inline uint32_t dns_server_bit(size_t i)
{
	return (uint32_t)1 << i;
}

/* The question's try of this number, of DNS_TRIES; NULL = there is none. */
struct dns_try *dns_try_at(const struct dns_question *q, size_t i);

/* A place for one more try without another one giving way; NULL = there is none. */
struct dns_try *dns_try_place(struct dns_question *q);

/* A place for one more try: the one whose question was sent first gives way, if it must. */
struct dns_try *dns_try_take(struct dns_question *q);

/* Asks the server of this number by the try, whose place it has. NULL: it cannot be sent there, and
 * the place is free again. */
struct dns_try *dns_try_begin(struct dns_question *q, struct dns_try *t, int at);

/* Sends the try (again), by the transport that it says. False when it cannot be sent. */
bool dns_try_send(struct dns_try *t);

/* How long its answer is waited for before it is late. */
uint64_t dns_try_patience(const struct dns_try *t);

/* Its time is over, or nobody is there; its answer still counts. */
void dns_try_lost(struct dns_try *t, const char *why);

/* Takes the try back, and frees it if it is not the question's own. */
void dns_try_end(struct dns_try *t);

/* What is remembered of the try's server. */
struct dns_server *dns_try_server(const struct dns_try *t);

/* Takes all tries back. */
void dns_question_stop(struct dns_question *q);

/* ---- dns/upstream_judge.c ---- */

/* dns_exchange.over() of a try. */
void dns_try_over(
	struct dns_exchange *x, enum dns_reply how, struct slice message, const char *why);

/* ---- dns/upstream_target.c ---- */

/* Makes the targets of these settings; what is equal in `old` is taken from there. False when
 * memory runs out: nothing changed. */
bool dns_targets_make(struct dns_upstream *u, const struct dns_upstream_settings *s);

/* Stops and frees all targets; no try is on its way. */
void dns_targets_free(struct dns_upstream *u);

/* Forgets what is known, and closes all sockets. */
void dns_targets_reset(struct dns_upstream *u);

/* Closes all connections by TLS, and has the certificates read anew for the next ones. */
void dns_targets_renew_tls(struct dns_upstream *u);

/* Is it reached by TLS? */
static inline bool dns_target_has_tls(const struct dns_target *t)
{
	return t->kind != DNS_OVER_UDP;
}

/* Is there one of these? */
bool dns_targets_have_tls(const struct dns_upstream *u);

/* The timer that frees removed targets which nobody uses any more. */
void dns_targets_sweep(struct dns_timer *timer);

/* One of the tries to it is over. */
void dns_target_left(struct dns_target *t);

/* Words for people, borrowed until the next send(): why it could not be sent there. */
const char *dns_target_why(struct dns_target *t);

/* ---- dns/upstream_probe.c ---- */

/* It answered, after so long; or it did not. */
void dns_target_answered(struct dns_target *t, uint64_t took_ms);
void dns_target_lost(struct dns_target *t, const char *why);

/* Asks it whether it is there, and again later; the timer's function. */
void dns_target_probe(struct dns_timer *timer);
void dns_target_stop_probing(struct dns_target *t);

/* ---- dns/upstream_https.c and dns/upstream_https_host.c, with libnghttp2 ---- */

/* Sets up a target by HTTPS. */
void dns_https_begin(struct dns_target *t);

extern const struct dns_transport_functions dns_by_https;
extern const struct dns_tcp_protocol dns_https_protocol;

#endif
