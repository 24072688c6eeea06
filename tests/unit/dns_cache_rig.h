/* A cache of DNS answers with bounds of its own. */
#ifndef TESTS_UNIT_DNS_CACHE_RIG_H
#define TESTS_UNIT_DNS_CACHE_RIG_H

#include "chain/crypto.h"
#include "dns/cache.h"
#include "dns/cache_table.h"
#include "tests/unit/dns_rig.h"

enum { BYTES = 1 << 20, ANSWER = 4096, LATER = 1000000 };

struct rig {
	struct bound bytes, answer;
	struct dns_cache *cache;
	struct dns_answer *a, *b;
	uint8_t wire[DNS_MESSAGE_MAX];
	size_t n; /* of wire */
};

static const uint8_t seed[16] = {1, 2, 3};

static inline int start_with(void **state, uint64_t bytes, uint64_t answer)
{
	struct rig *r = mem_alloc(sizeof *r);

	assert_non_null(r);
	r->bytes.max = bytes;
	r->answer.max = answer;
	r->cache = dns_cache_new(&r->bytes, &r->answer, seed);
	r->a = dns_answer_new();
	r->b = dns_answer_new();
	*state = r;
	return r->cache && r->a && r->b ? 0 : -1;
}

static inline int start(void **state)
{
	return start_with(state, BYTES, ANSWER);
}

static inline int start_small(void **state)
{
	return start_with(state, 65536, ANSWER);
}

static inline int stop(void **state)
{
	struct rig *r = *state;

	dns_cache_free(r->cache);
	assert_int_equal(r->bytes.used, 0);
	mem_free(r->a);
	mem_free(r->b);
	mem_free(r);
	return mem_blocks() ? -1 : 0;
}

/* Keeps r->a for 300 s from `now`. */
static inline void put(struct rig *r, const struct dns_query *q, uint64_t now)
{
	struct dns_keep k = {.until_ms = now + 300000, .ages = true};

	dns_cache_put(r->cache, q, r->a, &k, now);
}

/* One A for this name. */
static inline void put_name_at(struct rig *r, const char *name, uint64_t now)
{
	struct dns_query q = query_of(name);

	dns_answer_clear(r->a);
	add_a(r->a, DNS_SECTION_ANSWER, name, 0x01020304);
	put(r, &q, now);
}

/* The answer to `q` in r->wire, and read into r->b. */
static inline bool get(struct rig *r, const struct dns_query *q, uint64_t now, size_t limit)
{
	struct dns_want want = {.now_ms = now};
	struct dns_query back;
	bool tc;

	r->n = dns_cache_get(r->cache, q, &want, r->b, r->wire, limit);
	if (!r->n)
		return false;
	assert_true(r->n <= limit && dns_response_read(slice_of(r->wire, r->n), &back, r->b, &tc));
	assert_true(
		back.id == q->id && back.edns == q->edns && back.rd == q->rd && back.cd == q->cd);
	assert_memory_equal(back.name.wire, q->name.wire, q->name.size);
	return true;
}

static inline bool has(struct rig *r, const char *name, uint64_t now)
{
	struct dns_query q = query_of(name);

	return get(r, &q, now, 512);
}

static inline struct dns_cache_facts facts(const struct rig *r)
{
	struct dns_cache_facts f;

	dns_cache_facts(r->cache, &f);
	return f;
}

/* All that is to be dropped goes: how many times there was more. */
static inline int turns(struct rig *r)
{
	int n = 0;

	while (dns_cache_go_on(r->cache, 512))
		n++;
	return n;
}

/* A test of the array in main(). */
#define each(name) cmocka_unit_test_setup_teardown(name, start, stop)

#endif
