/* What the DNS server answered to GET /dns/resolve, as JSON. */
#ifndef API_RESOLVE_H
#define API_RESOLVE_H

#include "base/cursor.h"
#include "dns/server.h"

/* Writes the answer, with a line feed, and returns the HTTP status. `w` is bad when it is too
 * small.
 */
int resolve_answer(const struct dns_reply *r, struct wr *w);

#endif
