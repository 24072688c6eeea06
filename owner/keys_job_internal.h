/* What the order of requests (owner/keys_job.c) and the requests themselves (owner/keys_request.c)
 * ask of each other. */
#ifndef OWNER_KEYS_JOB_INTERNAL_H
#define OWNER_KEYS_JOB_INTERNAL_H

#include "owner/keys_process_internal.h"

/* A passphrase was tried: after a wrong one the next has to wait, longer each time. */
void job_note_try(struct keys_process *p, enum keys_said said);

/* ---- owner/keys_request.c ---- */

/* What a request of the command line needs, by its kind. */
struct job_request {
	/* Fills *w with what is to be tried. False: nothing is, and the client is answered. */
	bool (*ask)(struct keys_process *p, struct keys_client *c, struct keys_work *w);
	/* What comes of a try that has ended, and answers the client. */
	void (*end)(struct keys_process *p, struct keys_client *c, const struct keys_work *w);
};
extern const struct job_request job_requests[KEYS_KINDS_COUNT];

#endif
