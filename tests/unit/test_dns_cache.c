/* Answers that are kept: what a hit looks like, how long it is one, and what is not kept. How much
 * may be kept is in test_dns_cache_bounds.c. */
#include "tests/unit/dns_cache_rig.h"

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
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
