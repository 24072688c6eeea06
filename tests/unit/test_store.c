/* The store: rows that follow from blocks and go with them. */
#include "chain/store_internal.h"
#include "tests/unit/chain_fixture.h"
#include "tests/unit/main.h"

/* A digest of all rows of all tables. */
static void digest_all(struct store *s, uint8_t digest[32])
{
	static uint8_t text[1 << 20];
	struct wr w = wr_of(text, sizeof text);

	rows_begin(&s->own);
	for (enum store_table t = 0; t < STORE_TABLES; t++) {
		struct row r;
		uint8_t key[512] = {0};
		size_t n = 1;
		while (row_above(&s->own, t, slice_of(key, n), &r)) {
			wr_u8(&w, (uint8_t)t);
			wr_slice(&w, r.key);
			wr_slice(&w, r.value);
			n = r.key.n;
			memcpy(key, r.key.p, n);
		}
	}
	rows_end(&s->own);
	assert_false(w.bad);
	crypto_digest(wr_done(&w), digest);
}

static void test_append_and_read(void **state)
{
	struct fixture f;
	struct block_summary h;
	struct made m;
	uint8_t bytes[4096];
	size_t n;
	(void)state;

	fixture_start(&f);
	fixture_add(&f, 1, true);
	fixture_add(&f, 2, false);
	fixture_add(&f, 1, true);
	fixture_add(&f, 1, false);
	fixture_head(&f, 4, &h);
	made_block(&m, 4, 1, false, 1);
	assert_int_equal(h.timestamp, 1040);
	assert_int_equal(h.tail, 1);
	assert_int_equal(h.last_full, 3);
	assert_false(h.full);
	assert_memory_equal(h.hash, m.hash, HASH_SIZE);
	assert_memory_equal(h.key, m.key, KEY_SIZE);
	assert_false(view_summary(&f.view, 5, &h));
	assert_false(view_summary(&f.view, 0, &h));
	assert_int_equal(store_index_of(f.store, m.hash), 4);
	m.hash[31] = 9;
	assert_int_equal(store_index_of(f.store, m.hash), 0);
	assert_int_equal(store_read(f.store, 2, bytes, sizeof bytes, &n), ERR_OK);
	assert_int_equal(store_read(f.store, 2, bytes, 10, &n), ERR_TOO_BIG);
	assert_int_equal(store_read(f.store, 9, bytes, sizeof bytes, &n), ERR_NOT_FOUND);
	struct block_owned *o = store_block(f.store, 3);
	assert_non_null(o);
	assert_int_equal(o->b.index, 3);
	assert_true(o->b.full);
	mem_free(o);
	fixture_end(&f);
}

static size_t pages_used(struct store *s)
{
	assert_int_equal(store_commit(s), ERR_OK);
	return (size_t)s->map_bytes->used;
}

/* What the changed pages can come to: never less than the pages that a group adds to the file, and
 * not many times more. */
static void test_group_bytes(void **state)
{
	struct fixture f;
	(void)state;

	fixture_start(&f);
	size_t before = pages_used(f.store);
	assert_int_equal(store_group_bytes(f.store), 0);
	for (unsigned i = 1; i <= 3000; i++) {
		fixture_add(&f, i * 7919 % 1000, i % 3 == 0);
		if (i % 500)
			continue;
		size_t group = store_group_bytes(f.store), after = pages_used(f.store);
		if (after < before + group / 8 || after > before + group)
			fail_msg("%u blocks: %zu bytes more, %zu announced", i, after - before,
				group);
		assert_int_equal(store_group_bytes(f.store), 0);
		before = after;
	}
	fixture_end(&f);
}

static void test_counts(void **state)
{
	struct fixture f;
	struct block_summary h;
	uint8_t key[KEY_SIZE];
	(void)state;

	fixture_start(&f);
	for (unsigned i = 1; i <= 12; i++)
		fixture_add(&f, i % 3, i % 4 == 1); /* full: 1, 5, 9 */
	assert_int_equal(fixture_count(&f, 1, 1), 0);
	assert_int_equal(fixture_count(&f, 1, 2), 1);
	assert_int_equal(fixture_count(&f, 1, 4), 1);
	assert_int_equal(fixture_count(&f, 1, 5), 2);
	assert_int_equal(fixture_count(&f, 1, UINT64_MAX), 4);
	assert_int_equal(fixture_count(&f, 77, UINT64_MAX), 0);
	assert_true(view_last_full(&f.view, UINT64_MAX, &h));
	assert_int_equal(h.index, 9);
	assert_true(view_last_full(&f.view, 9, &h));
	assert_int_equal(h.index, 5);
	assert_false(view_last_full(&f.view, 1, &h));
	assert_false(view_last_full(&f.view, 0, &h));
	made_key(2, key); /* blocks 2, 5, 8, 11 */
	assert_true(view_last_full_of(&f.view, 13, key, &h));
	assert_int_equal(h.index, 5);
	assert_false(view_last_full_of(&f.view, 5, key, &h));
	fixture_end(&f);
}

static void test_rank(void **state)
{
	static const struct {
		unsigned author;
		uint64_t total;
	} wanted[] = {{2, 3}, {1, 2}, {3, 2}, {5, 1}};
	struct fixture f;
	struct rank_cursor w = RANK_START;
	uint8_t key[KEY_SIZE];
	(void)state;

	fixture_start(&f);
	static const unsigned authors[] = {3, 2, 1, 2, 5, 3, 1, 2};
	for (size_t i = 0; i < sizeof authors / sizeof authors[0]; i++)
		fixture_add(&f, authors[i], false);
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		assert_true(view_rank_next(&f.view, &w));
		made_key(wanted[i].author, key);
		assert_memory_equal(w.key, key, KEY_SIZE);
		assert_int_equal(w.total, wanted[i].total);
	}
	assert_false(view_rank_next(&f.view, &w));
	fixture_end(&f);
}

static void test_domains(void **state)
{
	struct fixture f;
	struct made m;
	struct domain_row row;
	uint8_t owner[KEY_SIZE];
	(void)state;

	fixture_start(&f);
	fixture_add(&f, 1, true);
	made_block(&m, 2, 7, true, 1);
	m.b.tx.identity = slice_str("a name of any length");
	assert_int_equal(fixture_append(&f, &m.b), ERR_OK);
	made_block(&m, 3, 8, true, 1);
	m.b.tx.identity = slice_str("a name of any length");
	made_key(9, owner);
	m.b.tx.signing = slice_of(owner, KEY_SIZE);
	assert_int_equal(fixture_append(&f, &m.b), ERR_OK);
	made_block(&m, 4, 8, true, 1);
	m.b.tx.identity = slice_str("a name of any length");
	m.b.tx.signing = slice_of(owner, 5);
	assert_int_equal(fixture_append(&f, &m.b), ERR_OK);

	assert_false(view_domain(&f.view, slice_str("a name of any length"), 2, &row));
	assert_true(view_domain(&f.view, slice_str("a name of any length"), 3, &row));
	assert_int_equal(row.id, 2);
	made_key(7, m.key); /* no owner named: the author */
	assert_true(row.owned);
	assert_memory_equal(row.owner, m.key, KEY_SIZE);
	assert_true(view_domain(&f.view, slice_str("a name of any length"), 4, &row));
	assert_memory_equal(row.owner, owner, KEY_SIZE);
	assert_int_equal(row.timestamp, 1030);
	assert_true(view_domain(&f.view, slice_str("a name of any length"), 99, &row));
	assert_int_equal(row.id, 4);
	assert_false(row.owned);
	assert_false(view_domain(&f.view, slice_str("other"), 99, &row));
	/* The genesis block is full and makes no row. */
	assert_false(view_domain(&f.view, slice_of(NULL, 0), 99, &row));
	fixture_end(&f);
}

static void add_ban(struct fixture *f, unsigned author, uint32_t place)
{
	struct ban b = {.closing = store_height(f->store), .place = place};

	made_key(author, b.key);
	assert_int_equal(store_add_ban(f->store, &b), ERR_OK);
}

static void test_bans(void **state)
{
	struct fixture f;
	struct ban b;
	uint8_t key[KEY_SIZE];
	(void)state;

	fixture_start(&f);
	fixture_add(&f, 1, true);
	fixture_add(&f, 2, true);
	add_ban(&f, 5, 0);
	add_ban(&f, 4, 1);
	fixture_add(&f, 2, true);
	add_ban(&f, 6, 0);
	made_key(4, key);
	assert_true(view_ban_of(&f.view, key, &b));
	assert_int_equal(b.closing, 2);
	assert_int_equal(b.place, 1);
	assert_true(signer_bans_have(&f.view, key, 2));
	assert_false(signer_bans_have(&f.view, key, 1));
	assert_true(view_ban_after(&f.view, &b));
	assert_int_equal(b.closing, 3);
	assert_int_equal(b.key[1], 6);
	assert_false(view_ban_after(&f.view, &b));
	assert_true(view_ban_before(&f.view, &b));
	assert_int_equal(b.key[1], 4);
	assert_int_equal(store_truncate(f.store, 3), ERR_OK);
	made_key(6, key);
	assert_false(view_ban_of(&f.view, key, &b));
	made_key(5, key);
	assert_true(view_ban_of(&f.view, key, &b));
	fixture_end(&f);
}

static void test_truncate_restores(void **state)
{
	struct fixture f;
	uint8_t before[32], after[32];
	(void)state;

	fixture_start(&f);
	for (unsigned i = 1; i <= 30; i++)
		fixture_add(&f, i * i % 7, i % 5 == 1);
	add_ban(&f, 3, 0);
	digest_all(f.store, before);
	for (unsigned i = 31; i <= 60; i++) {
		fixture_add(&f, i * i % 11, i % 4 == 1);
		if (i == 41) {
			add_ban(&f, 1, 0);
			add_ban(&f, 2, 1);
		}
	}
	digest_all(f.store, after);
	assert_memory_not_equal(before, after, 32);
	assert_int_equal(store_commit(f.store), ERR_OK);
	assert_int_equal(store_truncate(f.store, 31), ERR_OK);
	assert_int_equal(store_height(f.store), 30);
	digest_all(f.store, after);
	assert_memory_equal(before, after, 32);
	assert_int_equal(store_truncate(f.store, 31), ERR_OK);
	assert_int_equal(store_truncate(f.store, 1), ERR_OK);
	assert_int_equal(store_height(f.store), 0);
	for (enum store_table t = 0; t < TABLE_META; t++)
		assert_int_equal(rows_count(&f.store->own, t), 0);
	fixture_end(&f);
}

static void test_reopen_and_values(void **state)
{
	struct fixture f;
	uint8_t value[8];
	size_t n;
	(void)state;

	fixture_start(&f);
	for (unsigned i = 1; i <= 9; i++)
		fixture_add(&f, i, false);
	assert_int_equal(store_put_value(f.store, "book", slice_str("12345")), ERR_OK);
	assert_int_equal(fixture_close(&f), ERR_OK);
	fixture_open(&f);
	assert_int_equal(store_height(f.store), 9);
	assert_int_equal(store_get_value(f.store, "book", value, sizeof value, &n), ERR_OK);
	assert_int_equal(n, 5);
	assert_memory_equal(value, "12345", 5);
	assert_int_equal(store_get_value(f.store, "book", value, 4, &n), ERR_TOO_BIG);
	assert_int_equal(store_get_value(f.store, "format", value, 8, &n), ERR_NOT_FOUND);
	fixture_end(&f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append_and_read),
		cmocka_unit_test(test_group_bytes),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_rank),
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_bans),
		cmocka_unit_test(test_truncate_restores),
		cmocka_unit_test(test_reopen_and_values),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
