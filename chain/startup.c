/* Role: the start-up check of protocol.md 7.14. The last blocks are judged again, each as if it had
 * just arrived on top of the one below; the chain is cut off at the first block that fails.
 * Before: node/ opens the chain. After: chain/chain.c truncates. */
#include "base/hex.h"
#include "base/log.h"
#include "base/mem.h"
#include "chain/chain_internal.h"
#include "chain/verify.h"

/* Blocks hashed in one group. A group that took longer than LONG_MS makes the next one smaller,
 * because a request to stop is noticed only between groups; one shorter than SHORT_MS makes it
 * larger. */
enum { GROUP = 16, LONG_MS = 2000, SHORT_MS = 500 };

struct startup {
	struct chain *chain;
	int64_t now;
	struct block_summary tip, last_full; /* below the next block to judge */
	bool has_tip, has_full;
	uint64_t cut; /* first index that must go, 0 = none */
	const struct chain_watch *watch;
};

/* Blocks from … from + n − 1 with their facts. */
struct group {
	unsigned n;
	struct block_owned *owned[GROUP];
	struct verify_job jobs[GROUP];
};

static void group_free(struct group *g)
{
	for (unsigned i = 0; i < g->n; i++)
		mem_free(g->owned[i]);
}

static enum err missing(const struct chain *c, uint64_t index)
{
	if (store_error(c->store)) /* the store has logged the reason */
		return store_error(c->store);
	log_error("store: block %llu is missing; restore a snapshot or delete chain.mdb and sync "
		  "again",
		(unsigned long long)index);
	return ERR_CORRUPT;
}

static enum err group_load(struct chain *c, uint64_t from, uint64_t upto, struct group *g)
{
	for (uint64_t i = from; i <= upto && g->n < GROUP; i++) {
		struct block_owned *o = store_block(c->store, i);
		if (!o)
			return missing(c, i);
		g->jobs[g->n].block = &o->b;
		chain_prepare(c, &g->jobs[g->n]);
		g->owned[g->n++] = o;
	}
	enum err err = verify_now(g->jobs, g->n, (size_t)c->limits->verify_scratch_bytes.max);
	for (unsigned i = 0; i < g->n && !err; i++)
		chain_learn(c, &g->jobs[i]);
	return err;
}

static enum err check_origin(struct startup *s, const struct block *b)
{
	const struct chain_params *p = &s->chain->params;

	if (p->has_origin && slice_eq(b->hash, slice_of(p->origin, HASH_SIZE)))
		return ERR_OK;
	log_error("store: block 1 is not the origin of this network; use another data directory");
	return ERR_CORRUPT;
}

static void check_one(struct startup *s, const struct block *b, const struct block_facts *f)
{
	const char *why = NULL;
	struct check check = {
		.view = &s->chain->view,
		.block = b,
		.facts = f,
		.tip = s->has_tip ? &s->tip : NULL,
		.last_full = s->has_full ? &s->last_full : NULL,
		.now = s->now,
	};
	enum verdict verdict = rules_check(&check, &why);

	if (verdict == VERDICT_GOOD)
		return;
	s->cut = b->index;
	log_warn("start-up check: block %llu is %s (%s); it and all above it are dropped",
		(unsigned long long)b->index, verdict_name(verdict), why);
}

/* Block 1 becomes the tip, but does not count as the last full block, as in the reference. */
static void advance(struct startup *s, uint64_t index)
{
	s->has_tip = view_summary(&s->chain->view, index, &s->tip);
	if (index > 1 && s->has_tip && s->tip.full) {
		s->last_full = s->tip;
		s->has_full = true;
	}
}

static enum err check_group(struct startup *s, const struct group *g)
{
	enum err err = ERR_OK;

	for (unsigned i = 0; i < g->n && !err && !s->cut; i++) {
		if (g->owned[i]->b.index == 1)
			err = check_origin(s, &g->owned[i]->b);
		else
			check_one(s, &g->owned[i]->b, &g->jobs[i].facts);
		advance(s, g->owned[i]->b.index);
		if (!err)
			err = store_error(s->chain->store);
	}
	return err;
}

static uint64_t now_ms(const struct chain *c)
{
	return c->clock ? clock_mono(c->clock) : 0;
}

static unsigned next_size(unsigned size, uint64_t took_ms)
{
	if (took_ms > LONG_MS)
		return size > 1 ? size / 2 : 1;
	return took_ms < SHORT_MS && size < GROUP ? size * 2 : size;
}

static bool goes_on(const struct startup *s, uint64_t index, uint64_t last)
{
	return !s->watch || s->watch->go_on(s->watch->ctx, index, last);
}

static enum err check_next(struct startup *s, uint64_t from, uint64_t upto)
{
	struct group g = {0};

	enum err err = group_load(s->chain, from, upto, &g);
	if (!err)
		err = check_group(s, &g);
	group_free(&g);
	return err;
}

static enum err check_from(struct startup *s, uint64_t start)
{
	struct chain *c = s->chain;
	uint64_t height = store_height(c->store);
	unsigned size = GROUP / 4;
	enum err err = ERR_OK;

	if (start > 1) {
		s->has_tip = view_summary(&c->view, start - 1, &s->tip);
		s->has_full = view_last_full(&c->view, start, &s->last_full);
	}
	for (uint64_t i = start; i <= height && !err && !s->cut;) {
		uint64_t begun = now_ms(c), upto = height - i < size ? height : i + size - 1;
		err = goes_on(s, i, height) ? check_next(s, i, upto) : ERR_STOPPING;
		i = upto + 1;
		size = next_size(size, now_ms(c) - begun);
	}
	return err;
}

enum err chain_startup_check(struct chain *c, uint64_t count, int64_t now,
	const struct chain_watch *watch, uint64_t *height)
{
	uint64_t stored = store_height(c->store);
	struct startup s = {.chain = c, .now = now, .watch = watch};

	*height = stored;
	if (count == 0 || stored == 0)
		return store_error(c->store);
	enum err err = check_from(&s, stored > count ? stored - count + 1 : 1);
	if (!err && s.cut) {
		err = chain_truncate(c, s.cut);
		if (!err)
			err = chain_commit(c);
	}
	*height = store_height(c->store);
	return err;
}
