/* What is known of the servers that are asked: round trips, losses, whether one is down, what it
 * does not understand; and which one is asked next. No sockets here. Times are monotonic
 * milliseconds, given by the caller. */
#ifndef DNS_FORWARDERS_H
#define DNS_FORWARDERS_H

#include "base/rng.h"
#include "net/addr.h"

enum {
	DNS_FORWARDERS_MAX = 32,
	DNS_TIMEOUT_FIRST_MS = 376, /* before anything was measured */
	DNS_TIMEOUT_MIN_MS = 100,
	DNS_TIMEOUT_MAX_MS = 1500,
	DNS_LOSSES_DOWN = 3,              /* in a row: it is down */
	DNS_DOWN_PAUSE_MS = 1000,         /* between client questions to one that is down */
	DNS_REMEMBERED_MS = 3600 * 1000,  /* that it knows no EDNS, or loses capitals */
	DNS_MEASURED_MS = 15 * 60 * 1000, /* a round trip is too old then, and measured anew */
};

/* A server, and what is remembered of it. */
struct dns_server {
	struct netaddr addr;
	uint32_t smooth8, var4; /* round trip and its variance, in 1/8 and 1/4 ms */
	bool measured;
	uint8_t losses;            /* in a row */
	uint64_t plain_until_ms;   /* it is asked without EDNS until then */
	uint64_t no_case_until_ms; /* and without mixed capitals (0x20) */
};

/* An answer by a connection that had to be made first measures nothing. */
#define DNS_TOOK_UNKNOWN UINT64_MAX

/* Smoothed round trip and variance as those of TCP (RFC 6298). */
void dns_server_measured(struct dns_server *s, uint64_t took_ms);

/* How long an answer is waited for: round trip and four variances, doubled for each loss in a row,
 * in the bounds above. */
uint64_t dns_server_timeout(const struct dns_server *s);

/* Forgets everything but its address: the way to it is another one. */
void dns_server_reset(struct dns_server *s);

struct dns_forwarder {
	struct dns_server server;
	const char *text; /* as written; borrowed */
	bool down;
	uint64_t down_ms;     /* since when */
	uint64_t measured_ms; /* when the last answer came */
	uint64_t client_ms;   /* the last question of a client while it was down */
	bool had_client;
	bool put_off;    /* it is asked after all others; the owner's */
	unsigned probes; /* since it is down */
	uint64_t asked, answered, timed_out, bad;
	char last_error[128];
};

/* An answer came after so long. True when it was down: it is back, which is logged. */
bool dns_forwarder_answered(struct dns_forwarder *f, uint64_t took_ms, uint64_t now_ms);

/* No answer in time, or the kernel says that nobody is there. `why`: words for people. True when it
 * is down from now on, which is logged: it is to be probed. */
bool dns_forwarder_lost(struct dns_forwarder *f, const char *why, uint64_t now_ms);

/* Something wrong came from it, or it refused: kept for people. */
void dns_forwarder_error(struct dns_forwarder *f, const char *why);

/* The pause before the next probe, and counts it: 0.5, 1, 2, 4, then always 5 s. */
uint64_t dns_forwarder_probe_pause(struct dns_forwarder *f);

/* Forgets what is known of it, but not what was counted: it is up and not measured. */
void dns_forwarder_reset(struct dns_forwarder *f);

/* What one question has done so far: a bit for each forwarder. */
struct dns_tried {
	uint32_t asked;  /* it was sent there */
	uint32_t failed; /* and answered in a way that another server may better */
	uint32_t round;  /* asked since all were asked as often */
};

/* Of those in `from` the ones that were asked less often; all of them when there is no difference.
 */
uint32_t dns_tried_next(const struct dns_tried *tried, uint32_t from);

/* Which one is asked next; −1 = none. One of the fastest that was not asked yet, last of these one
 * that is put off; then one that is down, at most once a second each; then, while `again`, one that
 * was asked and did not answer, and not more often than the others. Unmeasured ones are taken for
 * fast. Notes a client's question to one that is down. */
int dns_forwarders_pick(struct dns_forwarder *const *all, size_t count,
	const struct dns_tried *tried, bool again, uint64_t now_ms, const struct rng *rng);

/* Is every one of them down? */
bool dns_forwarders_all_down(struct dns_forwarder *const *all, size_t count);

#endif
