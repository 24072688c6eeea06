/* Everything of protocol.md 7.7 to 7.11 a second time, written down as plainly as the text has it,
 * over arrays and without any shortcut, against the real one on random histories and parameters. */
#include <inttypes.h>

#include "base/rng.h"
#include "tests/unit/chain_fixture.h"
#include "tests/unit/main.h"

enum { MOST = 400, KEYS = 40, STEPS = 1 << 17 };

struct model {
	uint64_t height;
	unsigned author[MOST + 1];
	bool full[MOST + 1];
	uint64_t tail[MOST + 1];
	struct chain_params p;
	unsigned banned[KEYS], bans; /* the list */
	uint64_t closing[KEYS];
};

/* A set of authors in order. */
struct list {
	unsigned n, who[KEYS];
};

static bool has(const struct list *l, unsigned who)
{
	for (unsigned i = 0; i < l->n; i++)
		if (l->who[i] == who)
			return true;
	return false;
}

static uint64_t count(const struct model *m, unsigned who, uint64_t below)
{
	uint64_t n = 0;

	for (uint64_t i = 1; i <= m->height && i < below; i++)
		n += m->author[i] == who;
	return n;
}

static uint64_t minimum(const struct model *m, uint64_t index)
{
	return index < m->p.low_height ? 1 : index / 100;
}

static uint64_t eligible(const struct model *m, uint64_t below, uint64_t least)
{
	uint64_t n = 0;

	for (unsigned k = 0; k < KEYS; k++)
		n += count(m, k, below) >= 1 && count(m, k, below) >= least;
	return n;
}

static struct list bans(const struct model *m, uint64_t upto)
{
	struct list l = {0};

	for (unsigned i = 0; i < m->bans && m->closing[i] <= upto; i++)
		l.who[l.n++] = m->banned[i];
	return l;
}

static struct list draw_bans(const struct model *m, uint64_t f)
{
	struct list l = bans(m, f), s = {0};
	uint64_t least = minimum(m, f), remaining = eligible(m, f, least), lost = 0;
	bool out[KEYS] = {false};

	if (f <= m->p.ban_activation_height)
		return s;
	for (unsigned i = 0; i < l.n; i++)
		lost += count(m, l.who[i], f) >= least;
	remaining = remaining > lost ? remaining - lost : 0;
	for (unsigned i = l.n; i-- > 0 && remaining < m->p.ban_draw_min;)
		if (count(m, l.who[i], f) >= least) {
			out[i] = true;
			remaining++;
		}
	for (unsigned i = 0; i < l.n; i++)
		if (!out[i])
			s.who[s.n++] = l.who[i];
	return s;
}

static struct list draw(const struct model *m, uint64_t f)
{
	struct list result = {0}, skip = draw_bans(m, f), none = {0};
	uint64_t tail = m->tail[f], window = f - 1, c = 1, steps = 0;
	bool mitigated = false, may[KEYS];

	if (f < m->p.block_signers_start || m->height < f || window == 0)
		return none;
	for (unsigned k = 0; k < KEYS; k++)
		may[k] = count(m, k, f) >= minimum(m, f) && !has(&skip, k);
	while (result.n < 7) {
		if (++steps > STEPS)
			return none;
		unsigned who = m->author[tail * c % window + 1];
		if (!may[who]) {
			c++;
			continue;
		}
		if (who != m->author[f] && !has(&result, who))
			result.who[result.n++] = who;
		c++;
		if (!mitigated && c > 5000) {
			tail /= 13;
			mitigated = true;
		}
	}
	return result;
}

/* All keys by blocks in (a, b], best first. Numbers order like their keys. */
static struct list rank(const struct model *m, uint64_t a, uint64_t b)
{
	struct list l = {0};
	uint64_t n[KEYS];

	for (unsigned k = 0; k < KEYS; k++)
		n[k] = count(m, k, b + 1) - count(m, k, a + 1);
	for (uint64_t wanted = b; wanted > 0; wanted--)
		for (unsigned k = 0; k < KEYS; k++)
			if (n[k] == wanted)
				l.who[l.n++] = k;
	return l;
}

static void pool(const struct model *m, uint64_t f, struct list *anchors, struct list *recent)
{
	struct list out = {0}, all = rank(m, 1, f), late;
	int64_t w = (int64_t)f - (int64_t)m->p.healing_window;

	if (f > m->p.ban_activation_height)
		out = bans(m, f);
	*anchors = *recent = (struct list){0};
	for (unsigned i = 0; i < all.n && i < 7 + out.n && anchors->n < 7; i++)
		if (!has(&out, all.who[i]))
			anchors->who[anchors->n++] = all.who[i];
	late = rank(m, w < 1 ? 1 : (uint64_t)w, f);
	for (unsigned i = 0; i < late.n && i < 12 + out.n && recent->n < 5; i++)
		if (!has(&out, late.who[i]) && !has(anchors, late.who[i]))
			recent->who[recent->n++] = late.who[i];
}

static uint64_t last_full(const struct model *m, uint64_t below)
{
	uint64_t i = below - 1 < m->height ? below - 1 : m->height;

	while (i > 0 && !m->full[i])
		i--;
	return i;
}

static uint64_t timeout(const struct model *m, uint64_t f)
{
	uint64_t s = f > 10 ? f - 10 : 0;

	s = s > m->p.healing_activation_height + 1 ? s : m->p.healing_activation_height + 1;
	if (s >= f)
		return m->p.healing_timeout;
	uint64_t cur = last_full(m, s);
	for (uint64_t i = s; i < f; i++) {
		struct list d;
		if (m->full[i]) {
			cur = i;
			continue;
		}
		d = draw(m, cur ? cur : 1);
		if (cur && cur >= m->p.block_signers_start && !has(&d, m->author[i]))
			return m->p.healing_timeout_fast;
	}
	return m->p.healing_timeout;
}

static bool locked(const struct model *m, uint64_t f, uint64_t below)
{
	struct list d = draw(m, f), anchors, recent;
	unsigned n = 0, drawn = 0, anchored = 0;

	if (f < m->p.block_signers_start)
		return true;
	pool(m, f, &anchors, &recent);
	for (uint64_t i = f + 1; i <= m->height && i < below && !m->full[i]; i++) {
		n++;
		drawn += has(&d, m->author[i]);
		anchored += has(&anchors, m->author[i]);
	}
	if (f < m->p.healing_activation_height)
		return n >= 4;
	return n >= 4 && (drawn >= 4 || anchored >= 1);
}

/* The ban list of the chain below and with full block c, computed from nothing like in the text. */
static void crystallise(struct model *m)
{
	uint64_t o = 0;

	m->bans = 0;
	for (uint64_t c = m->p.healing_activation_height; c <= m->height; c++) {
		if (c == 0 || !m->full[c])
			continue;
		if (!o) {
			o = c;
			continue;
		}
		struct list d = draw(m, o), in = {0};
		uint64_t least = minimum(m, c), remaining = eligible(m, c, least), lost = 0;
		bool healed = false;
		for (uint64_t i = o + 1; i < c; i++) {
			if (!has(&in, m->author[i]))
				in.who[in.n++] = m->author[i];
			healed |= d.n && !has(&d, m->author[i]);
		}
		in.who[in.n++] = m->author[c];
		o = c;
		for (unsigned i = 0; i < m->bans; i++)
			lost += count(m, m->banned[i], c) >= least;
		remaining = remaining > lost ? remaining - lost : 0;
		struct list already = bans(m, c);
		for (uint64_t wanted = c; healed && wanted > 0; wanted--)
			for (unsigned k = 0; k < KEYS; k++) {
				if (!has(&d, k) || has(&in, k) || has(&already, k) ||
					count(m, k, c) != wanted)
					continue;
				uint64_t after = wanted < least ? remaining
						 : remaining    ? remaining - 1
								: 0;
				if (after < m->p.ban_pool_floor)
					continue;
				remaining = after;
				m->banned[m->bans] = k;
				m->closing[m->bans++] = c;
			}
	}
}

/* ---- the same history for both ---- */

static void grow(struct fixture *f, struct model *m, unsigned author, bool full, uint64_t tail)
{
	struct ban list[SIGNERS_ALL];
	struct block_summary open;
	uint8_t key[KEY_SIZE];
	unsigned n = 0;
	uint64_t index = store_height(f->store) + 1;

	made_key(author, key);
	if (full && view_last_full(&f->view, index, &open))
		n = signer_bans_crystallise(&f->view, &open, index, key, list);
	fixture_add_at(f, author, full, tail, (int64_t)index);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(store_add_ban(f->store, &list[i]), ERR_OK);
	m->author[index] = author;
	m->full[index] = full;
	m->tail[index] = tail;
	m->height = index;
}

static void same(const struct list *wanted, const uint8_t (*keys)[KEY_SIZE], unsigned n)
{
	assert_int_equal(n, wanted->n);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(keys[i][1], wanted->who[i]);
}

static void compare_bans(struct fixture *f, struct model *m)
{
	struct ban b = {0};

	crystallise(m);
	for (unsigned i = 0; i < m->bans; i++) {
		assert_true(view_ban_after(&f->view, &b));
		assert_int_equal(b.key[1], m->banned[i]);
		assert_int_equal(b.closing, m->closing[i]);
	}
	assert_false(view_ban_after(&f->view, &b));
}

static void compare_at(struct fixture *f, const struct model *m, uint64_t index)
{
	struct list anchors, recent, d = draw(m, index), skip = draw_bans(m, index);
	struct block_summary h;
	struct draw drawn;
	struct draw_bans observed;
	struct pool p;

	fixture_head(f, index, &h);
	signers_draw(&f->view, &h, &drawn);
	same(&d, (const uint8_t(*)[KEY_SIZE])drawn.keys, drawn.n);
	signer_bans_for_draw(&f->view, &h, &observed);
	for (unsigned k = 0; k < KEYS; k++) {
		uint8_t key[KEY_SIZE];
		made_key(k, key);
		assert_int_equal(draw_bans_have(&f->view, &observed, key), has(&skip, k));
	}
	pool(m, index, &anchors, &recent);
	signers_pool(&f->view, &h, true, &p);
	same(&anchors, (const uint8_t(*)[KEY_SIZE])p.anchor, p.anchors);
	same(&recent, (const uint8_t(*)[KEY_SIZE])p.late, p.recent);
	assert_int_equal(signers_timeout(&f->view, &h), timeout(m, index));
	for (uint64_t below = index; below < index + 9; below++)
		assert_int_equal(signers_locked(&f->view, &h, below), locked(m, index, below));
	assert_int_equal(signers_locked(&f->view, &h, UINT64_MAX), locked(m, index, UINT64_MAX));
}

static void random_params(struct chain_params *p, const struct rng *r)
{
	p->block_signers_start = 1 + rng_below(r, 20);
	p->low_height = rng_below(r, 3) * 120;
	p->healing_activation_height = rng_below(r, 60);
	p->ban_activation_height = p->healing_activation_height + rng_below(r, 20);
	p->healing_window = 1 + rng_below(r, 60);
	p->ban_pool_floor = rng_below(r, 12);
	p->ban_draw_min = rng_below(r, 16);
}

/* Early authors are few or many; later ones come and go. */
static unsigned random_author(const struct rng *r, uint64_t index, unsigned keys)
{
	unsigned a = rng_below(r, keys), b = rng_below(r, keys);

	return index > 100 && rng_below(r, 3) ? (a < b ? a : b) : a;
}

static void random_history(uint64_t seed)
{
	struct fixture *f = mem_alloc(sizeof *f);
	struct model *m = mem_alloc(sizeof *m);
	struct rng_seeded state;
	struct rng r = rng_from_seed(&state, seed);
	uint64_t tail;

	assert_true(f && m);
	fixture_start(f);
	assert_int_equal(fixture_close(f), ERR_OK);
	fixture_remove(f);
	random_params(&f->params, &r);
	f->params.keystore_difficulty = 0;
	fixture_dir(f->dir, sizeof f->dir);
	fixture_open(f);
	m->p = f->params;
	unsigned keys = 8 + rng_below(&r, KEYS - 8), height = 60 + rng_below(&r, 260);
	for (unsigned i = 1; i <= height; i++) {
		rng_fill(&r, &tail, sizeof tail);
		if (rng_below(&r, 10) == 0)
			tail = tail >> 32 << (32 + rng_below(&r, 16)); /* shared zeros */
		grow(f, m, random_author(&r, i, keys), i == 1 || rng_below(&r, 6) == 0, tail);
	}
	compare_bans(f, m);
	if (getenv("ALFISD_MODEL_RUNS"))
		print_message("history %" PRIu64 ": %u blocks, %u bans\n", seed, height, m->bans);
	for (uint64_t i = 1; i <= m->height; i++)
		if (m->full[i])
			compare_at(f, m, i);
	/* And once more where the chain was cut. */
	uint64_t cut = m->height - rng_below(&r, 50);
	fifo_clear(&f->view.draws);
	assert_int_equal(store_truncate(f->store, cut), ERR_OK);
	m->height = cut - 1;
	compare_bans(f, m);
	compare_at(f, m, last_full(m, cut));
	fifo_clear(&f->view.draws);
	assert_int_equal(store_close(f->store), ERR_OK);
	fixture_remove(f);
	mem_free(f);
	mem_free(m);
	assert_int_equal(mem_blocks(), 0);
}

static void test_random_histories(void **state)
{
	const char *many = getenv("ALFISD_MODEL_RUNS");
	uint64_t runs = many ? strtoull(many, NULL, 10) : 12;
	(void)state;

	for (uint64_t seed = 1; seed <= runs; seed++)
		random_history(seed);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_histories),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
