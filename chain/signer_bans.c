/* Role: permanent bans of drawn keys that never sign (protocol.md 7.11, RFC-0003). Bans are stored
 * with the full block that closes a healed window and removed with it; nothing here scans the chain
 * for them.
 * Before: chain/chain.c when it appends, chain/signer_draw.c for a draw. After:
 * chain/store_view.c. */
#include <stdlib.h>

#include "chain/signers.h"

bool signer_bans_have(struct view *v, const uint8_t key[KEY_SIZE], uint64_t upto)
{
	struct ban b;

	return view_ban_of(v, key, &b) && b.closing <= upto;
}

/* A key's total is never smaller than its count below an index. So the walk over the ranking, which
 * goes by totals, can end where these fall below the minimum. */
uint64_t signer_bans_eligible(struct view *v, uint64_t below, uint64_t minimum)
{
	struct rank_cursor w = RANK_START;
	uint64_t least = minimum ? minimum : 1, n = 0;

	view_begin(v);
	while (view_rank_next(v, &w) && w.total >= least)
		n += view_count(v, w.key, below) >= least;
	view_end(v);
	return n;
}

/* The number of bans up to block `upto` whose keys have at least `minimum` blocks below `below`. */
static uint64_t eligible_bans(struct view *v, uint64_t upto, uint64_t below, uint64_t minimum)
{
	struct ban b = {.closing = upto + 1};
	uint64_t n = 0;

	while (view_ban_before(v, &b))
		n += view_count(v, b.key, below) >= minimum;
	return n;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* If the bans leave fewer than ban_draw_min eligible keys, they are lifted from the end of the list
 * until enough keys are eligible. So the result is described by one place in the list,
 * first_readmitted: bans before it hold, and later ones hold only for keys that have too few blocks
 * anyway. */
void signer_bans_for_draw(struct view *v, const struct block_summary *f, struct draw_bans *d)
{
	const struct chain_params *p = v->params;
	struct ban b = {.closing = f->index + 1};

	*d = (struct draw_bans){.below = f->index};
	if (f->index <= p->ban_activation_height || !view_ban_before(v, &b))
		return;
	d->any = true;
	d->minimum = params_draw_minimum(p, f->index);
	d->first_readmitted = (struct ban){.closing = f->index + 1};
	uint64_t remaining = minus(signer_bans_eligible(v, f->index, d->minimum),
		eligible_bans(v, f->index, f->index, d->minimum));
	do {
		if (remaining >= p->ban_draw_min)
			return;
		if (view_count(v, b.key, f->index) >= d->minimum)
			remaining++;
		d->first_readmitted = b;
	} while (view_ban_before(v, &b));
}

static bool in_order(const struct ban *a, const struct ban *b)
{
	return a->closing < b->closing || (a->closing == b->closing && a->place < b->place);
}

bool draw_bans_have(struct view *v, const struct draw_bans *d, const uint8_t key[KEY_SIZE])
{
	struct ban b;

	if (!d->any || !view_ban_of(v, key, &b) || b.closing > d->below)
		return false;
	return in_order(&b, &d->first_readmitted) || view_count(v, key, d->below) < d->minimum;
}

/* ---- crystallisation ---- */

struct candidate {
	uint64_t count; /* its blocks below the closing block */
	uint8_t key[KEY_SIZE];
};

static int by_count(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return memcmp(x->key, y->key, KEY_SIZE);
}

/* Sets signed_by[] for the drawn keys that signed in the window. True when a key outside the draw
 * signed there, so that the window was healed. */
static bool read_window(struct view *v, const struct draw *d, uint64_t from, uint64_t below,
	bool signed_by[SIGNERS_ALL])
{
	bool healed = false;
	struct block_summary h;

	for (uint64_t i = from; i < below && view_summary(v, i, &h); i++) {
		bool drawn = false;
		for (unsigned k = 0; k < d->n; k++) {
			if (memcmp(d->keys[k], h.key, KEY_SIZE) != 0)
				continue;
			signed_by[k] = drawn = true;
		}
		healed |= !drawn;
	}
	return healed;
}

static unsigned ban_down_to_floor(struct view *v, const struct candidate *c, unsigned n,
	uint64_t index, uint64_t minimum, struct ban list[SIGNERS_ALL])
{
	uint64_t remaining = minus(
		signer_bans_eligible(v, index, minimum), eligible_bans(v, index, index, minimum));
	uint32_t banned = 0;

	for (unsigned i = 0; i < n; i++) {
		uint64_t after = c[i].count >= minimum ? minus(remaining, 1) : remaining;
		if (after < v->params->ban_pool_floor)
			continue;
		remaining = after;
		list[banned] = (struct ban){.closing = index, .place = banned};
		memcpy(list[banned++].key, c[i].key, KEY_SIZE);
	}
	return banned;
}

unsigned signer_bans_crystallise(struct view *v, const struct block_summary *opening,
	uint64_t index, const uint8_t author[KEY_SIZE], struct ban list[SIGNERS_ALL])
{
	struct candidate c[SIGNERS_ALL];
	bool alive[SIGNERS_ALL] = {false};
	struct draw d;
	unsigned n = 0;

	if (opening->index < v->params->healing_activation_height)
		return 0;
	view_begin(v);
	signers_draw(v, opening, &d);
	if (d.n > 0 && read_window(v, &d, opening->index + 1, index, alive)) {
		for (unsigned k = 0; k < d.n; k++) {
			if (alive[k] || memcmp(d.keys[k], author, KEY_SIZE) == 0 ||
				signer_bans_have(v, d.keys[k], index))
				continue;
			c[n].count = view_count(v, d.keys[k], index);
			memcpy(c[n++].key, d.keys[k], KEY_SIZE);
		}
		qsort(c, n, sizeof c[0], by_count);
		n = ban_down_to_floor(v, c, n, index, params_draw_minimum(v->params, index), list);
	}
	view_end(v);
	return n;
}
