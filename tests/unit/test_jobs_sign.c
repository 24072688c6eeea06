/* Signatures of full blocks among the owner's work: on a made chain whose authors are all ours. */
#include "tests/unit/jobs_sign_rig.h"
#include "tests/unit/main.h"
#include "tests/unit/russian.h"

/* Not before the block is a minute old; then by a drawn key, for the place above the tip. */
static void test_signs(void **state)
{
	static const uint8_t signature[SIGNATURE_SIZE] = {1};
	struct chain_tip tip;
	(void)state;

	begin_bench();
	chain_get_tip(b.r.chain, &tip);
	b.r.wall += (int64_t)params_mainnet.signing_wait - 1;
	jobs_tick(b.jobs);
	assert_int_equal(b.searches, 0);
	assert_int_equal(jobs_signing(b.jobs)->turn.why, TURN_EARLY);
	until_search(1);
	assert_true(jobs_signing(b.jobs)->searching);
	assert_int_equal(b.searched->b.index, tip.height + 1);
	assert_false(b.searched->b.full);
	assert_int_equal(b.searched->b.difficulty, b.r.params.signer_difficulty);
	assert_memory_equal(b.searched->b.prev_hash.p, tip.hash, HASH_SIZE);
	struct block_summary full;
	struct draw d;
	assert_true(view_summary(chain_view(b.r.chain), tip.last_full, &full));
	signers_draw(chain_view(b.r.chain), &full, &d);
	assert_true(draw_has(&d, b.searched->b.pub_key.p));
	find();
	assert_int_equal(b.signs, 1);
	assert_int_equal(b.window, tip.last_full);
	jobs_signed(b.jobs, signature, false, NULL);
	assert_int_equal(b.submits, 1);
	jobs_submitted(b.jobs, NULL);
	assert_int_equal(jobs_signing(b.jobs)->signed_, 1);
	assert_false(jobs_signing(b.jobs)->searching);
	end_bench();
}

/* A search that was stopped begins again with the next look, for the same key. */
static void test_stopped(void **state)
{
	uint8_t key[KEY_SIZE];
	(void)state;

	begin_bench();
	assert_false(jobs_stop_signature(b.jobs));
	until_search(1);
	memcpy(key, b.searched->b.pub_key.p, KEY_SIZE);
	assert_true(jobs_stop_signature(b.jobs));
	assert_false(jobs_signing(b.jobs)->searching);
	assert_false(jobs_stop_signature(b.jobs));
	jobs_search_ended(b.jobs, NULL, 5);
	b.r.wall += (int64_t)b.r.params.signing_poll - 1;
	jobs_tick(b.jobs);
	assert_int_equal(b.searches, 1);
	until_search(2);
	assert_memory_equal(b.searched->b.pub_key.p, key, KEY_SIZE);
	assert_true(jobs_signing(b.jobs)->on);
	end_bench();
}

/* The first of the draw starts first, and the next ones one after the other. */
static void test_order(void **state)
{
	struct block_summary full;
	struct chain_tip tip;
	struct draw d;
	int64_t began;
	(void)state;

	begin_bench();
	chain_get_tip(b.r.chain, &tip);
	assert_true(view_summary(chain_view(b.r.chain), tip.last_full, &full));
	signers_draw(chain_view(b.r.chain), &full, &d);
	b.r.wall += (int64_t)params_mainnet.signing_wait;
	began = b.r.wall;
	jobs_tick(b.jobs);
	until_search(1);
	unsigned place = 0;
	while (memcmp(d.keys[place], b.searched->b.pub_key.p, KEY_SIZE) != 0)
		place++;
	/* all are ours: the first drawn one that is not the author of the block itself */
	for (unsigned i = 0; i < place; i++)
		assert_memory_equal(d.keys[i], full.key, KEY_SIZE);
	assert_in_range(b.r.wall - began, place * 20, place * 20 + 1);
	end_bench();
}

/* A later one of the draw leaves those before it their time. */
static void test_later_in_the_draw(void **state)
{
	struct block_summary full;
	struct chain_tip tip;
	struct draw d;
	(void)state;

	begin_bench();
	chain_get_tip(b.r.chain, &tip);
	assert_true(view_summary(chain_view(b.r.chain), tip.last_full, &full));
	signers_draw(chain_view(b.r.chain), &full, &d);
	assert_in_range(d.n, 3, SIGNERS_ALL);
	b.only = d.keys[d.n - 1];
	b.r.params.signer_difficulty = 3;
	b.r.wall += (int64_t)params_mainnet.signing_wait;
	int64_t began = b.r.wall;
	jobs_tick(b.jobs);
	assert_int_equal(b.searches, 0);
	until_search(1);
	assert_memory_equal(b.searched->b.pub_key.p, b.only, KEY_SIZE);
	assert_in_range(b.r.wall - began, 15, 300);
	assert_int_equal(b.searched->b.difficulty, 3);
	end_bench();
}

/* Off; on; no key; behind others. */
static void test_not_now(void **state)
{
	(void)state;
	begin_bench();
	b.r.wall += 1000;
	jobs_sign(b.jobs, false);
	jobs_tick(b.jobs);
	assert_int_equal(b.searches, 0);
	jobs_sign(b.jobs, true);
	b.open = 0;
	jobs_tick(b.jobs);
	assert_int_equal(jobs_signing(b.jobs)->turn.why, TURN_NO_KEY);
	b.open = b.r.maker->authors.count;
	b.max_height = 1000;
	jobs_tick(b.jobs);
	assert_int_equal(jobs_signing(b.jobs)->turn.why, TURN_BEHIND);
	assert_int_equal(b.searches, 0);
	b.max_height = 0;
	until_search(1);
	jobs_sign(b.jobs, false);
	assert_int_equal(b.cancels, 1);
	jobs_search_ended(b.jobs, NULL, 3);
	jobs_tick(b.jobs);
	assert_int_equal(b.searches, 1);
	end_bench();
}

/* The block of another signer comes first: ours is for the wrong place. */
static void test_tip_moves(void **state)
{
	struct chain_tip tip;
	(void)state;

	begin_bench();
	b.r.wall += (int64_t)params_mainnet.signing_wait;
	until_search(1);
	chain_get_tip(b.r.chain, &tip);
	b.r.wall += 1000;
	struct block_owned *block;
	assert_int_equal(block_decode_owned(b.branch.block[tip.height + 1], &block), ERR_OK);
	assert_int_equal(sync_own_block(b.r.sync, &block, 1), ERR_OK);
	rig_settle(&b.r);
	assert_int_equal(rig_height(&b.r), tip.height + 1);
	jobs_tick(b.jobs);
	assert_int_equal(b.cancels, 1);
	assert_false(jobs_signing(b.jobs)->searching);
	jobs_search_ended(b.jobs, NULL, 3);
	until_search(2);
	assert_int_equal(b.searched->b.index, tip.height + 2);
	end_bench();
}

/* The place above a signature is open as soon as others can know of that: no minute is lost. */
static void test_next_follows_soon(void **state)
{
	struct block_owned *block;
	struct chain_tip tip;
	(void)state;

	begin_bench();
	chain_get_tip(b.r.chain, &tip);
	assert_int_equal(block_decode_owned(b.branch.block[tip.height + 1], &block), ERR_OK);
	b.r.wall = block->b.timestamp;
	assert_int_equal(sync_own_block(b.r.sync, &block, 1), ERR_OK);
	rig_settle(&b.r);
	assert_int_equal(rig_height(&b.r), tip.height + 1);
	jobs_tick(b.jobs);
	b.r.wall += 9;
	assert_int_equal(jobs_tick(b.jobs), 1000);
	assert_int_equal(b.searches, 0);
	b.r.wall++;
	jobs_tick(b.jobs);
	assert_int_equal(b.searches, 1);
	assert_int_equal(b.searched->b.index, tip.height + 2);
	end_bench();
}

/* A name is searched; a signature goes first, and then the name goes on. */
static void test_goes_first(void **state)
{
	static const uint8_t signature[SIGNATURE_SIZE] = {1};
	struct draft_request r = {.name = slice_str("example.ygg"), .data = slice_str(YGG)};
	uint64_t id;
	(void)state;

	begin_bench();
	r.author = b.r.maker->authors.all[0].pub_key;
	assert_int_equal(jobs_add(b.jobs, &r, &id), ERR_OK);
	jobs_tick(b.jobs);
	assert_int_equal(jobs_find(b.jobs, id)->state, JOB_WAITS); /* for the lock */
	assert_non_null(strstr(jobs_find(b.jobs, id)->line, "signatures"));
	assert_has_russian(jobs_find(b.jobs, id)->line);
	b.r.wall += (int64_t)params_mainnet.signing_wait;
	until_search(1);
	assert_false(b.searched->b.full);
	find();
	jobs_signed(b.jobs, signature, false, NULL);
	jobs_submitted(b.jobs, NULL);
	assert_int_equal(jobs_find(b.jobs, id)->state, JOB_WAITS);
	end_bench();
}

/* The key process refuses, or the chain: the next of our keys signs in its place, each once. */
static void test_refused(void **state)
{
	static const uint8_t signature[SIGNATURE_SIZE] = {1};
	uint8_t seen[SIGNERS_ALL][KEY_SIZE];
	unsigned n = 0;
	(void)state;

	begin_bench();
	b.r.wall += (int64_t)params_mainnet.signing_wait;
	for (int i = 0; i < 100; i++) {
		b.r.wall += 10;
		jobs_tick(b.jobs);
		if (b.searches == n)
			continue;
		assert_in_range(n, 0, SIGNERS_ALL - 1);
		for (unsigned k = 0; k < n; k++)
			assert_memory_not_equal(seen[k], b.searched->b.pub_key.p, KEY_SIZE);
		memcpy(seen[n++], b.searched->b.pub_key.p, KEY_SIZE);
		find();
		if (n % 2) {
			jobs_signed(b.jobs, NULL, false, "another block was signed for this place");
			assert_non_null(strstr(jobs_signing(b.jobs)->line, "another block"));
		} else {
			jobs_signed(b.jobs, signature, false, NULL);
			jobs_submitted(b.jobs, "no good");
			assert_non_null(strstr(jobs_signing(b.jobs)->line, "no good"));
		}
		assert_false(jobs_signing(b.jobs)->searching);
	}
	assert_int_equal(jobs_signing(b.jobs)->signed_, 0);
	assert_in_range(n, 2, SIGNERS_ALL);
	assert_int_equal(b.searches, n);
	end_bench();
}

/* Who has signed is waited for no longer: the second of the draw is the first of the next place. */
static void test_order_after_one(void **state)
{
	struct block_owned *block;
	struct chain_tip tip;
	(void)state;

	begin_bench();
	b.r.params.signing_poll = 150; /* keys begin 100 s apart */
	chain_get_tip(b.r.chain, &tip);
	uint64_t at = tip.height + 1;
	assert_int_equal(block_decode_owned(b.branch.block[at], &block), ERR_OK);
	b.r.wall = block->b.timestamp;
	assert_int_equal(sync_own_block(b.r.sync, &block, 1), ERR_OK);
	rig_settle(&b.r);
	assert_int_equal(rig_height(&b.r), at);
	jobs_tick(b.jobs);
	assert_int_equal(b.searches, 0);
	b.r.wall += (int64_t)params_mainnet.signing_wait;
	jobs_tick(b.jobs);
	assert_int_equal(b.searches, 1);
	end_bench();
}

/* A key that was chosen is locked before it begins. */
static void test_chosen_and_locked(void **state)
{
	(void)state;
	begin_bench();
	b.r.wall += (int64_t)params_mainnet.signing_wait - 1;
	jobs_tick(b.jobs);
	b.open = 0;
	b.r.wall += 1000;
	jobs_tick(b.jobs);
	assert_int_equal(b.searches, 0);
	assert_int_equal(jobs_signing(b.jobs)->starts, 0);
	b.open = b.r.maker->authors.count;
	until_search(1);
	end_bench();
}

/* A key that is locked when its block was found holds up no other one of ours. */
static void test_found_and_locked(void **state)
{
	(void)state;
	begin_bench();
	until_search(1);
	memcpy(b.locked, b.searched->b.pub_key.p, KEY_SIZE);
	find();
	jobs_signed(b.jobs, NULL, true, "its key is locked");
	until_search(2);
	assert_memory_not_equal(b.searched->b.pub_key.p, b.locked, KEY_SIZE);
	assert_true(jobs_signing(b.jobs)->searching);
	end_bench();
}

/* The program is killed when a signature was found: it signs the same block, also when its key was
 * locked at first and another one of ours searches meanwhile. */
static void test_killed(void **state)
{
	static const uint8_t signature[SIGNATURE_SIZE] = {1};
	uint8_t key_[KEY_SIZE];
	struct chain_tip tip;
	(void)state;

	begin_bench();
	chain_get_tip(b.r.chain, &tip);
	until_search(1);
	memcpy(key_, b.searched->b.pub_key.p, KEY_SIZE);
	find();
	assert_int_equal(found_disk.writes, 1);
	jobs_free(b.jobs);
	new_jobs();
	restore_found(b.jobs, 0);
	memcpy(b.locked, key_, KEY_SIZE);
	until_search(2);
	assert_memory_not_equal(b.searched->b.pub_key.p, key_, KEY_SIZE);
	memset(b.locked, 0xEE, KEY_SIZE);
	jobs_tick(b.jobs);
	assert_int_equal(b.cancels, 1);
	jobs_search_ended(b.jobs, NULL, 3);
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 2);
	assert_int_equal(b.window, tip.last_full);
	assert_true(jobs_signing(b.jobs)->searching);
	jobs_signed(b.jobs, signature, false, NULL);
	assert_int_equal(b.submits, 1);
	jobs_free(b.jobs); /* once more, when it is signed */
	new_jobs();
	restore_found(b.jobs, 0);
	memcpy(b.locked, key_, KEY_SIZE);
	jobs_tick(b.jobs);
	assert_int_equal(b.submits, 2);
	assert_int_equal(b.signs, 2);
	jobs_submitted(b.jobs, NULL);
	assert_int_equal(jobs_signing(b.jobs)->signed_, 1);
	assert_int_equal(found_disk.size[0], 0);
	end_bench();
}

/* `sign off` while the key process is asked: what it answers is not published. */
static void test_off_while_it_is_signed(void **state)
{
	static const uint8_t signature[SIGNATURE_SIZE] = {1};
	(void)state;

	begin_bench();
	until_search(1);
	find();
	jobs_sign(b.jobs, false);
	jobs_signed(b.jobs, signature, false, NULL);
	jobs_tick(b.jobs);
	assert_int_equal(b.submits, 0);
	jobs_sign(b.jobs, true);
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 2);
	end_bench();
}

/* What was found is refused: another key of ours signs, and `sign off` leaves all alone. */
static void test_kept_and_refused(void **state)
{
	uint8_t key_[KEY_SIZE];
	(void)state;

	begin_bench();
	until_search(1);
	memcpy(key_, b.searched->b.pub_key.p, KEY_SIZE);
	find();
	jobs_free(b.jobs);
	new_jobs();
	restore_found(b.jobs, 0);
	jobs_sign(b.jobs, false);
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 1);
	jobs_sign(b.jobs, true);
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 2);
	jobs_signed(b.jobs, NULL, false, "another block was signed for this place");
	assert_int_equal(found_disk.size[0], 0);
	until_search(2);
	assert_memory_not_equal(b.searched->b.pub_key.p, key_, KEY_SIZE);
	end_bench();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signs),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_later_in_the_draw),
		cmocka_unit_test(test_not_now),
		cmocka_unit_test(test_tip_moves),
		cmocka_unit_test(test_next_follows_soon),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_order_after_one),
		cmocka_unit_test(test_chosen_and_locked),
		cmocka_unit_test(test_found_and_locked),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_kept_and_refused),
		cmocka_unit_test(test_off_while_it_is_signed),
		cmocka_unit_test(test_goes_first),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
