/* The address book: bounded whatever is heard, nobody can fill it, worth is what was tried, and it
 * survives restarts. */
#include "p2p/addrbook.h"
#include "tests/unit/book_rig.h"

struct rig {
	struct hands h;
	struct limits l;
	struct addrbook b;
};

static int begin(void **state)
{
	struct rig *r = calloc(1, sizeof *r);

	hands_init(&r->h);
	limits_default(&r->l);
	book_init(&r->b, &r->l, &r->h.clock, &r->h.rng, 5);
	*state = r;
	return 0;
}

static int end(void **state)
{
	struct rig *r = *state;

	book_clear(&r->b);
	assert_int_equal(r->l.max_address_book.used, 0);
	assert_int_equal(mem_blocks(), 0);
	free(r);
	return 0;
}

static void heard(struct rig *r, struct netaddr a, struct netaddr source)
{
	book_heard(&r->b, &a, &source);
}

static void tried(struct rig *r, struct netaddr a)
{
	book_connected(&r->b, &a);
}

static bool nobody(void *ctx, const struct netaddr *a)
{
	(void)ctx;
	(void)a;
	return false;
}

static bool not_this(void *ctx, const struct netaddr *a)
{
	return netaddr_eq(ctx, a);
}

static bool pick(struct rig *r, struct netaddr *a)
{
	return book_pick(&r->b, nobody, NULL, a);
}

/* The counters of shares, made anew from the entries. */
static void counters_are_true(struct rig *r)
{
	uint32_t groups = 0, sources = 0;

	for (size_t i = 0; i < BOOK_SLOTS; i++) {
		groups += r->b.groups[i];
		sources += r->b.sources[i];
	}
	assert_int_equal(groups, book_count(&r->b));
	assert_int_equal(sources, book_count(&r->b) - book_tried(&r->b));
	assert_int_equal(r->l.max_address_book.used, book_count(&r->b));
}

static void a_hundred_thousand_are_heard(void **state)
{
	struct rig *r = *state;

	for (uint32_t i = 0; i < 100000; i++) {
		heard(r, ipv4(i * 2654435761u, 4244), ipv4(i << 8, 1));
		assert_true(book_count(&r->b) <= 1000);
	}
	assert_int_equal(book_count(&r->b), 1000);
	assert_int_equal(r->l.max_address_book.peak, 1000);
	assert_true(r->l.max_address_book.hits > 90000);
	assert_int_equal(book_tried(&r->b), 0);
	counters_are_true(r);
}

static void no_group_gets_more_than_an_eighth(void **state)
{
	struct rig *r = *state;

	for (uint32_t i = 0; i < 2000; i++)
		heard(r, ipv4(i & 0xFFFF, 4244), ipv4(i << 16, 1));
	assert_int_equal(book_count(&r->b), 125);
	for (uint32_t i = 0; i < 2000; i++)
		tried(r, ipv4(i & 0xFFFF, 4244));
	assert_int_equal(book_count(&r->b), 125);
	assert_int_equal(book_tried(&r->b), 125);
	counters_are_true(r);
	r->l.max_address_book.max = 40; /* an eighth would be 5: sixteen are always allowed */
	book_clear(&r->b);
	for (uint32_t i = 0; i < 100; i++)
		heard(r, ipv4(i, 4244), ipv4(i << 16, 1));
	assert_int_equal(book_count(&r->b), 16);
}

static void no_source_gets_more_than_a_quarter(void **state)
{
	struct rig *r = *state;
	struct netaddr liar = addr("9.9.9.9:1"), neighbour = addr("9.9.1.1:1");

	for (uint32_t i = 0; i < 2000; i++)
		heard(r, ipv4(i << 16, 4244), i & 1 ? liar : neighbour);
	assert_int_equal(book_count(&r->b), 250);
	heard(r, addr("8.8.8.8:1"), addr("7.7.7.7:1"));
	assert_int_equal(book_count(&r->b), 251);
	for (uint32_t i = 0; i < 10; i++) /* those that prove true free their places */
		tried(r, ipv4(i << 16, 4244));
	for (uint32_t i = 3000; i < 4000; i++)
		heard(r, ipv4(i << 16, 4244), liar);
	assert_int_equal(book_count(&r->b), 261);
	counters_are_true(r);
}

static void what_was_tried_is_not_displaced_by_talk(void **state)
{
	struct rig *r = *state;

	for (uint32_t i = 0; i < 900; i++)
		tried(r, ipv4(i << 16, 4244));
	for (uint32_t i = 0; i < 20000; i++)
		heard(r, ipv4((1000 + i) * 65536u + 1, 4244), ipv4(i << 8, 1));
	assert_int_equal(book_tried(&r->b), 900);
	assert_int_equal(book_count(&r->b), 1000);
	for (uint32_t i = 900; i < 1500; i++)
		tried(r, ipv4(i << 16, 4244)); /* but by what was tried later */
	assert_int_equal(book_tried(&r->b), 1000);
	heard(r, addr("9.1.1.1:1"), addr("9.2.1.1:1"));
	assert_int_equal(book_tried(&r->b), 1000);
	counters_are_true(r);
}

static void the_fullest_group_makes_room(void **state)
{
	struct rig *r = *state;
	size_t big = 0;

	r->l.max_address_book.max = 200;
	for (uint32_t i = 0; i < 25; i++)
		heard(r, ipv4(i, 4244), ipv4(i << 16, 1));
	for (uint32_t i = 0; i < 175; i++)
		heard(r, ipv4((i + 1) << 16, 4244), ipv4(i << 16, 1));
	assert_int_equal(book_count(&r->b), 200);
	for (uint32_t i = 0; i < 10; i++)
		heard(r, ipv4((i + 500) << 16, 4244), ipv4(i << 16, 1));
	for (uint32_t i = 0; i < 25; i++) {
		struct netaddr a = ipv4(i, 4244);
		book_failed(&r->b, &a, false);
		big += book_rests(&r->b, &a);
	}
	assert_int_equal(book_count(&r->b), 200);
	assert_true(big <= 16); /* ten went; others may share its slot */
}

static void expired_ones_go(void **state)
{
	struct rig *r = *state;
	int64_t ttl = (int64_t)r->l.address_ttl.max / 1000;
	struct netaddr a, fresh = addr("8.8.8.8:1"), failed = addr("8.9.8.8:1");

	for (uint32_t i = 0; i < 500; i++)
		heard(r, ipv4(i << 16, 4244), ipv4(i << 16, 1));
	heard(r, failed, addr("7.7.7.7:1"));
	book_failed(&r->b, &failed, true);
	r->h.wall += ttl;
	book_expire(&r->b);
	assert_int_equal(book_count(&r->b), 501);
	heard(r, fresh, addr("7.7.7.7:1"));
	heard(r, ipv4(0, 4244), addr("7.7.7.7:1")); /* seen again */
	heard(r, failed, addr("7.7.7.7:1"));        /* talk does not make it alive */
	r->h.wall += 1;
	for (int i = 0; i < 50; i++) {
		assert_true(pick(r, &a));
		assert_true(netaddr_eq(&a, &fresh) || a.ip[13] == 0);
	}
	book_expire(&r->b);
	assert_int_equal(book_count(&r->b), 2);
	counters_are_true(r);
	r->h.wall -= 10 * ttl; /* the clock was far ahead and is put right */
	book_expire(&r->b);
	r->h.wall += ttl + 1;
	book_expire(&r->b);
	assert_int_equal(book_count(&r->b), 0);
}

/* At the bound what has expired goes before anything else. */
static void expired_ones_make_room_first(void **state)
{
	struct rig *r = *state;
	struct netaddr old = addr("8.8.8.8:1");

	r->l.max_address_book.max = 100;
	tried(r, old);
	r->h.wall += (int64_t)r->l.address_ttl.max / 1000 + 1;
	for (uint32_t i = 0; i < 100; i++)
		heard(r, ipv4(i << 16, 4244), ipv4(i << 16, 1));
	assert_int_equal(book_count(&r->b), 100);
	assert_int_equal(book_tried(&r->b), 0);
}

static void failures_double_the_rest(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:1"), out;
	int64_t rest = 60;

	tried(r, a);
	for (int i = 0; i < 14; i++) {
		r->h.wall += rest - 1;
		assert_true(book_rests(&r->b, &a));
		assert_false(pick(r, &out));
		r->h.wall += 1;
		assert_false(book_rests(&r->b, &a));
		assert_true(pick(r, &out) && netaddr_eq(&a, &out));
		book_failed(&r->b, &a, true);
		rest = rest * 2 < 8 * 3600 ? rest * 2 : 8 * 3600;
	}
	tried(r, a);
	r->h.wall += 60;
	assert_true(pick(r, &out));
}

static void a_new_one_has_three_tries(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:1");

	heard(r, a, addr("7.7.7.7:1"));
	for (int i = 0; i < 50; i++)
		book_failed(&r->b, &a, false); /* our own network is down */
	r->h.wall += 60;
	assert_false(book_rests(&r->b, &a));
	book_failed(&r->b, &a, true);
	book_failed(&r->b, &a, true);
	assert_int_equal(book_count(&r->b), 1);
	book_failed(&r->b, &a, true);
	assert_int_equal(book_count(&r->b), 0);
	book_failed(&r->b, &a, true); /* unknown: nothing happens */
	counters_are_true(r);
}

static void ends_are_followed_by_rests(void **state)
{
	struct rig *r = *state;
	struct netaddr a = addr("8.8.8.8:1"), b = addr("8.9.8.8:1");

	tried(r, a);
	heard(r, b, a);
	r->h.wall += 1000;
	book_closed(&r->b, &a);
	book_refused(&r->b, &b);
	r->h.wall += 59;
	assert_true(book_rests(&r->b, &a));
	r->h.wall += 1;
	assert_false(book_rests(&r->b, &a));
	r->h.wall += 541;
	assert_true(book_rests(&r->b, &b)); /* longer than the 600 s of a ban */
	r->h.wall += 1000;
	assert_false(book_rests(&r->b, &b));
	book_remove(&r->b, &a);
	book_remove(&r->b, &b);
	assert_int_equal(book_count(&r->b), 0);
}

static void tried_ones_are_picked_more_often(void **state)
{
	struct rig *r = *state;
	struct netaddr good = addr("8.8.8.8:1"), heard_of = addr("9.8.8.8:1"), bad, out;
	int count[3] = {0};

	bad = addr("10.8.8.8:1");
	tried(r, good);
	tried(r, bad);
	book_failed(&r->b, &bad, true);
	book_failed(&r->b, &bad, true);
	heard(r, heard_of, good);
	r->h.wall += 1000;
	for (int i = 0; i < 3000; i++) {
		assert_true(pick(r, &out));
		count[0] += netaddr_eq(&out, &good);
		count[1] += netaddr_eq(&out, &heard_of);
		count[2] += netaddr_eq(&out, &bad);
	}
	assert_int_equal(count[0] + count[1] + count[2], 3000);
	assert_true(count[0] > 2 * count[1]); /* 48 : 16 : 12 */
	assert_true(count[1] > count[2] && count[2] > 200);
	assert_true(book_pick(&r->b, not_this, &good, &out));
	assert_false(netaddr_eq(&out, &good));
}

static size_t save(struct rig *r, uint8_t *to, size_t size)
{
	struct wr w = wr_of(to, size);

	book_save(&r->b, &w);
	assert_false(w.bad);
	return w.n;
}

static void fill(struct rig *r, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct netaddr a = ipv4((i << 16) + i, (uint16_t)(i + 1));
		if (i % 3)
			heard(r, a, ipv4(i << 16, 1));
		else
			tried(r, a);
		if (i % 5 == 0)
			book_failed(&r->b, &a, true);
	}
}

/* Two books say the same of an address. */
static void same_entry(struct rig *r, struct addrbook *copy, const void *key)
{
	const struct book_entry *a = map_get(&r->b.map, key), *b = map_get(&copy->map, key);

	assert_true(a && b);
	assert_true(a->last_seen == b->last_seen && a->last_try == b->last_try &&
		    a->last_success == b->last_success && a->failures == b->failures &&
		    a->tried == b->tried && memcmp(a->source, b->source, NETGROUP_SIZE) == 0);
}

static void kept_over_a_restart(void **state)
{
	struct rig *r = *state;
	struct limits l = r->l;
	struct addrbook copy;
	size_t size = BOOK_HEAD_BYTES + 1000 * BOOK_ENTRY_BYTES, at = 0, seen = 0;
	uint8_t *bytes = malloc(size);
	const void *key;
	void *value;

	fill(r, 1000);
	size_t n = save(r, bytes, size);
	assert_int_equal(n, size);
	book_init(&copy, &l, &r->h.clock, &r->h.rng, 99);
	assert_true(book_load(&copy, slice_of(bytes, n)));
	assert_int_equal(book_count(&copy), 1000);
	assert_int_equal(book_tried(&copy), book_tried(&r->b));
	for (; map_next(&copy.map, &at, &key, &value); seen++)
		same_entry(r, &copy, key);
	assert_int_equal(seen, 1000);
	book_clear(&copy);

	l.max_address_book.max = 400; /* a smaller one keeps what was tried */
	assert_true(book_load(&copy, slice_of(bytes, n)));
	assert_int_equal(book_count(&copy), 400);
	assert_int_equal(book_tried(&copy), book_tried(&r->b));
	book_clear(&copy);

	r->h.wall += (int64_t)l.address_ttl.max / 1000 + 1; /* after a long sleep */
	assert_true(book_load(&copy, slice_of(bytes, n)));
	assert_int_equal(book_count(&copy), 0);
	book_clear(&copy);
	free(bytes);
}

static void part_of_it_is_not_loaded(void **state)
{
	struct rig *r = *state;
	uint8_t bytes[BOOK_HEAD_BYTES + 20 * BOOK_ENTRY_BYTES + 1] = {0};

	fill(r, 20);
	size_t size = save(r, bytes, sizeof bytes), count = book_count(&r->b);
	book_clear(&r->b);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		uint8_t *part = mem_alloc(n);
		memcpy(part, bytes, n);
		assert_int_equal(book_load(&r->b, slice_of(part, n)), n == size);
		assert_int_equal(book_count(&r->b), n == size ? count : 0);
		mem_free(part);
		book_clear(&r->b);
	}
	assert_false(book_load(&r->b, slice_of(NULL, 0)));
}

/* Where the fields of the only entry are. */
enum {
	AT_PORT = BOOK_HEAD_BYTES + 16,
	AT_SEEN = AT_PORT + 2,
	AT_FAILURES = AT_SEEN + 24,
	AT_TRIED
};

static void impossible_entries(void **state)
{
	static const struct {
		size_t at, n;
		uint8_t byte;
	} bad[] = {{0, 1, 2}, {1, 1, 1}, {4, 1, 2}, {AT_PORT, 2, 0}, {AT_SEEN, 1, 0x80},
		{AT_FAILURES, 1, 21}, {AT_TRIED, 1, 2}};
	struct rig *r = *state;
	uint8_t good[BOOK_HEAD_BYTES + BOOK_ENTRY_BYTES], bytes[sizeof good];

	tried(r, addr("8.8.8.8:1"));
	save(r, good, sizeof good);
	book_clear(&r->b);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		memcpy(bytes, good, sizeof good);
		memset(bytes + bad[i].at, bad[i].byte, bad[i].n);
		if (book_load(&r->b, slice_of(bytes, sizeof bytes)))
			fail_msg("row %zu was loaded", i);
		assert_int_equal(book_count(&r->b), 0);
	}
	memcpy(bytes, good, sizeof good);
	memset(bytes + AT_SEEN, 0x7F, 24); /* a clock that was far ahead */
	assert_true(book_load(&r->b, slice_of(bytes, sizeof bytes)));
	r->h.wall += (int64_t)r->l.address_ttl.max / 1000 + 1;
	book_expire(&r->b);
	assert_int_equal(book_count(&r->b), 0);
}

/* The largest book that may be configured loads, fills and expires without delay. */
static void the_largest_book(void **state)
{
	struct rig *r = *state;
	size_t size = BOOK_HEAD_BYTES + 100000 * BOOK_ENTRY_BYTES;
	uint8_t *bytes = malloc(size);

	r->l.max_address_book.max = 100000;
	for (uint32_t i = 0; i < 100000; i++)
		heard(r, ipv4(i * 2654435761u, 4244), ipv4(i << 8, 1));
	size_t count = book_count(&r->b), n = save(r, bytes, size);
	assert_true(count > 99000);
	book_clear(&r->b);
	assert_true(book_load(&r->b, slice_of(bytes, n)));
	assert_int_equal(book_count(&r->b), count);
	counters_are_true(r);
	r->h.wall += (int64_t)r->l.address_ttl.max / 1000 + 1;
	book_expire(&r->b);
	assert_int_equal(book_count(&r->b), 0);
	counters_are_true(r);
	free(bytes);
}

static void memory_runs_out(void **state)
{
	struct rig *r = *state;

	for (uint64_t nth = 1; nth < 8; nth++) {
		mem_fail_nth(nth);
		fill(r, 200);
		mem_fail_nth(0);
		counters_are_true(r);
		book_clear(&r->b);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(a_hundred_thousand_are_heard),
		T(no_group_gets_more_than_an_eighth),
		T(no_source_gets_more_than_a_quarter),
		T(what_was_tried_is_not_displaced_by_talk),
		T(the_fullest_group_makes_room),
		T(expired_ones_go),
		T(expired_ones_make_room_first),
		T(failures_double_the_rest),
		T(a_new_one_has_three_tries),
		T(ends_are_followed_by_rests),
		T(tried_ones_are_picked_more_often),
		T(kept_over_a_restart),
		T(part_of_it_is_not_loaded),
		T(impossible_entries),
		T(the_largest_book),
		T(memory_runs_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
