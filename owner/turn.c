/* Role: decides whether one of our keys may sign a block now, and which (protocol.md 10.3).
 * Before: the searches for signing blocks; `sign status`. After: chain/signers.c. */
#include "owner/turn.h"

/* What the tests share: the tip, the last full block, and who is drawn for it. */
struct look {
	struct view *v;
	const struct turn_ask *a;
	struct block_summary tip, full;
	struct draw draw;
	struct pool pool;
};

static bool in_list(const uint8_t (*list)[KEY_SIZE], unsigned n, const uint8_t key[KEY_SIZE])
{
	for (unsigned i = 0; i < n; i++)
		if (memcmp(list[i], key, KEY_SIZE) == 0)
			return true;
	return false;
}

/* Has the key a block of the window, or the full block itself? */
static bool took_part(const struct look *l, const uint8_t key[KEY_SIZE])
{
	return view_count(l->v, key, l->tip.index + 1) > view_count(l->v, key, l->full.index);
}

/* A key that is held twice counts once. */
static void allow(const struct look *l, struct turn *t, unsigned place)
{
	for (unsigned i = 0; i < t->n; i++)
		if (memcmp(l->a->keys[t->key[i]], l->a->keys[place], KEY_SIZE) == 0)
			return;
	if (t->n < TURN_KEYS)
		t->key[t->n++] = place;
}

static void allow_drawn(const struct look *l, struct turn *t)
{
	for (unsigned i = 0; i < l->a->n; i++)
		if (draw_has(&l->draw, l->a->keys[i]) && !took_part(l, l->a->keys[i]))
			allow(l, t, i);
}

/* The window has blocks enough and is not locked: only an anchor's helps. */
static bool needs_anchor(const struct look *l)
{
	return l->tip.index - l->full.index >= SIGNERS_MIN;
}

/* Keys on standby; `anchors`: only those. */
static void allow_standby(const struct look *l, bool anchors, struct turn *t)
{
	const struct pool *p = &l->pool;

	for (unsigned i = 0; i < l->a->n; i++) {
		const uint8_t *key = l->a->keys[i];
		bool standby = in_list(p->anchor, p->anchors, key) ||
			       (!anchors && in_list(p->late, p->recent, key));
		if (standby && !draw_has(&l->draw, key) && !took_part(l, key))
			allow(l, t, i);
	}
}

static void none(struct turn *t, enum turn_why why)
{
	t->kind = TURN_NONE;
	t->why = why;
	t->n = 0;
}

/* Sums of times wrap around as in the rules. */
static int64_t plus(int64_t time, uint64_t seconds)
{
	return (int64_t)((uint64_t)time + seconds);
}

/* Item 4. */
static void heal(struct look *l, struct turn *t)
{
	if (t->index <= l->v->params->healing_activation_height) {
		none(t, TURN_NOT_DRAWN);
		return;
	}
	signers_pool(l->v, &l->full, true, &l->pool);
	allow_standby(l, needs_anchor(l), t);
	if (!t->n) {
		allow_standby(l, false, t);
		none(t, t->n ? TURN_NEEDS_ANCHOR : TURN_NOT_DRAWN);
		return;
	}
	t->when = plus(l->full.timestamp, signers_timeout(l->v, &l->full));
	if (l->a->now < t->when) {
		none(t, TURN_STANDBY);
		return;
	}
	t->when = 0;
	t->kind = TURN_HEALING;
}

/* Items 1 and 2. */
static enum turn_why too_soon(struct look *l, struct turn *t)
{
	const struct turn_ask *a = l->a;
	uint64_t height = view_height(l->v);

	if (!a->n)
		return TURN_NO_KEY;
	if (height < l->v->params->block_signers_start || !view_summary(l->v, height, &l->tip))
		return TURN_LOW;
	t->index = height + 1;
	if (!view_last_full(l->v, height + 1, &l->full))
		return TURN_NO_FULL;
	t->full = l->full.index;
	if (height < a->max_height)
		return TURN_BEHIND;
	if (signers_locked(l->v, &l->full, UINT64_MAX))
		return TURN_LOCKED;
	if (plus(l->tip.timestamp, (uint64_t)a->wait) <= a->now)
		return TURN_NOW;
	t->when = plus(l->tip.timestamp, (uint64_t)a->wait);
	return TURN_EARLY;
}

void turn_of(struct view *v, const struct turn_ask *a, struct turn *t)
{
	struct look l = {.v = v, .a = a};

	*t = (struct turn){.kind = TURN_NONE};
	view_begin(v);
	t->why = too_soon(&l, t);
	if (t->why == TURN_NOW) {
		signers_draw(v, &l.full, &l.draw);
		allow_drawn(&l, t);
		t->kind = TURN_SIGNING;
		if (!t->n)
			heal(&l, t);
	}
	view_end(v);
}

const char *turn_words(enum turn_why why)
{
	static const char *const words[] = {
		[TURN_NOW] = "may sign now",
		[TURN_NO_KEY] = "no key is held",
		[TURN_LOW] = "blocks of this height need no signatures",
		[TURN_BEHIND] = "others have a higher chain: waiting until the node has it too",
		[TURN_NO_FULL] = "there is no full block to sign yet",
		[TURN_LOCKED] = "the last full block has its signatures",
		[TURN_EARLY] = "waiting until the tip is old enough",
		[TURN_NOT_DRAWN] =
			"no key of ours is drawn or on standby, or all of them have signed",
		[TURN_STANDBY] = "a key of ours is on standby: waiting for the drawn ones",
		[TURN_NEEDS_ANCHOR] =
			"the last full block waits for an anchor, and no key of ours is one",
	};

	return words[why];
}
