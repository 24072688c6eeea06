/* How much of answers is kept: which ones go for others, what is swept and flushed, and what is
 * without memory. */
#include "tests/unit/dns_cache_rig.h"

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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
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
