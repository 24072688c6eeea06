/* Blocks at or below our tip: walking back to where a peer's branch leaves ours, and choosing.
 *
 * The network compares only the lowest differing block of two branches (protocol.md 7.13) and lets
 * a node that lags four blocks give way at its tip. Two additions, both within what the
 * specification advises, make two nodes of ours agree whichever of them looks first:
 *   - lagging counts at any depth that may be replaced, not at the tip alone, against the height of
 *     verified blocks of that branch;
 *   - the better block wins against a lower branch only while that branch does not lag behind ours,
 *     else both sides would change places. */
#include "base/log.h"
#include "base/mem.h"
#include "sync/sync.h"

enum {
	RETRY_MS = 4000, /* doubled each time */
	RETRIES = 3,
	STEP_MS = 1000, /* between two peers, so that one is asked for all of its branch */
	STEPS = 8,
};

static bool links(const struct block *b, const struct block *parent)
{
	return b->index == parent->index + 1 && slice_eq(b->prev_hash, parent->hash);
}

void sync_walk_end(struct node_peer *np)
{
	walk_free(np->sync.walk);
	np->sync.walk = NULL;
}

/* An answer of this peer about its branch could not be looked at, for want of memory or room: as if
 * it had never been asked. Its next block, or its next Ping, begins again. */
void sync_walk_lost(struct node_peer *np)
{
	sync_walk_end(np);
	memset(np->sync.probed, 0, sizeof np->sync.probed);
}

/* What waits above the block that the walk began with may be of a branch that we never follow, and
 * would hide the blocks of one that is so far ahead that we should: all that decide it are asked
 * for again. */
static void drop_undecided(struct sync *s, const struct node_peer *np)
{
	const struct block *top = walk_top(np->sync.walk);
	struct future_block waited;

	for (uint64_t i = 1; top && i <= CONFIDENCE_DEPTH; i++)
		if (future_take(&s->future, top->index + i, &waited))
			mem_free(waited.block);
}

/* The branch is not for us: it is not asked for blocks above our tip for some seconds, else the
 * same walk would begin at once. Then it is looked at again: blocks of another branch may have
 * waited above its own, so that it looked shorter. After some tries it has to tell its height. */
static void walk_fail(struct sync *s, struct node_peer *np)
{
	struct peer_sync *p = &np->sync;
	uint64_t tip = sync_tip_height(s);

	drop_undecided(s, np);
	sync_walk_end(np);
	if (p->height <= tip)
		return;
	p->height = tip;
	if (p->retries == RETRIES)
		return;
	p->retry_ms = sync_now(s) + ((uint64_t)RETRY_MS << p->retries) + np->id % STEPS * STEP_MS;
	p->retries++;
}

uint64_t sync_fork_tick(struct sync *s)
{
	uint64_t now = sync_now(s), next = UINT64_MAX;
	struct node_peer *np;
	struct peer_info info;

	for (size_t at = 0; (np = peers_next(s->s.peers, &at));) {
		uint64_t due = np->sync.retry_ms;
		if (due > now)
			next = due - now < next ? due - now : next;
		if (!due || due > now)
			continue;
		np->sync.retry_ms = 0;
		if (s->s.net.info(s->s.net.ctx, np->id, &info) && info.height > np->sync.height)
			np->sync.height = sync_believed_height(s, np, info.height);
	}
	return next;
}

/* Some rules look at the chain before the link to the parent is looked at, and so judge a block of
 * another branch by ours. Such a block is not bad, and its sender has done nothing wrong: what
 * counts is where its branch leaves ours. */
bool sync_other_branch(struct sync *s, const struct block *b, const struct block_facts *f)
{
	const char *why;

	return b->index > 1 && f->hash_ok && f->signature_ok &&
	       rules_plausible(s->s.params, b, f, &why) &&
	       !chain_has(s->s.chain, b->index - 1, b->prev_hash);
}

/* ERR_FULL at a bound, ERR_NOMEM also when the next block cannot be asked for just now. */
static enum err walk_over(struct sync *s, struct node_peer *np, struct future_block *f)
{
	uint64_t below = f->block->b.index - 1;
	enum err err = np->sync.walk ? ERR_OK : walk_new(s->s.limits, &np->sync.walk);

	if (err == ERR_OK && !walk_add(np->sync.walk, f))
		err = ERR_FULL;
	if (err == ERR_OK && !sync_ask(s, np, below, true))
		err = ERR_NOMEM;
	return err;
}

void sync_walk_from(struct sync *s, struct node_peer *np, struct future_block *f)
{
	const struct block *b = &f->block->b, *low = walk_low(np->sync.walk);

	if (low && !links(low, b)) {
		future_block_drop(f);
		return; /* above what was walked over, or walked over itself */
	}
	bool goes_on = b->prev_hash.n == HASH_SIZE && b->index > 1;
	enum err err = goes_on ? walk_over(s, np, f) : ERR_MALFORMED;
	if (err == ERR_NOMEM)
		sync_walk_lost(np);
	else if (err != ERR_OK)
		walk_fail(s, np);
	future_block_drop(f);
}

static bool is_asked(const struct node_peer *np)
{
	const struct request *r;

	for (size_t i = 0; (r = fifo_at(&np->sync.requests, i)); i++)
		if (r->fork)
			return true;
	return np->sync.walk != NULL;
}

/* Its tip is not on our chain and not above it: look at it, once for each tip of ours. One question
 * at a time: a walk from a lower block of the same branch would see less of it than there is, and
 * the answer about the tip would come to nothing. */
static void probe_told(struct sync *s, struct node_peer *np)
{
	uint64_t height = np->sync.told;
	const uint8_t *hash = np->sync.told_hash;
	struct chain_tip t;
	uint8_t mark[32];

	chain_get_tip(s->s.chain, &t);
	if (!height || height > t.height || height + CONFIDENCE_DEPTH < t.height || is_asked(np) ||
		chain_has(s->s.chain, height, slice_of(hash, HASH_SIZE)))
		return;
	for (size_t i = 0; i < sizeof mark; i++)
		mark[i] = hash[i] ^ t.hash[i];
	if (memcmp(mark, np->sync.probed, sizeof mark) == 0)
		return;
	if (sync_ask(s, np, height, true))
		memcpy(np->sync.probed, mark, sizeof mark);
}

void sync_probe(struct sync *s, struct node_peer *np, uint64_t height, struct slice hash)
{
	np->sync.told = height;
	memcpy(np->sync.told_hash, hash.p, sizeof np->sync.told_hash);
	probe_told(s, np);
}

/* The highest verified block of the branch: of those walked over, and what waits on top of them. */
static const struct block *branch_top(
	const struct sync *s, const struct walk *w, const struct block *root)
{
	const struct block *low = walk_low(w), *top = root, *next;

	if (low && links(low, root))
		top = walk_top(w);
	while (top != root && (next = future_peek(&s->future, top->index + 1)) && links(next, top))
		top = next;
	return top;
}

/* All that is here of a branch whose root is in place, up to the first gap. */
static void follow(struct sync *s, struct walk *w)
{
	struct future_block f;

	while (w && walk_take(w, &f))
		if (f.block->b.index == sync_tip_height(s) + 1)
			sync_apply_run(s, &f);
		else
			future_block_drop(&f);
}

/* `top` of that branch; np may be gone afterwards. */
static void replaced(struct sync *s, struct node_peer *np, const struct block *root, uint64_t top)
{
	struct walk *w = np->sync.walk;
	uint64_t waits = walk_top(w) ? walk_top(w)->index + 1 : root->index + 1;

	s->blocks_replaced++;
	log_info("sync: block %llu replaced by the better branch of peer %llu",
		(unsigned long long)root->index, (unsigned long long)np->id);
	s->replaced = true;
	sync_reset_window(s, waits, top);
	twin_branch_changed(s);
	np->sync.walk = NULL;
	sync_appended(s, np);
	follow(s, w);
	walk_free(w);
}

static void choose_branch(
	struct sync *s, struct node_peer *np, const struct future_block *f, bool better)
{
	const struct block *b = &f->block->b;
	uint64_t tip = sync_tip_height(s);
	uint64_t theirs = branch_top(s, np->sync.walk, b)->index;
	bool they_lag = theirs < tip && b->index + CONFIDENCE_DEPTH <= tip;
	bool we_lag = theirs > tip && b->index + CONFIDENCE_DEPTH <= theirs;

	if (!(better && !they_lag) && !we_lag) {
		walk_fail(s, np);
		return;
	}
	struct outcome o =
		chain_submit(s->s.chain, f->block, &f->facts, sync_wall(s), we_lag ? theirs : 0);
	if (o.err != ERR_OK)
		sync_store_failed(s, o.err);
	else
		s->verdicts[o.verdict]++;
	if (o.err == ERR_OK && o.action == CHAIN_REPLACED)
		replaced(s, np, b, theirs);
	else
		sync_walk_end(np);
}

/* Nobody can follow a branch that leaves ours more than four blocks down; no reason to ban. */
static void too_deep(struct sync *s, struct node_peer *np, uint64_t index)
{
	drop_undecided(s, np);
	sync_walk_end(np);
	sync_fork_shown(s, np, index);
	twin_suspect_below(s, np, index);
	np->sync.height = 0;
}

/* Its branch hangs on another signature of one of our blocks, or on another full block. */
static void no_fit(struct sync *s, struct node_peer *np, uint64_t index, uint64_t tip)
{
	if (index + CONFIDENCE_DEPTH < tip)
		too_deep(s, np, index);
	else
		walk_fail(s, np);
}

static void fork_block(struct sync *s, struct node_peer *np, struct future_block *f)
{
	const struct block *b = &f->block->b, *low = walk_low(np->sync.walk);
	uint64_t tip = sync_tip_height(s);

	if (twin_copy(s, np, f))
		return;
	if (low && low->index == b->index + 1 && !links(low, b)) {
		walk_fail(s, np); /* it changed its branch meanwhile */
		return;
	}
	if (sync_clock_refuses(s, np, f)) {
		walk_fail(s, np);
		return;
	}
	struct outcome o = chain_check(s->s.chain, b, &f->facts, sync_wall(s));
	if (o.err != ERR_OK)
		sync_store_failed(s, o.err);
	else if (o.verdict == VERDICT_FORK)
		choose_branch(s, np, f, o.better);
	else if (o.verdict == VERDICT_REWIND)
		sync_walk_from(s, np, f);
	else if (o.verdict == VERDICT_BAD && twin_refused(s, np, b, &f->facts, o.why))
		no_fit(s, np, b->index, tip);
	else if (o.verdict == VERDICT_BAD && b->index + CONFIDENCE_DEPTH < tip)
		too_deep(s, np, b->index);
	else if (o.verdict == VERDICT_BAD && sync_other_branch(s, b, &f->facts))
		sync_walk_from(s, np, f);
	else {
		walk_fail(s, np);
		if (o.verdict == VERDICT_BAD && !sync_blames_clock(s, np, f))
			sync_misbehaved(s, np, SYNC_SCORE_FORK, o.why);
	}
}

/* Its tip may have moved while this was looked at. */
void sync_fork_block(struct sync *s, struct node_peer *np, struct future_block *f)
{
	peer_id id = np->id;

	fork_block(s, np, f);
	future_block_drop(f);
	np = s->stopping ? NULL : peers_get(s->s.peers, id);
	if (np)
		probe_told(s, np);
}
