/* What the routes of /keys share with those of /api and the pages. */
#ifndef API_KEYS_H
#define API_KEYS_H

#include "api/api.h"
#include "http/call.h"

enum { KEYS_WAIT_MS = 5000 /* for the key process, without a passphrase */ };

/* What a key may be called, a sentence. */
extern const char keys_name_rule[];

/* May there be one more key, by this name? "" = the node chooses one. A name is looked at before
 * somebody types a passphrase for it. 200, or the status of the error that was written. */
int keys_judge_new(const struct api *a, struct http_call *c, const char *name);

/* Answers with what a hook said; when it says that the answer comes later the client waits so many
 * milliseconds for it. Returns the status. */
int keys_answer(struct http_call *c, const struct api_said *s, uint64_t waits_ms);

#endif
