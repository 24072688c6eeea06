/* Names in the block check: ownership, cooldown, data, discount. */
#include "tests/unit/main.h"
#include "tests/unit/rules_rig.h"

static const char YGG[] = "{\"encrypted\":\"\",\"zone\":\"ygg\",\"records\":[{\"type\":\"A\","
			  "\"domain\":\"@\",\"addr\":\"1.2.3.4\",\"ttl\":1}]}";

/* Block 11 by author 7 registers the name "n", then empty blocks up to `height`. */
static void register_name(struct rules *r, uint64_t height, int64_t timestamp)
{
	candidate(r, 11, 7, true);
	r->m.b.timestamp = timestamp;
	r->m.hash[9] = 0xDD;
	r->m.b.tx.identity = slice_str("n");
	assert_int_equal(fixture_append(&r->f, &r->m.b), ERR_OK);
	while (store_height(r->f.store) < height)
		fixture_add_at(&r->f, 30, false, 1, timestamp);
	reload(r);
}

static void claim_name(struct rules *r, uint64_t index, unsigned author, int64_t timestamp)
{
	candidate(r, index, author, true);
	r->m.b.tx.identity = slice_str("n");
	r->m.b.timestamp = timestamp;
}

static void test_ownership(void **state)
{
	struct rules r;
	(void)state;

	start(&r);
	r.now = 2500;
	register_name(&r, 12, 2000);
	claim_name(&r, 13, 8, 2000);
	r.facts.key_strength = 1;
	expect(&r, VERDICT_BAD, "12a");
	r.facts.key_strength = 2;
	expect(&r, VERDICT_BAD, "12b");
	claim_name(&r, 13, 7, 2000); /* its owner, without rest */
	expect(&r, VERDICT_GOOD, "15");
	claim_name(&r, 13, 8, 2000);
	r.now = 3100; /* the last second of the owner's grace, by the clock */
	expect(&r, VERDICT_BAD, "12b");
	r.now = 3101;
	expect(&r, VERDICT_GOOD, "15");
	end(&r);
}

static void test_row_of_the_block_below(void **state)
{
	struct rules r;
	(void)state;

	start(&r);
	r.now = 2500;
	register_name(&r, 11, 2000);
	claim_name(&r, 12, 8, 2000); /* not seen by 12b */
	expect(&r, VERDICT_GOOD, "15");
	fixture_add_at(&r.f, 30, false, 1, 2000);
	reload(&r);
	claim_name(&r, 13, 8, 2000); /* one block later it is */
	expect(&r, VERDICT_BAD, "12b");
	assert_int_equal(store_truncate(r.f.store, 12), ERR_OK);
	reload(&r);
	claim_name(&r, 11, 8, 2000); /* a rival of the row does not see it either */
	expect(&r, VERDICT_FORK, "14d");
	r.f.params.domain_difficulty = 1; /* but the discount sees it */
	claim_name(&r, 12, 8, 2000);
	expect(&r, VERDICT_GOOD, "15");
	r.m.b.tx.identity = slice_str("m");
	expect(&r, VERDICT_BAD, "6");
	end(&r);
}

static void test_cooldown(void **state)
{
	struct rules r;
	(void)state;

	start(&r);
	register_name(&r, 12, 2000);
	claim_name(&r, 13, 7, 2099);
	r.m.b.tx.identity = slice_str("m");
	expect(&r, VERDICT_BAD, "12c");
	r.m.b.timestamp = 2100;
	expect(&r, VERDICT_GOOD, "15");
	r.m.b.timestamp = 2099;
	r.m.b.tx.class_name = slice_str("origin"); /* rests too, whatever its index */
	r.m.b.tx.identity = slice_of(NULL, 0);
	expect(&r, VERDICT_BAD, "12c");
	candidate(&r, 13, 1, true); /* the genesis block counts as a full one */
	r.m.b.timestamp = 2000;
	r.f.params.new_domains_interval = 1000;
	expect(&r, VERDICT_BAD, "12c");
	r.f.params.new_domains_interval = 990;
	expect(&r, VERDICT_GOOD, "15");
	end(&r);
}

static void test_data(void **state)
{
	struct rules r;
	(void)state;

	start(&r);
	candidate(&r, 11, 11, true);
	expect(&r, VERDICT_GOOD, "15");
	r.m.b.tx.data = slice_str(YGG);
	expect(&r, VERDICT_BAD, "12e");
	r.m.b.tx.data = slice_str("{}");
	expect(&r, VERDICT_BAD, "6");
	r.m.b.difficulty = UINT32_MAX;
	expect(&r, VERDICT_BAD, "7");
	r.m.b.tx.class_name = slice_str("origin"); /* its data is not read */
	r.m.b.difficulty = 0;
	expect(&r, VERDICT_GOOD, "15");
	r.m.b.tx.data = slice_str(YGG);
	expect(&r, VERDICT_GOOD, "15");
	r.m.b.tx.data = slice_str("{}");
	r.m.b.tx.class_name = slice_str("Domain");
	expect(&r, VERDICT_BAD, "6");
	end(&r);
}

static uint64_t required(struct rules *r, int64_t row, int64_t block)
{
	assert_int_equal(store_truncate(r->f.store, 11), ERR_OK);
	register_name(r, 11, row);
	claim_name(r, 12, 7, block);
	return domain_rules_difficulty(&r->f.view, &r->m.b, DOMAIN_OK);
}

static void test_discount(void **state)
{
	enum { YEAR = 31536000 };
	struct rules r;
	(void)state;

	start(&r);
	r.f.params.domain_difficulty = 24;
	r.f.params.domain_lifetime = YEAR;
	r.f.params.blocks_without_discount = 12;
	assert_int_equal(required(&r, 2000, 2000 + 5 * ONE_WEEK), 23); /* height 11 */
	r.f.params.blocks_without_discount = 11;
	assert_int_equal(required(&r, 2000, 2000 + 5 * ONE_WEEK), 18);
	assert_int_equal(required(&r, 2000, 2000), 23);
	assert_int_equal(required(&r, 2000, 2000 + ONE_WEEK - 1), 23);
	assert_int_equal(required(&r, 2000, 2000 + ONE_WEEK), 22);
	assert_int_equal(required(&r, 2000, 2000 + YEAR), 16);
	assert_int_equal(required(&r, 2000, 2000 + YEAR + 1), 24);
	/* Weeks are cut off towards zero: only a whole week back costs the discount. */
	assert_int_equal(required(&r, 2000 + ONE_WEEK - 1, 2000), 23);
	assert_int_equal(required(&r, 2000 + ONE_WEEK, 2000), 24);
	assert_int_equal(required(&r, 2000 + 2 * ONE_WEEK, 2000), 24);
	/* The ends of time neither trap nor overflow. */
	assert_int_equal(required(&r, INT64_MIN, INT64_MAX), 24);
	required(&r, INT64_MAX, INT64_MIN);
	required(&r, INT64_MIN, INT64_MIN);
	r.f.params.origin_difficulty = 9; /* no other class has a discount */
	assert_int_equal(required(&r, 2000, 2000 + 5 * ONE_WEEK), 18);
	r.m.b.tx.class_name = slice_str("origin");
	assert_int_equal(domain_rules_difficulty(&r.f.view, &r.m.b, DOMAIN_OK), 9);
	r.f.params.domain_difficulty = 3;
	assert_int_equal(required(&r, 2000, 2000 + YEAR), 0);
	end(&r);
}

static void test_states(void **state)
{
	struct chain_params p = params_mainnet;
	struct domain_row row = {.timestamp = 5000};
	(void)state;

	p.domain_lifetime = 1000;
	p.domain_renew_time = 100;
	assert_int_equal(domain_rules_state(&p, &row, 6000), DOMAIN_ALIVE);
	assert_int_equal(domain_rules_state(&p, &row, 6001), DOMAIN_EXPIRED);
	assert_int_equal(domain_rules_state(&p, &row, 6100), DOMAIN_EXPIRED);
	assert_int_equal(domain_rules_state(&p, &row, 6101), DOMAIN_FREE);
	row.timestamp = INT64_MAX; /* wraps, as in the reference */
	assert_int_equal(domain_rules_state(&p, &row, 0), DOMAIN_FREE);
	row.timestamp = INT64_MAX - 1000;
	assert_int_equal(domain_rules_state(&p, &row, INT64_MAX), DOMAIN_ALIVE);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ownership),
		cmocka_unit_test(test_row_of_the_block_below),
		cmocka_unit_test(test_cooldown),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_discount),
		cmocka_unit_test(test_states),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
