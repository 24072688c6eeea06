/* The owner's work: jobs, with the work behind the hooks done by the test. What was found is in
 * test_jobs_found.c, signatures in test_jobs_sign.c. */
#include "tests/unit/jobs_rig.h"
#include "tests/unit/main.h"

static void test_done(void **state)
{
	struct chain_tip tip;
	(void)state;

	begin_bench();
	uint64_t id = add("example.ygg");
	expect(id, JOB_WAITS, "");
	assert_int_equal(jobs_tick(b.jobs), 5000);
	assert_int_equal(b.searches, 1);
	chain_get_tip(b.t.chain, &tip);
	assert_int_equal(b.searched->b.index, 2);
	assert_memory_equal(b.searched->b.prev_hash.p, tip.hash, HASH_SIZE);
	assert_int_equal(b.searched->b.difficulty, 9);
	assert_int_equal(b.searched->b.timestamp, tip.timestamp);
	expect_name("example.ygg");
	mine(id);
	expect(id, JOB_DONE, "");
	assert_int_equal(jobs_find(b.jobs, id)->block, 2);
	assert_int_equal(jobs_find(b.jobs, id)->hashes, 100);
	assert_int_equal(b.submitted->b.signature.n, SIGNATURE_SIZE);
	chain_get_tip(b.t.chain, &tip);
	assert_int_equal(tip.height, 2);
	assert_int_equal(jobs_open(b.jobs), 0);
	assert_int_equal(jobs_cancel(b.jobs, id), ERR_EXISTS);
	assert_int_equal(jobs_cancel(b.jobs, 99), ERR_NOT_FOUND);
	end_bench();
}

static void test_keys(void **state)
{
	static const uint8_t other[KEY_SIZE] = {1};
	struct draft_request r = {
		.name = slice_str("a.ygg"), .data = slice_str(YGG), .author = other};
	uint64_t id, lost;
	(void)state;

	begin_bench();
	assert_int_equal(jobs_add(b.jobs, &r, &lost), ERR_OK);
	id = add("example.ygg");
	b.key = JOB_KEY_LOCKED;
	jobs_tick(b.jobs);
	expect(lost, JOB_WAITS, "its key is not here");
	expect(id, JOB_WAITS, "its key is locked: alfisd key unlock");
	b.key = JOB_KEY_OPEN;
	jobs_tick(b.jobs);
	expect(id, JOB_SEARCHES, "difficulty 9");
	end_bench();
}

/* The node is behind, has no peer, …: nothing is begun, and what runs is put back. */
static void test_not_ready(void **state)
{
	(void)state;
	begin_bench();
	uint64_t id = add("example.ygg");
	b.ready = false;
	jobs_tick(b.jobs);
	expect(id, JOB_WAITS, "no peer confirms our tip");
	b.ready = true;
	jobs_tick(b.jobs);
	expect(id, JOB_SEARCHES, "");
	b.ready = false;
	jobs_tick(b.jobs);
	assert_int_equal(b.cancels, 1);
	expect(id, JOB_WAITS, "no peer confirms our tip");
	jobs_search_ended(b.jobs, NULL, 7);
	b.ready = true;
	jobs_tick(b.jobs);
	expect(id, JOB_SEARCHES, "");
	assert_int_equal(b.searches, 2);
	end_bench();
}

static void test_impossible(void **state)
{
	(void)state;
	begin_bench();
	uint64_t bad = add("a--b.ygg"), id = add("example.ygg");
	jobs_tick(b.jobs);
	expect(bad, JOB_FAILED, "hyphens");
	expect(id, JOB_SEARCHES, "");
	/* Somebody else mines the name meanwhile. */
	struct block_owned *rival = block_copy(&b.searched->b);
	block_comes(&rival->b);
	mem_free(rival);
	jobs_tick(b.jobs);
	expect(id, JOB_FAILED, "taken");
	assert_int_equal(b.cancels, 1);
	jobs_search_ended(b.jobs, NULL, 1);
	jobs_tick(b.jobs);
	assert_int_equal(b.searches, 1);
	end_bench();
}

/* A name that the last block gave to us can be changed when there is another block. */
static void test_given_last(void **state)
{
	(void)state;
	begin_bench();
	uint64_t id = add("example.ygg");
	jobs_tick(b.jobs);
	struct block_owned *o = block_copy(&b.searched->b);
	block_comes(&o->b); /* hers, and then ours */
	block_gives(&o->b, ME);
	jobs_tick(b.jobs);
	expect(id, JOB_WAITS, "as soon as there is another block");
	jobs_search_ended(b.jobs, NULL, 1);
	jobs_tick(b.jobs);
	expect(id, JOB_WAITS, "as soon as there is another block");
	block_comes(NULL);
	jobs_tick(b.jobs);
	mine(id);
	expect(id, JOB_DONE, "");
	mem_free(o);
	end_bench();
}

/* So does one that comes while another one is searched. */
static void test_impossible_meanwhile(void **state)
{
	(void)state;
	begin_bench();
	uint64_t id = add("example.ygg");
	jobs_tick(b.jobs);
	uint64_t bad = add("a--b.ygg"), next = add("next.ygg");
	jobs_tick(b.jobs);
	expect(bad, JOB_FAILED, "hyphens");
	expect(next, JOB_WAITS, "something else is searched first");
	expect(id, JOB_SEARCHES, "");
	assert_int_equal(b.searches, 1);
	end_bench();
}

/* A better block takes the place of the tip. */
static void tip_is_replaced(void)
{
	struct chain_tip tip;

	chain_get_tip(b.t.chain, &tip);
	candidate(&b.t, tip.height, true, 5, 0);
	b.t.m.b.difficulty = 9;
	b.t.m.b.timestamp = b.wall;
	memset(b.t.m.hash, 0, HASH_SIZE);
	b.t.m.hash[12] = 1;
	expect_action(&b.t, 0, VERDICT_FORK, CHAIN_REPLACED);
}

/* Its own number of threads, also after a restart. */
static void test_threads(void **state)
{
	static uint8_t me[KEY_SIZE];
	struct draft_request r = {.name = slice_str("example.ygg"),
		.data = slice_str(YGG),
		.author = me,
		.threads = 3};
	uint64_t id = 0;

	(void)state;
	made_key(ME, me);
	begin_bench();
	assert_int_equal(jobs_add(b.jobs, &r, &id), ERR_OK);
	jobs_free(b.jobs);
	new_jobs();
	assert_int_equal(
		jobs_restore(b.jobs, slice_of(b.kept[id % 8], b.kept_size[id % 8])), ERR_OK);
	jobs_tick(b.jobs);
	assert_int_equal(b.searches, 1);
	assert_int_equal(b.threads, 3);
	end_bench();
}

/* The job is done only when its block is too deep to be replaced: else it goes on. */
static void test_replaced(void **state)
{
	(void)state;
	begin_bench();
	uint64_t id = add("example.ygg");
	jobs_tick(b.jobs);
	mine(id);
	expect(id, JOB_DONE, "");
	jobs_free(b.jobs); /* also when the node was started again */
	new_jobs();
	assert_int_equal(
		jobs_restore(b.jobs, slice_of(b.kept[id % 8], b.kept_size[id % 8])), ERR_OK);
	jobs_tick(b.jobs);
	expect(id, JOB_DONE, "");
	tip_is_replaced();
	b.ready = false; /* the other branch may be on its way back */
	jobs_tick(b.jobs);
	expect(id, JOB_DONE, "");
	b.ready = true;
	jobs_tick(b.jobs);
	expect(id, JOB_SEARCHES, "");
	assert_int_equal(jobs_find(b.jobs, id)->block, 0);
	assert_int_equal(b.searched->b.index, 3);
	mine(id);
	expect(id, JOB_DONE, "");
	for (int i = 0; i < CONFIDENCE_DEPTH; i++)
		block_comes(NULL);
	jobs_tick(b.jobs);
	assert_false(slice_zero(slice_of(jobs_find(b.jobs, id)->hash, HASH_SIZE)));
	block_comes(NULL);
	jobs_tick(b.jobs);
	assert_true(slice_zero(slice_of(jobs_find(b.jobs, id)->hash, HASH_SIZE)));
	jobs_tick(b.jobs);
	expect(id, JOB_DONE, "");
	end_bench();
}

/* A block of somebody else: the search goes on above it, and nothing is lost. */
static void test_tip_moves(void **state)
{
	struct chain_tip tip;
	(void)state;

	begin_bench();
	uint64_t id = add("example.ygg");
	jobs_tick(b.jobs);
	jobs_tick(b.jobs);
	assert_int_equal(b.searches, 1);
	block_comes(NULL);
	jobs_tick(b.jobs);
	assert_int_equal(b.searches, 2);
	assert_int_equal(b.cancels, 0);
	chain_get_tip(b.t.chain, &tip);
	assert_int_equal(b.searched->b.index, 3);
	assert_memory_equal(b.searched->b.prev_hash.p, tip.hash, HASH_SIZE);
	/* and the difficulty is asked again once a minute */
	b.wall += 61;
	jobs_tick(b.jobs);
	assert_int_equal(b.searches, 3);
	mine(id);
	expect(id, JOB_DONE, "");
	end_bench();
}

static void test_cancel_and_pause(void **state)
{
	(void)state;
	begin_bench();
	uint64_t one = add("one.ygg"), two = add("two.ygg");
	jobs_tick(b.jobs);
	expect(two, JOB_WAITS, "something else is searched first");
	assert_int_equal(jobs_cancel(b.jobs, one), ERR_OK);
	expect(one, JOB_CANCELLED, "cancelled");
	jobs_tick(b.jobs);
	assert_int_equal(b.searches, 1); /* the threads have not ended yet */
	jobs_search_ended(b.jobs, NULL, 5);
	jobs_tick(b.jobs);
	expect(two, JOB_SEARCHES, "");
	assert_int_equal(jobs_pause(b.jobs, two, true), ERR_OK);
	expect(two, JOB_WAITS, "paused");
	find(); /* it was found at the same moment */
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 0);
	expect(two, JOB_WAITS, "paused");
	assert_int_equal(jobs_pause(b.jobs, two, false), ERR_OK);
	jobs_tick(b.jobs);
	find();
	assert_int_equal(jobs_cancel(b.jobs, two), ERR_OK); /* while it is signed */
	give_signature();
	assert_int_equal(b.submits, 0);
	jobs_tick(b.jobs);
	expect(two, JOB_CANCELLED, "");
	assert_int_equal(jobs_open(b.jobs), 0);
	end_bench();
}

/* The key was locked meanwhile: the block is kept until the tip moves. */
static void test_locked_meanwhile(void **state)
{
	(void)state;
	begin_bench();
	uint64_t id = add("example.ygg");
	jobs_tick(b.jobs);
	find();
	jobs_signed(b.jobs, NULL, true, "the key is locked");
	expect(id, JOB_SIGNS, "the key is locked");
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 1); /* not at once */
	b.key = JOB_KEY_LOCKED;
	b.wall += 5;
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 1); /* nor before it is opened */
	b.key = JOB_KEY_OPEN;
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 2);
	jobs_signed(b.jobs, NULL, true, "the key is locked");
	block_comes(NULL);
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 2);
	expect(id, JOB_SEARCHES, "");
	/* the key process has no room, and refuses for good */
	b.no_sign = true;
	find();
	expect(id, JOB_SIGNS, "too much to do");
	b.no_sign = false;
	b.wall += 5;
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 4);
	jobs_signed(b.jobs, NULL, false, "another block was signed before");
	expect(id, JOB_FAILED, "another block was signed before");
	end_bench();
}

/* The chain refuses the block: the reason is told, and the search begins again. */
static void test_refused(void **state)
{
	(void)state;
	begin_bench();
	uint64_t id = add("example.ygg");
	jobs_tick(b.jobs);
	find();
	b.submit_err = ERR_FULL;
	give_signature();
	expect(id, JOB_SIGNS, "there is no room to check it yet");
	b.submit_err = ERR_OK;
	b.wall += 5;
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 1); /* it is signed already */
	assert_int_equal(b.submits, 2);
	jobs_submitted(b.jobs, "11 earlier than the block before");
	expect(id, JOB_WAITS, "block 2 was refused: 11 earlier than the block before; searching");
	assert_int_equal(jobs_find(b.jobs, id)->hashes, 100);
	/* The key signs no other block for this place. */
	b.key = JOB_KEY_SPENT;
	jobs_tick(b.jobs);
	expect(id, JOB_WAITS, "waiting for the next block");
	assert_int_equal(b.searches, 1);
	block_comes(NULL);
	b.key = JOB_KEY_OPEN;
	jobs_tick(b.jobs);
	expect(id, JOB_SEARCHES, "");
	end_bench();
}

/* Two new names: the second waits for its time. */
static void test_cooldown(void **state)
{
	(void)state;
	begin_bench();
	uint64_t one = add("one.ygg"), two = add("two.ygg");
	jobs_tick(b.jobs);
	mine(one);
	expect(two, JOB_WAITS, "may mine a new name in");
	b.wall += 1000;
	jobs_tick(b.jobs);
	expect(two, JOB_SEARCHES, "");
	end_bench();
}

static void test_bounds(void **state)
{
	static uint8_t me[KEY_SIZE];
	static char long_data[JOB_BYTES_MAX];
	struct draft_request r = {.name = slice_str("e.ygg"), .data = slice_str(YGG), .author = me};
	uint64_t id, first;
	(void)state;

	begin_bench();
	first = add("a.ygg");
	add("b.ygg");
	add("c.ygg");
	add("d.ygg");
	assert_int_equal(jobs_add(b.jobs, &r, &id), ERR_FULL);
	assert_int_equal(b.count.hits, 1);
	assert_int_equal(jobs_cancel(b.jobs, first), ERR_OK);
	assert_int_equal(jobs_add(b.jobs, &r, &id), ERR_OK);
	assert_null(jobs_find(b.jobs, first));
	assert_int_equal(b.forgets, 1);
	assert_int_equal(jobs_count(b.jobs), 4);
	assert_int_equal(jobs_at(b.jobs, 3)->id, id);
	assert_null(jobs_at(b.jobs, 4));
	assert_int_equal(jobs_cancel(b.jobs, id), ERR_OK);
	memset(long_data, 'x', sizeof long_data);
	r.data = slice_of(long_data, sizeof long_data);
	assert_int_equal(jobs_add(b.jobs, &r, &id), ERR_TOO_BIG);
	r.data.n = 30000;
	b.bytes.max = b.bytes.used + 100;
	assert_int_equal(jobs_add(b.jobs, &r, &id), ERR_FULL);
	/* Its bytes are those of one that has ended. */
	r.data = slice_str(YGG);
	assert_int_equal(jobs_cancel(b.jobs, jobs_at(b.jobs, 0)->id), ERR_OK);
	b.bytes.max = b.bytes.used;
	assert_int_equal(jobs_add(b.jobs, &r, &id), ERR_OK);
	assert_int_equal(jobs_count(b.jobs), 3);
	b.bytes.max = 200000;
	mem_fail_nth(1);
	assert_int_equal(jobs_add(b.jobs, &r, &id), ERR_NOMEM);
	assert_int_equal(mem_fail_nth(0), 0);
	assert_int_equal(jobs_count(b.jobs), 3);
	end_bench();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_done),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_not_ready),
		cmocka_unit_test(test_impossible),
		cmocka_unit_test(test_impossible_meanwhile),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_given_last),
		cmocka_unit_test(test_tip_moves),
		cmocka_unit_test(test_cancel_and_pause),
		cmocka_unit_test(test_locked_meanwhile),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_cooldown),
		cmocka_unit_test(test_bounds),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
