/* The owner's work after a restart, when a search ends without a result, and when memory runs out.
 */
#include "tests/unit/jobs_rig.h"
#include "tests/unit/main.h"

/* Neither with a byte more, nor with a text that is cut by a NUL. The line comes first. */
static void expect_malformed(uint8_t *kept, size_t size)
{
	struct job *job;

	kept[size] = 0;
	assert_int_equal(job_decode(slice_of(kept, size + 1), &b.bytes, &job), ERR_MALFORMED);
	assert_int_equal(job_decode(slice_of(kept, size), &b.bytes, &job), ERR_OK);
	job_free(job, &b.bytes);
	uint8_t *name = memmem(kept, size, "hyphens", 7);
	assert_non_null(name);
	name[1] = 0;
	assert_int_equal(job_decode(slice_of(kept, size), &b.bytes, &job), ERR_MALFORMED);
}

/* After a restart it goes on, with its hashes; what ended stays as it ended. */
static void test_restart(void **state)
{
	static uint8_t kept[8][JOB_BYTES_MAX];
	size_t size[8];
	(void)state;

	begin_bench();
	uint64_t bad = add("a--b.ygg"), paused = add("p.ygg"), id = add("example.ygg");
	jobs_pause(b.jobs, paused, true);
	jobs_tick(b.jobs);
	find();
	give_signature();
	jobs_submitted(b.jobs, "why not");
	memcpy(kept, b.kept, sizeof kept);
	memcpy(size, b.kept_size, sizeof size);
	jobs_free(b.jobs);
	new_jobs();
	for (uint64_t i = id; i >= bad; i--) /* in any order */
		assert_int_equal(jobs_restore(b.jobs, slice_of(kept[i], size[i])), ERR_OK);
	assert_int_equal(jobs_restore(b.jobs, slice_of(kept[id], size[id])), ERR_MALFORMED);
	assert_int_equal(jobs_at(b.jobs, 0)->id, bad);
	expect(bad, JOB_FAILED, "hyphens");
	expect(id, JOB_WAITS, "");
	assert_string_equal(jobs_find(b.jobs, id)->line, ""); /* it is looked at anew */
	assert_int_equal(jobs_find(b.jobs, id)->hashes, 100);
	assert_true(jobs_find(b.jobs, paused)->paused);
	assert_int_equal(add("next.ygg"), id + 1);
	assert_int_equal(jobs_restore(b.jobs, slice_of(kept[id], size[id])), ERR_FULL);
	jobs_tick(b.jobs);
	mine(id);
	expect(id, JOB_DONE, "");
	assert_int_equal(jobs_find(b.jobs, id)->hashes, 200);
	/* nothing that was cut or changed is taken, and none is read beyond its end */
	for (size_t n = 0; n < size[bad]; n++) {
		uint8_t *cut = malloc(n ? n : 1);
		struct job *job;
		memcpy(cut, kept[bad], n);
		assert_int_equal(job_decode(slice_of(cut, n), &b.bytes, &job), ERR_MALFORMED);
		free(cut);
	}
	expect_malformed(kept[bad], size[bad]);
	end_bench();
}

/* What the store has of a job, which is what is left of it when the program is killed. */
static uint64_t kept_hashes(uint64_t id)
{
	struct job *job;

	assert_int_equal(
		job_decode(slice_of(b.kept[id % 8], b.kept_size[id % 8]), &b.bytes, &job), ERR_OK);
	uint64_t hashes_of_it = job->hashes;
	job_free(job, &b.bytes);
	return hashes_of_it;
}

/* Killed in a search: no more than the hashes of a minute are lost, and a minute is one write. */
static void test_killed(void **state)
{
	(void)state;
	begin_bench();
	uint64_t id = add("example.ygg");
	jobs_tick(b.jobs);
	jobs_search_ended(b.jobs, NULL, 50); /* an earlier search */
	jobs_tick(b.jobs);
	expect(id, JOB_SEARCHES, "");
	unsigned before = b.keeps;
	for (int second = 1; second < 60; second++) {
		b.wall++;
		b.hashed += 600;
		jobs_tick(b.jobs);
	}
	assert_int_equal(b.keeps, before);
	assert_int_equal(kept_hashes(id), 50);
	for (int second = 60; second <= 200; second++) {
		b.wall++;
		b.hashed += 600;
		jobs_tick(b.jobs);
	}
	assert_int_equal(b.keeps, before + 3);
	assert_int_equal(kept_hashes(id), 50 + 180 * 600);
	assert_int_equal(jobs_find(b.jobs, id)->hashes, 50); /* the search's own are added to it */
	jobs_free(b.jobs);
	new_jobs();
	assert_int_equal(
		jobs_restore(b.jobs, slice_of(b.kept[id % 8], b.kept_size[id % 8])), ERR_OK);
	jobs_tick(b.jobs);
	mine(id);
	assert_int_equal(jobs_find(b.jobs, id)->hashes, 50 + 180 * 600 + 100);
	end_bench();
}

/* The key is locked while it is searched: that ends at once, and begins again when it is opened.
 * And a search that ended without a result, because its block changed at that moment, begins again.
 */
static void test_ends_without_a_result(void **state)
{
	(void)state;
	begin_bench();
	uint64_t id = add("example.ygg");
	jobs_tick(b.jobs);
	b.key = JOB_KEY_LOCKED;
	jobs_tick(b.jobs);
	assert_int_equal(b.cancels, 1);
	expect(id, JOB_WAITS, "its key is locked");
	jobs_search_ended(b.jobs, NULL, 3);
	assert_int_equal(jobs_find(b.jobs, id)->hashes, 3);
	b.key = JOB_KEY_OPEN;
	jobs_tick(b.jobs);
	expect(id, JOB_SEARCHES, "");
	jobs_search_ended(b.jobs, NULL, 3);
	expect(id, JOB_WAITS, "");
	jobs_tick(b.jobs);
	expect(id, JOB_SEARCHES, "");
	assert_int_equal(b.searches, 3);
	mine(id);
	expect(id, JOB_DONE, "");
	end_bench();
}

/* Memory runs out anywhere: the job waits, or ends; nothing is lost. */
static void test_memory(void **state)
{
	(void)state;
	begin_bench();
	uint64_t id = add("example.ygg");
	b.search_err = ERR_NOMEM;
	jobs_tick(b.jobs);
	expect(id, JOB_WAITS, "there is no memory for its search");
	b.search_err = ERR_FULL;
	jobs_tick(b.jobs);
	expect(id, JOB_WAITS, "limits.mine_scratch_bytes has no room");
	b.search_err = ERR_OK;
	mem_fail_nth(1);
	jobs_tick(b.jobs);
	assert_int_equal(mem_fail_nth(0), 0);
	expect(id, JOB_WAITS, "no memory");
	jobs_tick(b.jobs);
	expect(id, JOB_SEARCHES, "");
	mem_fail_nth(1);
	find();
	assert_int_equal(mem_fail_nth(0), 0);
	jobs_tick(b.jobs);
	assert_int_equal(jobs_open(b.jobs), 1);
	end_bench();
}

/* One step of what a job waits for. False when it has ended. */
static bool step(uint64_t id, unsigned *signed_)
{
	const struct job *job = jobs_find(b.jobs, id);

	if (job_has_ended(job->state))
		return false;
	if (job->state == JOB_SEARCHES) {
		find();
	} else if (job->state == JOB_SIGNS && b.signs > *signed_) {
		*signed_ = b.signs;
		give_signature();
	} else if (job->state == JOB_CHECKS) {
		mem_fail_nth(0); /* what the chain does without memory is its own test's */
		apply();
	} else {
		b.wall += 5;
		jobs_tick(b.jobs);
	}
	return true;
}

/* Each request for memory on the way of a job fails in turn, those of who works for it, too: in the
 * end it is done. */
static void test_each_failure(void **state)
{
	static uint8_t me[KEY_SIZE];
	struct draft_request r = {.name = slice_str("e.ygg"), .data = slice_str(YGG), .author = me};
	unsigned failures = 0;
	bool failed = true;
	(void)state;

	made_key(ME, me);
	for (uint64_t n = 1; failed; n++) {
		uint64_t id = 0;
		unsigned signed_ = 0, steps = 0;
		begin_bench();
		mem_fail_nth(n);
		if (jobs_add(b.jobs, &r, &id) != ERR_OK)
			assert_int_equal(jobs_add(b.jobs, &r, &id), ERR_OK);
		while (jobs_find(b.jobs, id)->state != JOB_CHECKS && step(id, &signed_))
			assert_in_range(++steps, 1, 20);
		failed = mem_fail_nth(0) == 0;
		failures += failed;
		while (step(id, &signed_))
			assert_in_range(++steps, 1, 20);
		expect(id, JOB_DONE, "");
		end_bench();
	}
	assert_in_range(failures, 4, 40);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_ends_without_a_result),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_each_failure),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
