/* A block that can be read in several ways: when it is found, and its copy exchanged. */
#include "chain/split.h"

#include "tests/unit/chain_rig.h"
#include "tests/unit/main.h"

static const char NAME[] = "identity";
static uint8_t owner[KEY_SIZE];

/* A block on top with three of its fields, so that one place is free. */
static void add_split(struct test *t, uint64_t index)
{
	candidate(t, index, true, 0, 8);
	t->m.b.tx.identity = slice_str(NAME);
	t->m.b.tx.confirmation = slice_str("confirmation");
	made_key(7, owner);
	t->m.b.tx.signing = slice_of(owner, KEY_SIZE);
	assert_int_equal(submit(t, 0).action, CHAIN_APPENDED);
}

/* The last candidate again: what was the owner is the key to encrypt for. */
static void move_owner(struct test *t)
{
	t->m.b.tx.encryption = t->m.b.tx.signing;
	t->m.b.tx.signing = slice_of(NULL, 0);
}

static bool owner_is(struct test *t, const uint8_t key[KEY_SIZE])
{
	struct domain_row row;

	return view_domain(&t->chain->view, slice_str(NAME), 99, &row) && row.owned &&
	       memcmp(row.owner, key, KEY_SIZE) == 0;
}

static bool found(struct test *t, const char *identity, const char *why, uint64_t index)
{
	struct made m;
	struct block_summary root;
	uint64_t name;

	made_block(&m, 9, 3, true, 1);
	m.b.tx.identity = slice_str(identity);
	return split_root(t->chain, &m.b, why, &root, &name) && root.index == index;
}

static void test_found(void **state)
{
	struct test t;
	(void)state;

	start(&t);
	grow(&t, 5);
	assert_false(found(&t, NAME, "12b", 6));
	add_split(&t, 6);
	grow(&t, 8);
	assert_true(found(&t, NAME, "12b name is not available", 6));
	assert_true(
		found(&t, "confirmation", "12c the author rests", 6)); /* it may be the identity */
	assert_true(found(&t, "", "6 difficulty", 6));
	assert_false(found(&t, "another", "12b", 6));
	assert_false(found(&t, NAME, "12a the author's key is weak", 6));
	assert_false(found(&t, NAME, "14b the signer is not drawn", 6));
	end(&t);
}

/* What was looked through is not looked through again, unless it was replaced. */
static void test_looked_through(void **state)
{
	struct test t;
	(void)state;

	start(&t);
	grow(&t, 4); /* an origin and empty blocks */
	assert_false(found(&t, NAME, "12b", 3));
	assert_int_equal(t.chain->seen.below, 5);
	assert_int_equal(chain_truncate(t.chain, 3), ERR_OK);
	assert_int_equal(t.chain->seen.below, 3);
	add_split(&t, 3);
	assert_true(found(&t, NAME, "12b", 3));
	assert_int_equal(t.chain->seen.below, 4);
	assert_int_equal(t.chain->seen.count, 1);
	grow(&t, 6);
	assert_true(found(&t, NAME, "12b", 3));
	size_t before = t.chain->seen.count;
	grow(&t, 7);
	assert_true(found(&t, NAME, "12b", 3)); /* only what is new was looked at */
	assert_int_equal(t.chain->seen.below, 8);
	assert_in_range(t.chain->seen.count, before, before + 1);
	assert_int_equal(chain_truncate(t.chain, 3), ERR_OK);
	assert_int_equal(t.chain->seen.count, 0);
	assert_false(found(&t, NAME, "12b", 3));
	end(&t);
}

/* The refused block is not the next one: what lies above it is not its root. */
static void test_above(void **state)
{
	struct test t;
	struct made m;
	struct block_summary root;
	uint64_t name;
	(void)state;

	start(&t);
	grow(&t, 5);
	add_split(&t, 6);
	assert_true(found(&t, NAME, "12b", 6));
	made_block(&m, 6, 3, true, 1);
	m.b.tx.identity = slice_str(NAME);
	assert_false(split_root(t.chain, &m.b, "12b", &root, &name));
	end(&t);
}

/* So many are remembered: the latest. */
static void test_many(void **state)
{
	struct split_seen seen = {.below = 100, .count = SPLIT_SEEN};
	(void)state;

	for (size_t i = 0; i < SPLIT_SEEN; i++)
		seen.index[i] = 90 - i;
	split_forget(&seen, 88);
	assert_int_equal(seen.below, 88);
	assert_int_equal(seen.count, SPLIT_SEEN - 3);
	assert_int_equal(seen.index[0], 87);
	split_forget(&seen, 99);
	assert_int_equal(seen.below, 88);
	assert_int_equal(seen.count, SPLIT_SEEN - 3);
}

static enum err take(struct test *t)
{
	struct block_owned *block = block_copy(&t->m.b);
	enum err err = split_take(t->chain, block);

	mem_free(block);
	return err;
}

static void test_exchanged(void **state)
{
	struct test t;
	(void)state;

	start(&t);
	grow(&t, 5);
	add_split(&t, 6);
	struct made ours = t.m;
	uint64_t name = split_name(&t.m.b);
	grow(&t, 14);
	assert_true(owner_is(&t, owner));
	t.m = ours;
	t.m.b.hash = slice_of(t.m.hash, HASH_SIZE);
	t.m.b.prev_hash = slice_of(t.m.prev, HASH_SIZE);
	t.m.b.pub_key = slice_of(t.m.key, KEY_SIZE);
	t.m.b.signature = slice_of(t.m.signature, SIGNATURE_SIZE);
	move_owner(&t);
	assert_true(split_name(&t.m.b) != name);
	assert_int_equal(take(&t), ERR_OK);
	assert_true(owner_is(&t, t.m.key)); /* the author, as none is named */
	expect_tip(&t, 14, 13, t.chain->committed);
	reopen(&t);
	assert_true(owner_is(&t, t.m.key));
	t.m.signature[5] ^= 1;
	assert_int_equal(take(&t), ERR_REFUSED);
	t.m.hash[20] ^= 1;
	assert_int_equal(take(&t), ERR_REFUSED);
	end(&t);
}

/* All four fields are there, or none: there is one way to read it. */
static void test_one_way(void **state)
{
	struct made m;
	(void)state;

	made_block(&m, 6, 1, true, 5);
	m.b.tx.signing = m.b.tx.confirmation = m.b.tx.encryption = m.b.tx.identity;
	assert_int_equal(split_name(&m.b), 5);
	m.b.tx.encryption = slice_of(NULL, 0);
	assert_true(split_name(&m.b) != 5);
	m.b.tx.signing = m.b.tx.confirmation = m.b.tx.identity = m.b.tx.encryption;
	assert_int_equal(split_name(&m.b), 5);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_looked_through),
		cmocka_unit_test(test_above),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_exchanged),
		cmocka_unit_test(test_one_way),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
