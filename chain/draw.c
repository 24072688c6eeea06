/* The drawn signers of a full block: protocol.md 7.7.
 * Before: chain/signers.c and chain/bans.c. After: chain/store_view.c. */
#include "base/log.h"
#include "chain/signers.h"

enum {
	JUDGED = 256, /* remembered keys of one walk */
	/* Walks that come this far are rare; then it is worth to ask whether they can end at all.
	 */
	DOUBT_STEPS = 1 << 15,
};

/* One walk over the chain below a full block. */
struct walk {
	struct view *v;
	const struct head *f;
	uint64_t minimum; /* blocks that a signer needs */
	struct draw_bans skip;
	struct judged {
		bool known, may;
		uint8_t key[KEY_SIZE];
	} judged[JUDGED];
};

/* A walk meets the same few authors again and again. */
static bool may_sign(struct walk *w, const uint8_t key[KEY_SIZE])
{
	struct judged *j = &w->judged[key[KEY_SIZE - 1]];

	if (j->known && memcmp(j->key, key, KEY_SIZE) == 0)
		return j->may;
	j->known = true;
	memcpy(j->key, key, KEY_SIZE);
	j->may = view_count(w->v, key, w->f->index) >= w->minimum &&
		 !draw_bans_have(w->v, &w->skip, key);
	return j->may;
}

static void add_key(struct draw *d, const uint8_t key[KEY_SIZE], const struct head *f)
{
	if (memcmp(key, f->key, KEY_SIZE) != 0 && !draw_has(d, key))
		memcpy(d->keys[d->n++], key, KEY_SIZE);
}

static unsigned trailing_zeros(uint64_t x)
{
	unsigned n = 0;

	while (n < 64 && !(x >> n & 1))
		n++;
	return n;
}

/* The walk meets only every 2^z-th index, z = the trailing zeros that tail and window have in
 * common. True when the keys there cannot complete the draw, nor end the wait for mitigation. */
static bool hopeless(struct walk *w, const struct draw *d, uint64_t tail, bool mitigated)
{
	uint64_t window = w->f->index - 1;
	unsigned zeros = trailing_zeros(tail | window);
	uint64_t step = tail ? (uint64_t)1 << zeros : window;
	struct draw all = *d;
	struct head h;

	for (uint64_t i = 1; i <= window && view_head(w->v, i, &h); i += step) {
		if (!may_sign(w, h.key))
			continue;
		if (!mitigated)
			return false;
		add_key(&all, h.key, w->f);
		if (all.n == SIGNERS_ALL)
			return false;
	}
	return true;
}

static bool draw_all(struct walk *w, struct draw *d)
{
	uint64_t tail = d->tail, window = w->f->index - 1, c = 1;
	bool mitigated = false;
	struct head h;

	for (uint64_t steps = 1; d->n < SIGNERS_ALL; steps++, c++) {
		if (steps > DRAW_STEPS_MAX ||
			(steps == DOUBT_STEPS && hopeless(w, d, tail, mitigated)))
			return false;
		if (view_head(w->v, tail * c % window + 1, &h)) {
			if (!may_sign(w, h.key))
				continue;
			add_key(d, h.key, w->f);
		}
		if (!mitigated && c + 1 > MITIGATION_COUNT) {
			tail /= MITIGATION_DIVISOR;
			mitigated = true;
		}
	}
	return true;
}

static void walk(struct view *v, const struct head *f, struct draw *d)
{
	struct walk w = {.v = v, .f = f, .minimum = params_draw_minimum(v->params, f->index)};

	view_begin(v);
	bans_for_draw(v, f, &w.skip);
	if (f->index < 2 || !draw_all(&w, d)) {
		d->n = 0;
		log_warn("full block %llu: its draw of signers does not end, nobody is drawn",
			(unsigned long long)f->index);
	}
	view_end(v);
}

/* Remembered draws are looked up by hash and signature: the same block may be signed twice. */
static bool remembered(const struct view *v, struct draw *d)
{
	for (size_t i = v->draws.count; i-- > 0;) {
		const struct draw *old = fifo_at(&v->draws, i);
		if (old->tail != d->tail || memcmp(old->hash, d->hash, HASH_SIZE) != 0)
			continue;
		*d = *old;
		return true;
	}
	return false;
}

void signers_draw(struct view *v, const struct head *f, struct draw *d)
{
	*d = (struct draw){.tail = f->tail};
	memcpy(d->hash, f->hash, HASH_SIZE);
	if (f->index < v->params->block_signers_start || view_height(v) < f->index)
		return;
	if (remembered(v, d))
		return;
	walk(v, f, d);
	/* Without memory for it the draw is computed again next time. */
	fifo_push_evict(&v->draws, d, NULL);
}
