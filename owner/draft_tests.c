/* Role: the tests of a request for a name, in the order of protocol.md 10.2, by what the rules ask
 * of a block on top of the chain now; and its difficulty.
 * Before: owner/draft.c read what they look at. After: chain/domain_rules.c, chain/signers.c. */
#include "chain/ecies.h"
#include "chain/signers.h"
#include "owner/draft.h"

/* Each is true when the test fails, and fills in what there is to say. */
typedef bool test_fn(const struct draft *d, struct draft_refusal *f);

/* ---- the tests of 10.2 ---- */

static bool malformed(const struct draft *d, struct draft_refusal *f)
{
	(void)f;
	return !d->parses;
}

static bool no_key(const struct draft *d, struct draft_refusal *f)
{
	(void)f;
	return !d->has_author;
}

static bool waiting(const struct draft *d, struct draft_refusal *f)
{
	struct block_summary full;

	if (d->height < d->view->params->block_signers_start ||
		!view_last_full(d->view, d->height + 1, &full) ||
		signers_locked(d->view, &full, UINT64_MAX))
		return false;
	f->block = full.index;
	return true;
}

static bool noted(const struct draft_refusal *seen, struct draft_refusal *f)
{
	if (seen->why)
		*f = *seen;
	return seen->why;
}

static bool many_records(const struct draft *d, struct draft_refusal *f)
{
	return noted(&d->many, f);
}

static bool clearnet(const struct draft *d, struct draft_refusal *f)
{
	return noted(&d->clearnet, f);
}

static bool too_long(const struct draft *d, struct draft_refusal *f)
{
	return noted(&d->too_long, f);
}

static bool owner_keys(const struct draft *d, struct draft_refusal *f)
{
	(void)f;
	return !d->owner_good;
}

static bool bad_name(const struct draft *d, struct draft_refusal *f)
{
	f->fault = name_check(d->name);
	return !d->fits || f->fault != NAME_FINE;
}

static bool no_zone(const struct draft *d, struct draft_refusal *f)
{
	(void)f;
	return !zone_is_known(name_zone(d->name));
}

/* Sums of times wrap around as in the rules. */
static int64_t plus(int64_t time, uint64_t seconds)
{
	return (int64_t)((uint64_t)time + seconds);
}

/* Says whose the row is, and until when. */
static void note_owner(const struct draft *d, const struct domain_row *row, struct draft_refusal *f)
{
	const struct chain_params *p = d->view->params;

	f->until = plus(row->timestamp, p->domain_lifetime + p->domain_renew_time + 1);
	f->expired = domain_rules_state(p, row, d->now) == DOMAIN_EXPIRED;
	f->owned = row->owned;
	memcpy(f->owner, row->owner, row->owned ? KEY_SIZE : 0);
}

static bool is_author(const struct draft *d, const struct domain_row *row)
{
	return row->owned && memcmp(row->owner, d->author, KEY_SIZE) == 0;
}

/* Has the last block changed the name? 12b does not see its row (protocol.md 7.3 item 4). */
static bool changed_last(const struct draft *d)
{
	return d->has_row && d->row.id == d->height;
}

/* 12b refuses, by the latest row below the tip. */
static bool refused_by_row(const struct draft *d, struct draft_refusal *f)
{
	struct domain_row row;

	if (domain_rules_available(d->view, &d->b, d->now) ||
		!view_domain(d->view, d->tx.identity, d->height, &row))
		return false;
	note_owner(d, &row, f);
	return true;
}

/* Whoever was given a name by the last block owns it for 12b when another block is on top. */
static bool next_block(const struct draft *d, struct draft_refusal *f)
{
	struct draft_refusal old;

	f->block = d->height;
	return changed_last(d) && is_author(d, &d->row) && refused_by_row(d, &old);
}

static bool taken(const struct draft *d, struct draft_refusal *f)
{
	return !(changed_last(d) && is_author(d, &d->row)) && refused_by_row(d, f);
}

static bool cooldown(const struct draft *d, struct draft_refusal *f)
{
	struct block_summary last;

	if (domain_rules_cooled_down(d->view, &d->b) ||
		!view_last_full_of(d->view, d->b.index, d->author, &last))
		return false;
	f->until = plus(last.timestamp, d->view->params->new_domains_interval);
	return true;
}

static bool too_big(const struct draft *d, struct draft_refusal *f)
{
	(void)f;
	return d->parses && !d->block_bytes;
}

/* ---- what nobody could use ---- */

static bool labels(const struct draft *d, struct draft_refusal *f)
{
	f->count = 1;
	for (size_t i = 0; i < d->name.n; i++)
		f->count += d->name.p[i] == '.';
	return f->count != 2;
}

static bool long_label(const struct draft *d, struct draft_refusal *f)
{
	f->count = 0;
	for (size_t i = 0; i < d->name.n && f->count <= DRAFT_LABEL_MAX; i++)
		f->count = d->name.p[i] == '.' ? 0 : f->count + 1;
	return f->count > DRAFT_LABEL_MAX;
}

static bool other_zone(const struct draft *d, struct draft_refusal *f)
{
	(void)f;
	return d->other_zone;
}

/* Zeros count as no key at all, wherever a block is read. */
static bool lost_owner(const struct draft *d, struct draft_refusal *f)
{
	const struct slice key = d->tx.signing;

	(void)f;
	if (!d->owner_given || !d->owner_good)
		return false;
	return key.n != KEY_SIZE || slice_zero(key) || !ecies_is_point(key.p) ||
	       ecies_is_small_order(key.p) || ecies_is_small_order(d->encryption);
}

/* Consensus would let it pass, and so take the name from whom the last block gave it to. */
static bool overtaken(const struct draft *d, struct draft_refusal *f)
{
	if (!changed_last(d) || is_author(d, &d->row) ||
		domain_rules_state(d->view->params, &d->row, d->now) == DOMAIN_FREE)
		return false;
	note_owner(d, &d->row, f);
	return true;
}

/* ---- all of them ---- */

static test_fn *const tests[DRAFT_WHYS] = {
	[DRAFT_MALFORMED] = malformed,
	[DRAFT_NO_KEY] = no_key,
	[DRAFT_WAITING] = waiting,
	[DRAFT_MANY_RECORDS] = many_records,
	[DRAFT_CLEARNET] = clearnet,
	[DRAFT_LONG] = too_long,
	[DRAFT_OWNER_KEYS] = owner_keys,
	[DRAFT_NAME] = bad_name,
	[DRAFT_ZONE] = no_zone,
	[DRAFT_NEXT] = next_block,
	[DRAFT_TAKEN] = taken,
	[DRAFT_COOLDOWN] = cooldown,
	[DRAFT_BIG] = too_big,
	[DRAFT_LABELS] = labels,
	[DRAFT_LONG_LABEL] = long_label,
	[DRAFT_OTHER_ZONE] = other_zone,
	[DRAFT_LOST_OWNER] = lost_owner,
	[DRAFT_OVERTAKEN] = overtaken,
};

bool draft_test(const struct draft *d, enum draft_why why, struct draft_refusal *f)
{
	*f = (struct draft_refusal){.why = why};
	view_begin(d->view);
	bool failed = tests[why](d, f);
	view_end(d->view);
	return failed;
}

enum draft_why draft_first(const struct draft *d, bool rules_only, struct draft_refusal *f)
{
	int end = rules_only ? DRAFT_RULES : DRAFT_WHYS;

	for (int why = DRAFT_FINE + 1; why < end; why++)
		if (draft_test(d, (enum draft_why)why, f))
			return f->why;
	*f = (struct draft_refusal){.why = DRAFT_FINE};
	return DRAFT_FINE;
}

bool draft_each(const struct draft *d, draft_see *see, void *ctx)
{
	struct draft_refusal f;
	bool any = false, no_zone = false;

	for (int why = DRAFT_FINE + 1; why < DRAFT_WHYS; why++) {
		if ((no_zone && why == DRAFT_OTHER_ZONE) || !draft_test(d, (enum draft_why)why, &f))
			continue;
		any = true;
		no_zone |= why == DRAFT_ZONE;
		if (see)
			see(ctx, d, &f);
		if (!d->fits && why == DRAFT_NAME)
			break;
	}
	return any;
}

/* ---- the difficulty ---- */

/* Why consensus asks for p->required. */
static void describe(const struct draft *d, struct draft_price *p)
{
	const struct chain_params *params = d->view->params;
	unsigned off = (unsigned)(params->domain_difficulty - p->required);

	p->reason = DRAFT_PRICE_NEW;
	if (!d->has_row)
		return;
	if (d->row.timestamp < plus(d->now, -params->domain_lifetime))
		p->reason = DRAFT_PRICE_OLD;
	else if (d->height < params->blocks_without_discount)
		p->reason = DRAFT_PRICE_LOW;
	else
		p->reason = DRAFT_PRICE_WEEKS;
	p->weeks = p->reason == DRAFT_PRICE_WEEKS && off ? off - 1 : 0;
}

/* Twice as many for each bit more would soon be no number. */
enum { MEAN_BITS_MAX = 1000 };

/* A hash meets D bits at its two ends together with a probability of (1 + D/2) · 2^−D. */
double draft_mean_hashes(uint64_t difficulty)
{
	double bits = (double)difficulty, hashes = 1;

	for (uint64_t i = 0; i < difficulty && i < MEAN_BITS_MAX; i++)
		hashes *= 2;
	return hashes / (1 + bits / 2);
}

struct draft_time draft_time(uint64_t difficulty, double rate)
{
	return draft_time_of(draft_mean_hashes(difficulty), rate);
}

struct draft_time draft_time_of(double hashes, double rate)
{
	double mean = hashes / rate;

	/* The number of hashes is geometric: −ln(1 − 0.5) and −ln(1 − 0.9) of the mean. */
	return (struct draft_time){mean, mean * 0.693147, mean * 2.302585};
}

void draft_price(const struct draft *d, struct draft_price *p)
{
	uint64_t most = d->view->params->domain_difficulty, renewal = most ? most - 1 : 0;

	*p = (struct draft_price){.reason = DRAFT_PRICE_NEW};
	view_begin(d->view);
	p->required = domain_rules_difficulty(d->view, &d->b, DOMAIN_OK);
	view_end(d->view);
	describe(d, p);
	p->difficulty = p->required;
	if (d->renewal && p->required < renewal) {
		p->difficulty = renewal;
		p->reason = DRAFT_PRICE_RENEWAL;
		p->weeks = 0;
	}
}
