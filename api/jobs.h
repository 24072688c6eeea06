/* Asking for a change of a name: what the routes of /domains, of /api/domains and the pages share.
 * Before: api/jobs.c, web/. After: the hooks of api/api.h, owner/draft.h. */
#ifndef API_JOBS_H
#define API_JOBS_H

#include "api/api.h"
#include "base/json.h"
#include "http/call.h"

/* All texts are borrowed. */
struct job_asked {
	struct slice name; /* as typed */
	const char *key;   /* the name of the key that mines it; "" = the only one */
	struct slice data; /* JSON of protocol.md 8.3 */
	const char *to_signing, *to_encryption; /* hex; "" = nobody else gets it */
	unsigned threads;                       /* 0 = as many as the settings say */
	bool renewal;
	bool dry_run; /* nothing is mined: what would be */
};

/* Asks for it. Writes the job, with dry_run what would be mined, or {"error":"…"}, and returns the
 * status: 200; 400: there is no such key, or the new owner is none; 409: a rule refuses it; 503. */
int job_ask(const struct api *a, struct http_call *c, const struct job_asked *q);

/* Writes a job as one object. */
void job_json(const struct api *a, const struct job *job, struct json_wr *j);

#endif
