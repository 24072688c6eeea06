/* Answers that are kept: whole messages under name, type, class, DO and CD (8.9a item 6). A hit is
 * a copy with id, flags, the client's case and the TTLs patched. Bytes are counted as allocated;
 * expired answers go first, also those that may still be served, then the least recently used,
 * before anything is inserted.
 * Before: dns/serve_query.c. After: nothing. One thread. */
#ifndef DNS_CACHE_H
#define DNS_CACHE_H

#include "base/bound.h"
#include "base/err.h"
#include "dns/answer.h"

struct dns_cache;

/* What an answer is kept for. */
struct dns_keep {
	uint64_t until_ms;   /* monotonic: it is not used after this */
	uint64_t generation; /* of the chain (dns_chain_generation()); 0 = the chain has no part in
				it */
	bool ages; /* its TTLs count down (answers of other servers; those of the chain do not) */
	uint64_t stale_until_ms; /* with serve-stale: may still be used until then; 0 = not */
};

/* `bytes`: row of everything that it holds, entries and index; `answer`: the largest answer that is
 * kept, of which a later rise does not count. Borrowed. `seed`: random, for the hash. NULL when
 * memory runs out. */
struct dns_cache *dns_cache_new(struct bound *bytes, struct bound *answer, const uint8_t seed[16]);
void dns_cache_free(struct dns_cache *c);

/* Keeps a copy of the answer under the name, type, class, DO and CD of `q`, and replaces an older
 * one; AD is kept. Makes room first: expired answers go, then the least recently used. Does nothing
 * for an answer that is bad or too large, when memory runs out, or while the row was lowered and
 * much has to go first. */
void dns_cache_put(struct dns_cache *c, const struct dns_query *q, const struct dns_answer *a,
	const struct dns_keep *k, uint64_t now_ms);

/* Which answers are wanted; the TTLs of an expired one are 30. */
enum dns_age {
	DNS_FRESH,
	DNS_STALE,         /* fresh, or expired and may still be used */
	DNS_STALE_AT_ONCE, /* expired, and it could not be had anew less than 30 s ago */
};

/* How a kept answer is wanted. */
struct dns_want {
	uint64_t generation; /* of the chain, now */
	uint64_t now_ms;     /* monotonic */
	enum dns_age age;
};

/* Writes the kept answer as the response to `q`, at most `limit` bytes, with AD as kept only if the
 * client set AD or DO. An answer that is too long is read into `scratch`, whose content is lost,
 * and cut as dns_answer_write() cuts; else `scratch` is not touched. 0 = none is kept. */
size_t dns_cache_get(struct dns_cache *c, const struct dns_query *q, const struct dns_want *want,
	struct dns_answer *scratch, uint8_t *to, size_t limit);

/* The same as records, for an answer that is made of several (a chain of CNAMEs): their TTLs are
 * those of now, and *kept (may be NULL) says how long and for whom they are true. False = none. */
bool dns_cache_read(struct dns_cache *c, const struct dns_query *q, const struct dns_want *want,
	struct dns_answer *out, struct dns_keep *kept);

/* An expired answer could not be had anew (RFC 8767 5): for 30 s nobody needs to try. Does nothing
 * for one that is not kept. */
void dns_cache_failed(struct dns_cache *c, const struct dns_query *q, uint64_t now_ms);

/* Drops answers that are of no use any more, at most so many; for a timer. Those that may still be
 * served hide others behind them: so many are looked at then. Returns how many were dropped. */
size_t dns_cache_sweep(struct dns_cache *c, uint64_t now_ms, size_t most);

/* Forgets all answers to this name, whatever the type; NULL = everything. Nobody gets them any
 * more; they are freed by dns_cache_go_on(). False: too many names wait for that already, nothing
 * was done; dns_cache_can_flush() tells it before. */
bool dns_cache_flush(struct dns_cache *c, const struct dns_name *name);
bool dns_cache_can_flush(const struct dns_cache *c);

/* Forgets in the same way what has a part of the chain, and all answers to questions for which
 * unwanted() is true; of the question name, type and class are set. It is called until
 * dns_cache_go_on() has ended or this is called again, NULL = never again; also by
 * dns_cache_get() and dns_cache_read(), before they use `scratch` or `out`. */
void dns_cache_drop(
	struct dns_cache *c, bool (*unwanted)(void *ctx, const struct dns_query *q), void *ctx);

/* Goes on with what was to be forgotten, for one turn of the loop: looks at some `most` entries;
 * one that is dropped counts as eight. True while something is left. */
bool dns_cache_go_on(struct dns_cache *c, size_t most);

struct dns_cache_facts {
	uint64_t entries, hits, misses, evicted, expired, dropped;
};

/* Fills *out: the entries now (with those that were forgotten and are still to be found), and how
 * often each thing happened since the start. */
void dns_cache_facts(const struct dns_cache *c, struct dns_cache_facts *out);

/* Seconds that an answer of another server to a question of this type may be kept: the least TTL
 * of its records, at most 86,400; without a record of the type (or NXDOMAIN) at most 3,600 and the
 * minimum of the SOA (RFC 2308); 5 for SERVFAIL. 0 = not at all: TTL 0, other errors, a negative
 * one without SOA. Pure. */
uint32_t dns_answer_life(const struct dns_answer *a, uint16_t type);

#endif
