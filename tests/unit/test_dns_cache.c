/* Answers that are kept: what a hit looks like, how long it is one, and how much may be kept. */
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

static int start_with(void **state, uint64_t bytes, uint64_t answer)
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

static int start(void **state)
{
	return start_with(state, BYTES, ANSWER);
}

static int start_small(void **state)
{
	return start_with(state, 65536, ANSWER);
}

static int stop(void **state)
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
static void put(struct rig *r, const struct dns_query *q, uint64_t now)
{
	struct dns_keep k = {.until_ms = now + 300000, .ages = true};

	dns_cache_put(r->cache, q, r->a, &k, now);
}

/* One A for this name. */
static void put_name_at(struct rig *r, const char *name, uint64_t now)
{
	struct dns_query q = query_of(name);

	dns_answer_clear(r->a);
	add_a(r->a, DNS_SECTION_ANSWER, name, 0x01020304);
	put(r, &q, now);
}

/* The answer to `q` in r->wire, and read into r->b. */
static bool get(struct rig *r, const struct dns_query *q, uint64_t now, size_t limit)
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

static bool has(struct rig *r, const char *name, uint64_t now)
{
	struct dns_query q = query_of(name);

	return get(r, &q, now, 512);
}

static struct dns_cache_facts facts(const struct rig *r)
{
	struct dns_cache_facts f;

	dns_cache_facts(r->cache, &f);
	return f;
}

/* All that is to be dropped goes: how many times there was more. */
static int turns(struct rig *r)
{
	int n = 0;

	while (dns_cache_go_on(r->cache, 512))
		n++;
	return n;
}

/* ---- a hit ---- */

/* To the byte what the writer would have made, whoever asks. */
static void a_hit_is_what_would_be_written(void **state)
{
	static uint8_t expected[DNS_MESSAGE_MAX];
	struct rig *r = *state;
	struct dice d = {4};
	struct dns_keep k = {.until_ms = UINT64_MAX / 2, .ages = true};

	for (int i = 0; i < 500; i++) {
		struct dns_query q = query_of("www.example.ygg");
		q.name = random_name(&d);
		q.type = (uint16_t)roll(&d, 3);
		q.edns = roll(&d, 2);
		q.dnssec_ok = q.edns && roll(&d, 2);
		random_answer(&d, r->a, roll(&d, 9));
		r->a->ad = roll(&d, 2);
		dns_cache_put(r->cache, &q, r->a, &k, LATER);
		q.id = (uint16_t)roll(&d, 65536);
		q.rd = roll(&d, 2);
		q.ad = roll(&d, 2);
		q.payload = 4096;
		for (size_t j = 0; j < q.name.size; j++)
			if (q.name.wire[j] >= 'a' && q.name.wire[j] <= 'z' && roll(&d, 2))
				q.name.wire[j] -= 32;
		for (size_t limit = 512; limit <= 1232; limit += 720) {
			struct dns_want want = {.now_ms = LATER};
			size_t n = dns_answer_write(r->a, &q, expected, limit);
			assert_int_equal(
				dns_cache_get(r->cache, &q, &want, r->b, r->wire, limit), n);
			assert_memory_equal(r->wire, expected, n);
		}
	}
}

static void ttls_count_down(void **state)
{
	struct rig *r = *state;
	struct dns_query q = query_of("example.com");

	dns_answer_clear(r->a);
	add_a(r->a, DNS_SECTION_ANSWER, "example.com", 1);
	add_name(r->a, DNS_SECTION_AUTHORITY, "example.com", DNS_TYPE_NS, "ns.example.com");
	r->a->rr[1].ttl = 1000;
	put(r, &q, LATER);
	assert_true(get(r, &q, LATER + 999, 512) && r->b->rr[0].ttl == 300);
	assert_true(get(r, &q, LATER + 1000, 512) && r->b->rr[0].ttl == 299);
	assert_true(get(r, &q, LATER + 299999, 512));
	assert_true(r->b->rr[0].ttl == 1 && r->b->rr[1].ttl == 701);
	struct dns_want want = {.now_ms = LATER + 100000};
	struct dns_keep kept;
	assert_true(dns_cache_read(r->cache, &q, &want, r->b, &kept));
	assert_true(kept.until_ms == LATER + 300000 && kept.ages && !kept.generation);
	assert_true(r->b->count == 2 && r->b->rr[0].ttl == 200 && r->b->rr[1].ttl == 900);
	assert_int_equal(facts(r).entries, 1);
	assert_false(get(r, &q, LATER + 300000, 512));
	assert_int_equal(facts(r).entries, 0);
}

/* RFC 2308 section 5: the SOA counts down from the time for which the name is known to be missing.
 */
static void an_soa_lasts_as_long_as_it_is_kept(void **state)
{
	struct rig *r = *state;
	struct dns_query q = query_of("no.example.com");
	struct dns_keep k = {.until_ms = LATER + 60000, .ages = true};

	dns_answer_clear(r->a);
	r->a->rcode = DNS_RCODE_NXDOMAIN;
	add_soa(r->a, "example.com", 60);
	add_name(r->a, DNS_SECTION_AUTHORITY, "example.com", DNS_TYPE_NS, "ns.example.com");
	dns_cache_put(r->cache, &q, r->a, &k, LATER);
	assert_true(get(r, &q, LATER, 512) && r->b->rr[0].ttl == 60 && r->b->rr[1].ttl == 300);
	assert_true(get(r, &q, LATER + 50000, 512) && r->b->rr[0].ttl == 10);
}

static void answers_of_the_chain_end_with_its_tip(void **state)
{
	struct rig *r = *state;
	struct dns_query q = query_of("example.ygg");
	struct dns_keep k = {.until_ms = LATER + 300000, .generation = 7};
	struct dns_want want = {.generation = 7, .now_ms = LATER + 50000};

	dns_answer_clear(r->a);
	r->a->aa = true;
	add_a(r->a, DNS_SECTION_ANSWER, "example.ygg", 1);
	dns_cache_put(r->cache, &q, r->a, &k, LATER);
	assert_true(dns_cache_read(r->cache, &q, &want, r->b, NULL));
	assert_true(r->b->aa && r->b->rr[0].ttl == 300); /* it does not age */
	want.generation = 8;
	assert_false(dns_cache_read(r->cache, &q, &want, r->b, NULL));
	want.generation = 7;
	assert_false(dns_cache_read(r->cache, &q, &want, r->b, NULL));
	assert_int_equal(facts(r).entries, 0);
}

static void stale_only_for_who_takes_it(void **state)
{
	struct rig *r = *state;
	struct dns_query q = query_of("example.com");
	struct dns_keep k = {.until_ms = LATER + 10, .stale_until_ms = LATER + 1000, .ages = true};
	struct dns_want want = {.now_ms = LATER + 10};

	dns_answer_clear(r->a);
	add_a(r->a, DNS_SECTION_ANSWER, "example.com", 1);
	dns_cache_put(r->cache, &q, r->a, &k, LATER);
	assert_false(dns_cache_read(r->cache, &q, &want, r->b, NULL));
	want.age = DNS_STALE;
	assert_true(dns_cache_read(r->cache, &q, &want, r->b, NULL) && r->b->rr[0].ttl == 30);
	assert_true(dns_cache_get(r->cache, &q, &want, r->b, r->wire, 512) > 0);
	want.now_ms = LATER + 1000;
	assert_false(dns_cache_read(r->cache, &q, &want, r->b, NULL));
	assert_int_equal(facts(r).entries, 0);
}

/* An answer that may still be served makes room for a fresh one, and a sweep finds what is of no
 * use behind it. */
static void stale_before_fresh(void **state)
{
	struct rig *r = *state;
	struct dns_want fresh = {.now_ms = LATER + 11},
			stale = {.now_ms = LATER + 11, .age = DNS_STALE};
	struct dns_keep k = {.until_ms = LATER + 100000};
	char name[32];

	dns_answer_clear(r->a);
	add_a(r->a, DNS_SECTION_ANSWER, "example.com", 1);
	struct dns_query first = query_of("fresh.example"), old = query_of("stale.example");
	dns_cache_put(r->cache, &first, r->a, &k, LATER);
	k = (struct dns_keep){.until_ms = LATER + 10, .stale_until_ms = LATER + 900000};
	dns_cache_put(r->cache, &old, r->a, &k, LATER);
	assert_true(dns_cache_read(r->cache, &old, &stale, r->b, NULL)); /* used last */
	k = (struct dns_keep){.until_ms = LATER + 100000};
	for (int i = 0; facts(r).expired == 0; i++) {
		assert_int_equal(facts(r).evicted, 0);
		snprintf(name, sizeof name, "n%d.example", i);
		struct dns_query q = query_of(name);
		dns_cache_put(r->cache, &q, r->a, &k, LATER + 11);
	}
	assert_false(dns_cache_read(r->cache, &old, &stale, r->b, NULL));
	assert_true(dns_cache_read(r->cache, &first, &fresh, r->b, NULL));
	dns_cache_flush(r->cache, NULL);
	k = (struct dns_keep){.until_ms = LATER + 10, .stale_until_ms = LATER + 900000};
	dns_cache_put(r->cache, &old, r->a, &k, LATER);
	k = (struct dns_keep){.until_ms = LATER + 20};
	dns_cache_put(r->cache, &first, r->a, &k, LATER);
	assert_int_equal(dns_cache_sweep(r->cache, LATER + 20, 100), 1);
	assert_int_equal(facts(r).entries, 1);
}

static void not_tried_for_some_time(void **state)
{
	struct rig *r = *state;
	struct dns_query q = query_of("example.com");
	struct dns_keep k = {.until_ms = LATER + 10, .stale_until_ms = LATER + 900000};
	struct dns_want want = {.now_ms = LATER + 10, .age = DNS_STALE_AT_ONCE};

	dns_cache_failed(r->cache, &q, LATER);
	dns_answer_clear(r->a);
	add_a(r->a, DNS_SECTION_ANSWER, "example.com", 1);
	dns_cache_put(r->cache, &q, r->a, &k, LATER);
	assert_false(dns_cache_read(r->cache, &q, &want, r->b, NULL));
	dns_cache_failed(r->cache, &q, LATER + 10);
	assert_true(dns_cache_read(r->cache, &q, &want, r->b, NULL));
	want.now_ms = LATER + 10 + 30000;
	assert_false(dns_cache_read(r->cache, &q, &want, r->b, NULL));
	want.age = DNS_STALE;
	assert_true(dns_cache_read(r->cache, &q, &want, r->b, NULL));
}

static bool is_ads(void *ctx, const struct dns_query *q)
{
	struct dns_name ads = name_of("ads.example");

	++*(int *)ctx;
	return q->type == DNS_TYPE_A && q->klass == DNS_CLASS_IN && dns_name_equal(&q->name, &ads);
}

/* What the chain has a part in goes, and what is unwanted; the rest stays. */
static void only_what_is_unwanted(void **state)
{
	static const char *const names[] = {"a.example", "ADS.example", "b.ygg"};
	struct rig *r = *state;
	struct dns_want want = {.generation = 7, .now_ms = LATER};
	int asked = 0;

	dns_answer_clear(r->a);
	add_a(r->a, DNS_SECTION_ANSWER, "example.com", 1);
	for (int i = 0; i < 3; i++) {
		struct dns_query q = query_of(names[i]);
		struct dns_keep k = {.until_ms = LATER + 10, .generation = i == 2 ? 7 : 0};
		dns_cache_put(r->cache, &q, r->a, &k, LATER);
	}
	dns_cache_drop(r->cache, is_ads, &asked);
	while (dns_cache_go_on(r->cache, 1))
		;
	assert_int_equal(asked, 2);
	assert_int_equal(facts(r).entries, 1);
	for (int i = 0; i < 3; i++) {
		struct dns_query q = query_of(names[i]);
		assert_int_equal(dns_cache_read(r->cache, &q, &want, r->b, NULL), i == 0);
	}
}

static void each_key_is_its_own(void **state)
{
	struct rig *r = *state;
	struct dns_query q = query_of("Example.com");

	dns_answer_clear(r->a);
	for (unsigned i = 0; i < 16; i++) {
		q.type = i & 1 ? 28 : 1;
		q.klass = i & 2 ? 3 : 1;
		q.edns = q.dnssec_ok = i & 4;
		q.cd = i & 8;
		assert_false(get(r, &q, LATER, 512));
		r->a->rcode = (uint16_t)(i % 4);
		r->a->aa = i < 8;
		put(r, &q, LATER);
	}
	q = query_of("eXAMPLE.com");
	for (unsigned i = 0; i < 16; i++) {
		q.type = i & 1 ? 28 : 1;
		q.klass = i & 2 ? 3 : 1;
		q.edns = q.dnssec_ok = i & 4;
		q.cd = i & 8;
		assert_true(get(r, &q, LATER, 512));
		assert_true(r->b->rcode == i % 4 && r->b->aa == (i < 8));
	}
	put(r, &q, LATER); /* again: in its place */
	assert_int_equal(facts(r).entries, 16);
	assert_false(has(r, "xample.com", LATER));
	assert_false(has(r, "example.co", LATER));
}

/* ---- what is not kept ---- */

static void what_is_not_kept(void **state)
{
	struct rig *r = *state;
	struct dns_query q = query_of("example.com");
	struct dns_keep over = {.until_ms = LATER};
	static uint8_t filler[ANSWER];

	dns_answer_clear(r->a);
	dns_cache_put(r->cache, &q, r->a, &over, LATER);
	r->a->rcode = 16;
	put(r, &q, LATER);
	r->a->rcode = 0;
	r->a->bad = true;
	put(r, &q, LATER);
	assert_int_equal(r->answer.hits, 0);
	dns_answer_clear(r->a);
	size_t room = ANSWER - DNS_HEADER_SIZE - 13 - 4 - 12;
	add_bytes(r->a, DNS_SECTION_ADDITIONAL, "example.com", 65280, slice_of(filler, room + 1));
	put(r, &q, LATER);
	assert_int_equal(facts(r).entries, 0);
	assert_int_equal(r->answer.hits, 1);
	dns_answer_clear(r->a);
	add_bytes(r->a, DNS_SECTION_ADDITIONAL, "example.com", 65280, slice_of(filler, room));
	put(r, &q, LATER);
	assert_int_equal(facts(r).entries, 1);
	assert_int_equal(r->answer.peak, ANSWER);
	assert_true(get(r, &q, LATER, ANSWER) && r->b->count == 1);
	assert_true(get(r, &q, LATER, ANSWER - 1) && r->b->count == 0); /* cut as others are */
}

/* ---- bounds ---- */

static void what_is_over_goes_first(void **state)
{
	struct rig *r = *state;
	char name[64];
	int i = 0;

	for (; facts(r).evicted + facts(r).expired == 0; i++) {
		snprintf(name, sizeof name, "n%d.example.com", i);
		struct dns_query q = query_of(name);
		struct dns_keep k = {.until_ms = LATER + (i == 77 ? 100 : 100000), .ages = true};
		dns_answer_clear(r->a);
		add_a(r->a, DNS_SECTION_ANSWER, name, 1);
		dns_cache_put(r->cache, &q, r->a, &k, LATER + (uint64_t)i);
		assert_true(r->bytes.used <= r->bytes.max);
		assert_true(has(r, "n0.example.com", LATER)); /* in use all the time */
	}
	assert_true(facts(r).expired == 1 && !has(r, "n77.example.com", LATER));
	assert_true(has(r, "n1.example.com", LATER) && has(r, "n2.example.com", LATER));
	for (int last = i + 5; i < last; i++) {
		snprintf(name, sizeof name, "n%d.example.com", i);
		put_name_at(r, name, LATER);
	}
	assert_true(facts(r).evicted >= 4 && r->bytes.hits == facts(r).evicted);
	assert_false(has(r, "n3.example.com", LATER)); /* the least recently used */
	assert_true(has(r, "n0.example.com", LATER) && has(r, "n1.example.com", LATER));
}

/* One name with one A takes at most half of what unbound needs for it, 660 bytes. */
static void bytes_of_an_answer(void **state)
{
	struct rig *r = *state;
	char name[64];
	uint64_t empty = r->bytes.used;

	r->bytes.max = 1 << 28;
	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof name, "host%d.example.com", i);
		put_name_at(r, name, LATER);
	}
	assert_int_equal(facts(r).entries, 100000);
	assert_true((r->bytes.used - empty) / 100000 < 250);
	assert_true(has(r, "host0.example.com", LATER) && has(r, "HOST99999.example.com", LATER));
	assert_true(dns_cache_flush(r->cache, NULL));
	assert_int_equal(facts(r).entries, 0);
	assert_int_equal(facts(r).dropped, 100000);
	assert_false(has(r, "host0.example.com", LATER));
	assert_int_equal(turns(r), 100000 * 8 / 512);
	assert_int_equal(r->bytes.used, empty);
}

/* A lower bound is kept to by the next answers, of which none waits for long. */
static void a_bound_that_is_lowered(void **state)
{
	struct rig *r = *state;
	char name[64];

	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof name, "host%d.example.com", i);
		put_name_at(r, name, LATER);
	}
	assert_int_equal(facts(r).entries, 2000);
	r->bytes.max = 100000;
	put_name_at(r, "last.example.com", LATER);
	assert_false(has(r, "last.example.com", LATER));
	assert_int_equal(facts(r).entries, 2000 - 256); /* in one turn no more */
	for (int i = 0; i < 8; i++)
		put_name_at(r, "last.example.com", LATER);
	assert_true(r->bytes.used <= 100000 && has(r, "last.example.com", LATER));
	r->bytes.max = 100; /* nothing fits any more */
	put_name_at(r, "last.example.com", LATER);
	assert_false(has(r, "last.example.com", LATER));
}

static void swept_and_flushed(void **state)
{
	struct rig *r = *state;
	struct dns_query q = query_of("a.example.com");
	struct dns_name name = name_of("A.EXAMPLE.com");

	for (unsigned i = 0; i < 20; i++) {
		struct dns_keep k = {.until_ms = LATER + 1 + i % 7};
		q.type = (uint16_t)(i + 1);
		dns_answer_clear(r->a);
		dns_cache_put(r->cache, &q, r->a, &k, LATER);
	}
	put_name_at(r, "b.example.com", LATER);
	assert_int_equal(dns_cache_sweep(r->cache, LATER, 100), 0);
	assert_int_equal(dns_cache_sweep(r->cache, LATER + 2, 4), 4);
	assert_int_equal(dns_cache_sweep(r->cache, LATER + 2, 100), 2);
	assert_true(dns_cache_flush(r->cache, &name));
	turns(r);
	assert_int_equal(facts(r).dropped, 14);
	assert_true(has(r, "b.example.com", LATER));
	assert_true(dns_cache_flush(r->cache, &name));
	assert_int_equal(turns(r), 0);
	assert_int_equal(facts(r).dropped, 14);
}

static bool never_asked(void *ctx, const struct dns_query *q)
{
	(void)ctx;
	(void)q;
	fail();
	return true;
}

/* Nobody gets what was forgotten, from the first moment on; what is kept afterwards stays, under
 * the same name, too; each turn is short, whatever is asked for meanwhile. */
static void forgotten_at_once_and_dropped_in_turns(void **state)
{
	struct rig *r = *state;
	char text[64];
	const int many = 20000;

	r->bytes.max = 1 << 26;
	for (int i = 0; i < many; i++) {
		snprintf(text, sizeof text, "host%d.example.com", i);
		put_name_at(r, text, LATER);
	}
	for (int i = 0; i < 8; i++) {
		snprintf(text, sizeof text, "host%d.example.com", i * 1000);
		struct dns_name name = name_of(text);
		assert_true(dns_cache_can_flush(r->cache));
		assert_true(dns_cache_flush(r->cache, &name));
		dns_cache_go_on(r->cache, 512);
	}
	assert_false(dns_cache_can_flush(r->cache));
	struct dns_name one = name_of("host1.example.com");
	assert_false(dns_cache_flush(r->cache, &one));
	assert_true(has(r, "host1.example.com", LATER));
	for (int i = 0; i < 8; i++) {
		snprintf(text, sizeof text, "host%d.example.com", i * 1000);
		assert_false(has(r, text, LATER));
		if (i % 2)
			put_name_at(r, text, LATER);
	}
	assert_in_range(turns(r), many / 512, 2 * many / 512);
	assert_int_equal(facts(r).entries, many - 4);
	assert_true(has(r, "host1000.example.com", LATER));
	assert_true(dns_cache_flush(r->cache, &one));
	dns_cache_drop(r->cache, never_asked, NULL);
	dns_cache_drop(r->cache, NULL, NULL);
	turns(r);
	assert_int_equal(facts(r).entries, many - 5);
}

/* The row has room for what is put while all that was there waits to be freed. */
static void what_is_gone_makes_room(void **state)
{
	struct rig *r = *state;
	char text[64];
	int i = 0;

	for (; facts(r).evicted == 0; i++) {
		snprintf(text, sizeof text, "host%d.example.com", i);
		put_name_at(r, text, LATER);
	}
	assert_true(dns_cache_flush(r->cache, NULL));
	for (int k = 0; k < i / 2; k++) {
		snprintf(text, sizeof text, "other%d.example.com", k);
		put_name_at(r, text, LATER);
		assert_true(has(r, text, LATER));
	}
	assert_true(dns_cache_flush(r->cache, NULL)); /* behind what is left of the first */
	assert_int_equal(facts(r).evicted, 1);
	put_name_at(r, "last.example.com", LATER);
	turns(r);
	assert_true(has(r, "last.example.com", LATER));
	assert_int_equal(facts(r).entries, 1);
}

/* Whichever request for memory fails, what is kept is whole, and nothing is lost. */
static void without_memory(void **state)
{
	struct rig *r = *state;
	char name[64];
	struct bound bytes = {.max = BYTES}, answer = {.max = ANSWER};

	mem_fail_nth(1);
	assert_null(dns_cache_new(&bytes, &answer, seed));
	assert_int_equal(bytes.used, 0);
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "host%d.example.com", i);
		mem_fail_nth(1 + (uint64_t)i % 3);
		put_name_at(r, name, LATER);
		mem_fail_nth(0);
		if (i % 3 == 0)
			assert_false(has(r, name, LATER));
	}
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "host%d.example.com", i);
		put_name_at(r, name, LATER);
		assert_true(has(r, name, LATER));
	}
	assert_int_equal(facts(r).entries, 3000);
}

/* SipHash-2-4 of the paper's vectors: 00, 00 01, … under the key 00 … 0f. */
static void the_hash_is_siphash(void **state)
{
	uint8_t key[16], in[8], out[8];
	uint64_t hash;

	(void)state;
	for (uint8_t i = 0; i < 16; i++)
		key[i] = i;
	for (uint8_t i = 0; i < 8; i++)
		in[i] = i;
	hash = crypto_short_hash(key, slice_of(in, 0));
	memcpy(out, &hash, 8);
	assert_memory_equal(out, "\x31\x0e\x0e\xdd\x47\xdb\x6f\x72", 8);
	hash = crypto_short_hash(key, slice_of(in, 8));
	memcpy(out, &hash, 8);
	assert_memory_equal(out, "\x62\x24\x93\x9a\x79\xf5\xf5\x93", 8);
}

#define each(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		each(a_hit_is_what_would_be_written),
		each(ttls_count_down),
		each(an_soa_lasts_as_long_as_it_is_kept),
		each(answers_of_the_chain_end_with_its_tip),
		each(stale_only_for_who_takes_it),
		each(stale_before_fresh),
		each(only_what_is_unwanted),
		each(not_tried_for_some_time),
		each(each_key_is_its_own),
		each(what_is_not_kept),
		cmocka_unit_test_setup_teardown(what_is_over_goes_first, start_small, stop),
		each(bytes_of_an_answer),
		each(a_bound_that_is_lowered),
		each(swept_and_flushed),
		each(forgotten_at_once_and_dropped_in_turns),
		each(what_is_gone_makes_room),
		each(without_memory),
		cmocka_unit_test(the_hash_is_siphash),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
