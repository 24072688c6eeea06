/* Resolves host names to addresses by c-ares on the event loop, without threads and without
 * blocking. A look-up can be cancelled at any moment. */
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

#include "base/bound.h"
#include "net/addr.h"

struct event_base;
struct resolver;

enum { RESOLVED_MAX = 8 };

/* Called with the result of the look-up of this tag; `found` is borrowed for the call. count 0: it
 * failed, and `why` (a constant) says why. Never called from inside resolver_lookup(); called at
 * the latest at the time-out. An answer with addresses that arrives after that is delivered, too,
 * in a second call for the same look-up. It may start look-ups, but must not free the resolver. */
typedef void resolved_fn(
	void *ctx, uint64_t tag, const struct netaddr *found, size_t count, const char *why);

/* `lookups` is the row that bounds look-ups in progress, `timeout` the one whose milliseconds are
 * the time for one look-up; for as long again a late answer is heard. `servers`: NULL = as the
 * system is configured, else "address:port,…" that outlives the resolver (tests). The rows and
 * `base` are borrowed. NULL when memory or c-ares fails; resolver_free() is owed otherwise. */
struct resolver *resolver_start(struct event_base *base, struct bound *lookups,
	struct bound *timeout, const char *servers, resolved_fn *done, void *ctx);

/* Resolves `host`, which is copied; the addresses get `port`. `tag` is passed to the callback. A
 * second look-up of a name whose first one timed out waits for the same answer. False when too many
 * look-ups are in progress or memory ran out. */
bool resolver_lookup(struct resolver *r, const char *host, uint16_t port, uint64_t tag);

/* Sends all open questions again, because the network, and with it the name servers, may have
 * changed. */
void resolver_ask_anew(struct resolver *r);

/* Cancels what is in progress without calling back. NULL is fine. */
void resolver_free(struct resolver *r);

#endif
