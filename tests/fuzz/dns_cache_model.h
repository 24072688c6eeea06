/* The cache of DNS answers beside a model of it: a plain list, the least recently used first. Bytes
 * say what is done; after each step both must tell the same. */
#ifndef TESTS_FUZZ_DNS_CACHE_MODEL_H
#define TESTS_FUZZ_DNS_CACHE_MODEL_H

#include "dns/cache_internal.h"
#include "dns/name.h"
#include "dns/read.h"
#include "dns/write.h"
#include "tests/fuzz/fuzz.h"

enum { MODEL_MAX = 8192, MODEL_TTL = 3600 };

/* An answer that should be there. */
struct model_entry {
	unsigned key; /* of the question: name, type, DO */
	unsigned serial;
	uint64_t kept, until, over, generation;
	bool ages;
	bool flushed, unwanted; /* nobody gets it, and it will be dropped */
};

struct model {
	struct bound bytes, answer;
	struct dns_cache *cache;
	struct dns_answer *a, *b;
	uint64_t now, generation;
	unsigned serial;
	unsigned listed; /* names whose number this divides were unwanted last */
	bool forgets;    /* some of kept may be gone */
	size_t count;
	struct model_entry kept[MODEL_MAX];
	struct dns_cache_facts before;
	struct rd in;
};

static inline struct dns_query model_query(unsigned key, bool upper)
{
	struct dns_query q = {.id = (uint16_t)(key * 7), .rd = true, .has_question = true};
	char text[64];
	int n = snprintf(text, sizeof text, upper ? "N%u.EXAMPLE" : "n%u.example", key / 4);

	must(dns_name_from_text(slice_of(text, (size_t)n), &q.name));
	q.type = key & 1 ? DNS_TYPE_TXT : DNS_TYPE_A;
	q.klass = DNS_CLASS_IN;
	q.edns = q.dnssec_ok = key & 2;
	q.payload = 4096;
	return q;
}

static inline void model_forget(struct model *m, size_t i)
{
	memmove(m->kept + i, m->kept + i + 1, (--m->count - i) * sizeof *m->kept);
}

/* Where it is, or m->count. */
static inline size_t model_find(const struct model *m, unsigned key)
{
	size_t i = 0;

	while (i < m->count && m->kept[i].key != key)
		i++;
	return i;
}

static inline size_t model_first(const struct model *m)
{
	size_t first = 0;

	for (size_t i = 1; i < m->count; i++)
		if (m->kept[i].until < m->kept[first].until)
			first = i;
	return first;
}

/* A time at which nothing else expires, so that it is known what expires first. */
static inline uint64_t model_own_time(const struct model *m, uint64_t until)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->kept[i].until == until) {
			until++;
			i = (size_t)-1;
		}
	return until;
}

/* What the cache says that it dropped goes here too: what expires first, then the oldest. */
static inline void model_follow(struct model *m)
{
	struct dns_cache_facts f;

	dns_cache_facts(m->cache, &f);
	for (uint64_t i = m->before.expired; i < f.expired; i++) {
		size_t first = model_first(m);
		must(m->count && m->kept[first].until <= m->now);
		model_forget(m, first);
	}
	for (uint64_t i = m->before.evicted; i < f.evicted; i++) {
		must(m->count && m->kept[model_first(m)].until > m->now);
		must(m->bytes.used + 40000 > m->bytes.max);
		model_forget(m, 0);
	}
	m->before = f;
}

static inline bool model_is_gone(const struct model_entry *e)
{
	return e->flushed || e->unwanted;
}

static inline bool model_is(const struct model_entry *e, const struct dns_entry *kept)
{
	char text[64];
	int n = snprintf(text, sizeof text, "n%u", e->key / 4);

	return kept->name_size == (size_t)n + sizeof "n7example" &&
	       memcmp(kept->wire + DNS_HEADER_SIZE + 1, text, (size_t)n) == 0 &&
	       kept->type == (e->key & 1 ? DNS_TYPE_TXT : DNS_TYPE_A) &&
	       kept->dnssec_ok == ((e->key & 2) != 0);
}

/* While some are dropped in turns nobody tells which: the order says it, which is the same here and
 * there. All the others must still be there. */
static inline void model_compare_order(struct model *m)
{
	const struct dns_entry *there = m->cache->table.oldest;
	size_t stay = 0;

	for (size_t i = 0; i < m->count; i++) {
		struct model_entry *e = &m->kept[i];
		if (there && model_is(e, there)) {
			there = there->newer;
			m->kept[stay++] = *e;
		} else
			must(model_is_gone(e));
	}
	must(!there);
	m->count = stay;
}

static inline void model_check(struct model *m)
{
	struct dns_cache_facts f;

	if (m->forgets)
		model_compare_order(m);
	dns_cache_facts(m->cache, &f);
	must(f.entries == m->count);
	must(m->bytes.used <= m->bytes.max && m->bytes.peak <= m->bytes.max);
	m->before = f;
}

static inline void model_put(
	struct model *m, unsigned key, size_t filler, unsigned life, unsigned more)
{
	static const uint8_t zeros[4096];
	struct dns_query q = model_query(key, key & 4);
	uint8_t serial[4] = {(uint8_t)(m->serial >> 24), (uint8_t)(m->serial >> 16),
		(uint8_t)(m->serial >> 8), (uint8_t)m->serial};
	struct slice owner = dns_name_slice(&q.name);
	uint64_t until = life ? model_own_time(m, m->now + life) : m->now;
	uint64_t over = until + (more & 4 ? life : 0);
	struct dns_keep k = {.until_ms = until,
		.generation = more & 1 ? m->generation : 0,
		.ages = more & 2,
		.stale_until_ms = more & 4 ? over : 0};

	dns_answer_clear(m->a);
	dns_answer_add(m->a, DNS_SECTION_ANSWER, owner, DNS_TYPE_A, MODEL_TTL, slice_of(serial, 4));
	if (filler)
		dns_answer_add(
			m->a, DNS_SECTION_ADDITIONAL, owner, 65280, 1, slice_of(zeros, filler));
	dns_cache_put(m->cache, &q, m->a, &k, m->now);
	if (over <= m->now)
		return;
	size_t old = model_find(m, key);
	if (old < m->count)
		model_forget(m, old);
	model_follow(m);
	m->kept[m->count++] = (struct model_entry){
		key, m->serial++, m->now, k.until_ms, over, k.generation, k.ages, false, false};
}

/* Is it what was put, to whom asks now? */
static inline void model_compare(const struct model *m, const struct model_entry *e)
{
	const uint8_t *ip = m->b->rr[0].rdata.p;
	uint64_t ttl = e->ages ? MODEL_TTL - (m->now - e->kept) / 1000 : MODEL_TTL;

	must(m->b->count >= 1 && m->b->rr[0].rdata.n == 4);
	must(((unsigned)ip[0] << 24 | (unsigned)ip[1] << 16 | (unsigned)ip[2] << 8 | ip[3]) ==
		e->serial);
	must(m->b->rr[0].ttl == (m->now >= e->until ? 30 : ttl));
}

static inline void model_get(struct model *m, unsigned key, bool stale, bool as_records)
{
	struct dns_query q = model_query(key, !(key & 4)), back;
	struct dns_want want = {m->generation, m->now, stale ? DNS_STALE : DNS_FRESH};
	uint8_t wire[1232];
	bool tc, hit;
	size_t i = model_find(m, key), n = 0;

	if (as_records)
		hit = dns_cache_read(m->cache, &q, &want, m->b, NULL);
	else {
		n = dns_cache_get(m->cache, &q, &want, m->b, wire, sizeof wire);
		hit = n > 0;
		if (hit)
			must(dns_response_read(slice_of(wire, n), &back, m->b, &tc) && !tc);
	}
	if (i == m->count) {
		must(!hit);
		return;
	}
	struct model_entry e = m->kept[i];
	if (model_is_gone(&e) || m->now >= e.over ||
		(e.generation && e.generation != m->generation)) {
		must(!hit);
		model_forget(m, i);
		return;
	}
	must(hit == (m->now < e.until || stale));
	if (!hit)
		return;
	model_forget(m, i); /* the newest now */
	m->kept[m->count++] = e;
	model_compare(m, &e);
}

/* Those that may still be served hide others behind them: a long look finds them all. */
static inline void model_sweep(struct model *m, size_t most)
{
	size_t over = 0, hidden = 0;

	for (size_t i = 0; i < m->count; i++) {
		over += m->kept[i].over <= m->now;
		hidden += m->kept[i].until <= m->now && m->kept[i].over > m->now;
	}
	size_t dropped = dns_cache_sweep(m->cache, m->now, hidden ? 20 * (m->count + 1) : most);
	must(dropped == (hidden || over < most ? over : most));
	if (!hidden) {
		model_follow(m);
		return;
	}
	for (size_t i = m->count; i-- > 0;)
		if (m->kept[i].over <= m->now)
			model_forget(m, i);
	dns_cache_facts(m->cache, &m->before);
}

static inline void model_go_on(struct model *m, size_t most)
{
	bool more = dns_cache_go_on(m->cache, most);

	model_check(m);
	m->forgets = more;
	for (size_t i = 0; i < m->count && !more; i++)
		must(!model_is_gone(&m->kept[i]));
}

static inline void model_flush(struct model *m, unsigned key, bool all)
{
	struct dns_query q = model_query(key, true);

	if (!dns_cache_flush(m->cache, all ? NULL : &q.name)) {
		must(!dns_cache_can_flush(m->cache));
		model_go_on(m, SIZE_MAX);
		must(dns_cache_flush(m->cache, all ? NULL : &q.name));
	}
	if (all)
		m->count = 0;
	m->forgets = true;
	for (size_t i = 0; i < m->count; i++)
		m->kept[i].flushed |= m->kept[i].key / 4 == key / 4;
}

static inline bool model_unwanted(void *ctx, const struct dns_query *q)
{
	const struct model *m = ctx;

	return (unsigned)atoi((const char *)q->name.wire + 2) % m->listed == 0;
}

/* What was unwanted before and is still there is wanted again. */
static inline void model_drop(struct model *m, unsigned listed)
{
	m->listed = listed;
	m->forgets = true;
	dns_cache_drop(m->cache, model_unwanted, m);
	for (size_t i = 0; i < m->count; i++)
		m->kept[i].unwanted = m->kept[i].generation || m->kept[i].key / 4 % listed == 0;
}

static inline void model_many(struct model *m, unsigned first, unsigned count)
{
	for (unsigned i = 0; i < count && m->count < MODEL_MAX; i++)
		model_put(m, 4 * (first + i), 0, 50000 + m->serial % 65536, 0);
}

static inline void model_step(struct model *m)
{
	uint8_t what = rd_u8(&m->in);
	unsigned key = rd_be16(&m->in) % 1024;

	switch (what % 8) {
	case 0:
	case 1:
		model_put(m, key, rd_u8(&m->in) * 12u, rd_be16(&m->in), what >> 3);
		break;
	case 2:
	case 3:
	case 4:
		model_get(m, key, what & 8, what & 16);
		break;
	case 5:
		m->now += (uint64_t)key * (what >> 3);
		m->generation += what > 240;
		break;
	case 6:
		if (what & 8)
			model_sweep(m, key % 32);
		else if (what & 16)
			model_go_on(m, key % 64);
		else if (what & 32)
			model_drop(m, 2 + key % 30);
		else
			model_flush(m, key, what > 190);
		break;
	default:
		model_many(m, key, what >> 3);
	}
}

/* A model with an empty cache whose row is `bytes`: one at a time. */
static inline struct model *model_new(uint64_t bytes)
{
	static const uint8_t seed[16] = {7};
	static struct model only;
	struct model *m = &only;

	m->before = (struct dns_cache_facts){0};
	m->count = 0;
	m->bytes = (struct bound){.max = bytes};
	m->answer = (struct bound){.max = 4096};
	m->now = 1;
	m->generation = 1;
	m->forgets = false;
	m->cache = dns_cache_new(&m->bytes, &m->answer, seed);
	m->a = m->a ? m->a : dns_answer_new();
	m->b = m->b ? m->b : dns_answer_new();
	must(m->cache && m->a && m->b);
	return m;
}

static inline void model_free(struct model *m)
{
	dns_cache_free(m->cache);
	must(m->bytes.used == 0);
	must(mem_blocks() == 2); /* the two answers, kept for the next */
}

/* Does what the bytes say; the first is the size of the cache. */
static inline void model_run(struct slice bytes)
{
	struct rd in = rd_of(bytes);
	struct model *m = model_new(65536 + 4096 * (uint64_t)rd_u8(&in));

	m->in = in;
	while (m->in.left && m->count < MODEL_MAX) {
		model_step(m);
		model_check(m);
	}
	model_free(m);
}

#endif
