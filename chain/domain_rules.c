/* Role: the rules about names: required difficulty, ownership, and the rest time between new names
 * (protocol.md 7.5, 7.6).
 * Before: chain/rules.c, steps 6, 12b, 12c. After: chain/store_view.c. */
#include "chain/domain_rules.h"

enum { DISCOUNT_WEEKS = 7, DISCOUNT_MOST = 8 };

/* Sums of times wrap around as in the reference (7.3 item 13). Unsigned arithmetic avoids undefined
 * behaviour. */
static int64_t plus(int64_t time, uint64_t seconds)
{
	return (int64_t)((uint64_t)time + seconds);
}

static int64_t between(int64_t from, int64_t to)
{
	return (int64_t)((uint64_t)to - (uint64_t)from);
}

enum domain_state domain_rules_state(
	const struct chain_params *p, const struct domain_row *row, int64_t at)
{
	int64_t end = plus(row->timestamp, p->domain_lifetime);

	if (end >= at)
		return DOMAIN_ALIVE;
	return plus(end, p->domain_renew_time) >= at ? DOMAIN_EXPIRED : DOMAIN_FREE;
}

/* By how many bits a renewal may be easier than a new name. Apart from the height it depends only
 * on the age of the name's latest row. */
static uint64_t discount(struct view *v, const struct block *b)
{
	const struct chain_params *p = v->params;
	struct domain_row row;

	if (!view_domain(v, b->tx.identity, b->index, &row))
		return 0;
	if (row.timestamp < plus(b->timestamp, -p->domain_lifetime))
		return 0;
	if (view_height(v) < p->blocks_without_discount)
		return 1;
	int64_t weeks = between(row.timestamp, b->timestamp) / ONE_WEEK;
	if (weeks < 0)
		return 0;
	return (uint64_t)(weeks < DISCOUNT_WEEKS ? weeks : DISCOUNT_WEEKS) + 1;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* The required difficulty without the discount; UINT32_MAX = no hash is enough. */
static uint64_t required_at_most(
	const struct chain_params *p, const struct block *b, enum domain_check domain)
{
	if (!b->full)
		return b->index == 1 ? p->origin_difficulty : p->signer_difficulty;
	if (block_is_origin(b))
		return p->origin_difficulty;
	if (block_is_domain(b) && domain != DOMAIN_MALFORMED)
		return p->domain_difficulty;
	return UINT32_MAX;
}

uint64_t domain_rules_difficulty(struct view *v, const struct block *b, enum domain_check domain)
{
	uint64_t most = required_at_most(v->params, b, domain);

	if (most == UINT32_MAX || !block_is_domain(b))
		return most;
	return minus(most, discount(v, b));
}

uint64_t domain_rules_least_difficulty(
	const struct chain_params *p, const struct block *b, enum domain_check domain)
{
	uint64_t most = required_at_most(p, b, domain);

	if (most == UINT32_MAX || !block_is_domain(b))
		return most;
	return minus(most, DISCOUNT_MOST);
}

/* May the author use the name? The row of the block directly below is ignored, as in the reference
 * (7.3 item 4). */
bool domain_rules_available(struct view *v, const struct block *b, int64_t now)
{
	struct domain_row row;

	if (!view_domain(v, b->tx.identity, b->index - 1, &row))
		return true;
	if (row.owned && slice_eq(slice_of(row.owner, KEY_SIZE), b->pub_key))
		return true;
	return domain_rules_state(v->params, &row, now) == DOMAIN_FREE;
}

bool domain_rules_cooled_down(struct view *v, const struct block *b)
{
	struct domain_row row;
	struct block_summary last;

	if (!view_last_full_of(v, b->index, b->pub_key.p, &last))
		return true;
	if (view_domain(v, b->tx.identity, b->index, &row))
		return true;
	return plus(last.timestamp, v->params->new_domains_interval) <= b->timestamp;
}
