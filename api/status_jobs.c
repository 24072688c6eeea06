/* Counts the owner's jobs. Before: api/figures.c. After: the hooks of api/api.h, owner/jobs.h. */
#include "api/status_jobs.h"

#include <string.h>

double jobs_expected(uint64_t difficulty, double rate)
{
	return difficulty && rate > 0 ? draft_mean_hashes(difficulty) / rate : 0;
}

void jobs_told(const struct api *a, struct jobs_told *out)
{
	const struct jobs *jobs = a->hooks.jobs(a->hooks.ctx);
	const struct job *job;

	*out = (struct jobs_told){0};
	if (!jobs)
		return;
	const struct jobs_signing *s = jobs_signing(jobs);
	out->counts = *jobs_counts(jobs);
	out->open = jobs_open(jobs);
	out->signed_ = s->signed_;
	out->sign_on = s->on;
	out->searching = s->searching;
	out->hashes = out->counts.hashes + a->hooks.job_hashes(a->hooks.ctx);
	for (size_t i = 0; (job = jobs_at(jobs, i)) != NULL; i++) {
		out->waiting += job->state == JOB_WAITS;
		if (job->state != JOB_SEARCHES)
			continue;
		out->searching = true;
		out->expected = jobs_expected(job->difficulty, a->hooks.job_rate(a->hooks.ctx));
	}
}

const char *status_job_reason(const struct job *job)
{
	size_t n = job->name.n;

	if (strlen(job->line) < n + 2 || memcmp(job->line, job->name.p, n) != 0 ||
		strncmp(job->line + n, ": ", 2) != 0)
		return job->line;
	return job->line + n + 2;
}

void status_job(const struct api *a, const struct job *job, struct json_wr *j)
{
	bool runs = job->state == JOB_SEARCHES;
	double rate = runs ? a->hooks.job_rate(a->hooks.ctx) : 0;

	json_u64(j, "id", job->id);
	json_str(j, "state", job_state_name(job->state));
	json_str(j, "reason", status_job_reason(job));
	json_u64(j, "difficulty", job->difficulty);
	json_u64(j, "hashes", job->hashes + (runs ? a->hooks.job_hashes(a->hooks.ctx) : 0));
	json_number(j, "hashes_a_second", rate);
	json_number(j, "expected_seconds", jobs_expected(job->difficulty, rate));
	json_u64(j, "block", job->block);
}
