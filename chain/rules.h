/* The block check of protocol.md 7.2: a verdict from values and a read-only view of the chain.
 * No I/O of its own, no clock, no memory kept. Before: chain/verify.c computed the facts.
 * After: chain/chain.c acts on the verdict. */
#ifndef CHAIN_RULES_H
#define CHAIN_RULES_H

#include "chain/block.h"
#include "chain/params.h"

struct view;
struct block_summary;

enum verdict {
	VERDICT_GOOD,
	VERDICT_TWIN,
	VERDICT_FUTURE,
	VERDICT_BAD,
	VERDICT_REWIND,
	VERDICT_FORK,
	VERDICTS
};
const char *verdict_name(enum verdict v); /* "good", "twin", ... */

/* What can be found out about a block without the chain, computed on worker threads. Kept small,
 * because many blocks wait with their facts. */
struct block_facts {
	bool hash_ok;         /* hash = Blakeout(preimage), step 8 */
	bool signature_ok;    /* step 9 */
	int16_t key_strength; /* bits, 7.4; -1 = not computed */
	uint8_t domain; /* enum domain_check of its data, steps 6, 12d, 12e; DOMAIN_OK when it is no
			 * domain block */
};

/* Reads the block's domain data and fills in that fact. */
void facts_read_domain(struct block_facts *f, const struct block *b);

/* Whether the check of this block may ask for its author's key strength (12a, 7.10). */
bool rules_need_strength(const struct chain_params *p, const struct block *b);

/* Steps 1-3 and 6 (as far as it needs no chain) and 7: a block that fails is Bad whatever the chain
 * is. With f NULL, before the checkers, what stands in its data is left out: a block that fails is
 * not worth a hash. */
bool rules_plausible(const struct chain_params *p, const struct block *b,
	const struct block_facts *f, const char **why);

/* True when the block can never be good on any chain, clock or memory: hash and signature verified
 * (both facts true) and a context-free rule is broken. Such blocks may be remembered as bad. */
bool rules_bad_forever(
	const struct chain_params *p, const struct block *b, const struct block_facts *f);

/* As `now`: no rule that compares with the clock fails. A block that is bad now but good with this
 * time shows that the clock may be wrong. */
#define RULES_ANY_TIME INT64_MAX

/* Everything that a verdict depends on. `tip` and `last_full` are T and LF of 7.2: those of the
 * chain, but for the start-up check (7.14); NULL = none. `view` is the stored chain and gives h. */
struct check {
	struct view *view;
	const struct block *block;
	const struct block_facts *facts;
	const struct block_summary *tip, *last_full;
	int64_t now; /* seconds */
};

/* check(B, T, LF). *why names the rule that decided, static. False facts only matter when no rule
 * before them decides. A strength must be there when rules_need_strength() says so; the data must
 * have been read. */
enum verdict rules_check(const struct check *c, const char **why);

#endif
