/* Blocks by our keys that were not made here. */
#include "config/limits.h"
#include "owner/own_blocks.h"
#include "tests/unit/main.h"
#include "tests/unit/signers_rig.h"

enum { OWN = 2 };

static struct limits limits = {.max_own_blocks = {.name = "max_own_blocks", .max = 8}};
static struct fixture f;
static struct own_blocks o;
static uint8_t made[OWN][KEY_SIZE];
static struct own_key own[OWN];
static struct own_foreign found[OWN_FOREIGN_MAX];

/* The authors 3 and 4 are ours; blocks 1 … 15 are history. */
static void begin(void)
{
	fixture_start(&f);
	crowd(&f, 15);
	own_blocks_init(&o, &limits.max_own_blocks);
	for (unsigned i = 0; i < OWN; i++) {
		made_key(3 + i, made[i]);
		own[i] = (struct own_key){.name = "x", .signing = made[i]};
	}
}

static void end(void)
{
	own_blocks_clear(&o);
	assert_int_equal(limits.max_own_blocks.used, 0);
	fixture_end(&f);
}

static unsigned look(void)
{
	return own_blocks_look(&o, &f.view, own, OWN, found);
}

static struct slice tip_hash(void)
{
	static struct block_summary h;

	fixture_head(&f, view_height(&f.view), &h);
	return slice_of(h.hash, HASH_SIZE);
}

static void test_found_once(void **state)
{
	(void)state;
	begin();
	assert_int_equal(look(), 0); /* history */
	assert_int_equal(o.looked, 15);
	fixture_add(&f, 9, false);
	assert_int_equal(look(), 0);
	fixture_add(&f, 4, false);
	fixture_add(&f, 9, false);
	fixture_add(&f, 4, true);
	assert_int_equal(look(), 1);
	assert_int_equal(found[0].key, 1);
	assert_int_equal(found[0].count, 2);
	assert_int_equal(found[0].first, 17);
	assert_int_equal(found[0].last, 19);
	assert_int_equal(o.foreign, 2);
	assert_int_equal(o.newest, 19);
	assert_int_equal(look(), 0);
	end();
}

/* Made here: told so, or in the journal. */
static void test_made_here(void **state)
{
	struct keys_signed last = {.index = 17};
	(void)state;

	begin();
	look();
	fixture_add(&f, 3, false);
	own_blocks_made(&o, tip_hash());
	assert_int_equal(look(), 0);
	fixture_add(&f, 3, false);
	memcpy(last.hash, tip_hash().p, HASH_SIZE);
	own[0].empty = own[0].full = &last;
	assert_int_equal(own_key_journal(&own[0]), 17);
	assert_int_equal(look(), 0);
	fixture_add(&f, 3, false);
	assert_int_equal(look(), 1);
	end();
}

/* A branch takes the place of blocks that were looked at. */
static void test_replaced(void **state)
{
	(void)state;
	begin();
	for (unsigned i = 0; i < 3; i++)
		fixture_add(&f, 9, false);
	look();
	assert_int_equal(o.looked, 18);
	assert_int_equal(store_truncate(f.store, 17), ERR_OK);
	struct made m;
	made_block(&m, 17, 3, false, 1);
	m.hash[9] = 1; /* another one than before */
	assert_int_equal(fixture_append(&f, &m.b), ERR_OK);
	assert_int_equal(look(), 1);
	assert_int_equal(found[0].first, 17);
	assert_int_equal(o.looked, 17);
	end();
}

/* Kept over a restart. */
static void test_kept(void **state)
{
	uint8_t space[2048];
	struct wr w = wr_of(space, sizeof space);
	(void)state;

	begin();
	look();
	fixture_add(&f, 3, false);
	look();
	own_blocks_encode(&o, &w);
	assert_false(w.bad);
	assert_int_equal(w.n, own_blocks_size(&o));
	own_blocks_clear(&o);
	own_blocks_init(&o, &limits.max_own_blocks);
	own_blocks_decode(&o, slice_of(space, 20)); /* cut */
	assert_int_equal(o.looked, 0);
	own_blocks_decode(&o, wr_done(&w));
	assert_int_equal(o.newest, 16);
	assert_int_equal(look(), 0);
	fixture_add(&f, 4, false); /* while the node was down */
	assert_int_equal(look(), 1);
	end();
}

static void test_newest(void **state)
{
	(void)state;
	begin();
	assert_int_equal(own_newest(&f.view, made[0]), 3);
	fixture_add(&f, 3, false);
	fixture_add(&f, 9, false);
	assert_int_equal(own_newest(&f.view, made[0]), 16);
	uint8_t nobody[KEY_SIZE] = {7};
	assert_int_equal(own_newest(&f.view, nobody), 0);
	end();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_once),
		cmocka_unit_test(test_made_here),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_newest),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
