/* The address book survives restarts, files of any content, and memory that runs out. */
#include "tests/unit/addrbook_rig.h"
#include "tests/unit/main.h"

static size_t save(struct rig *r, uint8_t *to, size_t size)
{
	struct wr w = wr_of(to, size);

	addrbook_save(&r->b, &w);
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
			addrbook_failed(&r->b, &a, true);
	}
}

/* Two books say the same of an address. */
static void same_entry(struct rig *r, struct addrbook *copy, const void *key)
{
	const struct addrbook_entry *a = map_get(&r->b.map, key), *b = map_get(&copy->map, key);

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
	size_t size = ADDRBOOK_HEAD_BYTES + 1000 * ADDRBOOK_ENTRY_BYTES, at = 0, seen = 0;
	uint8_t *bytes = malloc(size);
	const void *key;
	void *value;

	fill(r, 1000);
	size_t n = save(r, bytes, size);
	assert_int_equal(n, size);
	addrbook_init(&copy, &l, &r->h.clock, &r->h.rng, 99);
	assert_true(addrbook_load(&copy, slice_of(bytes, n)));
	assert_int_equal(addrbook_count(&copy), 1000);
	assert_int_equal(addrbook_tried(&copy), addrbook_tried(&r->b));
	for (; map_next(&copy.map, &at, &key, &value); seen++)
		same_entry(r, &copy, key);
	assert_int_equal(seen, 1000);
	addrbook_clear(&copy);

	l.max_address_book.max = 400; /* a smaller one keeps what was tried */
	assert_true(addrbook_load(&copy, slice_of(bytes, n)));
	assert_int_equal(addrbook_count(&copy), 400);
	assert_int_equal(addrbook_tried(&copy), addrbook_tried(&r->b));
	addrbook_clear(&copy);

	r->h.wall += (int64_t)l.address_ttl.max / 1000 + 1; /* after a long sleep */
	assert_true(addrbook_load(&copy, slice_of(bytes, n)));
	assert_int_equal(addrbook_count(&copy), 0);
	addrbook_clear(&copy);
	free(bytes);
}

static void part_of_it_is_not_loaded(void **state)
{
	struct rig *r = *state;
	uint8_t bytes[ADDRBOOK_HEAD_BYTES + 20 * ADDRBOOK_ENTRY_BYTES + 1] = {0};

	fill(r, 20);
	size_t size = save(r, bytes, sizeof bytes), count = addrbook_count(&r->b);
	addrbook_clear(&r->b);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		uint8_t *part = mem_alloc(n);
		memcpy(part, bytes, n);
		assert_int_equal(addrbook_load(&r->b, slice_of(part, n)), n == size);
		assert_int_equal(addrbook_count(&r->b), n == size ? count : 0);
		mem_free(part);
		addrbook_clear(&r->b);
	}
	assert_false(addrbook_load(&r->b, slice_of(NULL, 0)));
}

/* Where the fields of the only entry are. */
enum {
	AT_PORT = ADDRBOOK_HEAD_BYTES + 16,
	AT_SEEN = AT_PORT + 2,
	AT_FAILURES = AT_SEEN + 24,
	AT_TRIED
};

static void impossible_entries(void **state)
{
	static const struct {
		size_t at, n;
		uint8_t byte;
	} bad[] = {{0, 1, 3}, {1, 1, 1}, {4, 1, 2}, {AT_PORT, 2, 0}, {AT_SEEN, 1, 0x80},
		{AT_FAILURES, 1, 21}, {AT_TRIED, 1, 4}};
	struct rig *r = *state;
	uint8_t good[ADDRBOOK_HEAD_BYTES + ADDRBOOK_ENTRY_BYTES], bytes[sizeof good];

	tried(r, addr("8.8.8.8:1"));
	save(r, good, sizeof good);
	addrbook_clear(&r->b);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		memcpy(bytes, good, sizeof good);
		memset(bytes + bad[i].at, bad[i].byte, bad[i].n);
		if (addrbook_load(&r->b, slice_of(bytes, sizeof bytes)))
			fail_msg("row %zu was loaded", i);
		assert_int_equal(addrbook_count(&r->b), 0);
	}
	memcpy(bytes, good, sizeof good);
	memset(bytes + AT_SEEN, 0x7F, 24); /* a clock that was far ahead */
	assert_true(addrbook_load(&r->b, slice_of(bytes, sizeof bytes)));
	r->h.wall += (int64_t)r->l.address_ttl.max / 1000 + 1;
	addrbook_expire(&r->b);
	assert_int_equal(addrbook_count(&r->b), 0);
}

/* The largest book that may be configured loads, fills and expires without delay. */
static void the_largest_book(void **state)
{
	struct rig *r = *state;
	size_t size = ADDRBOOK_HEAD_BYTES + 100000 * ADDRBOOK_ENTRY_BYTES;
	uint8_t *bytes = malloc(size);

	r->l.max_address_book.max = 100000;
	for (uint32_t i = 0; i < 100000; i++)
		heard(r, ipv4(i * 2654435761u, 4244), ipv4(i << 8, 1));
	size_t count = addrbook_count(&r->b), n = save(r, bytes, size);
	assert_true(count > 99000);
	addrbook_clear(&r->b);
	assert_true(addrbook_load(&r->b, slice_of(bytes, n)));
	assert_int_equal(addrbook_count(&r->b), count);
	counters_are_true(r);
	r->h.wall += (int64_t)r->l.address_ttl.max / 1000 + 1;
	addrbook_expire(&r->b);
	assert_int_equal(addrbook_count(&r->b), 0);
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
		addrbook_clear(&r->b);
	}
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_begin, rig_end)
	const struct CMUnitTest tests[] = {
		T(kept_over_a_restart),
		T(part_of_it_is_not_loaded),
		T(impossible_entries),
		T(the_largest_book),
		T(memory_runs_out),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
