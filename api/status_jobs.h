/* The owner's jobs as numbers, for /status, metrics and events: no name is told. */
#ifndef API_STATUS_JOBS_H
#define API_STATUS_JOBS_H

#include "api/api.h"
#include "base/json.h"

struct jobs_told {
	uint64_t open, waiting; /* that have not ended; that are not worked on */
	bool searching;         /* for a job or a signature */
	uint64_t hashes;        /* since the start, those of the search that runs included */
	double expected;        /* seconds that the search takes on average, from now on; 0 = not
				   known, or none runs */
	struct jobs_counts counts;
	uint64_t signed_;
	bool sign_on;
};

/* Tells them now. */
void jobs_told(const struct api *a, struct jobs_told *out);

/* Writes a step of a job as members of an object; its name is not told. */
void status_job(const struct api *a, const struct job *job, struct json_wr *j);

/* Seconds that a search of so many bits takes on average at this rate; 0 = not known. */
double jobs_expected(uint64_t difficulty, double rate);

/* Why it waits or ended. A refusal begins with the name, "example.ygg: …": without it. Borrowed
 * from the job. */
const char *status_job_reason(const struct job *job);

#endif
