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
#include "node/sync.h"

static size_t walks(const struct sync *s)
{
	size_t n = 0;
	struct node_peer *np;

	for (size_t at = 0; (np = peers_next(s->s.peers, &at));)
		n += np->sync.walk_index != 0;
	return n;
}

void sync_walk_end(struct sync *s, struct node_peer *np)
{
	np->sync.walk_index = np->sync.walk_top = 0;
	bound_note(&s->s.limits->max_walk_backs, walks(s));
}

/* An answer of this peer about its branch could not be looked at, for want of memory or room: as if
 * it had never been asked. Its next block, or its next Ping, begins again. */
void sync_walk_lost(struct sync *s, struct node_peer *np)
{
	sync_walk_end(s, np);
	memset(np->sync.probed, 0, sizeof np->sync.probed);
}

/* What waits above the block that the walk began with may be of a branch that we never follow, and
 * would hide the blocks of one that is so far ahead that we should: all that decide it are asked
 * for again. */
static void drop_undecided(struct sync *s, const struct node_peer *np)
{
	uint64_t top = np->sync.walk_top;
	struct future_block waited;

	for (uint64_t i = top + 1; top && i <= top + CONFIDENCE_DEPTH; i++)
		if (future_take(&s->future, i, &waited))
			mem_free(waited.block);
}

/* The branch is not for us: it is not asked for blocks above our tip until it tells its height
 * again, else the same walk would begin at once. */
static void walk_fail(struct sync *s, struct node_peer *np)
{
	uint64_t tip = sync_tip_height(s);

	drop_undecided(s, np);
	sync_walk_end(s, np);
	if (np->sync.height > tip)
		np->sync.height = tip;
}

/* Some rules look at the chain before the link to the parent is looked at, and so judge a block of
 * another branch by ours. Such a block is not bad, and its sender has done nothing wrong: what
 * counts is where its branch leaves ours. */
bool sync_other_branch(struct sync *s, const struct block *b, const struct block_facts *f)
{
	const char *why;

	return b->index > 1 && f->hash_ok && f->signature_ok &&
	       rules_plausible(s->s.params, b, &why) &&
	       !chain_has(s->s.chain, b->index - 1, b->prev_hash);
}

void sync_walk_from(struct sync *s, struct node_peer *np, const struct block *b)
{
	struct bound *row = &s->s.limits->max_walk_backs;

	if (!np->sync.walk_index) {
		if (!bound_has(row, 1)) {
			bound_hit(row);
			walk_fail(s, np);
			return;
		}
		np->sync.walk_top = b->index;
		memcpy(np->sync.walk_top_hash, b->hash.p, HASH_SIZE);
	}
	if (b->prev_hash.n != HASH_SIZE || b->index < 2) {
		walk_fail(s, np);
		return;
	}
	np->sync.walk_index = b->index;
	bound_note(row, walks(s));
	memcpy(np->sync.walk_parent, b->prev_hash.p, HASH_SIZE);
	if (!sync_ask(s, np, b->index - 1, true))
		walk_fail(s, np);
}

/* Its tip is not on our chain and not above it: look at it, once for each tip of ours. */
void sync_probe(struct sync *s, struct node_peer *np, uint64_t height, struct slice hash)
{
	struct chain_tip t;
	uint8_t mark[32];

	chain_get_tip(s->s.chain, &t);
	if (!height || height > t.height || height + CONFIDENCE_DEPTH < t.height ||
		np->sync.walk_index || chain_has(s->s.chain, height, hash))
		return;
	for (size_t i = 0; i < sizeof mark; i++)
		mark[i] = hash.p[i] ^ t.hash[i];
	if (memcmp(mark, np->sync.probed, sizeof mark) == 0)
		return;
	if (sync_ask(s, np, height, true))
		memcpy(np->sync.probed, mark, sizeof mark);
}

static void replaced(struct sync *s, struct node_peer *np, const struct block *b)
{
	s->blocks_replaced++;
	log_info("sync: block %llu replaced by the better branch of peer %llu",
		(unsigned long long)b->index, (unsigned long long)np->id);
	sync_reset_window(s);
	sync_appended(s, np);
	s->replaced = true;
	s->fork_at = 0;
}

/* The height of verified blocks on the branch: where the walk began, and what waits on top of it.
 */
static uint64_t branch_height(
	const struct sync *s, const struct node_peer *np, const struct block *root)
{
	uint64_t top = np->sync.walk_top;
	struct slice hash = slice_of(np->sync.walk_top_hash, HASH_SIZE);
	const struct block *next;

	if (top < root->index)
		return root->index;
	while ((next = future_peek(&s->future, top + 1)) && slice_eq(next->prev_hash, hash)) {
		hash = next->hash;
		top++;
	}
	return top;
}

static void choose_branch(
	struct sync *s, struct node_peer *np, const struct candidate *c, bool better)
{
	const struct block *b = &c->block->b;
	uint64_t tip = sync_tip_height(s);
	uint64_t theirs = branch_height(s, np, b);
	bool they_lag = theirs < tip && b->index + CONFIDENCE_DEPTH <= tip;
	bool we_lag = theirs > tip && b->index + CONFIDENCE_DEPTH <= theirs;

	if (!(better && !they_lag) && !we_lag) {
		walk_fail(s, np);
		return;
	}
	sync_walk_end(s, np);
	struct outcome o = chain_submit(
		s->s.chain, b, &c->job.facts, clock_wall(s->s.clock), we_lag ? theirs : 0);
	if (o.err != ERR_OK) {
		sync_store_failed(s, o.err);
		return;
	}
	s->verdicts[o.verdict]++;
	if (o.action == CHAIN_REPLACED)
		replaced(s, np, b);
}

/* Nobody can follow a branch that leaves ours more than four blocks down; no reason to ban. */
static void too_deep(struct sync *s, struct node_peer *np, uint64_t index)
{
	drop_undecided(s, np);
	sync_walk_end(s, np);
	if (s->fork_at != index)
		log_warn(
			"sync: peer %llu is on a branch that left ours below block %llu: more than "
			"%d blocks down cannot be replaced",
			(unsigned long long)np->id, (unsigned long long)index, CONFIDENCE_DEPTH);
	s->fork_at = index;
	np->sync.height = 0;
}

void sync_fork_block(struct sync *s, struct node_peer *np, const struct candidate *c)
{
	const struct block *b = &c->block->b;
	uint64_t tip = sync_tip_height(s);

	if (np->sync.walk_index == b->index + 1 &&
		!slice_eq(b->hash, slice_of(np->sync.walk_parent, HASH_SIZE))) {
		walk_fail(s, np); /* it changed its branch meanwhile */
		return;
	}
	struct outcome o = chain_check(s->s.chain, b, &c->job.facts, clock_wall(s->s.clock));
	if (o.err != ERR_OK)
		sync_store_failed(s, o.err);
	else if (o.verdict == VERDICT_FORK)
		choose_branch(s, np, c, o.better);
	else if (o.verdict == VERDICT_REWIND)
		sync_walk_from(s, np, b);
	else if (o.verdict == VERDICT_BAD && b->index + CONFIDENCE_DEPTH < tip)
		too_deep(s, np, b->index);
	else if (o.verdict == VERDICT_BAD && sync_other_branch(s, b, &c->job.facts))
		sync_walk_from(s, np, b);
	else {
		walk_fail(s, np);
		if (o.verdict == VERDICT_BAD)
			sync_misbehaved(s, np, 20, o.why);
	}
}
