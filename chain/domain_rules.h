/* Names and their owners: required difficulty, availability, cooldown (protocol.md 7.5, 7.6).
 * Before: chain/rules.c. After: chain/store_view.c. */
#ifndef CHAIN_DOMAIN_RULES_H
#define CHAIN_DOMAIN_RULES_H

#include "chain/view.h"
#include "domain/domain.h"

enum domain_state { DOMAIN_ALIVE, DOMAIN_EXPIRED, DOMAIN_FREE };

/* State of a name at a time, from its latest row. */
enum domain_state domain_rules_state(
	const struct chain_params *p, const struct domain_row *row, int64_t at);

/* The difficulty that a block needs, whose data is as `domain` says (block_facts.domain);
 * UINT32_MAX = more than any block can have. */
uint64_t domain_rules_difficulty(struct view *v, const struct block *b, enum domain_check domain);

/* The least that 7.5 could ever ask of this block, on any chain. */
uint64_t domain_rules_least_difficulty(
	const struct chain_params *p, const struct block *b, enum domain_check domain);

/* 12b and 12c for a full block. */
bool domain_rules_available(struct view *v, const struct block *b, int64_t now);
bool domain_rules_cooled_down(struct view *v, const struct block *b);

#endif
