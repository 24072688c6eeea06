/* Host names to addresses by c-ares on the loop: no thread, nothing blocks, a look-up in progress
 * can be cancelled at any moment and leaves nothing behind. */
#ifndef P2P_RESOLVER_H
#define P2P_RESOLVER_H

#include "base/bound.h"
#include "p2p/addr.h"

struct event_base;
struct resolver;

enum { RESOLVED_MAX = 8 };

/* count 0: it failed, `why` says how (static). Never called from inside resolver_lookup(), and at
 * the latest when the time is over. It may look up again, but must not free the resolver. */
typedef void resolved_fn(
	void *ctx, uint64_t tag, const struct netaddr *found, size_t count, const char *why);

/* `timeout_ms` is the time for one look-up. `servers`: NULL = as the system is configured, else
 * "address:port,…" that outlives the resolver (tests). NULL when memory or c-ares fails. */
struct resolver *resolver_start(struct event_base *base, struct bound *lookups, uint64_t timeout_ms,
	const char *servers, resolved_fn *done, void *ctx);

/* The addresses get `port`. False when too many look-ups are in progress or memory ran out. */
bool resolver_lookup(struct resolver *r, const char *host, uint16_t port, uint64_t tag);

/* Cancels what is in progress without calling back. NULL is fine. */
void resolver_free(struct resolver *r);

#endif
