/* The block check, step by step: each rule at its edge, and their order. */
#include "tests/unit/main.h"
#include "tests/unit/rules_rig.h"

static const char YGG[] = "{\"encrypted\":\"\",\"zone\":\"ygg\",\"records\":[{\"type\":\"A\","
			  "\"domain\":\"@\",\"addr\":\"1.2.3.4\",\"ttl\":1}]}";

static void test_good_and_order(void **state)
{
	static const uint8_t wrong[] = {0x5B, 0x2D, 0x63, 0xCD, 0x8B, 0xD8, 0x54, 0xB2, 0x3A, 0x34,
		0xA4, 0x9A, 0xD8, 0x50, 0xBF, 0x52, 0x0B, 0xDD, 0x8D, 0x45, 0x14, 0xF9, 0xB2, 0x0A,
		0x3D, 0xF0, 0x14, 0x30, 0xA5, 0x9F, 0x00, 0x00};
	struct rules r;
	(void)state;

	start(&r);
	expect(&r, VERDICT_GOOD, "15");
	/* Broken from the last step to the first: each earlier one decides. */
	r.m.b.timestamp = 1;
	expect(&r, VERDICT_BAD, "11");
	r.m.prev[0] ^= 1;
	expect(&r, VERDICT_REWIND, "10b");
	r.facts.signature_ok = false;
	expect(&r, VERDICT_BAD, "9");
	r.facts.hash_ok = false;
	expect(&r, VERDICT_BAD, "8");
	r.m.b.difficulty = 99;
	expect(&r, VERDICT_BAD, "7");
	r.f.params.signer_difficulty = 100;
	expect(&r, VERDICT_BAD, "6");
	r.m.b.index = 12;
	expect(&r, VERDICT_FUTURE, "5");
	r.m.b.timestamp = r.now + 61;
	expect(&r, VERDICT_BAD, "4");
	memcpy(r.m.hash, wrong, HASH_SIZE);
	expect(&r, VERDICT_BAD, "3");
	r.m.b.index = 0;
	expect(&r, VERDICT_BAD, "2");
	r.m.b.version = 2;
	expect(&r, VERDICT_BAD, "1");
	end(&r);
}

static void test_future_by_clock(void **state)
{
	struct rules r;
	(void)state;

	start(&r);
	r.m.b.timestamp = r.now + 60;
	expect(&r, VERDICT_GOOD, "15");
	r.m.b.timestamp = INT64_MAX;
	expect(&r, VERDICT_BAD, "4");
	r.now = INT64_MAX - 60;
	expect(&r, VERDICT_GOOD, "15");
	r.now = INT64_MAX;
	expect(&r, VERDICT_GOOD, "15");
	r.m.b.timestamp = INT64_MIN;
	expect(&r, VERDICT_BAD, "11");
	r.now = INT64_MIN;
	expect(&r, VERDICT_BAD, "11");
	end(&r);
}

static void test_links(void **state)
{
	struct rules r;
	(void)state;

	start(&r);
	r.m.b.prev_hash.n = 31;
	expect(&r, VERDICT_REWIND, "10b");
	candidate(&r, 6, 20, false); /* 6 = h − 4 */
	expect(&r, VERDICT_FORK, "14d");
	r.m.prev[0] ^= 1;
	expect(&r, VERDICT_REWIND, "10b");
	candidate(&r, 5, 20, false);
	expect(&r, VERDICT_BAD, "14d");
	r.m.prev[0] ^= 1;
	expect(&r, VERDICT_BAD, "10a");
	candidate(&r, 11, 20, false);
	r.m.b.timestamp = r.tip.timestamp;
	expect(&r, VERDICT_GOOD, "15");
	r.m.b.timestamp--;
	expect(&r, VERDICT_BAD, "11");
	end(&r);
}

static void test_twins(void **state)
{
	struct rules r;
	(void)state;

	start(&r);
	candidate(&r, 10, 20, false);
	expect(&r, VERDICT_FORK, "14d");
	r.m.hash[9] = 0; /* the stored one, and its short cut */
	expect(&r, VERDICT_TWIN, "14e");
	r.facts.hash_ok = false;
	expect(&r, VERDICT_TWIN, "14e");
	candidate(&r, 3, 20, false);
	r.m.hash[9] = 0;
	expect(&r, VERDICT_TWIN, "14e");
	/* A block of the same index alone on its way above another chain's block 1. */
	candidate(&r, 1, 20, false);
	expect(&r, VERDICT_BAD, "14d");
	assert_int_equal(store_truncate(r.f.store, 6), ERR_OK);
	reload(&r);
	expect(&r, VERDICT_FORK, "14d"); /* nothing is below 1 */
	end(&r);
}

static void genesis(struct rules *r)
{
	candidate(r, 1, 1, true);
	memcpy(r->f.params.origin, r->m.hash, HASH_SIZE);
}

static void test_empty_chain(void **state)
{
	struct rules r;
	(void)state;

	start_empty(&r);
	genesis(&r);
	expect(&r, VERDICT_GOOD, "13d");
	r.f.params.origin_difficulty = 2; /* the configured block itself needs none */
	expect(&r, VERDICT_GOOD, "13d");
	r.f.params.origin[0] ^= 1;
	expect(&r, VERDICT_BAD, "6");
	r.f.params.origin_difficulty = 0;
	expect(&r, VERDICT_BAD, "13c");
	r.f.params.has_origin = false;
	expect(&r, VERDICT_BAD, "13b");
	r.m.b.prev_hash = slice_of(r.m.prev, HASH_SIZE);
	expect(&r, VERDICT_FUTURE, "13a");
	genesis(&r);
	r.m.b.tx.class_name = slice_str("domain");
	expect(&r, VERDICT_FUTURE, "13a");
	candidate(&r, 1, 1, false);
	expect(&r, VERDICT_FUTURE, "13a");
	candidate(&r, UINT64_MAX, 1, false); /* row 5 needs a tip */
	expect(&r, VERDICT_FUTURE, "13a");
	r.facts.hash_ok = false;
	expect(&r, VERDICT_BAD, "8");
	end(&r);
}

static void test_signing_starts_above(void **state)
{
	struct rules r;
	(void)state;

	start(&r);
	r.f.params.block_signers_start = 11;
	r.has_full = true;
	r.last_full = r.tip;
	r.last_full.full = true;
	expect(&r, VERDICT_GOOD, "15"); /* 11 is not above 11 */
	r.f.params.block_signers_start = 10;
	r.f.params.healing_activation_height = 100;
	expect(&r, VERDICT_BAD, "14b");
	r.has_full = false;
	expect(&r, VERDICT_GOOD, "15");
	end(&r);
}

static void test_plausible(void **state)
{
	struct rules r;
	const char *why;
	struct block_facts good = {true, true, 5, DOMAIN_OK};
	const struct block_facts weak = {true, true, 1, DOMAIN_OK},
				 unknown = {true, true, -1, DOMAIN_OK},
				 forged = {true, false, 1, DOMAIN_OK},
				 broken = {false, true, 1, DOMAIN_OK},
				 enough = {true, true, 2, DOMAIN_OK};
	(void)state;

	start(&r);
	struct chain_params *p = &r.f.params;
	p->domain_difficulty = 24;
	assert_true(rules_plausible(p, &r.m.b, NULL, &why));
	assert_false(rules_bad_forever(p, &r.m.b, &good));
	candidate(&r, 11, 11, true);
	r.m.b.difficulty = 15;
	assert_false(rules_plausible(p, &r.m.b, NULL, &why)); /* below any discount */
	p->domain_difficulty = 8;
	r.m.b.difficulty = 0;
	assert_true(rules_plausible(p, &r.m.b, NULL, &why));
	assert_false(rules_bad_forever(p, &r.m.b, &good));
	assert_true(rules_bad_forever(p, &r.m.b, &weak));
	assert_false(rules_bad_forever(p, &r.m.b, &unknown));
	assert_false(rules_bad_forever(p, &r.m.b, &forged));
	assert_false(rules_bad_forever(p, &r.m.b, &broken));
	assert_false(rules_bad_forever(p, &r.m.b, &enough));
	r.m.b.tx.data = slice_str(YGG);
	facts_read_domain(&good, &r.m.b);
	assert_int_equal(good.domain, DOMAIN_CLEARNET);
	assert_true(rules_bad_forever(p, &r.m.b, &good));
	good.domain = DOMAIN_MALFORMED; /* before the checkers nobody knows */
	assert_true(rules_plausible(p, &r.m.b, NULL, &why));
	assert_false(rules_plausible(p, &r.m.b, &good, &why));
	assert_true(strncmp(why, "6 ", 2) == 0);
	assert_true(rules_bad_forever(p, &r.m.b, &good));
	candidate(&r, 11, 11, false);
	assert_false(rules_need_strength(p, &r.m.b));
	p->block_signers_start = 10;
	p->healing_activation_height = 11;
	assert_false(rules_bad_forever(p, &r.m.b, &weak));
	p->healing_activation_height = 10;
	assert_true(rules_need_strength(p, &r.m.b));
	assert_true(rules_bad_forever(p, &r.m.b, &weak));
	r.m.b.hash.n = 7;
	assert_false(rules_plausible(p, &r.m.b, NULL, &why));
	end(&r);
}

/* At start-up T is below our height, which is what the old rule measures a window by. */
static void test_window_by_our_height(void **state)
{
	struct rules r;
	(void)state;

	start(&r);
	r.f.params.block_signers_start = 3;
	r.f.params.healing_activation_height = 100;
	r.has_full = true;
	fixture_head(&r.f, 3, &r.last_full);
	r.last_full.full = true;
	fixture_head(&r.f, 9, &r.tip);
	candidate(&r, 10, 40, false);
	expect(&r, VERDICT_GOOD, "15");
	assert_int_equal(store_truncate(r.f.store, 10), ERR_OK);
	expect(&r, VERDICT_BAD, "14b");
	end(&r);
}

/* What no checker may see: each length by itself, one byte off. */
static void test_plausible_lengths(void **state)
{
	struct rules r;
	const char *why;
	(void)state;

	start(&r);
	struct block *b = &r.m.b;
	struct slice *const all[] = {&b->hash, &b->pub_key, &b->signature};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		all[i]->n--;
		assert_false(rules_plausible(&r.f.params, b, NULL, &why));
		all[i]->n++;
		assert_true(rules_plausible(&r.f.params, b, NULL, &why));
	}
	end(&r);
}

static void test_work_to_the_bit(void **state)
{
	struct rules r;
	const char *why;
	(void)state;

	start(&r);
	r.m.b.difficulty = (uint32_t)hash_difficulty(r.m.b.hash);
	expect(&r, VERDICT_GOOD, "15");
	r.m.b.difficulty++;
	expect(&r, VERDICT_BAD, "7");
	r.f.params.origin_difficulty = 120; /* the configured origin is excused, no other */
	genesis(&r);
	assert_true(rules_plausible(&r.f.params, &r.m.b, NULL, &why));
	r.f.params.origin[31] ^= 1;
	assert_false(rules_plausible(&r.f.params, &r.m.b, NULL, &why));
	end(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_and_order),
		cmocka_unit_test(test_future_by_clock),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_twins),
		cmocka_unit_test(test_empty_chain),
		cmocka_unit_test(test_signing_starts_above),
		cmocka_unit_test(test_plausible),
		cmocka_unit_test(test_window_by_our_height),
		cmocka_unit_test(test_plausible_lengths),
		cmocka_unit_test(test_work_to_the_bit),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
