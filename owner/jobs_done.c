/* Jobs that are done: their blocks may still be replaced, as long as they are not deep. See
 * owner/jobs.h. Before: owner/jobs.c, owner/jobs_next.c. After: chain/view.h. */
#include <stdio.h>

#include "base/log.h"
#include "owner/jobs_internal.h"

void jobs_done(struct jobs *j, struct job *job)
{
	job->block = j->submitted;
	memcpy(job->hash, j->submitted_hash, HASH_SIZE);
	jobs_set(j, job, JOB_DONE, "");
	log_info("job %llu: %.*s is part of the chain, in block %llu", (unsigned long long)job->id,
		(int)job->name.n, (const char *)job->name.p, (unsigned long long)job->block);
}

bool jobs_is_in_chain(struct jobs *j, uint64_t index, const uint8_t hash[HASH_SIZE])
{
	struct block_summary h;

	return view_summary(chain_view(j->s.chain), index, &h) &&
	       memcmp(h.hash, hash, HASH_SIZE) == 0;
}

static void go_on(struct jobs *j, struct job *job)
{
	char line[DRAFT_WORDS_MAX];

	snprintf(line, sizeof line, "block %llu, which had it, was replaced: searching again",
		(unsigned long long)job->block);
	log_warn("job %llu: %.*s: %s", (unsigned long long)job->id, (int)job->name.n,
		(const char *)job->name.p, line);
	job->block = 0;
	job->ended = 0;
	memset(job->hash, 0, HASH_SIZE);
	jobs_set(j, job, JOB_WAITS, line);
}

void jobs_look_at_done(struct jobs *j, const struct chain_tip *tip)
{
	for (size_t i = 0; i < j->count; i++) {
		struct job *job = j->all[i];
		if (job->state != JOB_DONE || slice_zero(slice_of(job->hash, HASH_SIZE)))
			continue;
		if (!jobs_is_in_chain(j, job->block, job->hash))
			go_on(j, job);
		else if (tip->height > job->block + CONFIDENCE_DEPTH)
			memset(job->hash, 0, HASH_SIZE);
	}
}
