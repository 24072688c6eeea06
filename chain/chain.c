/* Role: turns verdicts into changes of the store, and knows the tip (protocol.md 7.12, 7.13).
 * Before: chain/rules.c gave the verdict. After: chain/store.c writes. */
#include "base/hex.h"
#include "base/log.h"
#include "chain/chain_internal.h"
#include "chain/split.h"

#define BANNED "block %llu closes a healed window: signer %s is banned for good"

enum { NEWS_S = 86400 };

/* ---- the tip ---- */

static void forget_draws(struct chain *c)
{
	fifo_clear(&c->view.draws);
}

void chain_load_tip(struct chain *c)
{
	uint64_t height = store_height(c->store);

	c->has_tip = view_summary(&c->view, height, &c->tip);
	c->has_full = view_last_full(&c->view, height + 1, &c->last_full);
}

/* ---- writing ---- */

enum err chain_commit(struct chain *c)
{
	enum err err = store_commit(c->store);

	if (err)
		return err;
	/* with settles_later only the previous commit is certain to be on the disk */
	c->committed = c->settles_later ? c->written : store_height(c->store);
	c->written = store_height(c->store);
	c->uncommitted = 0;
	bound_note(&c->limits->commit_blocks, 0);
	bound_note(&c->limits->commit_bytes, 0);
	return ERR_OK;
}

bool chain_has_writer(struct chain *c)
{
	return store_has_writer(c->store);
}

enum err chain_settle(struct chain *c)
{
	enum err err = store_settle(c->store);

	if (!err)
		c->committed = c->written;
	return err;
}

bool chain_unsettled(const struct chain *c)
{
	return store_unsettled(c->store);
}

const char *chain_why(const struct chain *c)
{
	return store_why(c->store);
}

size_t chain_uncommitted(const struct chain *c)
{
	return c->uncommitted;
}

bool chain_group_full(const struct chain *c)
{
	const struct limits *l = c->limits;

	return c->uncommitted >= l->commit_blocks.max ||
	       l->commit_bytes.used >= l->commit_bytes.max;
}

bool chain_group_pays(const struct chain *c)
{
	size_t fresh, written = store_group_writes(c->store, &fresh);

	return written <= 2 * fresh;
}

/* Warns of every new ban, because it is permanent (7.11). Old bans, met while the chain is being
 * fetched, are logged for debugging only. */
static void announce_bans(
	const struct chain *c, const struct block *b, const struct ban *list, unsigned n)
{
	bool now = c->clock && clock_is_near(c->clock, b->timestamp, NEWS_S);
	char key[2 * KEY_SIZE + 1];

	for (unsigned i = 0; i < n; i++) {
		hex_upper(slice_of(list[i].key, KEY_SIZE), key);
		if (now)
			log_warn(BANNED, (unsigned long long)list[i].closing, key);
		else
			log_debug(BANNED, (unsigned long long)list[i].closing, key);
	}
}

enum err chain_append(struct chain *c, const struct block_owned *o)
{
	const struct block *b = &o->b;
	struct ban bans[SIGNERS_ALL];
	unsigned n = 0;

	if (b->full && c->has_full)
		n = signer_bans_crystallise(&c->view, &c->last_full, b->index, b->pub_key.p, bans);
	store_append(c->store, o);
	for (unsigned i = 0; i < n; i++)
		store_add_ban(c->store, &bans[i]);
	chain_load_tip(c);
	if (store_error(c->store))
		return store_error(c->store);
	announce_bans(c, b, bans, n);
	c->uncommitted++;
	bound_note(&c->limits->commit_blocks, c->uncommitted);
	bound_note(&c->limits->commit_bytes, store_group_bytes(c->store));
	return ERR_OK;
}

/* Cuts the chain off at `from`. What was cached from the removed blocks is dropped with them. */
enum err chain_truncate(struct chain *c, uint64_t from)
{
	store_truncate(c->store, from);
	forget_draws(c);
	split_forget(&c->seen, from);
	chain_load_tip(c);
	if (c->committed >= from)
		c->committed = from - 1;
	if (c->written >= from)
		c->written = from - 1;
	return store_error(c->store);
}

static enum err replace(struct chain *c, const struct block_owned *o)
{
	enum err err = chain_truncate(c, o->b.index);

	return err ? err : chain_append(c, o);
}

/* ---- verdicts ---- */

/* Is `b` better than our block of the same index (7.13)? Only the fields that this comparison reads
 * are filled in for ours. */
static bool better_than_ours(struct chain *c, const struct block *b)
{
	struct block_summary h;

	if (!view_summary(&c->view, b->index, &h))
		return false;
	struct block ours = {
		.index = h.index,
		.nonce = h.nonce,
		.full = h.full,
		.hash = slice_of(h.hash, HASH_SIZE),
	};
	return block_better_than(b, &ours);
}

struct outcome chain_check(
	struct chain *c, const struct block *b, const struct block_facts *f, int64_t now)
{
	struct outcome o = {.err = store_error(c->store)};
	struct check check = {
		.view = &c->view,
		.block = b,
		.facts = f,
		.tip = c->has_tip ? &c->tip : NULL,
		.last_full = c->has_full ? &c->last_full : NULL,
		.now = now,
	};

	if (o.err)
		return o;
	o.verdict = rules_check(&check, &o.why);
	if (o.verdict == VERDICT_FORK)
		o.better = better_than_ours(c, b);
	o.err = store_error(c->store);
	return o;
}

bool chain_blames_clock(
	struct chain *c, const struct block *b, const struct block_facts *f, int64_t now)
{
	struct outcome o = chain_check(c, b, f, now);

	return !o.err && o.verdict == VERDICT_BAD &&
	       chain_check(c, b, f, RULES_ANY_TIME).verdict != VERDICT_BAD;
}

int64_t chain_now(const struct chain *c, int64_t wall)
{
	int64_t least = INT64_MIN;

	if (c->has_tip && c->tip.timestamp > INT64_MIN + FUTURE_TOLERANCE)
		least = c->tip.timestamp - FUTURE_TOLERANCE;
	return least > wall ? least : wall;
}

/* The rule of 7.13: does the block replace ours? Block 1 never does, because it would make this
 * another network. */
static bool adopts(const struct chain *c, const struct block *b, bool better, uint64_t max_height)
{
	bool lagged = max_height > c->tip.index && max_height >= CONFIDENCE_DEPTH &&
		      b->index <= max_height - CONFIDENCE_DEPTH;

	return b->index > 1 && (better || lagged);
}

struct outcome chain_submit(struct chain *c, const struct block_owned *block,
	const struct block_facts *f, int64_t now, uint64_t max_height)
{
	const struct block *b = &block->b;
	struct outcome o = chain_check(c, b, f, now);

	if (!o.err && c->read_only)
		o.err = ERR_REFUSED;
	if (o.err)
		return o;
	if (o.verdict == VERDICT_GOOD) {
		o.err = chain_append(c, block);
		o.action = CHAIN_APPENDED;
	} else if (o.verdict == VERDICT_FORK && adopts(c, b, o.better, max_height)) {
		o.err = replace(c, block);
		o.action = CHAIN_REPLACED;
	}
	return o;
}

/* ---- reading ---- */
