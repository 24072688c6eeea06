/* The block check, step by step: each rule at its edge, and their order. */
#include "chain/owner.h"
#include "chain/rules.h"
#include "tests/unit/chain_fixture.h"

static const char DATA[] = "{\"encrypted\":\"\",\"zone\":\"mirror\"}";
static const char YGG[] = "{\"encrypted\":\"\",\"zone\":\"ygg\",\"records\":[{\"type\":\"A\","
			  "\"domain\":\"@\",\"addr\":\"1.2.3.4\",\"ttl\":1}]}";

/* A chain of ten blocks by authors 1 … 10 (1 is the genesis block), and a candidate for the
 * eleventh; difficulties are 0, everybody's key is strong. */
struct rules {
	struct fixture f;
	struct made m;
	struct block_facts facts;
	struct head tip, last_full;
	bool has_tip, has_full;
	int64_t now;
};

static void candidate(struct rules *r, uint64_t index, unsigned author, bool full)
{
	struct head below;

	made_block(&r->m, index, author, full, 1);
	if (full)
		r->m.b.tx.data = slice_str(DATA);
	if (view_head(&r->f.view, index - 1, &below))
		memcpy(r->m.prev, below.hash, HASH_SIZE);
	r->m.hash[9] = 0xCC; /* another block than a stored one of this index */
	r->facts = (struct block_facts){true, true, 5};
}

static void reload(struct rules *r)
{
	uint64_t height = store_height(r->f.store);

	r->has_tip = view_head(&r->f.view, height, &r->tip);
	r->has_full = view_last_full(&r->f.view, height + 1, &r->last_full);
}

static void start_empty(struct rules *r)
{
	fixture_start(&r->f);
	struct chain_params *p = &r->f.params;
	p->origin_difficulty = p->domain_difficulty = p->signer_difficulty = 0;
	p->block_signers_start = 1000;
	p->new_domains_interval = 100;
	p->domain_lifetime = 1000;
	p->domain_renew_time = 100;
	r->now = 5000;
	r->has_tip = r->has_full = false;
}

static void start(struct rules *r)
{
	start_empty(r);
	for (unsigned i = 1; i <= 10; i++)
		fixture_add(&r->f, i, i == 1);
	reload(r);
	candidate(r, 11, 11, false);
}

static void end(struct rules *r)
{
	fixture_end(&r->f);
}

static void expect(struct rules *r, enum verdict verdict, const char *rule)
{
	const char *why = "";
	struct check c = {
		.view = &r->f.view,
		.block = &r->m.b,
		.facts = &r->facts,
		.tip = r->has_tip ? &r->tip : NULL,
		.last_full = r->has_full ? &r->last_full : NULL,
		.now = r->now,
	};

	assert_string_equal(verdict_name(rules_check(&c, &why)), verdict_name(verdict));
	size_t n = strlen(rule);
	if (strncmp(why, rule, n) != 0 || why[n] != ' ')
		fail_msg("%s decided, not %s", why, rule);
}

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

/* Block 11 by author 7 registers the name "n", then empty blocks up to `height`. */
static void register_name(struct rules *r, uint64_t height, int64_t timestamp)
{
	candidate(r, 11, 7, true);
	r->m.b.timestamp = timestamp;
	r->m.hash[9] = 0xDD;
	r->m.b.tx.identity = slice_str("n");
	assert_int_equal(store_append(r->f.store, &r->m.b), ERR_OK);
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
	register_name(&r, 11, 2000);
	claim_name(&r, 12, 8, 2000); /* not seen by 12b */
	expect(&r, VERDICT_GOOD, "15");
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
	r.m.b.tx.class_name = slice_str("Domain");
	expect(&r, VERDICT_BAD, "6");
	end(&r);
}

static uint64_t required(struct rules *r, int64_t row, int64_t block)
{
	assert_int_equal(store_truncate(r->f.store, 11), ERR_OK);
	register_name(r, 11, row);
	claim_name(r, 12, 7, block);
	return owner_required(&r->f.view, &r->m.b);
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
	/* The ends of time neither trap nor overflow. */
	assert_int_equal(required(&r, INT64_MIN, INT64_MAX), 24);
	required(&r, INT64_MAX, INT64_MIN);
	required(&r, INT64_MIN, INT64_MIN);
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
	assert_int_equal(owner_state(&p, &row, 6000), DOMAIN_ALIVE);
	assert_int_equal(owner_state(&p, &row, 6001), DOMAIN_EXPIRED);
	assert_int_equal(owner_state(&p, &row, 6100), DOMAIN_EXPIRED);
	assert_int_equal(owner_state(&p, &row, 6101), DOMAIN_FREE);
	row.timestamp = INT64_MAX; /* wraps, as in the reference */
	assert_int_equal(owner_state(&p, &row, 0), DOMAIN_FREE);
	row.timestamp = INT64_MAX - 1000;
	assert_int_equal(owner_state(&p, &row, INT64_MAX), DOMAIN_ALIVE);
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
	const struct block_facts good = {true, true, 5}, weak = {true, true, 1},
				 unknown = {true, true, -1}, forged = {true, false, 1};
	(void)state;

	start(&r);
	struct chain_params *p = &r.f.params;
	p->domain_difficulty = 24;
	assert_true(rules_plausible(p, &r.m.b, &why));
	assert_false(rules_bad_forever(p, &r.m.b, &good));
	candidate(&r, 11, 11, true);
	r.m.b.difficulty = 15;
	assert_false(rules_plausible(p, &r.m.b, &why)); /* below any discount */
	p->domain_difficulty = 8;
	r.m.b.difficulty = 0;
	assert_true(rules_plausible(p, &r.m.b, &why));
	assert_false(rules_bad_forever(p, &r.m.b, &good));
	assert_true(rules_bad_forever(p, &r.m.b, &weak));
	assert_false(rules_bad_forever(p, &r.m.b, &unknown));
	assert_false(rules_bad_forever(p, &r.m.b, &forged));
	r.m.b.tx.data = slice_str(YGG);
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
	assert_false(rules_plausible(p, &r.m.b, &why));
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_and_order),
		cmocka_unit_test(test_future_by_clock),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_twins),
		cmocka_unit_test(test_empty_chain),
		cmocka_unit_test(test_ownership),
		cmocka_unit_test(test_row_of_the_block_below),
		cmocka_unit_test(test_cooldown),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_discount),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_signing_starts_above),
		cmocka_unit_test(test_plausible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
