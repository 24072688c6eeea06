/* Answers that are kept: whole messages under name, type, class, DO and CD (8.9a item 6). A hit is
 * a copy with id, flags, the client's case and the TTLs patched. Bytes are counted as allocated;
 * expired answers go first, then the least recently used, before anything is inserted.
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
 * kept. Borrowed. `seed`: random, for the hash. NULL when memory runs out. */
struct dns_cache *dns_cache_new(struct bound *bytes, struct bound *answer, const uint8_t seed[16]);
void dns_cache_free(struct dns_cache *c);

/* Keeps a copy of `wire`: a response as dns_answer_write() makes it, without OPT and without a
 * limit, to a question with q's name, type, class, DO and CD. Replaces an older one. Does nothing
 * for one that is too large, or when memory runs out. */
void dns_cache_put(struct dns_cache *c, const struct dns_query *q, struct slice wire,
	const struct dns_keep *k, uint64_t now_ms);

/* Writes the kept answer as the response to `q`, at most `limit` bytes (cut as dns_answer_write()
 * cuts), with AD as kept only if the client set AD or DO. 0 = none is kept. `generation`: the
 * chain's now; `stale`: take one that is over but may still be used, its TTLs are 30 then.
 * *tc (may be NULL): it was cut. */
size_t dns_cache_get(struct dns_cache *c, const struct dns_query *q, uint64_t generation,
	bool stale, uint64_t now_ms, uint8_t *to, size_t limit);

/* Drops expired answers; call it from a timer too. Looks at `most` entries at most and goes on
 * there the next time. */
void dns_cache_sweep(struct dns_cache *c, uint64_t now_ms, size_t most);

/* Drops all answers to this name, whatever the type; NULL = everything. Returns how many. */
size_t dns_cache_flush(struct dns_cache *c, const struct dns_name *name);

struct dns_cache_facts {
	uint64_t entries, hits, misses, evicted, expired;
};

/* Fills *out: the entries now, and how often each thing happened since the start. */
void dns_cache_facts(const struct dns_cache *c, struct dns_cache_facts *out);

/* Seconds that an answer of another server may be kept (RFC 2308; caps of 86,400 and 3,600; 5 for
 * SERVFAIL): 0 = not at all, as with TTL 0, or a negative one without SOA. Pure. */
uint32_t dns_answer_life(const struct dns_answer *a);

#endif
