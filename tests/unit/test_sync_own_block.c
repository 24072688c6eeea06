/* Blocks of our own: the same checks as for peers' blocks, and an answer for who made one. */
#include "base/mem.h"
#include "sync/sync_own_block.h"
#include "tests/unit/main.h"
#include "tests/unit/sync_rig.h"

enum { HEIGHT = 30, NUMBER = 7 };

static struct block_owned *decoded(struct slice cbor)
{
	struct block_owned *b = NULL;

	assert_int_equal(block_decode_owned(cbor, &b), ERR_OK);
	return b;
}

static enum err hand_in_block(struct rig *r, struct block_owned *b)
{
	r->own_told = 0;
	r->own_number = 0;
	enum err err = sync_own_block(r->sync, &b, NUMBER);
	assert_null(b);
	assert_int_equal(r->own_told, 0); /* never within the call */
	if (err == ERR_OK) {
		rig_settle(r);
		assert_int_equal(r->own_told, 1);
		assert_int_equal(r->own_number, NUMBER);
	}
	return err;
}

static void hand_in(struct rig *r, struct slice cbor)
{
	assert_int_equal(hand_in_block(r, decoded(cbor)), ERR_OK);
}

/* One byte of a field is another. */
static struct block_owned *spoiled(struct slice cbor, bool signature)
{
	struct block_owned *good = decoded(cbor);
	struct block b = good->b;
	uint8_t bytes[SIGNATURE_SIZE];
	struct slice *field = signature ? &b.signature : &b.hash;

	memcpy(bytes, field->p, field->n);
	bytes[signature ? 10 : 16] ^= 1;
	*field = slice_of(bytes, field->n);
	struct block_owned *bad = block_copy(&b);
	mem_free(good);
	assert_non_null(bad);
	return bad;
}

/* It is committed at once, and peers that are behind are told. */
static void test_taken(void **state)
{
	struct branch b;
	struct rig r;
	struct chain_tip t;
	(void)state;

	rig_begin_with(&r, &b, HEIGHT + 1);
	rig_fill(&r, &b, HEIGHT);
	rig_peer(&r, 1, true, HEIGHT);
	r.new_tips = 0;
	r.sent_count = 0;
	hand_in(&r, b.block[HEIGHT + 1]);
	assert_string_equal(r.own_why, "");
	assert_int_equal(rig_height(&r), HEIGHT + 1);
	assert_int_equal(r.new_tips, 1);
	chain_get_tip(r.chain, &t);
	assert_int_equal(t.committed, HEIGHT + 1);
	rig_pass(&r, 2000);
	assert_true(rig_count(&r, 1, MSG_PING) > 0);
	rig_end_with(&r, &b);
}

/* Blocks that waited for it follow. */
static void test_others_follow(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, HEIGHT + 3);
	rig_fill(&r, &b, HEIGHT);
	rig_peer(&r, 1, true, HEIGHT + 3);
	rig_gives(&r, 1, HEIGHT + 3, b.block[HEIGHT + 3]);
	rig_gives(&r, 1, HEIGHT + 2, b.block[HEIGHT + 2]);
	assert_int_equal(rig_height(&r), HEIGHT);
	hand_in(&r, b.block[HEIGHT + 1]);
	assert_int_equal(rig_height(&r), HEIGHT + 3);
	rig_end_with(&r, &b);
}

/* A peer's block for the same place comes while ours is checked: nothing stays open for it, so that
 * the place can be asked for when another branch replaces ours. */
static void test_overtakes_a_peer(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, HEIGHT + 1);
	rig_fill(&r, &b, HEIGHT);
	rig_peer(&r, 1, true, HEIGHT + 1);
	struct block_owned *own = decoded(b.block[HEIGHT + 1]);
	assert_int_equal(sync_own_block(r.sync, &own, NUMBER), ERR_OK);
	rig_gives(&r, 1, HEIGHT + 1, b.block[HEIGHT + 1]);
	rig_settle(&r);
	assert_int_equal(rig_height(&r), HEIGHT + 1);
	assert_int_equal(r.own_told, 1);
	const struct slot *slot = &r.sync->ring[(HEIGHT + 1) % r.sync->ring_size];
	assert_int_equal(slot->index, HEIGHT + 1);
	assert_int_equal(slot->state, SLOT_EMPTY);
	rig_end_with(&r, &b);
}

static void test_refused(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, HEIGHT + 2);
	rig_fill(&r, &b, HEIGHT);
	hand_in(&r, b.block[HEIGHT]);
	assert_string_equal(r.own_why,
		"it is block 30, but the chain has 30 blocks: only the next one is taken");
	hand_in(&r, b.block[HEIGHT + 2]);
	assert_string_equal(r.own_why,
		"it is block 32, but the chain has 30 blocks: only the next one is taken");
	hand_in_block(&r, spoiled(b.block[HEIGHT + 1], false));
	assert_string_equal(r.own_why, "its hash is not the one of its content");
	hand_in_block(&r, spoiled(b.block[HEIGHT + 1], true));
	assert_string_equal(r.own_why, "its signature is not the one of its author");
	assert_int_equal(r.limits.max_verify_bytes.used, 0);
	rig_end_with(&r, &b);
}

/* A rule of the chain says no: the block of another branch. */
static void test_rules(void **state)
{
	struct branch b, other;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, HEIGHT + 1);
	rig_branch(&r, &other, &b, HEIGHT - 2, 2, 3);
	rig_fill(&r, &b, HEIGHT);
	hand_in(&r, other.block[HEIGHT + 1]);
	assert_true(r.own_why[0] != 0);
	assert_int_equal(rig_height(&r), HEIGHT);
	branch_free(&other, HEIGHT - 1);
	rig_end_with(&r, &b);
}

/* No room at the checkers, and stopping: the block is not kept. */
static void test_no_room(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, HEIGHT + 1);
	rig_fill(&r, &b, HEIGHT);
	uint64_t most = r.limits.max_verify_bytes.max;
	r.limits.max_verify_bytes.max = 10;
	assert_int_equal(hand_in_block(&r, decoded(b.block[HEIGHT + 1])), ERR_FULL);
	r.limits.max_verify_bytes.max = most;
	r.limits.max_verify_queue.used = r.limits.max_verify_queue.max;
	assert_int_equal(hand_in_block(&r, decoded(b.block[HEIGHT + 1])), ERR_FULL);
	r.limits.max_verify_queue.used = 0;
	assert_int_equal(r.limits.max_verify_bytes.used, 0);
	struct block_owned *late = decoded(b.block[HEIGHT + 1]);
	r.own_told = 0;
	assert_int_equal(sync_own_block(r.sync, &late, NUMBER), ERR_OK);
	sync_quiesce(r.sync);
	rig_settle(&r);
	assert_int_equal(r.own_told, 1);
	assert_string_equal(r.own_why, "the node stops");
	assert_int_equal(hand_in_block(&r, decoded(b.block[HEIGHT + 1])), ERR_STOPPING);
	rig_end_with(&r, &b);
}

static void test_memory(void **state)
{
	struct branch b;
	struct rig r;
	(void)state;

	rig_begin_with(&r, &b, HEIGHT + 1);
	rig_fill(&r, &b, HEIGHT);
	struct block_owned *block = decoded(b.block[HEIGHT + 1]);
	mem_fail_nth(1);
	assert_int_equal(hand_in_block(&r, block), ERR_NOMEM);
	assert_int_equal(mem_fail_nth(0), 0);
	assert_int_equal(r.limits.max_verify_bytes.used, 0);
	rig_end_with(&r, &b);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_others_follow),
		cmocka_unit_test(test_overtakes_a_peer),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_memory),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
