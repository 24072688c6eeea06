/* What the store says of a block, a domain, a key and the chain, as JSON. */
#ifndef NODE_LOOK_H
#define NODE_LOOK_H

#include "base/json.h"
#include "chain/chain.h"

struct look {
	struct chain *chain;
	const struct chain_params *params;
	struct json_wr j;
	uint8_t *block;      /* BLOCK_MAX_ENCODED bytes of work space */
	const char *missing; /* out: what was not found */
};

/* Each writes one JSON object. False when there is no such thing, and then nothing was written.
 * `what` as on the command line. */
bool look_block(struct look *s, const char *what);  /* an index or a hash */
bool look_domain(struct look *s, const char *what); /* a name or an identity */
bool look_key(struct look *s, const char *what);    /* in hex */
bool look_chain(struct look *s, const char *what);  /* not looked at */

/* The member "blocks" of an object that the caller opened: those from that index on, up to the tip.
 */
void look_blocks(struct look *s, uint64_t from, uint64_t count);

#endif
