/* Role: events and log lines of jobs. Before: node/node_mine.c. After: api/events.c, the log. */
#include "node/node_job_events.h"

#include "api/events.h"
#include "base/log.h"
#include "node/node.h"

enum { PROGRESS_MS = 5000 };

/* Those that were done are in the log already (owner/jobs_done.c). */
static void log_end(const struct job *job)
{
	unsigned long long id = job->id;

	if (job->state == JOB_FAILED)
		log_warn("job %llu: %.*s: %s", id, (int)job->name.n, (const char *)job->name.p,
			job->line);
	else if (job->state == JOB_CANCELLED)
		log_info("job %llu: %.*s: cancelled", id, (int)job->name.n,
			(const char *)job->name.p);
}

static void tell_progress(struct node *n)
{
	uint64_t now = clock_mono(n->clock);
	const struct job *job;

	if (!n->mine.search || now - n->mine.told_ms < PROGRESS_MS)
		return;
	n->mine.told_ms = now;
	for (size_t i = 0; (job = jobs_at(n->mine.jobs, i)) != NULL; i++)
		if (job->state == JOB_SEARCHES)
			events_job(n->events, job);
}

void node_job_events(struct node *n)
{
	const struct job *job;

	while ((job = jobs_next_moved(n->mine.jobs)) != NULL) {
		log_end(job);
		events_job(n->events, job);
		if (job->state == JOB_SEARCHES)
			n->mine.told_ms = clock_mono(n->clock);
	}
	tell_progress(n);
}
