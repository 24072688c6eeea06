/* What came of a signature, and of a block that was given to the chain. See owner/jobs.h.
 * Before: node/node_mine_ask.c, node/node_mine.c. After: owner/jobs_found.c, owner/jobs_done.c. */
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "owner/jobs_internal.h"

static void failed_to_sign(struct jobs *j, const char *line)
{
	struct job *job = j->current;

	j->phase = PHASE_IDLE;
	j->current = NULL;
	jobs_drop_block(j);
	if (job) {
		jobs_set(j, job, JOB_FAILED, line);
		return;
	}
	jobs_drop_found(j, NULL);
	snprintf(j->signing.line, sizeof j->signing.line, "%s", line);
	if (j->signing.searching)
		jobs_refuse_signer(j);
	j->signing.searching = false;
}

void jobs_signed(
	struct jobs *j, const uint8_t signature[SIGNATURE_SIZE], bool later, const char *line)
{
	if (j->phase != PHASE_SIGN) {
		j->phase = PHASE_IDLE;
		jobs_drop_block(j);
	} else if (signature) {
		jobs_take_signature(j, signature);
	} else if (later) {
		jobs_set_aside(j, line);
	} else {
		failed_to_sign(j, line);
	}
}

void jobs_not_checked(struct jobs *j, const char *why)
{
	jobs_set_aside(j, why);
}

/* The search goes on, if the name can still be had. */
static void job_refused(struct jobs *j, struct job *job, const char *why)
{
	char line[DRAFT_WORDS_MAX];

	j->counts.refused++;
	snprintf(line, sizeof line, "block %llu was refused: %s; searching again",
		(unsigned long long)j->submitted, why);
	log_warn("job %llu: %s", (unsigned long long)job->id, line);
	jobs_set(j, job, JOB_WAITS, line);
}

static void signature_refused(struct jobs *j, const char *why)
{
	snprintf(j->signing.line, sizeof j->signing.line, "block %llu: %s",
		(unsigned long long)j->submitted, why);
	jobs_refuse_signer(j);
}

void jobs_submitted(struct jobs *j, const char *why)
{
	struct job *job = j->current;

	j->phase = PHASE_IDLE;
	j->current = NULL;
	j->signing.signed_ += !why && j->signing.searching;
	if (j->signing.searching && why)
		signature_refused(j, why);
	j->signing.searching = false;
	jobs_drop_found(j, job);
	if (job && why)
		job_refused(j, job, why);
	else if (job)
		jobs_done(j, job);
}
