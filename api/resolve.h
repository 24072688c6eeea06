/* A question of the user to the DNS server, and what it answered, as JSON. */
#ifndef API_RESOLVE_H
#define API_RESOLVE_H

#include "base/cursor.h"
#include "dns/server.h"
#include "http/request.h"

enum resolve_wrong { RESOLVE_GOOD, RESOLVE_NO_NAME, RESOLVE_NO_TYPE };

/* Reads the arguments `name` and `type` (A when it is absent) of GET /dns/resolve. Says which of
 * them cannot be asked for. */
enum resolve_wrong resolve_question(const struct http_request *r, struct dns_query *out);

/* Writes the answer, with a line feed, and returns the HTTP status. `w` is bad when it is too
 * small.
 */
int resolve_answer(const struct dns_reply *r, struct wr *w);

#endif
