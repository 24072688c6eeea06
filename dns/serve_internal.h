/* The state of answering, and of one question on its way. For dns/serve_query.c, dns/stages.c,
 * dns/chase.c and dns/waiting.c. */
#ifndef DNS_SERVE_INTERNAL_H
#define DNS_SERVE_INTERNAL_H

#include "dns/rate.h"
#include "dns/serve_query.h"

enum { DNS_CLIENT_SLOTS = 4096 };

struct dns_serve {
	struct dns_serve_settings set;
	struct dns_cache *cache;
	struct dns_rate *rate;
	const struct dns_hosts *hosts; /* NULL = none */
	struct dns_answer *total;      /* what the client gets, so far */
	struct dns_answer *step;       /* what one stage says of one name; borrowed */
	uint8_t *wire;                 /* DNS_MESSAGE_MAX, for a message that is made; borrowed */
	uint64_t dropped;              /* kept answers, when that was last told */
	uint64_t clients_seed;
	uint16_t clients[DNS_CLIENT_SLOTS]; /* hash of a client's address → how many of its
					       questions wait; clients of one slot share it */
};

/* How long an answer may be kept, from all that it was made of. */
struct dns_life {
	uint64_t until_ms;   /* monotonic */
	uint64_t generation; /* of the chain; 0 = it has no part in it */
	bool ages;           /* some of it is another server's */
	bool never;          /* must not be kept */
};

/* One question on its way through the stages. */
struct dns_task {
	struct dns_client client;
	struct dns_query q;     /* as the client asked */
	struct dns_query at;    /* with the name that is looked up now */
	enum dns_source source; /* of the last part */
	bool first;             /* nothing is in `total` yet */
	bool told;              /* the client has an expired answer: what comes is only kept */
	struct dns_life life;
	uint64_t began_ms;
};

/* What the stages say of one name. */
enum dns_stage {
	DNS_STAGE_ANSWERED, /* s->step is the answer, t->source and t->life say where from */
	DNS_STAGE_FORWARD,  /* the forwarders are to be asked */
	DNS_STAGE_DELEGATE, /* the servers in *to */
};

/* stages.c: hosts, v6/q6, cache, chain, in this order, for t->at. */
enum dns_stage dns_stages(struct dns_serve *s, struct dns_task *t, struct dns_delegation *to);

/* The whole answer to the client's own question, which came just now, if it is kept: its bytes in
 * s->wire; else 0. */
size_t dns_stage_kept(struct dns_serve *s, const struct dns_task *t, size_t limit);

/* With serve-stale: the expired answer for t->at as s->step, if there is one that is kept. False =
 * there is none. */
bool dns_stage_stale(struct dns_serve *s, struct dns_task *t, enum dns_age age);

/* Until when an answer with this life may be served, as struct dns_keep has it. */
uint64_t dns_stale_until(const struct dns_serve *s, const struct dns_life *life);

/* The shorter of the two lives. */
void dns_life_join(struct dns_life *to, const struct dns_life *part);

/* chase.c: takes the question through the stages until it is answered, or waits for a server. */
void dns_chase(struct dns_serve *s, struct dns_task *t);

/* Adds s->step to s->total as the answer for t->at, and goes on. */
void dns_chase_on(struct dns_serve *s, struct dns_task *t);

/* waiting.c: asks other servers. ERR_OK: dns_chase_on() follows later, with a task of its own. */
enum err dns_wait(struct dns_serve *s, const struct dns_task *t, const struct dns_delegation *to);

/* serve_query.c: the end of a question: writes s->total, keeps it, replies. */
void dns_finish(struct dns_serve *s, struct dns_task *t);
void dns_finish_error(struct dns_serve *s, struct dns_task *t, uint16_t rcode);
void dns_finish_silent(struct dns_serve *s, struct dns_task *t, enum dns_drop why);

#endif
