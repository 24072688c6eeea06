/* Host names to addresses by c-ares on the loop: no thread, nothing blocks, a look-up in progress
 * can be cancelled at any moment and leaves nothing behind. */
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

#include "base/bound.h"
#include "net/addr.h"

struct event_base;
struct resolver;

enum { RESOLVED_MAX = 8 };

/* The end of the look-up that was begun with this tag; `found` is borrowed for the call. count 0:
 * it failed, `why` says how (a constant). Never called from inside resolver_lookup(), and at the
 * latest when the time is over. An answer that comes later is told, too, if it has addresses: then
 * this is the second call for that look-up. It may look up again, but must not free the resolver.
 */
typedef void resolved_fn(
	void *ctx, uint64_t tag, const struct netaddr *found, size_t count, const char *why);

/* `lookups` is the row that bounds look-ups in progress, `timeout` the one whose milliseconds are
 * the time for one look-up; for as long again a late answer is heard. `servers`: NULL = as the
 * system is configured, else "address:port,…" that outlives the resolver (tests). The rows and
 * `base` are borrowed. NULL when memory or c-ares fails; resolver_free() is owed otherwise. */
struct resolver *resolver_start(struct event_base *base, struct bound *lookups,
	struct bound *timeout, const char *servers, resolved_fn *done, void *ctx);

/* Looks `host` up, a name that is copied; the addresses get `port`. `tag` comes back with the
 * answer. One that asks again for what was not answered in time waits for the same answer. False
 * when too many look-ups are in progress or memory ran out. */
bool resolver_lookup(struct resolver *r, const char *host, uint16_t port, uint64_t tag);

/* The way to the name servers may be another one: what is in progress is asked anew. */
void resolver_ask_anew(struct resolver *r);

/* Cancels what is in progress without calling back. NULL is fine. */
void resolver_free(struct resolver *r);

#endif
