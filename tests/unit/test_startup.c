/* The start-up check, on blocks with real hashes and signatures. */
#include "tests/blakeout_scalar.h"
#include "tests/unit/chain_rig.h"
#include "tests/unit/main.h"

static const uint8_t seed[32] = {7};

static void prove(struct made *m)
{
	uint8_t text[2048];
	uint8_t(*words)[32] = mem_alloc((size_t)65536 * 32);
	struct wr w = wr_of(text, sizeof text);

	assert_non_null(words);
	crypto_public(seed, m->key);
	block_preimage(&m->b, PREIMAGE_HASH, &w);
	blakeout_scalar(wr_done(&w), m->hash, words);
	w.n = 0;
	block_preimage(&m->b, PREIMAGE_SIGNATURE, &w);
	crypto_sign_with(seed, wr_done(&w), m->signature);
	mem_free(words);
}

/* Real blocks 1 … height, appended with facts that nobody computed. */
static void grow_real(struct test *t, uint64_t height)
{
	struct chain_tip tip;

	t->facts.key_strength = 60;
	for (chain_get_tip(t->chain, &tip); tip.height < height;) {
		candidate(t, tip.height + 1, tip.height % 4 == 0, 0, 8);
		prove(&t->m);
		if (tip.height == 0) {
			memcpy(t->params.origin, t->m.hash, HASH_SIZE);
			struct fixture f;
			assert_int_equal(chain_close(t->chain), ERR_OK);
			t->chain = NULL;
			memcpy(f.dir, t->dir, sizeof f.dir);
			fixture_remove(&f);
			fixture_dir(t->dir, sizeof t->dir);
			reopen(t);
		}
		struct outcome o = submit(t, 0);
		if (o.verdict != VERDICT_GOOD)
			fail_msg("%s", o.why);
		chain_get_tip(t->chain, &tip);
	}
}

static void test_startup_check(void **state)
{
	struct test t;
	uint64_t height;
	(void)state;

	start(&t);
	assert_int_equal(chain_startup_check(t.chain, 8, FAR, &height), ERR_OK);
	assert_int_equal(height, 0);
	/* The first block is no last full block here: nobody can be drawn for those behind it. */
	grow_real(&t, 4);
	t.chain->params.block_signers_start = 1;
	assert_int_equal(chain_startup_check(t.chain, 100, FAR, &height), ERR_OK);
	assert_int_equal(height, 4);
	t.chain->params.block_signers_start = t.params.block_signers_start;
	grow_real(&t, 20);
	reopen(&t);
	assert_int_equal(chain_startup_check(t.chain, 100, FAR, &height), ERR_OK);
	assert_int_equal(height, 20);
	/* Block 21 was let in by facts that lie: its signature is another's. */
	candidate(&t, 21, false, 0, 8);
	prove(&t.m);
	t.m.signature[0] ^= 1;
	expect_action(&t, 0, VERDICT_GOOD, CHAIN_APPENDED);
	grow_real(&t, 24);
	reopen(&t);
	assert_int_equal(chain_startup_check(t.chain, 3, FAR, &height), ERR_OK);
	assert_int_equal(height, 24); /* not looked at */
	assert_int_equal(chain_startup_check(t.chain, 0, FAR, &height), ERR_OK);
	assert_int_equal(height, 24);
	assert_int_equal(chain_startup_check(t.chain, 4, FAR, &height), ERR_OK);
	assert_int_equal(height, 20);
	expect_tip(&t, 20, 17, 20);
	assert_int_equal(store_group_bytes(t.chain->store), 0); /* and durable */
	/* A clock that went back: all that is in the future is dropped. */
	assert_int_equal(chain_startup_check(t.chain, 8, 1170 - 61, &height), ERR_OK);
	assert_int_equal(height, 16);
	expect_tip(&t, 16, 13, 16);
	end(&t);
}

static void test_startup_other_origin(void **state)
{
	struct test t;
	uint64_t height;
	(void)state;

	start(&t);
	grow(&t, 2);
	t.chain->params.origin[0] ^= 1;
	assert_int_equal(chain_startup_check(t.chain, 8, FAR, &height), ERR_CORRUPT);
	t.chain->params.origin[0] ^= 1;
	end(&t);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_startup_check),
		cmocka_unit_test(test_startup_other_origin),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
