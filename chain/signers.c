/* Role: decides whether a key may sign a block: the signing rule, with the lock of a window, the
 * standby pool and the time-out (protocol.md 7.8 to 7.10). The draw itself is chain/signer_draw.c.
 * Before: chain/rules.c, step 14b. After: chain/store_view.c. */
#include <assert.h>

#include "chain/signers.h"

bool draw_has(const struct draw *d, const uint8_t key[KEY_SIZE])
{
	for (unsigned i = 0; i < d->n; i++)
		if (memcmp(d->keys[i], key, KEY_SIZE) == 0)
			return true;
	return false;
}

static bool listed(const uint8_t (*list)[KEY_SIZE], unsigned n, const uint8_t key[KEY_SIZE])
{
	for (unsigned i = 0; i < n; i++)
		if (memcmp(list[i], key, KEY_SIZE) == 0)
			return true;
	return false;
}

/* ---- standby pool ---- */

struct place {
	uint64_t count;
	uint8_t key[KEY_SIZE];
};

/* Inserts into the sorted list: more blocks first, then the smaller key. If the list is full its
 * last entry is dropped. */
static void insert_place(
	struct place *best, unsigned *n, unsigned most, const struct place *candidate)
{
	unsigned i = *n < most ? (*n)++ : most - 1;

	for (; i > 0; i--) {
		const struct place *above = &best[i - 1];
		if (above->count > candidate->count ||
			(above->count == candidate->count &&
				memcmp(above->key, candidate->key, KEY_SIZE) < 0))
			break;
		best[i] = best[i - 1];
	}
	best[i] = *candidate;
}

static bool better_place(const struct place *a, const struct place *b)
{
	return a->count > b->count ||
	       (a->count == b->count && memcmp(a->key, b->key, KEY_SIZE) < 0);
}

/* The first `most` keys of rank(above, upto, …) in protocol.md 7.9, without keys banned up to
 * `banned_upto` and without the anchors already in *p. The ranking is walked by total count, which
 * is never less than a key's count in a range; so the walk ends when the totals fall below the
 * worst of the best. */
static unsigned rank_best(struct view *v, uint64_t above, uint64_t upto, uint64_t banned_upto,
	const struct pool *p, uint8_t (*keys)[KEY_SIZE], unsigned most)
{
	struct place best[POOL_ANCHORS], candidate;
	struct rank_cursor w = RANK_START;
	unsigned n = 0;

	while (view_rank_next(v, &w)) {
		if (n == most && w.total < best[n - 1].count)
			break;
		memcpy(candidate.key, w.key, KEY_SIZE);
		candidate.count = view_count(v, w.key, upto + 1) - view_count(v, w.key, above + 1);
		if (candidate.count == 0 || (n == most && !better_place(&candidate, &best[n - 1])))
			continue;
		if (listed(p->anchor, p->anchors, w.key) || signer_bans_have(v, w.key, banned_upto))
			continue;
		insert_place(best, &n, most, &candidate);
	}
	for (unsigned i = 0; i < n; i++)
		memcpy(keys[i], best[i].key, KEY_SIZE);
	return n;
}

void signers_pool(struct view *v, const struct block_summary *f, bool recent, struct pool *p)
{
	const struct chain_params *params = v->params;
	uint64_t banned_upto = f->index > params->ban_activation_height ? f->index : 0;
	uint64_t window = params->healing_window;
	uint64_t from = f->index > window ? f->index - window : 1;

	*p = (struct pool){0};
	view_begin(v);
	p->anchors = rank_best(v, 1, f->index, banned_upto, p, p->anchor, POOL_ANCHORS);
	if (recent)
		p->recent = rank_best(v, from, f->index, banned_upto, p, p->late, POOL_RECENT);
	view_end(v);
}

/* Did a key outside the draw sign a block in [from, below)? Each full block begins a new draw. */
static bool healed_between(struct view *v, uint64_t from, uint64_t below)
{
	struct draw d = {0};
	struct block_summary h, full;
	bool opened = view_last_full(v, from, &full);

	if (opened)
		signers_draw(v, &full, &d);
	for (uint64_t i = from; i < below && view_summary(v, i, &h); i++) {
		if (h.full) {
			full = h;
			opened = true;
			signers_draw(v, &full, &d);
		} else if (opened && full.index >= v->params->block_signers_start &&
			   !draw_has(&d, h.key)) {
			return true;
		}
	}
	return false;
}

uint64_t signers_timeout(struct view *v, const struct block_summary *f)
{
	const struct chain_params *p = v->params;
	uint64_t from = f->index > HEALING_LOOKBACK ? f->index - HEALING_LOOKBACK : 0;

	if (from < p->healing_activation_height + 1)
		from = p->healing_activation_height + 1;
	if (from >= f->index)
		return p->healing_timeout;
	view_begin(v);
	bool healed = healed_between(v, from, f->index);
	view_end(v);
	return healed ? p->healing_timeout_fast : p->healing_timeout;
}

/* ---- lock ---- */

/* Counts of the window of f, up to an index: all blocks, blocks by drawn keys, blocks by
 * anchors. */
struct window {
	uint64_t blocks, drawn, anchors;
};

static bool enough(const struct window *w)
{
	return w->blocks >= SIGNERS_MIN && (w->drawn >= SIGNERS_MIN || w->anchors >= ANCHORS_MIN);
}

static bool window_locks(struct view *v, const struct block_summary *f, uint64_t below)
{
	struct window w = {0};
	struct draw d;
	struct pool p;
	struct block_summary h;

	signers_draw(v, f, &d);
	signers_pool(v, f, false, &p);
	for (uint64_t i = f->index + 1; i < below && !enough(&w); i++) {
		if (!view_summary(v, i, &h) || h.full)
			break;
		w.blocks++;
		w.drawn += draw_has(&d, h.key);
		w.anchors += listed(p.anchor, p.anchors, h.key);
	}
	return enough(&w);
}

static bool window_is_long(struct view *v, const struct block_summary *f, uint64_t below)
{
	uint64_t n = 0;
	struct block_summary h;

	for (uint64_t i = f->index + 1; i < below && n < SIGNERS_MIN; i++, n++)
		if (!view_summary(v, i, &h) || h.full)
			break;
	return n >= SIGNERS_MIN;
}

bool signers_locked(struct view *v, const struct block_summary *f, uint64_t below)
{
	bool locked;

	if (f->index < v->params->block_signers_start)
		return true;
	view_begin(v);
	if (f->index < v->params->healing_activation_height)
		locked = window_is_long(v, f, below);
	else
		locked = window_locks(v, f, below);
	view_end(v);
	return locked;
}

/* ---- the signing rule ---- */

/* Has the time-out passed between f and b? The difference wraps around like the reference's (7.3
 * item 13). */
static bool late_enough(const struct block *b, const struct block_summary *f, uint64_t timeout)
{
	int64_t waited = (int64_t)((uint64_t)b->timestamp - (uint64_t)f->timestamp);

	return waited >= 0 && (uint64_t)waited >= timeout;
}

static const char weak_key[] = "14b the signer's key is weak";
static const char too_few[] = "14b the last full block has too few blocks above it";
static const char signed_already[] = "14b the signer signed this window already";

bool signers_hang_on_draw(const char *why)
{
	return strncmp(why, "14b", 3) == 0 && why != weak_key && why != too_few &&
	       why != signed_already;
}

/* signer_ok(B, F) of protocol.md 7.10: NULL when the signer is accepted, else the reason. */
static const char *reject_signer(struct view *v, const struct block *b,
	const struct block_summary *f, bool active, int strength)
{
	const uint8_t *key = b->pub_key.p;
	struct draw d;
	struct pool p;

	assert(!active || strength >= 0);
	if (active && strength < (int)v->params->keystore_difficulty)
		return weak_key;
	if (b->index > f->index + 1 &&
		view_count(v, key, b->index) > view_count(v, key, f->index + 1))
		return signed_already;
	signers_draw(v, f, &d);
	if (draw_has(&d, key))
		return NULL;
	if (!active || memcmp(key, f->key, KEY_SIZE) == 0)
		return "14b the signer is not drawn";
	signers_pool(v, f, true, &p);
	if (!listed(p.anchor, p.anchors, key) && !listed(p.late, p.recent, key))
		return "14b the signer is neither drawn nor standby";
	if (!late_enough(b, f, signers_timeout(v, f)))
		return "14b a standby signer came too early";
	return NULL;
}

static const char *reject_empty(struct view *v, const struct block *b,
	const struct block_summary *f, bool active, uint64_t height, int strength)
{
	if (!active) {
		/* The old rule measures by our own height. A height below f wraps to a huge number,
		 * and the reference accepts the block then, too. */
		if (height - f->index >= SIGNERS_ALL)
			return NULL;
	} else if (b->index > f->index && b->index - f->index - 1 >= SIGNERS_ALL &&
		   signers_locked(v, f, b->index)) {
		return "14b the window is full and locked";
	}
	return reject_signer(v, b, f, active, strength);
}

const char *signers_reject(struct view *v, const struct block *b, const struct block_summary *f,
	uint64_t height, int strength)
{
	bool active = b->index > v->params->healing_activation_height;

	if (!f)
		return NULL;
	if (!b->full)
		return reject_empty(v, b, f, active, height, strength);
	if (active && b->index > f->index && !signers_locked(v, f, b->index))
		return window_is_long(v, f, b->index) ? "14b the last full block is not locked"
						      : too_few;
	return NULL;
}
