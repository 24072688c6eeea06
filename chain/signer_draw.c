/* Role: computes the drawn signers of a full block from its signature (protocol.md 7.7), with long
 * walks cut short without changing the result.
 * Before: chain/signers.c and chain/signer_bans.c. After: chain/store_view.c. */
#include <assert.h>

#include "base/log.h"
#include "base/mem.h"
#include "chain/signers.h"

enum {
	JUDGED = 256, /* keys cached in one walk */
	/* Few walks take so many steps. From here on the visited indices are remembered. */
	DOUBT_STEPS = 1 << 13,
	MARKS_MAX = 1 << 20, /* only indices below it are remembered, to bound the memory */
};

static_assert((int)DOUBT_STEPS > (int)MITIGATION_COUNT, "a mark is for good only behind it");

/* One walk over the chain below a full block. */
struct draw_walk {
	struct view *v;
	const struct block_summary *f;
	uint64_t minimum; /* least number of blocks by a signer */
	struct draw_bans skip;
	struct judged {
		bool known, may;
		uint8_t key[KEY_SIZE];
	} judged[JUDGED];
};

/* May the key be drawn? The answer is cached, because a walk meets the same few authors again and
 * again. */
static bool may_sign(struct draw_walk *w, const uint8_t key[KEY_SIZE])
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

static void add_key(struct draw *d, const uint8_t key[KEY_SIZE], const struct block_summary *f)
{
	if (memcmp(key, f->key, KEY_SIZE) != 0 && !draw_has(d, key))
		memcpy(d->keys[d->n++], key, KEY_SIZE);
}

/* ---- the indices of a walk, one addition each ---- */

/* ((tail · c) mod 2^64) mod window for c = 1, 2, … */
struct course {
	uint64_t window, tail;
	uint64_t value; /* (tail · c) mod 2^64 */
	uint64_t at;    /* value mod window */
	uint64_t step;  /* tail mod window */
	uint64_t wrap;  /* 2^64 mod window */
	uint64_t run;   /* steps since the value last wrapped */
};

static void course_begin(struct course *k, uint64_t window, uint64_t tail, uint64_t c)
{
	*k = (struct course){.window = window,
		.tail = tail,
		.value = tail * c,
		.at = tail * c % window,
		.step = tail % window,
		.wrap = (UINT64_MAX % window + 1) % window};
}

/* Takes `n` steps at once; only the last one may wrap. */
static void course_next(struct course *k, uint64_t n)
{
	uint64_t last = k->value + k->tail * (n - 1), next = last + k->tail;

	if (n == 1)
		k->at += k->step;
	else
		k->at = next < last ? (last % k->window) + k->step : next % k->window;
	k->at -= k->at >= k->window ? k->window : 0;
	k->run += n;
	k->value = next;
	if (next >= last)
		return;
	k->at += k->at < k->wrap ? k->window - k->wrap : -k->wrap;
	k->run = 0;
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

/* A walk visits only multiples of a stride. As long as the product does not wrap, the stride is the
 * greatest common divisor of tail and window. After a wrap modulo 2^64 only its power of two
 * remains a divisor. */
static uint64_t course_stride(const struct course *k)
{
	uint64_t common = gcd(k->tail, k->window);

	return k->tail <= UINT64_MAX / DRAW_STEPS_MAX ? common : common & -common;
}

/* ---- long walks ---- */

/* Indices that need no second visit, because visiting them again changes nothing. */
struct marks {
	uint8_t *bits;   /* one bit each, owned; NULL = none (yet), or no memory */
	uint64_t left;   /* indices that the walk can visit and are not marked */
	uint64_t period; /* steps after which indices repeat, without a wrap */
};

/* Starts with no marks. Indices visited earlier are not marked, because visiting one again may
 * still have an effect (the mitigation). */
static void marks_begin(struct marks *m, struct course *k)
{
	uint64_t most = k->window < MARKS_MAX ? k->window : MARKS_MAX;
	size_t size = (size_t)(most / 8 + 1);

	if (!m->bits)
		m->bits = mem_alloc(size);
	else
		memset(m->bits, 0, size);
	k->run = 0;
	m->left = k->window / course_stride(k);
	m->period = k->window / gcd(k->step, k->window);
}

static bool marked(const struct marks *m, uint64_t at)
{
	return m->bits && at < MARKS_MAX && m->bits[at / 8] >> at % 8 & 1;
}

static void mark(struct marks *m, uint64_t at)
{
	if (!m->bits || at >= MARKS_MAX)
		return; /* not remembered: it is visited again each time */
	m->bits[at / 8] |= (uint8_t)(1 << at % 8);
	m->left--;
}

/* The number of steps to take. After a whole period without a wrap all indices up to the next wrap
 * have been visited, so the walk skips to the wrap. */
static uint64_t steps_ahead(const struct marks *m, const struct course *k, uint64_t c)
{
	uint64_t before_wrap, most = DRAW_STEPS_MAX + 1 - c;

	if (!m->bits || k->run < m->period || !k->tail)
		return 1;
	before_wrap = (UINT64_MAX - k->value) / k->tail;
	return before_wrap < most ? before_wrap + 1 : most;
}

/* ---- the walk ---- */

struct state {
	struct draw_walk *w;
	struct draw *d;
	struct course course;
	struct marks marks;
	bool mitigated;
};

static void visit(struct state *s, uint64_t c)
{
	struct block_summary h;

	s->d->looks++;
	if (view_summary(s->w->v, s->course.at + 1, &h)) {
		if (!may_sign(s->w, h.key)) {
			mark(&s->marks, s->course.at);
			return;
		}
		add_key(s->d, h.key, s->w->f);
	}
	if (s->mitigated) {
		mark(&s->marks, s->course.at);
	} else if (c + 1 > MITIGATION_COUNT) {
		s->mitigated = true;
		course_begin(&s->course, s->course.window, s->course.tail / MITIGATION_DIVISOR, c);
		if (s->marks.bits)
			marks_begin(&s->marks, &s->course);
	}
}

/* Gives exactly the result of the protocol's walk. From DOUBT_STEPS on, which lies beyond
 * MITIGATION_COUNT, each index is visited once only, because a second visit has no effect. False
 * when the walk would not end: all indices are marked, or DRAW_STEPS_MAX is reached. */
static bool draw_all(struct draw_walk *w, struct draw *d)
{
	struct state s = {.w = w, .d = d};
	bool ends = true;

	course_begin(&s.course, w->f->index - 1, d->tail, 1);
	for (uint64_t c = 1; ends && d->n < SIGNERS_ALL;) {
		if (c >= DOUBT_STEPS && !s.marks.bits)
			marks_begin(&s.marks, &s.course);
		if (!marked(&s.marks, s.course.at))
			visit(&s, c);
		uint64_t n = steps_ahead(&s.marks, &s.course, c);
		course_next(&s.course, n);
		c += n;
		d->turns++;
		ends = d->n == SIGNERS_ALL ||
		       (c <= DRAW_STEPS_MAX && !(s.marks.bits && s.marks.left == 0));
	}
	mem_free(s.marks.bits);
	return ends;
}

static void walk(struct view *v, const struct block_summary *f, struct draw *d)
{
	struct draw_walk w = {.v = v, .f = f, .minimum = params_draw_minimum(v->params, f->index)};

	view_begin(v);
	signer_bans_for_draw(v, f, &w.skip);
	if (f->index < 2 || !draw_all(&w, d)) {
		d->n = 0;
		log_warn("full block %llu: its draw of signers does not end, nobody is drawn",
			(unsigned long long)f->index);
	}
	view_end(v);
}

/* Looks for the draw in the cache. Its key is the hash and the end of the signature: a block may be
 * signed twice, with one hash and different draws. */
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

void signers_draw(struct view *v, const struct block_summary *f, struct draw *d)
{
	*d = (struct draw){.tail = f->tail};
	memcpy(d->hash, f->hash, HASH_SIZE);
	if (f->index < v->params->block_signers_start || view_height(v) < f->index)
		return;
	if (remembered(v, d))
		return;
	walk(v, f, d);
	/* If memory runs out the draw is not cached, and computed again next time. */
	fifo_push_evict(&v->draws, d, NULL);
}
