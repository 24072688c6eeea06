/* Stores the address book and the bans beside the chain, so that they survive a restart. */
#ifndef NODE_PERSIST_H
#define NODE_PERSIST_H

#include "chain/chain.h"
#include "p2p/p2p.h"

/* When to store them while the node runs, so that a crash loses little. */
struct persist {
	uint64_t changes; /* p2p_kept_changes() when they were stored last */
	uint64_t wait_ms; /* least time until they are stored again; 0 = none yet */
	uint64_t next_ms; /* not before that; monotonic */
};

/* Reads both from the store. What does not parse is dropped with a warning. */
void persist_load(struct chain *c, struct p2p *p);

/* Puts both into the store's open transaction: they are written with the next commit. What cannot
 * be stored is logged. */
void persist_save(struct chain *c, struct p2p *p);

/* To be called now and then: calls persist_save() when something changed; soon after the start,
 * less often later. True when it did, so that a commit is needed. */
bool persist_tick(struct persist *k, struct chain *c, struct p2p *p, uint64_t now_ms);

#endif
