/* The containers and small tools of base/: bounds, maps, queues, generations, memory, hex, cursors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/cursor.h"
#include "base/fifo.h"
#include "base/recent_set.h"
#include "base/hex.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/rng.h"
#include "tests/unit/main.h"

static void test_map(void **state)
{
	struct bound b = {.name = "rows", .max = 5000};
	struct map m;
	enum err err;
	uint64_t beyond = 9999;
	(void)state;

	map_init(&m, &b, sizeof(uint64_t), sizeof(uint64_t), 42);
	assert_null(map_get(&m, &beyond));
	assert_false(map_delete(&m, &beyond));
	for (uint64_t i = 0; i < 5000; i++)
		*(uint64_t *)map_put(&m, &i, NULL) = i * 3;
	assert_null(map_put(&m, &beyond, &err));
	assert_int_equal(err, ERR_FULL);
	assert_int_equal(b.hits, 1);
	for (uint64_t i = 0; i < 5000; i += 2)
		assert_true(map_delete(&m, &i));
	for (uint64_t i = 0; i < 5000; i++) {
		uint64_t *v = map_get(&m, &i);
		assert_true(i % 2 ? v && *v == i * 3 : !v);
	}
	assert_int_equal(b.used, 2500);
	map_clear(&m);
	assert_int_equal(b.used, 0);
}

static void test_map_values_begin_as_zero(void **state)
{
	struct bound b = {.name = "rows", .max = 1};
	struct map m;
	uint64_t key = 1;
	(void)state;

	map_init(&m, &b, sizeof key, sizeof key, 42);
	*(uint64_t *)map_put(&m, &key, NULL) = 77;
	assert_true(map_delete(&m, &key));
	assert_false(map_delete(&m, &key));
	assert_int_equal(m.count, 0);
	assert_int_equal(*(uint64_t *)map_put(&m, &key, NULL), 0);
	map_clear(&m);
}

static void test_map_walk(void **state)
{
	struct bound b = {.name = "rows", .max = 100};
	struct map m;
	const void *key;
	void *value;
	uint32_t sum = 0;
	(void)state;

	map_init(&m, &b, 5, 0, 1);
	for (uint8_t i = 1; i <= 50; i++)
		assert_non_null(map_put(&m, (uint8_t[5]){i, 0, 0, 0, i}, NULL));
	for (size_t at = 0; map_next(&m, &at, &key, &value);)
		sum += ((const uint8_t *)key)[0];
	assert_int_equal(sum, 50 * 51 / 2);
	map_clear(&m);
}

/* Whatever is deleted in a walk, it returns every entry, and what is kept stays to be found. */
static void test_map_delete_in_a_walk(void **state)
{
	struct bound b = {.max = 200};
	struct map m;
	(void)state;

	for (uint64_t seed = 1; seed <= 500; seed++) {
		uint64_t count = seed % 199 + 1, returned[200] = {0};
		const void *key;
		void *value;
		map_init(&m, &b, sizeof(uint64_t), 0, seed);
		for (uint64_t i = 0; i < count; i++)
			assert_non_null(map_put(&m, &i, NULL));
		for (size_t at = 0; map_next(&m, &at, &key, &value);) {
			uint64_t i = *(const uint64_t *)key;
			returned[i]++;
			if (map_hash(seed, &i, sizeof i) % 3)
				map_delete_here(&m, &at);
		}
		for (uint64_t i = 0; i < count; i++) {
			bool kept = map_hash(seed, &i, sizeof i) % 3 == 0;
			assert_in_range(returned[i], 1, kept ? 2 : 1);
			assert_int_equal(map_get(&m, &i) != NULL, kept);
		}
		assert_int_equal(m.count, b.used);
		map_clear(&m);
	}
	assert_int_equal(b.used, 0);
}

static void test_map_out_of_memory(void **state)
{
	struct bound b = {.name = "rows", .max = 100};
	struct map m;
	uint64_t key = 1;
	enum err err;
	(void)state;

	map_init(&m, &b, sizeof key, sizeof key, 1);
	mem_fail_nth(1);
	assert_null(map_put(&m, &key, &err));
	assert_int_equal(err, ERR_NOMEM);
	assert_int_equal(b.used, 0);
	assert_non_null(map_put(&m, &key, &err));
	map_clear(&m);
}

static void test_fifo(void **state)
{
	struct bound b = {.name = "queue", .max = 20};
	struct fifo f;
	int lost = -1, out;
	(void)state;

	fifo_init(&f, &b, sizeof(int));
	assert_false(fifo_pop(&f, &out));
	for (int round = 0; round < 3; round++) { /* the ring turns */
		for (int i = 0; i < 20; i++)
			assert_int_equal(fifo_push(&f, &i), ERR_OK);
		assert_int_equal(fifo_push(&f, &lost), ERR_FULL);
		for (int i = 0; i < 20; i++) {
			assert_true(fifo_pop(&f, &out));
			assert_int_equal(out, i);
		}
	}
	for (int i = 0; i < 25; i++)
		assert_int_equal(fifo_push_evict(&f, &i, &lost), i >= 20);
	assert_int_equal(lost, 4);
	assert_int_equal(b.peak, 20);
	fifo_remove(&f, 1); /* the 6 */
	assert_int_equal(*(int *)fifo_at(&f, 0), 5);
	assert_int_equal(*(int *)fifo_at(&f, 1), 7);
	assert_int_equal(*(int *)fifo_at(&f, 18), 24);
	assert_null(fifo_at(&f, 19));
	fifo_clear(&f);
	assert_int_equal(b.used, 0);
}

static void test_fifo_grows_in_order(void **state)
{
	struct bound b = {.name = "queue", .max = 20};
	struct fifo f;
	int next = 0, out;
	(void)state;

	fifo_init(&f, &b, sizeof(int));
	for (int i = 0; i < 20; i++) { /* two in, one out: it grows with its head anywhere */
		if (i < 18)
			assert_int_equal(fifo_push(&f, &i), ERR_OK);
		if (i % 2) {
			assert_true(fifo_pop(&f, &out));
			assert_int_equal(out, next++);
		}
	}
	assert_int_equal(b.used, f.count);
	for (; fifo_pop(&f, &out); next++)
		assert_int_equal(out, next);
	assert_int_equal(next, 18);
	assert_int_equal(b.used, 0);
	assert_int_equal(b.hits, 0);
	for (int i = 0; i < 21; i++)
		fifo_push_evict(&f, &i, NULL);
	assert_int_equal(b.hits, 1);
	fifo_clear(&f);
}

static void digest_of(unsigned i, uint8_t digest[32])
{
	memset(digest, 0, 32);
	memcpy(digest, &i, sizeof i);
}

static void test_genset(void **state)
{
	struct bound b = {.name = "seen", .max = 100};
	struct recent_set g;
	uint8_t d[32];
	(void)state;

	recent_set_init(&g, &b, 7);
	for (unsigned i = 0; i < 1000; i++) {
		digest_of(i, d);
		assert_true(recent_set_add(&g, d));
		assert_true(b.used <= b.max);
	}
	for (unsigned i = 0; i < 1000; i++) {
		digest_of(i, d);
		if (i >= 950)
			assert_true(recent_set_has(&g, d)); /* the last half of the bound is sure */
		if (i < 900)
			assert_false(recent_set_has(&g, d));
	}
	assert_int_equal(b.hits, 19); /* fifty at a time */
	recent_set_age(&g);
	digest_of(999, d);
	assert_true(recent_set_has(&g, d));
	recent_set_age(&g);
	assert_false(recent_set_has(&g, d));
	recent_set_clear(&g);
	assert_int_equal(b.used, 0);
}

static void test_memory(void **state)
{
	size_t bytes = mem_bytes(), blocks = mem_blocks();
	uint8_t *p = mem_alloc(100);
	(void)state;

	for (int i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	assert_int_equal(mem_bytes() - bytes, 100);
	p = mem_realloc(p, 1000);
	assert_int_equal(mem_bytes() - bytes, 1000);
	assert_int_equal(mem_blocks() - blocks, 1);
	mem_fail_nth(2);
	void *first = mem_alloc(1), *second = mem_alloc(1), *third = mem_alloc(1);
	assert_non_null(first);
	assert_null(second);
	assert_non_null(third);
	mem_free(first);
	mem_free(third);
	mem_free(p);
	mem_free(NULL);
	assert_null(mem_alloc(SIZE_MAX));
	assert_int_equal(mem_bytes(), bytes);
	assert_int_equal(mem_blocks(), blocks);
}

static void test_hex(void **state)
{
	uint8_t to[4];
	char text[9];
	size_t n;
	(void)state;

	assert_true(hex_decode(slice_str("00aBFf"), to, sizeof to, &n));
	assert_int_equal(n, 3);
	hex_upper(slice_of(to, n), text);
	assert_string_equal(text, "00ABFF");
	assert_false(hex_decode(slice_str("0"), to, sizeof to, &n));
	assert_false(hex_decode(slice_str("0g"), to, sizeof to, &n));
	assert_false(hex_decode(slice_str("0000000000"), to, sizeof to, &n)); /* too long */
}

static void test_cursors(void **state)
{
	uint8_t space[8];
	struct wr w = wr_of(space, sizeof space);
	(void)state;

	wr_be(&w, 0x01020304, 4);
	wr_le(&w, 0x0506, 2);
	wr_be(&w, 1, 4); /* does not fit, */
	wr_u8(&w, 9);    /* and nothing fits after that */
	assert_true(w.bad);
	assert_int_equal(wr_done(&w).n, 0);
	struct rd r = rd_of(slice_of(space, 6));
	assert_int_equal(rd_be32(&r), 0x01020304);
	assert_int_equal(rd_be16(&r), 0x0605);
	assert_true(rd_done(&r));
	assert_int_equal(rd_u8(&r), 0);
	assert_true(r.bad);
	assert_int_equal(rd_be64(&r), 0);
	assert_false(rd_done(&r));
}

static void test_random_is_even(void **state)
{
	struct rng_seeded seed;
	struct rng rng = rng_from_seed(&seed, 3);
	unsigned count[7] = {0};
	(void)state;

	for (int i = 0; i < 70000; i++)
		count[rng_below(&rng, 7)]++;
	for (int i = 0; i < 7; i++)
		assert_in_range(count[i], 9500, 10500);
}

static void test_bound(void **state)
{
	struct bound b = {.name = "bytes", .max = 10};
	(void)state;

	assert_true(bound_take(&b, 10));
	assert_false(bound_take(&b, 1));
	b.max = 5; /* lowered while in use */
	assert_false(bound_has(&b, 1));
	assert_false(bound_take(&b, 1));
	bound_give(&b, 20);
	assert_int_equal(b.used, 0);
	assert_int_equal(b.peak, 10);
	assert_int_equal(b.hits, 2);
	assert_false(bound_take(&b, UINT64_MAX));
	bound_note(&b, 30);
	bound_note(&b, 3);
	assert_int_equal(b.used, 3);
	assert_int_equal(b.peak, 30);
	assert_true(bound_has(&b, 2));
	assert_false(bound_has(&b, 3));
	b.max = 2; /* below what is in use: not even nothing has room */
	assert_false(bound_take(&b, 0));
	assert_false(bound_has(&b, 0));
}

static int64_t fixed_wall(void *ctx)
{
	return *(int64_t *)ctx;
}

static void test_clock_near(void **state)
{
	int64_t now = 1000000;
	const struct clock c = {.wall = fixed_wall, .ctx = &now};
	(void)state;

	assert_true(clock_is_near(&c, now, 0));
	assert_true(clock_is_near(&c, now - 60, 60));
	assert_true(clock_is_near(&c, now + 60, 60));
	assert_false(clock_is_near(&c, now - 61, 60));
	assert_false(clock_is_near(&c, now + 61, 60));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_map_values_begin_as_zero),
		cmocka_unit_test(test_map_walk),
		cmocka_unit_test(test_map_delete_in_a_walk),
		cmocka_unit_test(test_map_out_of_memory),
		cmocka_unit_test(test_fifo),
		cmocka_unit_test(test_fifo_grows_in_order),
		cmocka_unit_test(test_genset),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_cursors),
		cmocka_unit_test(test_random_is_even),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_clock_near),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
