/* Names and their owners: required difficulty, availability, cooldown (protocol.md 7.5, 7.6).
 * Before: chain/rules.c. After: chain/store_view.c. */
#ifndef CHAIN_DOMAIN_RULES_H
#define CHAIN_DOMAIN_RULES_H

#include "chain/view.h"
#include "domain/domain.h"

enum domain_state { DOMAIN_ALIVE, DOMAIN_EXPIRED, DOMAIN_FREE };

/* State of a name at a time, from its latest row. */
enum domain_state owner_state(
	const struct chain_params *p, const struct domain_row *row, int64_t at);

/* The difficulty that a block needs, whose data is as `domain` says (block_facts.domain);
 * UINT32_MAX = more than any block can have. */
uint64_t owner_required(struct view *v, const struct block *b, enum domain_check domain);

/* The least that 7.5 could ever ask of this block, on any chain. */
uint64_t owner_required_least(
	const struct chain_params *p, const struct block *b, enum domain_check domain);

/* 12b and 12c for a full block. */
bool owner_available(struct view *v, const struct block *b, int64_t now);
bool owner_rested(struct view *v, const struct block *b);

#endif
