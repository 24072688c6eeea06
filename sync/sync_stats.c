/* Collects the numbers that the engine reports. Before: sync/sync*.c and sync/twin.c count. After:
 * api/figures.c, api/reason.c and api/health.c show them. */
#include "sync/sync_stats.h"

#include "sync/sync.h"
#include "sync/twin_count.h"

void sync_get_stats(const struct sync *s, struct sync_stats *out)
{
	*out = (struct sync_stats){.received = s->blocks_received,
		.appended = s->blocks_appended,
		.replaced = s->blocks_replaced,
		.bad = s->blocks_bad,
		.unsolicited = s->blocks_unsolicited,
		.commits = s->commits,
		.commit_ms = s->commit_ms,
		.in_flight = sync_in_flight(s),
		.future_blocks = future_blocks_count(&s->future_blocks),
		.checking = verify_pending(s->pool),
		.block_pace = s->pace.blocks,
		.hash_pace = s->pace.hashes,
		.best = sync_best_height(s),
		.quiet_ms = sync_now(s) - s->advanced_ms,
		.peers = sync_peers_count(s->s.peers)};
	memcpy(out->verdicts, s->verdicts, sizeof out->verdicts);
	verify_get_stats(s->pool, &out->verify);
}

size_t sync_peers_above(const struct sync *s, uint64_t height)
{
	struct node_peer *np;
	size_t count = 0;

	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));)
		count += np->sync.height > height;
	return count;
}

struct sync_peer_stats sync_peer_stats(const struct sync *s, peer_id id)
{
	const struct node_peer *np = sync_peers_get(s->s.peers, id);

	if (!np)
		return (struct sync_peer_stats){0};
	return (struct sync_peer_stats){np->sync.good, np->sync.requests.count, np->host->score};
}

/* ---- what the next block waits for ---- */

static void wait_at_checkers(const struct sync *s, uint64_t first, struct sync_wait *out)
{
	for (size_t i = 0; i < s->ring_size; i++) {
		const struct slot *slot = &s->ring[i];
		if (slot->state == SLOT_CHECKING && slot->index >= first && slot->index > out->last)
			out->last = slot->index;
	}
	out->checking = out->last != 0;
}

/* Notes how many answers this peer sends before the block `index`, if it was asked for that and
 * they are fewer than those of the peers before; with none before it, how much of its frame is
 * here. */
static void wait_on_line(const struct node_peer *np, uint64_t index, struct sync_wait *out)
{
	const struct request *r;

	for (size_t i = 0; (r = fifo_at(&np->sync.requests, i)); i++)
		if (r->index == index && !r->fork && i <= out->before) {
			out->before = i;
			out->size = i ? 0 : np->sync.frame_size;
			out->here = i ? 0 : np->sync.frame_here;
		}
}

void sync_wait_of(const struct sync *s, struct sync_wait *out)
{
	uint64_t next = sync_tip_height(s) + 1, now = sync_now(s);
	const struct slot *slot = &s->ring[next % s->ring_size];
	struct node_peer *np;

	*out = (struct sync_wait){.before = SIZE_MAX, .silence_ms = UINT64_MAX};
	if (slot->index == next && slot->state == SLOT_CHECKING)
		wait_at_checkers(s, next, out);
	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));) {
		wait_on_line(np, next, out);
		out->rate += np->sync.requests.count ? np->sync.rate.per_second : 0;
		if (np->sync.progress_ms && now - np->sync.progress_ms < out->silence_ms)
			out->silence_ms = now - np->sync.progress_ms;
	}
}

/* ---- a block that was signed twice ---- */

bool sync_twin_stuck(const struct sync *s, struct sync_twin *out)
{
	const struct twin *t = &s->twin;

	*out = (struct sync_twin){t->index, t->split, t->ours, t->theirs, false};
	return twin_stuck(s);
}

bool sync_twin_below(const struct sync *s, uint64_t fork_at, struct sync_twin *out)
{
	struct twin_counts c;

	*out = (struct sync_twin){0};
	if (!twin_below(s, fork_at, &c))
		return false;
	*out = (struct sync_twin){s->twin.index, false, c.ours, c.theirs, c.more};
	return true;
}
