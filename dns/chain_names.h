/* Finds a domain in the chain by its name (8.8). Has a reader of the store of its own, for the
 * thread of the DNS server. Before: dns/serve_query.c. After: chain/store_reader.h. */
#ifndef DNS_CHAIN_NAMES_H
#define DNS_CHAIN_NAMES_H

#include "base/err.h"
#include "chain/chain.h"
#include "dns/zone.h"

struct dns_chain;

/* `store` and `params` are borrowed and outlive it. All calls are of the thread of this one. NULL
 * when memory runs out or the store refuses a reader; `why` is one line for the user then. */
struct dns_chain *dns_chain_open(
	struct store *store, const struct chain_params *params, char *why, size_t size);

/* NULL is fine. Before the store is closed. */
void dns_chain_close(struct dns_chain *c);

/* Moves on when the chain has changed: answers that were kept under an earlier number are no longer
 * true. Within a turn it stays, as what dns_chain_find() sees. Read it before that and keep the
 * answer under what it said then. Costs one load; never 0. */
uint64_t dns_chain_generation(const struct dns_chain *c);

/* Looks the name up, "example.ygg" in lower case, as it stands at `now` (seconds since 1970, UTC):
 * z->found says whether there is one, and z->data stays valid until the next dns_chain_find().
 * *until: the time at which this answer ceases to be true with no further block (the domain
 * expires); INT64_MAX = never. ERR_OK, or the store's failure, which was logged: the answer is
 * SERVFAIL then, and a question of another second tries with a new reader. */
enum err dns_chain_find(
	struct dns_chain *c, struct slice top, int64_t now, struct dns_zone *z, int64_t *until);

/* The time of the chain's tip, in seconds since 1970; 0 without a block, or while the store fails.
 * `now` as in dns_chain_find(). */
int64_t dns_chain_tip_time(struct dns_chain *c, int64_t now);

/* Ends the read transaction, if one is open. At the end of each turn of the loop: pages that
 * somebody reads cannot be used again. */
void dns_chain_end_turn(struct dns_chain *c);

#endif
