/* DNS without sockets, on one core: a question read, an answer written, put into the cache, and
 * taken from there. The best of a few rounds. */
#include "tests/bench/micro.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "dns/cache.h"
#include "dns/name.h"
#include "dns/read.h"
#include "dns/write.h"

enum { NAMES = 100000, ROUNDS = 5, TIMES = 200000, STEP = 7919, TURN = 512 };

struct bench {
	struct bound bytes, answer;
	struct dns_cache *cache;
	struct dns_answer *a, *scratch;
	struct dns_query *q;
	uint8_t packet[512], to[DNS_UDP_SIZE];
	size_t packet_size;
};

/* Names in an order that is not that of their memory. */
static const struct dns_query *one(const struct bench *b, unsigned i)
{
	return &b->q[(unsigned)((uint64_t)i * STEP % NAMES)];
}

static void put_one(struct bench *b, unsigned i)
{
	const struct dns_query *q = one(b, i);
	struct dns_keep k = {.until_ms = 1000000, .ages = true};

	dns_answer_clear(b->a);
	dns_answer_add(b->a, DNS_SECTION_ANSWER, dns_name_slice(&q->name), DNS_TYPE_A, 300,
		slice_of("\1\2\3\4", 4));
	dns_cache_put(b->cache, q, b->a, &k, 1);
}

static void get_one(struct bench *b, unsigned i)
{
	struct dns_want want = {.now_ms = 5000};

	if (!dns_cache_get(b->cache, one(b, i), &want, b->scratch, b->to, sizeof b->to))
		exit(1);
}

static void get_same(struct bench *b, unsigned i)
{
	get_one(b, i % 64);
}

static void write_one(struct bench *b, unsigned i)
{
	const struct dns_query *q = one(b, i % 64);

	dns_answer_clear(b->a);
	dns_answer_add(b->a, DNS_SECTION_ANSWER, dns_name_slice(&q->name), DNS_TYPE_A, 300,
		slice_of("\1\2\3\4", 4));
	dns_answer_write(b->a, q, b->to, sizeof b->to);
}

static void read_one(struct bench *b, unsigned i)
{
	struct dns_query q;
	uint16_t rcode;

	(void)i;
	if (dns_query_read(slice_of(b->packet, b->packet_size), &q, &rcode) != DNS_READ_OK)
		exit(1);
}

/* Says how many nanoseconds one takes. */
static void measure(struct bench *b, const char *name, unsigned times,
	void (*work)(struct bench *b, unsigned i))
{
	double best = 1e9;

	for (int round = 0; round < ROUNDS; round++) {
		double begun = cpu_seconds();
		for (unsigned i = 0; i < times; i++)
			work(b, i);
		double took = cpu_seconds() - begun;
		best = took < best ? took : best;
	}
	micro_say(name, best / times * 1e9, "ns");
}

static void make_name(struct dns_query *q, unsigned i)
{
	char text[64];
	int n = snprintf(text, sizeof text, "www.host%u.example.com", i);

	*q = (struct dns_query){.id = (uint16_t)i, .rd = true, .has_question = true};
	dns_name_from_text(slice_of(text, (size_t)n), &q->name);
	q->type = DNS_TYPE_A;
	q->klass = DNS_CLASS_IN;
	q->edns = true;
	q->payload = DNS_UDP_SIZE;
}

static void make_names(struct bench *b)
{
	for (unsigned i = 0; i < NAMES; i++)
		make_name(&b->q[i], i);
	b->packet_size = dns_query_write(&b->q[0], b->packet, sizeof b->packet);
}

/* Puts names that are in no table until the row is full. */
static void fill(struct bench *b)
{
	struct dns_cache_facts f = {0};
	struct dns_keep k = {.until_ms = 1000000, .ages = true};
	struct dns_query q;

	for (unsigned i = 0; !f.evicted; i++) {
		make_name(&q, i);
		dns_answer_clear(b->a);
		dns_answer_add(b->a, DNS_SECTION_ANSWER, dns_name_slice(&q.name), DNS_TYPE_A, 300,
			slice_of("\1\2\3\4", 4));
		dns_cache_put(b->cache, &q, b->a, &k, 1);
		dns_cache_facts(b->cache, &f);
	}
}

/* The turns in which the cache drops what was forgotten; the first is the call itself. */
static void measure_turns(struct bench *b, const char *name, const struct dns_name *forget)
{
	double longest = 0, sum = 0, begun = cpu_seconds();
	char text[64];
	bool more = dns_cache_flush(b->cache, forget);

	while (more) {
		double now = cpu_seconds(), took = now - begun;
		sum += took;
		longest = took > longest ? took : longest;
		begun = now;
		more = dns_cache_go_on(b->cache, TURN);
	}
	snprintf(text, sizeof text, "%s, longest turn", name);
	micro_say(text, longest * 1e6, "us");
	snprintf(text, sizeof text, "%s, all turns", name);
	micro_say(text, sum * 1e6, "us");
}

static void forget(struct bench *b)
{
	struct dns_name name = b->q[7].name;

	dns_cache_flush(b->cache, NULL);
	while (dns_cache_go_on(b->cache, TURN))
		;
	b->bytes.max = 64 << 20;
	fill(b);
	measure_turns(b, "a name forgotten", &name);
	measure_turns(b, "all forgotten", NULL);
}

void micro_dns(void)
{
	static const uint8_t seed[16] = {1};
	static struct bench b;

	b.bytes.max = (uint64_t)1 << 30;
	b.answer.max = 4096;
	b.cache = dns_cache_new(&b.bytes, &b.answer, seed);
	b.a = dns_answer_new();
	b.scratch = dns_answer_new();
	b.q = mem_alloc(NAMES * sizeof *b.q);
	if (!b.cache || !b.a || !b.scratch || !b.q)
		exit(1);
	make_names(&b);
	uint64_t empty = b.bytes.used;
	measure(&b, "question read", TIMES, read_one);
	measure(&b, "answer written", TIMES, write_one);
	measure(&b, "answer kept", NAMES, put_one);
	micro_say("bytes of a name", (double)(b.bytes.used - empty) / NAMES, "bytes");
	measure(&b, "cached answer of 64", TIMES, get_same);
	measure(&b, "cached answer of 100,000", TIMES, get_one);
	forget(&b);
	dns_cache_free(b.cache);
	mem_free(b.a);
	mem_free(b.scratch);
	mem_free(b.q);
}
