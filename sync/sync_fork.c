/* Blocks at or below our tip: follows a peer's branch back to where it leaves ours, and chooses
 * between the two. Before: sync/sync_check.c has a verified block. After: chain/chain.h replaces
 * blocks.
 *
 * The network compares only the lowest differing block of two branches (protocol.md 7.13). Besides,
 * a node whose branch is four blocks shorter accepts the other branch at its tip. Two additions,
 * both within what the specification advises, make two of our nodes choose the same branch,
 * whichever of them looks first:
 *   - We switch to a higher branch whose verified blocks reach at least four above its first block,
 *     wherever within our last four blocks that one stands, not only at the tip.
 *   - We do not switch to a better block of a lower branch when our blocks reach at least four
 *     above it. Nodes of that branch switch to ours by the first rule; if we switched too, both
 *     sides would change places. */
#include "base/log.h"
#include "base/mem.h"
#include "sync/sync.h"

enum {
	RETRY_MS = 4000, /* the first wait of walk_fail(), doubled each time, */
	RETRIES = 3,     /* for so many times */
	/* So much times the peer's id modulo STEPS is added, so that peers are looked at one after
	 * the other, each one's whole branch. */
	STEP_MS = 1000,
	STEPS = 8,
};

static bool links(const struct block *b, const struct block *parent)
{
	return b->index == parent->index + 1 && slice_eq(b->prev_hash, parent->hash);
}

void sync_walk_end(struct node_peer *np)
{
	fork_walk_free(np->sync.walk);
	np->sync.walk = NULL;
}

/* The peer's answer about its branch did not lead to a checked block (for example: out of memory).
 * Forgets that its tip was probed, so that its next block or Ping begins a new walk. */
void sync_walk_lost(struct node_peer *np)
{
	sync_walk_end(np);
	memset(np->sync.probed, 0, sizeof np->sync.probed);
}

/* Drops the four blocks waiting above the block that the walk began with. They may belong to the
 * branch we did not choose, and while they occupy those heights we would not request the same
 * heights of a longer branch. */
static void drop_undecided(struct sync *s, const struct node_peer *np)
{
	const struct block *top = fork_walk_top(np->sync.walk);
	struct future_block waited;

	for (uint64_t i = 1; top && i <= CONFIDENCE_DEPTH; i++)
		if (future_blocks_take(&s->future_blocks, top->index + i, &waited))
			mem_free(waited.block);
}

/* We do not switch to this branch. For some seconds the peer is not asked for blocks above our tip,
 * because the next one would begin the same walk at once. Then we look again: the branch may have
 * looked shorter than it is, because blocks of another branch waited above it. After RETRIES tries
 * the peer is asked again only when it tells its height. */
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

	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));) {
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

/* Some rules that depend on the chain come before the rule that compares the parent's hash. They
 * judge a block of another branch by our blocks, so their refusal does not make it bad, and its
 * sender has done nothing wrong. We must find where its branch leaves ours instead. */
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
	enum err err = np->sync.walk ? ERR_OK : fork_walk_new(s->s.limits, &np->sync.walk);

	if (err == ERR_OK && !fork_walk_add(np->sync.walk, f))
		err = ERR_FULL;
	if (err == ERR_OK && !sync_ask(s, np, below, true))
		err = ERR_NOMEM;
	return err;
}

void sync_walk_from(struct sync *s, struct node_peer *np, struct future_block *f)
{
	const struct block *b = &f->block->b, *low = fork_walk_low(np->sync.walk);

	if (low && !links(low, b)) {
		future_block_drop(f);
		return; /* not the next block down: a block of the walk, or one above it */
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

/* Requests the peer's tip if it is not on our chain, not above it and not too deep; once for each
 * pair of its tip and ours. Not while another answer about its branch is awaited: a walk that
 * begins at a lower block of the branch would take it for shorter than it is, and then refuse the
 * block of the tip as not belonging to the walk. */
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

/* The highest verified block of the branch whose lowest block is `root`: among the blocks of the
 * walk, and those in the waiting room that continue them without a gap. */
static const struct block *branch_top(
	const struct sync *s, const struct fork_walk *w, const struct block *root)
{
	const struct block *low = fork_walk_low(w), *top = root, *next;

	if (low && links(low, root))
		top = fork_walk_top(w);
	while (top != root && (next = future_blocks_peek(&s->future_blocks, top->index + 1)) &&
		links(next, top))
		top = next;
	return top;
}

/* Appends the walk's blocks, from the lowest up, after the lowest block of the branch replaced
 * ours. Blocks that do not follow the tip are dropped. */
static void follow(struct sync *s, struct fork_walk *w)
{
	struct future_block f;

	while (w && fork_walk_take(w, &f))
		if (f.block->b.index == sync_tip_height(s) + 1)
			sync_apply_run(s, &f);
		else
			future_block_drop(&f);
}

/* Our block was replaced by `root`, the lowest block of np's branch: appends the rest of the
 * branch, whose highest verified block is `top`. np may be gone afterwards. */
static void replaced(struct sync *s, struct node_peer *np, const struct block *root, uint64_t top)
{
	struct fork_walk *w = np->sync.walk;
	uint64_t waits = fork_walk_top(w) ? fork_walk_top(w)->index + 1 : root->index + 1;

	s->blocks_replaced++;
	log_info("sync: block %llu replaced by the better branch of peer %llu",
		(unsigned long long)root->index, (unsigned long long)np->id);
	s->replaced = true;
	sync_reset_window(s, waits, top);
	twin_branch_changed(s);
	np->sync.walk = NULL;
	sync_appended(s, np);
	follow(s, w);
	fork_walk_free(w);
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

/* The branch leaves ours more than four blocks down, where blocks can no longer be replaced. Its
 * nodes follow the rules, so we do not ban the peer. We request nothing more from it until it tells
 * its height again. */
static void too_deep(struct sync *s, struct node_peer *np, uint64_t index)
{
	drop_undecided(s, np);
	sync_walk_end(np);
	sync_fork_shown(s, np, index);
	twin_suspect_below(s, np, index);
	np->sync.height = 0;
}

/* The peer's branch is built on another copy of one of our full blocks (sync/twin.h). */
static void no_fit(struct sync *s, struct node_peer *np, uint64_t index, uint64_t tip)
{
	if (index + CONFIDENCE_DEPTH < tip)
		too_deep(s, np, index);
	else
		walk_fail(s, np);
}

static void fork_block(struct sync *s, struct node_peer *np, struct future_block *f)
{
	const struct block *b = &f->block->b, *low = fork_walk_low(np->sync.walk);
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

/* The peer may have told another tip while this block was awaited and checked: looks at that one
 * now. */
void sync_fork_block(struct sync *s, struct node_peer *np, struct future_block *f)
{
	peer_id id = np->id;

	fork_block(s, np, f);
	future_block_drop(f);
	np = s->stopping ? NULL : sync_peers_get(s->s.peers, id);
	if (np)
		probe_told(s, np);
}
