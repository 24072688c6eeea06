/* The sync engine with model peers, downloading: order, liars, poisoned copies, lateness. */
#include "tests/unit/sync_rig.h"

#include "base/mem.h"
#include "chain/blakeout.h"
#include "chain/crypto.h"
#include "tests/unit/main.h"

static void test_in_any_order(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 30);
	rig_peer(&r, 1, true, 30);
	assert_int_equal(rig_count(&r, 1, MSG_GET_BLOCK), 30);
	for (uint64_t i = 30; i >= 1; i--) /* answers come in order; these are of two peers */
		if (i == 1)
			rig_gives(&r, 1, 1, b.block[1]);
	assert_int_equal(rig_height(&r), 1);
	rig_gives(&r, 1, 3, b.block[3]); /* skips 2: it does not have it, somebody else is asked */
	assert_int_equal(future_blocks_count(&r.sync->future_blocks), 1);
	assert_int_equal(rig_count(&r, 1, MSG_GET_BLOCK), 31);
	for (uint64_t i = 4; i <= 30; i++)
		rig_gives(&r, 1, i, b.block[i]);
	assert_int_equal(rig_height(&r), 1);
	rig_gives(&r, 1, 2, b.block[2]);
	assert_true(rig_on(&r, &b));
	assert_int_equal(future_blocks_count(&r.sync->future_blocks), 0);
	assert_int_equal(r.model[1].credits, 30);
	assert_false(r.model[1].banned);
	rig_end_with(&r, &b);
}

static void test_two_peers_share(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 30);
	rig_peer(&r, 1, false, 30); /* a release 0.10 peer gets few requests at a time */
	assert_in_range(rig_count(&r, 1, MSG_GET_BLOCK), 1, 16);
	rig_peer(&r, 2, false, 30);
	assert_in_range(rig_count(&r, 2, MSG_GET_BLOCK), 1, 16);
	while (rig_serves(&r, 1, &b) + rig_serves(&r, 2, &b))
		;
	assert_true(rig_on(&r, &b));
	assert_true(r.model[1].credits && r.model[2].credits);
	rig_end_with(&r, &b);
}

/* A copy with a broken signature, or of a block that was changed, gets its sender banned and the
 * true block is taken from the next peer (protocol.md 12.3). */
static void test_poisoned_copies(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 10);
	for (peer_id id = 1; id <= 2; id++) {
		struct block_owned *poisoned;
		uint8_t bytes[4096], signature[SIGNATURE_SIZE];
		struct wr w = wr_of(bytes, sizeof bytes);
		assert_int_equal(block_decode_owned(b.block[1], &poisoned), ERR_OK);
		memcpy(signature, poisoned->b.signature.p, sizeof signature);
		signature[0] ^= 1;
		if (id == 1)
			poisoned->b.signature = slice_of(signature, sizeof signature);
		else
			poisoned->b.timestamp++; /* same hash field, other block */
		block_encode(&poisoned->b, &w);
		rig_peer(&r, id, true, 10);
		rig_gives(&r, id, 1, wr_done(&w));
		assert_true(r.model[id].banned);
		assert_int_equal(rig_height(&r), 0);
		rig_leave(&r, id);
		mem_free(poisoned);
	}
	rig_peer(&r, 3, true, 10);
	rig_serves(&r, 3, &b);
	assert_true(rig_on(&r, &b));
	assert_false(r.model[3].banned);
	rig_end_with(&r, &b);
}

/* The block of that index with other data, as its author would mine and sign it. */
static struct slice with_data(struct rig *r, const struct branch *b, uint64_t index,
	const char *data, uint8_t bytes[4096])
{
	uint8_t text[4096], hash[1][BLAKEOUT_SIZE], signature[SIGNATURE_SIZE];
	struct wr w = wr_of(text, sizeof text), out = wr_of(bytes, 4096);
	struct block_owned *o;

	assert_int_equal(block_decode_owned(b->block[index], &o), ERR_OK);
	struct block made = o->b;
	made.tx.data = slice_str(data);
	made.hash = slice_of(hash[0], sizeof hash[0]);
	do {
		made.nonce++;
		w.n = 0;
		block_preimage(&made, PREIMAGE_HASH, &w);
		struct slice in = wr_done(&w);
		blakeout_lanes(&in, 1, hash, r->maker->scratch, MINING_SCRATCH);
	} while (hash_difficulty(made.hash) < (int)made.difficulty);
	w.n = 0;
	block_preimage(&made, PREIMAGE_SIGNATURE, &w);
	crypto_sign_with(
		authors_find(&r->maker->authors, made.pub_key.p)->seed, wr_done(&w), signature);
	made.signature = slice_of(signature, sizeof signature);
	block_encode(&made, &out);
	mem_free(o);
	return wr_done(&out);
}

/* The data of a domain is read by the checkers. Nobody could take what they find, so that the next
 * one who sends it is refused at once. */
static void test_data_that_does_not_parse(void **state)
{
	struct branch b, bad;
	uint8_t bytes[4096];
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 4);
	bad = b;
	bad.height = 3;
	bad.block[3] = with_data(&r, &b, 3, "{\"zone\":\"ygg\"}", bytes);
	for (peer_id id = 1; id <= 2; id++) {
		rig_peer(&r, id, true, 3);
		if (id == 2)
			r.limits.max_verify_queue.peak = 0;
		if (id == 1)
			rig_gives(&r, id, 1, b.block[1]);
		rig_gives(&r, id, 3, bad.block[3]); /* its turn does not come */
		assert_true(r.model[id].banned);
		assert_int_equal(r.limits.max_verify_queue.peak > 0, id == 1);
		assert_int_equal(rig_height(&r), 1);
		assert_int_equal(r.sync->blocks_bad, id);
		rig_leave(&r, id);
	}
	bad.block[3] = with_data(&r, &b, 3, "{\"encrypted\":\"\",\"zone\":\"ygg\"}", bytes);
	rig_peer(&r, 3, true, 3);
	rig_serves(&r, 3, &bad);
	assert_false(r.model[3].banned);
	assert_int_equal(rig_height(&r), 3);
	rig_end_with(&r, &b);
}

static void test_liar_about_height(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 10);
	struct node_peer *liar = rig_peer(&r, 1, true, 1000000000);
	assert_true(rig_count(&r, 1, MSG_GET_BLOCK) > 0);
	rig_pass(&r, 5000); /* it never answers */
	assert_int_equal(rig_count(&r, 1, MSG_GET_PEERS), 1);
	rig_sends_peers(&r, 1); /* Peers, but no block: it does not have it */
	assert_int_equal(sync_best_height(r.sync), 0);
	rig_peer(&r, 2, true, 10);
	rig_serves(&r, 2, &b);
	assert_true(rig_on(&r, &b));
	rig_tells(&r, 2, &b, 10);
	liar->sync.height = 1000000000; /* it claims again, and answers nothing at all */
	rig_pass(&r, 11000);
	assert_true(r.model[1].closed);
	assert_false(r.model[2].closed || r.model[2].banned);
	rig_end_with(&r, &b);
}

/* The block that everything waits for is asked a second time before the slow peer is given up. */
static void test_late_block_is_asked_again(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 10);
	rig_peer(&r, 1, true, 10);
	rig_peer(&r, 2, true, 10);
	assert_int_equal(rig_count(&r, 2, MSG_GET_BLOCK), 0);
	rig_pass(&r, 2000);
	assert_true(rig_count(&r, 2, MSG_GET_BLOCK) > 0);
	while (rig_serves(&r, 2, &b))
		rig_pass(&r, 2000);
	rig_pass(&r, 10000);
	while (rig_serves(&r, 2, &b))
		;
	assert_true(rig_on(&r, &b));
	assert_false(r.model[2].closed);
	rig_end_with(&r, &b);
}

static void test_unasked_blocks(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 10);
	rig_fill(&r, &b, 10);
	struct node_peer *np = rig_peer(&r, 1, false, 10);
	rig_gives(&r, 1, 7, b.block[7]); /* once is no ban, */
	assert_false(r.model[1].banned);
	for (int i = 0; i < 4; i++)
		rig_gives(&r, 1, 7, b.block[7]); /* five times is */
	assert_true(r.model[1].banned);
	rig_leave(&r, 1);
	np = rig_peer(&r, 2, false, 9);
	assert_int_equal(serve_get_block(&r.serve, np, 10), SERVE_SENT);
	for (int i = 0; i < 9; i++)
		rig_gives(&r, 2, 10, b.block[10]); /* its own block of that index: a fork answer */
	assert_false(r.model[2].banned);
	rig_end_with(&r, &b);
}

static void test_wrong_index_and_garbage(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, 3);
	rig_peer(&r, 1, true, 3);
	rig_gives(&r, 1, 1, b.block[2]);
	assert_true(r.model[1].banned);
	rig_leave(&r, 1);
	rig_peer(&r, 2, true, 3);
	rig_gives(&r, 2, 1, slice_str("no block"));
	assert_true(r.model[2].banned);
	rig_leave(&r, 2);
	rig_peer(&r, 3, true, 3);
	rig_serves(&r, 3, &b);
	assert_true(rig_on(&r, &b));
	rig_end_with(&r, &b);
}

/* Commits come in groups, and none is larger than its row. */
static void test_commit_groups(void **state)
{
	struct branch b;
	struct rig r;
	struct chain_tip t;
	(void)state;

	rig_begin_with(&r, &b, 30);
	r.limits.commit_blocks.max = 8;
	rig_peer(&r, 1, true, 30);
	rig_serves(&r, 1, &b);
	chain_get_tip(r.chain, &t);
	assert_int_equal(t.committed, 30);
	assert_true(r.limits.commit_blocks.peak <= 8);
	assert_in_range(r.new_tips, 4, 30);
	rig_end_with(&r, &b);
}

/* All tests, or those that the pattern names. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_any_order),
		cmocka_unit_test(test_two_peers_share),
		cmocka_unit_test(test_poisoned_copies),
		cmocka_unit_test(test_data_that_does_not_parse),
		cmocka_unit_test(test_liar_about_height),
		cmocka_unit_test(test_late_block_is_asked_again),
		cmocka_unit_test(test_unasked_blocks),
		cmocka_unit_test(test_wrong_index_and_garbage),
		cmocka_unit_test(test_commit_groups),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
