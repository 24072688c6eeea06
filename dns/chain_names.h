/* Finds a domain in the chain by its name (8.8). Has a reader of the store of its own, for the
 * thread of the DNS server. Before: dns/serve_query.c. After: chain/store_reader.h. */
#ifndef DNS_CHAIN_NAMES_H
#define DNS_CHAIN_NAMES_H

#include "base/err.h"
#include "chain/chain.h"
#include "dns/zone.h"

struct dns_chain;

/* `store` and `params` are borrowed and outlive it. NULL when memory runs out or the store refuses
 * a reader; `why` is one line for the user then. */
struct dns_chain *dns_chain_open(
	struct store *store, const struct chain_params *params, char *why, size_t size);
void dns_chain_close(struct dns_chain *c);

/* Moves on when the tip has changed since the last question: answers that were kept are no longer
 * true. Costs one load. */
uint64_t dns_chain_generation(struct dns_chain *c);

/* Looks the name up, "example.ygg" in lower case, as it stands at `now` (seconds since 1970, UTC):
 * z->found says whether there is one, and z->data stays valid until dns_chain_end_turn(). *until:
 * the time at which this answer ceases to be true with no further block (the domain expires);
 * INT64_MAX = never. ERR_OK, or the store's failure, which was logged. */
enum err dns_chain_find(
	struct dns_chain *c, struct slice top, int64_t now, struct dns_zone *z, int64_t *until);

/* Ends the read transaction, if one is open. At the end of each turn of the loop: pages that
 * somebody reads cannot be used again. */
void dns_chain_end_turn(struct dns_chain *c);

#endif
