/* Blocks that were found: over a kill at each step, over a locked key, a full disk and damage. */
#include "tests/unit/jobs_rig.h"
#include "tests/unit/main.h"

/* The program is killed, and started again with what is on the disk. */
static void restart(uint64_t id)
{
	jobs_free(b.jobs);
	new_jobs();
	assert_int_equal(
		jobs_restore(b.jobs, slice_of(b.kept[id % 8], b.kept_size[id % 8])), ERR_OK);
	restore_found(b.jobs, id);
	expect(id, JOB_WAITS, "");
}

static uint64_t begin_found(void)
{
	begin_bench();
	uint64_t id = add("example.ygg");
	jobs_tick(b.jobs);
	find();
	expect(id, JOB_SIGNS, "");
	assert_int_equal(found_disk.writes, 1);
	return id;
}

static bool is_kept(uint64_t id)
{
	return found_disk.size[id % FOUND_KEPT] > 0;
}

/* Before the signature, and between the journal and publication: the same block is signed. */
static void test_killed_before_the_signature(void **state)
{
	uint8_t hash[HASH_SIZE];
	(void)state;

	uint64_t id = begin_found();
	for (int i = 0; i < 3; i++) {
		restart(id);
		b.key = JOB_KEY_SPENT; /* by this very block */
		jobs_tick(b.jobs);
		expect(id, JOB_SIGNS, "");
		assert_int_equal(b.signs, i + 2);
		memcpy(hash, b.signed_hash, HASH_SIZE);
	}
	give_signature();
	assert_memory_equal(b.submitted->b.hash.p, hash, HASH_SIZE);
	apply();
	expect(id, JOB_DONE, "");
	assert_int_equal(jobs_find(b.jobs, id)->hashes, 100);
	assert_int_equal(b.searches, 1);
	assert_false(is_kept(id));
	end_bench();
}

/* Signed, and not in the chain: it needs no key any more. */
static void test_killed_after_the_signature(void **state)
{
	(void)state;
	uint64_t id = begin_found();
	give_signature();
	assert_int_equal(found_disk.writes, 2);
	restart(id);
	b.key = JOB_KEY_LOCKED;
	b.ready = false; /* what others have is not known yet */
	jobs_tick(b.jobs);
	assert_int_equal(b.submits, 1);
	b.ready = true;
	jobs_tick(b.jobs);
	expect(id, JOB_CHECKS, "");
	assert_int_equal(b.submits, 2);
	assert_int_equal(b.signs, 1);
	assert_int_equal(b.submitted->b.signature.n, SIGNATURE_SIZE);
	apply();
	expect(id, JOB_DONE, "");
	end_bench();
}

/* In the chain, but the job was not noted as done: nothing is mined twice. */
static void test_killed_in_the_chain(void **state)
{
	(void)state;
	uint64_t id = begin_found();
	give_signature();
	facts_read_domain(&b.t.facts, &b.submitted->b);
	struct outcome o = chain_submit(b.t.chain, b.submitted, &b.t.facts, b.wall, 0);
	assert_int_equal(o.action, CHAIN_APPENDED);
	restart(id);
	b.ready = false;
	jobs_tick(b.jobs);
	expect(id, JOB_DONE, "");
	assert_int_equal(jobs_find(b.jobs, id)->block, 2);
	assert_false(is_kept(id));
	assert_int_equal(b.searches, 1);
	assert_int_equal(jobs_counts(b.jobs)->done, 1);
	end_bench();
}

static void test_overtaken(void **state)
{
	(void)state;
	for (int killed = 0; killed < 2; killed++) {
		uint64_t id = begin_found();
		b.key = JOB_KEY_LOCKED;
		jobs_signed(b.jobs, NULL, true, "the key is locked");
		jobs_tick(b.jobs);
		expect(id, JOB_SIGNS, "its key is locked: alfisd key unlock");
		block_comes(NULL);
		if (killed)
			restart(id);
		jobs_tick(b.jobs);
		expect(id, JOB_WAITS, "its key is locked");
		assert_false(is_kept(id));
		b.key = JOB_KEY_OPEN;
		jobs_tick(b.jobs);
		expect(id, JOB_SEARCHES, "");
		assert_int_equal(b.searches, 2);
		end_bench();
	}
}

/* Another block comes while the key process is asked. */
static void test_overtaken_while_it_is_signed(void **state)
{
	(void)state;
	uint64_t id = begin_found();
	block_comes(NULL);
	jobs_tick(b.jobs);
	expect(id, JOB_SIGNS, "");
	give_signature();
	assert_int_equal(b.submits, 0);
	expect(id, JOB_WAITS, "a block came before");
	jobs_tick(b.jobs);
	expect(id, JOB_SEARCHES, "");
	assert_int_equal(jobs_counts(b.jobs)->refused, 0);
	end_bench();
}

/* No byte of it may be another one, and none may be missing. */
static void test_damaged(void **state)
{
	(void)state;
	uint64_t id = begin_found();
	size_t size = found_disk.size[id], least = size - 1;
	struct block_owned *o;

	for (size_t i = 0; i < size; i++) {
		found_disk.bytes[id][i] ^= 1;
		assert_int_equal(
			found_decode(slice_of(found_disk.bytes[id], size), id, &o), ERR_MALFORMED);
		found_disk.bytes[id][i] ^= 1;
	}
	for (size_t n = 0; n <= least; n++) {
		uint8_t *cut = malloc(n ? n : 1);
		memcpy(cut, found_disk.bytes[id], n);
		assert_int_equal(found_decode(slice_of(cut, n), id, &o), ERR_MALFORMED);
		free(cut);
	}
	assert_int_equal(
		found_decode(slice_of(found_disk.bytes[id], size), id + 1, &o), ERR_MALFORMED);
	found_disk.bytes[id][size / 2] ^= 1;
	restart(id);
	assert_false(is_kept(id));
	jobs_tick(b.jobs);
	expect(id, JOB_SEARCHES, "");
	end_bench();
}

/* The same while the program runs, and a value that is not there any more. */
static void test_damaged_meanwhile(void **state)
{
	(void)state;
	for (int gone = 0; gone < 2; gone++) {
		uint64_t id = begin_found();
		jobs_signed(b.jobs, NULL, true, "the key is locked");
		if (gone)
			found_disk.size[id] = 0;
		else
			found_disk.bytes[id][20] ^= 1;
		b.wall += 5;
		jobs_tick(b.jobs);
		expect(id, JOB_SEARCHES, "");
		assert_int_equal(b.signs, 1);
		end_bench();
	}
}

/* Two jobs of two open keys; the block of the first, whose number is returned, was found. */
static uint64_t begin_both(uint64_t *hers)
{
	begin_bench();
	b.hers = JOB_KEY_OPEN;
	uint64_t id = add("example.ygg");
	*hers = add_by(HER, "other.ygg");
	jobs_tick(b.jobs);
	find();
	return id;
}

/* A block of a locked key holds up no name of another key, and goes first when its key is opened.
 */
static void test_set_aside(void **state)
{
	(void)state;
	uint64_t hers, mine_ = begin_both(&hers);

	b.key = JOB_KEY_LOCKED;
	jobs_signed(b.jobs, NULL, true, "the key is locked");
	jobs_tick(b.jobs);
	expect(mine_, JOB_SIGNS, "found, and good until another block comes: its key is locked");
	expect(hers, JOB_SEARCHES, "");
	jobs_tick(b.jobs);
	assert_int_equal(b.cancels, 0);
	b.key = JOB_KEY_OPEN;
	b.wall += 5;
	jobs_tick(b.jobs);
	expect(hers, JOB_WAITS, "a block that was found goes first");
	assert_int_equal(b.cancels, 1);
	jobs_search_ended(b.jobs, NULL, 7);
	jobs_tick(b.jobs);
	expect(mine_, JOB_SIGNS, "");
	assert_int_equal(b.signs, 2);
	give_signature();
	apply();
	expect(mine_, JOB_DONE, "");
	expect(hers, JOB_SEARCHES, "");
	assert_int_equal(jobs_find(b.jobs, hers)->hashes, 7);
	end_bench();
}

/* One that is tried again in a moment is waited for. */
static void test_tried_again_first(void **state)
{
	(void)state;
	uint64_t other, id = begin_both(&other);

	jobs_signed(b.jobs, NULL, true, "the journal cannot be written");
	jobs_tick(b.jobs);
	expect(id, JOB_SIGNS, "the journal");
	assert_int_equal(jobs_find(b.jobs, other)->state, JOB_WAITS);
	assert_int_equal(b.searches, 1);
	end_bench();
}

/* The other key's block comes first: the one that was set aside can never be taken. */
static void test_set_aside_and_overtaken(void **state)
{
	(void)state;
	uint64_t hers, mine_ = begin_both(&hers);

	b.key = JOB_KEY_NONE;
	jobs_signed(b.jobs, NULL, true, "the key is locked");
	jobs_tick(b.jobs);
	expect(mine_, JOB_SIGNS, "its key is not here: alfisd key import");
	mine(hers);
	expect(hers, JOB_DONE, "");
	expect(mine_, JOB_WAITS, "its key is not here");
	assert_false(is_kept(mine_));
	b.key = JOB_KEY_OPEN;
	jobs_tick(b.jobs);
	mine(mine_);
	expect(mine_, JOB_DONE, "");
	end_bench();
}

/* A paused job keeps what it found; one that is cancelled does not. */
static void test_paused_and_cancelled(void **state)
{
	(void)state;
	uint64_t id = begin_found();
	assert_int_equal(jobs_pause(b.jobs, id, true), ERR_OK);
	give_signature(); /* nobody waits for it */
	jobs_tick(b.jobs);
	expect(id, JOB_WAITS, "paused");
	assert_int_equal(b.signs, 1);
	restart(id);
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 1);
	assert_int_equal(jobs_pause(b.jobs, id, false), ERR_OK);
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 2);
	assert_int_equal(b.searches, 1);
	assert_int_equal(jobs_cancel(b.jobs, id), ERR_OK);
	assert_false(is_kept(id));
	give_signature();
	assert_int_equal(b.submits, 0);
	end_bench();
}

/* Nobody waits for it: it is forgotten. */
static void test_of_no_job(void **state)
{
	(void)state;
	uint64_t id = begin_found();
	uint8_t copy[2000];
	size_t size = found_disk.size[id];
	assert_in_range(size, 1, sizeof copy);
	memcpy(copy, found_disk.bytes[id], size);
	assert_int_equal(jobs_cancel(b.jobs, id), ERR_OK);
	found_disk.size[id] = size;
	jobs_restore_found(b.jobs, id, slice_of(copy, size));
	assert_false(is_kept(id));
	jobs_free(b.jobs);
	new_jobs();
	found_disk.size[id] = size;
	jobs_restore_found(b.jobs, id, slice_of(copy, size));
	assert_false(is_kept(id));
	end_bench();
}

/* Nothing is signed before it is kept. */
static void test_full_disk(void **state)
{
	(void)state;
	begin_bench();
	uint64_t id = add("example.ygg");
	jobs_tick(b.jobs);
	found_disk.full = true;
	find();
	expect(id, JOB_SIGNS, "not signed before it is kept");
	b.wall += 4;
	jobs_tick(b.jobs);
	b.wall += 1;
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 0);
	found_disk.full = false;
	jobs_tick(b.jobs); /* not at once */
	assert_int_equal(b.signs, 0);
	b.wall += 5;
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 1);
	assert_true(is_kept(id));
	give_signature();
	apply();
	expect(id, JOB_DONE, "");
	assert_int_equal(b.searches, 1);
	end_bench();
}

/* And when the tip moves before there is room, it is searched again. */
static void test_full_disk_and_overtaken(void **state)
{
	(void)state;
	begin_bench();
	uint64_t id = add("example.ygg");
	jobs_tick(b.jobs);
	found_disk.full = true;
	find();
	block_comes(NULL);
	jobs_tick(b.jobs);
	expect(id, JOB_SEARCHES, "");
	assert_int_equal(b.signs, 0);
	end_bench();
}

static void look_within(void)
{
	jobs_tick(b.jobs);
}

/* A commit may tell of a new tip, and so look what is to be done. */
static void test_looked_at_within_the_write(void **state)
{
	(void)state;
	begin_bench();
	b.hers = JOB_KEY_OPEN;
	found_disk.within = look_within;
	uint64_t id = add("example.ygg"), other = add_by(HER, "other.ygg");
	jobs_tick(b.jobs);
	find();
	expect(id, JOB_SIGNS, "");
	expect(other, JOB_WAITS, "something else is searched first");
	assert_int_equal(b.searches, 1);
	give_signature();
	apply();
	expect(id, JOB_DONE, "");
	assert_int_equal(b.signs, 1);
	end_bench();
}

/* Reasons that pass: no memory to read it, none for the checkers. */
static void test_later(void **state)
{
	(void)state;
	uint64_t id = begin_found();
	jobs_signed(b.jobs, NULL, true, "the key is locked");
	found_disk.no_memory = true;
	b.wall += 5;
	jobs_tick(b.jobs);
	expect(id, JOB_SIGNS, "");
	found_disk.no_memory = false;
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 1);
	b.wall += 5;
	jobs_tick(b.jobs);
	assert_int_equal(b.signs, 2);
	give_signature();
	jobs_not_checked(b.jobs, "it could not be checked: memory ran out");
	expect(id, JOB_SIGNS, "memory ran out");
	jobs_tick(b.jobs);
	assert_int_equal(b.submits, 1);
	b.wall += 5;
	jobs_tick(b.jobs);
	expect(id, JOB_CHECKS, "");
	apply();
	expect(id, JOB_DONE, "");
	assert_int_equal(b.searches, 1);
	end_bench();
}

/* The place of a block as seen from several tips. */
static void test_place(void **state)
{
	struct found f = {.is = true, .index = 5, .prev_hash = {4}};
	struct chain_tip tip = {.height = 3, .hash = {4}};
	(void)state;

	assert_int_equal(found_place(&f, &tip), FOUND_LATER);
	tip.height = 4;
	assert_int_equal(found_place(&f, &tip), FOUND_NEXT);
	tip.hash[31] = 1;
	assert_int_equal(found_place(&f, &tip), FOUND_OVER);
	tip.hash[31] = 0;
	tip.height = 5;
	assert_int_equal(found_place(&f, &tip), FOUND_OVER);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_before_the_signature),
		cmocka_unit_test(test_killed_after_the_signature),
		cmocka_unit_test(test_killed_in_the_chain),
		cmocka_unit_test(test_overtaken),
		cmocka_unit_test(test_overtaken_while_it_is_signed),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_damaged_meanwhile),
		cmocka_unit_test(test_set_aside),
		cmocka_unit_test(test_tried_again_first),
		cmocka_unit_test(test_set_aside_and_overtaken),
		cmocka_unit_test(test_paused_and_cancelled),
		cmocka_unit_test(test_of_no_job),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_full_disk_and_overtaken),
		cmocka_unit_test(test_looked_at_within_the_write),
		cmocka_unit_test(test_later),
		cmocka_unit_test(test_place),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
