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
	assert_int_equal(chain_startup_check(t.chain, 8, FAR, NULL, &height), ERR_OK);
	assert_int_equal(height, 0);
	/* The first block is no last full block here: nobody can be drawn for those behind it. */
	grow_real(&t, 4);
	t.chain->params.block_signers_start = 1;
	assert_int_equal(chain_startup_check(t.chain, 100, FAR, NULL, &height), ERR_OK);
	assert_int_equal(height, 4);
	t.chain->params.block_signers_start = t.params.block_signers_start;
	grow_real(&t, 20);
	reopen(&t);
	assert_int_equal(chain_startup_check(t.chain, 100, FAR, NULL, &height), ERR_OK);
	assert_int_equal(height, 20);
	/* Block 21 was let in by facts that lie: its signature is another's. */
	candidate(&t, 21, false, 0, 8);
	prove(&t.m);
	t.m.signature[0] ^= 1;
	expect_action(&t, 0, VERDICT_GOOD, CHAIN_APPENDED);
	grow_real(&t, 24);
	reopen(&t);
	assert_int_equal(chain_startup_check(t.chain, 3, FAR, NULL, &height), ERR_OK);
	assert_int_equal(height, 24); /* not looked at */
	assert_int_equal(chain_startup_check(t.chain, 0, FAR, NULL, &height), ERR_OK);
	assert_int_equal(height, 24);
	assert_int_equal(chain_startup_check(t.chain, 4, FAR, NULL, &height), ERR_OK);
	assert_int_equal(height, 20);
	expect_tip(&t, 20, 17, 20);
	assert_int_equal(store_group_bytes(t.chain->store), 0); /* and durable */
	/* A clock that went back: all that is in the future is dropped. */
	assert_int_equal(chain_startup_check(t.chain, 8, 1170 - 61, NULL, &height), ERR_OK);
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
	assert_int_equal(chain_startup_check(t.chain, 8, FAR, NULL, &height), ERR_CORRUPT);
	t.chain->params.origin[0] ^= 1;
	end(&t);
}

struct seen {
	unsigned calls, most; /* groups, and how many may be checked */
	uint64_t index[32], last;
};

static bool look(void *ctx, uint64_t index, uint64_t last)
{
	struct seen *s = ctx;

	assert_true(s->calls < 32);
	s->index[s->calls++] = index;
	s->last = last;
	return s->calls <= s->most;
}

/* Each look at it is so much later. */
static uint64_t later(void *ctx)
{
	static uint64_t now;

	return now += *(uint64_t *)ctx;
}

/* Between two groups of blocks somebody is asked, and can end it. */
static void test_startup_is_watched(void **state)
{
	struct test t;
	uint64_t height, step = 0;
	const struct clock clock = {.mono = later, .ctx = &step};
	struct seen seen = {.most = 2};
	const struct chain_watch watch = {look, &seen};
	(void)state;

	start(&t);
	grow_real(&t, 20);
	/* The last block is one that would be cut off, but it does not come to that. */
	candidate(&t, 21, false, 0, 8);
	prove(&t.m);
	t.m.signature[0] ^= 1;
	expect_action(&t, 0, VERDICT_GOOD, CHAIN_APPENDED);
	assert_int_equal(chain_startup_check(t.chain, 100, FAR, &watch, &height), ERR_STOPPING);
	assert_int_equal(height, 21);
	assert_int_equal(seen.calls, 3);
	assert_int_equal(seen.index[0], 1);
	assert_true(seen.index[1] > 1 && seen.index[2] > seen.index[1] && seen.index[2] <= 21);
	assert_int_equal(seen.last, 21);
	/* A machine that takes long for a group gets smaller ones. */
	t.chain->clock = &clock;
	step = 10000;
	seen = (struct seen){.most = 32};
	assert_int_equal(chain_startup_check(t.chain, 10, FAR, &watch, &height), ERR_OK);
	assert_true(seen.calls >= 6);
	assert_int_equal(seen.index[seen.calls - 1], seen.index[seen.calls - 2] + 1);
	assert_int_equal(height, 20);
	t.chain->clock = NULL;
	end(&t);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_startup_check),
		cmocka_unit_test(test_startup_other_origin),
		cmocka_unit_test(test_startup_is_watched),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
