/* Role: looks at the signatures of the last full block, and at what our keys have missed
 * (protocol.md 7.7 to 7.11). Before: GET /sign, the node's warnings, lines of jobs. After:
 * chain/signers.c. */
#include "owner/sign_look.h"

#include "base/hex.h"
#include "base/human.h"

enum { KEY_SHOWN = 4 /* bytes of a key in a line */ };

static int place_of(const struct own_key *keys, unsigned n, const uint8_t key[KEY_SIZE])
{
	for (unsigned i = 0; i < n; i++)
		if (memcmp(keys[i].signing, key, KEY_SIZE) == 0)
			return (int)i;
	return SIGN_NOBODY;
}

/* ---- the last full block ---- */

static struct sign_key *find(struct sign_key *list, unsigned n, const uint8_t key[KEY_SIZE])
{
	for (unsigned i = 0; i < n; i++)
		if (memcmp(list[i].key, key, KEY_SIZE) == 0)
			return &list[i];
	return NULL;
}

static void add(struct sign_key *list, unsigned *n, const uint8_t key[KEY_SIZE], int ours)
{
	list[*n] = (struct sign_key){.ours = ours};
	memcpy(list[(*n)++].key, key, KEY_SIZE);
}

/* Of the pool, those keys that are ours and not drawn; the full block's author signs it never. */
static void add_standby(struct sign_look *l, const struct own_key *keys, unsigned n,
	const uint8_t author[KEY_SIZE], const uint8_t (*pool)[KEY_SIZE], unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		int ours = place_of(keys, n, pool[i]);
		if (ours != SIGN_NOBODY && !find(l->draw, l->drawn, pool[i]) &&
			memcmp(pool[i], author, KEY_SIZE) != 0)
			add(l->stand, &l->standby, pool[i], ours);
	}
}

/* Who signed, and with which block. */
static void read_window(struct view *v, struct sign_look *l)
{
	struct block_summary h;

	for (uint64_t i = l->full + 1; view_summary(v, i, &h) && !h.full; i++) {
		struct sign_key *drawn = find(l->draw, l->drawn, h.key);
		struct sign_key *k = drawn ? drawn : find(l->stand, l->standby, h.key);
		if (k && !k->block)
			k->block = i;
		l->healed |= !drawn;
		l->blocks++;
	}
}

static void fill(struct view *v, const struct own_key *keys, unsigned n,
	const struct block_summary *full, struct sign_look *l)
{
	struct draw d;
	struct pool p = {0};

	l->full = full->index;
	l->since = full->timestamp;
	l->waits = !signers_locked(v, full, UINT64_MAX);
	signers_draw(v, full, &d);
	for (unsigned i = 0; i < d.n; i++)
		add(l->draw, &l->drawn, d.keys[i], place_of(keys, n, d.keys[i]));
	if (full->index > v->params->healing_activation_height) {
		l->heal_from = (int64_t)((uint64_t)full->timestamp + signers_timeout(v, full));
		if (n) /* the pool costs a walk over all keys, and we look only for ours */
			signers_pool(v, full, true, &p);
		add_standby(l, keys, n, full->key, (const uint8_t(*)[KEY_SIZE])p.anchor, p.anchors);
		add_standby(l, keys, n, full->key, (const uint8_t(*)[KEY_SIZE])p.late, p.recent);
	}
	read_window(v, l);
}

void sign_look(struct view *v, const struct own_key *keys, unsigned n, struct sign_look *l)
{
	struct block_summary full;

	*l = (struct sign_look){0};
	view_begin(v);
	uint64_t height = view_height(v);
	if (height >= v->params->block_signers_start && view_last_full(v, height + 1, &full) &&
		full.index >= v->params->block_signers_start)
		fill(v, keys, n, &full, l);
	view_end(v);
}

bool sign_is_due(const struct sign_look *l, const struct sign_key *k)
{
	return l->waits && k->ours != SIGN_NOBODY && !k->block;
}

/* ---- in words ---- */

static void put_keys(struct wr *w, const char *what, const struct sign_look *l, bool signed_only)
{
	char key[2 * KEY_SHOWN + 1];
	bool any = false;

	wr_format(w, "%s", what);
	for (unsigned i = 0; i < l->drawn; i++) {
		const struct sign_key *k = &l->draw[i];
		if (signed_only && !k->block)
			continue;
		hex_upper(slice_of(k->key, KEY_SHOWN), key);
		wr_format(w, "%s%s", any ? ", " : " ", key);
		any = true;
	}
	if (!any)
		wr_format(w, " nobody");
}

const char *sign_look_words(const struct sign_look *l, int64_t now, char to[SIGN_WORDS_MAX])
{
	struct wr w = wr_of(to, SIGN_WORDS_MAX - 1);
	char span[HUMAN_MAX], date[HUMAN_MAX];
	uint64_t since = now > l->since ? (uint64_t)now - (uint64_t)l->since : 0;

	memset(to, 0, SIGN_WORDS_MAX);
	if (l->blocks < SIGNERS_MIN)
		wr_format(&w, "waiting for %u of %d signatures of block %llu",
			SIGNERS_MIN - l->blocks, SIGNERS_MIN, (unsigned long long)l->full);
	else
		wr_format(&w,
			"block %llu has %u signatures and waits for a drawn key's or an anchor's",
			(unsigned long long)l->full, l->blocks);
	wr_format(&w, " since %s:", human_duration(since, span));
	put_keys(&w, " drawn", l, false);
	put_keys(&w, "; signed", l, true);
	if (l->heal_from)
		wr_format(&w, "; healing possible %s %s", now < l->heal_from ? "from" : "since",
			human_date(l->heal_from, date));
	return to;
}

/* ---- what was missed ---- */

/* Sets signed_by[] for the drawn keys that have a block after the full block *from and up to and
 * with the next one. True when a key outside the draw has one between the two. */
static bool read_closed(struct view *v, const struct draw *d, const struct block_summary *from,
	const struct block_summary *next, bool signed_by[SIGNERS_ALL])
{
	struct block_summary h;
	bool healed = false;

	for (uint64_t i = from->index + 1; i <= next->index && view_summary(v, i, &h); i++) {
		bool drawn = false;
		for (unsigned k = 0; k < d->n; k++)
			if (memcmp(d->keys[k], h.key, KEY_SIZE) == 0)
				signed_by[k] = drawn = true;
		healed |= !drawn && i < next->index;
	}
	return healed;
}

/* Did the network wait long for the signatures? More keys are drawn than have to sign, so without
 * that nobody missed one that did not come. */
static bool was_late(struct view *v, const struct block_summary *from)
{
	struct block_summary last;
	int64_t most = (int64_t)(signers_timeout(v, from) / 2);

	return view_summary(v, from->index + SIGNERS_MIN, &last) &&
	       last.timestamp - from->timestamp > most;
}

static void add_misses(struct view *v, const struct own_key *keys, unsigned n,
	const struct block_summary *from, const struct block_summary *next, struct sign_misses *m)
{
	bool signed_by[SIGNERS_ALL] = {false};
	struct draw d;

	signers_draw(v, from, &d);
	bool healed = read_closed(v, &d, from, next, signed_by);
	if (!healed && !was_late(v, from))
		return;
	for (unsigned k = 0; k < d.n && m->n < SIGN_MISSES_MAX; k++) {
		int ours = place_of(keys, n, d.keys[k]);
		if (!signed_by[k] && ours != SIGN_NOBODY)
			m->miss[m->n++] = (struct sign_miss){
				.full = from->index, .key = (unsigned)ours, .healed = healed};
	}
}

void sign_misses(struct view *v, const struct own_key *keys, unsigned n, struct sign_misses *m)
{
	struct block_summary from, next;

	*m = (struct sign_misses){0};
	view_begin(v);
	bool more = view_last_full(v, view_height(v) + 1, &next);
	for (int i = 0; more && n && i < SIGN_WINDOWS; i++) {
		more = view_last_full(v, next.index, &from) &&
		       from.index >= v->params->block_signers_start;
		if (more)
			add_misses(v, keys, n, &from, &next, m);
		next = from;
	}
	view_end(v);
}

uint64_t sign_banned(struct view *v, const uint8_t key[KEY_SIZE])
{
	struct ban b;

	return view_ban_of(v, key, &b) ? b.closing : 0;
}
