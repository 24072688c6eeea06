/* The owner's jobs as figures, and as steps for the clients of /events: without their names. */
#include "api/status_jobs.h"
#include "base/json.h"
#include "tests/unit/api_rig.h"
#include "tests/unit/figures_rig.h"

static struct told t; /* large */
static struct bound count = {.name = "max_jobs", .max = 8};
static struct bound bytes = {.name = "job_bytes", .max = 100000};
static const uint8_t author[KEY_SIZE] = {7};

/* The work behind the hooks is not of interest: no job is searched here but by jobs_set(). */
static void no_keep(void *ctx, const struct job *job)
{
	(void)ctx;
	(void)job;
}

static void no_forget(void *ctx, uint64_t id)
{
	(void)ctx;
	(void)id;
}

static void begin(void)
{
	told_begin(&t, NULL);
	const struct jobs_settings s = {.chain = t.r.chain,
		.params = &t.r.params,
		.clock = &t.r.clock,
		.rng = &t.r.rng,
		.count = &count,
		.bytes = &bytes,
		.hooks = {.keep = no_keep, .forget = no_forget}};
	t.jobs = jobs_new(&s);
	assert_non_null(t.jobs);
}

static void end(void)
{
	jobs_free(t.jobs);
	t.jobs = NULL;
	told_end(&t);
}

static uint64_t add(const char *name)
{
	const struct draft_request r = {
		.name = slice_str(name), .data = slice_str("{}"), .author = author};
	uint64_t id;

	assert_int_equal(jobs_add(t.jobs, &r, &id), ERR_OK);
	return id;
}

static void test_figures(void **state)
{
	struct figures f;
	(void)state;

	begin();
	add("one.ygg");
	add("two.ygg");
	assert_int_equal(jobs_cancel(t.jobs, add("three.ygg")), ERR_OK);
	figures_begin(&f, &t.api);
	EXPECT(&f, jobs_open, 2);
	EXPECT(&f, jobs_waiting, 2);
	EXPECT(&f, jobs_cancelled_total, 1);
	EXPECT(&f, jobs_done_total, 0);
	EXPECT(&f, jobs_failed_total, 0);
	EXPECT(&f, jobs_found_total, 0);
	EXPECT(&f, jobs_refused_total, 0);
	EXPECT(&f, job_hashes_total, 0);
	EXPECT(&f, job_search_on, 0);
	EXPECT(&f, job_search_expected_seconds, 0);
	EXPECT(&f, sign_on, 1);
	EXPECT(&f, signatures_made_total, 0);
	all_figures_are_checked("jobs");
	jobs_free(t.jobs);
	t.jobs = NULL;
	figures_begin(&f, &t.api);
	EXPECT(&f, jobs_open, 0);
	EXPECT(&f, sign_on, 0);
	end();
}

/* Each state is given once. */
static void test_moved(void **state)
{
	(void)state;
	begin();
	uint64_t one = add("one.ygg"), two = add("two.ygg");
	assert_int_equal(jobs_next_moved(t.jobs)->id, one);
	assert_int_equal(jobs_next_moved(t.jobs)->id, two);
	assert_null(jobs_next_moved(t.jobs));
	jobs_cancel(t.jobs, one);
	const struct job *job = jobs_next_moved(t.jobs);
	assert_int_equal(job->id, one);
	assert_int_equal(job->state, JOB_CANCELLED);
	assert_null(jobs_next_moved(t.jobs));
	end();
}

static void test_no_name(void **state)
{
	char text[512];
	struct wr w = wr_of(text, sizeof text - 1);
	struct json_wr j = {.w = &w};
	(void)state;

	begin();
	struct job job = {.id = 1, .state = JOB_FAILED, .name = slice_str("one.ygg")};
	snprintf(job.line, sizeof job.line, "one.ygg: taken by somebody");
	json_open(&j, NULL, '{');
	status_job(&t.api, &job, &j);
	json_close(&j, '}');
	text[w.n] = 0;
	assert_null(strstr(text, "one.ygg"));
	assert_non_null(strstr(text, "\"reason\":\"taken by somebody\""));
	assert_non_null(strstr(text, "\"state\":\"failed\""));
	end();
}

static void test_expected(void **state)
{
	(void)state;
	assert_true(jobs_expected(0, 100) == 0);
	assert_true(jobs_expected(20, 0) == 0);
	assert_true(jobs_expected(20, 1024) == draft_mean_hashes(20) / 1024);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_no_name),
		cmocka_unit_test(test_expected),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
