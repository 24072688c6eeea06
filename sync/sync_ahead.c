/* Blocks that are ahead of this machine's clock (protocol.md 7.2 step 4, 12.3 item 5). Before:
 * sync/sync_check.c and sync/sync.c have a verified block. After: sync/ahead.c remembers it and its
 * sender; other peers are asked for its index at once. */
#include "base/human.h"
#include "base/log.h"
#include "sync/sync.h"

/* No clock that somebody looks after is wrong by more than this. */
enum { FAR_AHEAD_S = 2 * 3600 };

/* The latest time that a block may have. */
static int64_t latest(const struct sync *s)
{
	int64_t now = sync_wall(s);

	return now > INT64_MAX - FUTURE_TOLERANCE ? INT64_MAX : now + FUTURE_TOLERANCE;
}

/* Adds the network group of every connected peer to the first n of `groups`; returns how many there
 * are then. */
static size_t groups_of_peers(
	const struct sync *s, uint8_t groups[AHEAD_GROUPS][NETGROUP_SIZE], size_t n)
{
	uint8_t group[NETGROUP_SIZE];
	struct node_peer *np;
	struct peer_info info;

	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));) {
		if (!s->s.net.info(s->s.net.ctx, np->id, &info))
			continue;
		netaddr_group(&info.addr, group);
		n = ahead_add_group(groups, n, group);
	}
	return n;
}

/* One network group is no evidence, unless it is the only one connected and we dialled it. Several
 * are, when at least half of all connected groups sent such blocks. */
bool sync_clock_is_behind(const struct sync *s, struct ahead_claims *c)
{
	uint8_t groups[AHEAD_GROUPS][NETGROUP_SIZE];
	size_t say = ahead_claims(&s->ahead, sync_now(s), c, groups);

	if (say == 0 || c->time <= latest(s))
		return false;
	size_t all = groups_of_peers(s, groups, say);
	return say > 1 ? 2 * say >= all : all == 1 && c->outbound;
}

uint64_t sync_believed_height(const struct sync *s, const struct node_peer *np, uint64_t claimed)
{
	struct peer_info info;
	uint64_t held = 0;

	if (s->s.net.info(s->s.net.ctx, np->id, &info))
		held = ahead_held(&s->ahead, &info, sync_now(s));
	return held && claimed >= held ? held - 1 : claimed;
}

static void say(const struct sync *s, const struct node_peer *np, uint64_t index, int64_t time)
{
	int64_t now = clock_wall(s->s.clock);
	char theirs[HUMAN_MAX], ours[HUMAN_MAX];

	log_info("sync: block %llu of peer %llu is of %s, and this machine's clock says %s: not "
		 "taken before then",
		(unsigned long long)index, (unsigned long long)np->id, human_date(time, theirs),
		human_date(now, ours));
}

/* Lowers the sender's height below the block. When the block is far ahead and the sender dialled
 * in, closes the connection to free its place, unless there are signs that our own clock is wrong.
 */
static void hold_sender(struct sync *s, struct node_peer *np, uint64_t index, int64_t time)
{
	struct peer_info info;
	struct ahead_claims c;

	if (!s->s.net.info(s->s.net.ctx, np->id, &info))
		return;
	if (ahead_note_host(&s->ahead, &info, index, time, sync_now(s)))
		say(s, np, index, time);
	if (np->sync.height >= index)
		np->sync.height = index - 1;
	bool is_far = time > latest(s) && (uint64_t)time - (uint64_t)latest(s) > FAR_AHEAD_S;
	bool doubted = sync_wall(s) > clock_wall(s->s.clock) || sync_clock_is_behind(s, &c);
	if (is_far && !info.outbound && !doubted)
		s->s.net.close(s->s.net.ctx, np->id, CLOSE_MISBEHAVED);
}

/* True when the block would be bad whatever the time. A refusal does not prove that for a block of
 * another branch, where the rules judge it by our blocks, or above a block that was signed twice
 * (sync/twin.h). */
static bool bad_at_any_time(struct sync *s, struct node_peer *np, const struct future_block *f)
{
	const struct block *b = &f->block->b;
	struct outcome o = chain_check(s->s.chain, b, &f->facts, RULES_ANY_TIME);

	return o.verdict == VERDICT_BAD && !sync_other_branch(s, b, &f->facts) &&
	       !twin_refused(s, np, b, &f->facts, o.why);
}

bool sync_clock_refuses(struct sync *s, struct node_peer *np, const struct future_block *f)
{
	const struct block *b = &f->block->b;

	if (b->timestamp <= latest(s) || bad_at_any_time(s, np, f))
		return false;
	ahead_note_block(&s->ahead, b->hash.p, b->timestamp);
	if (np)
		hold_sender(s, np, b->index, b->timestamp);
	return true;
}

bool sync_known_ahead(struct sync *s, struct node_peer *np, const struct block *b)
{
	int64_t time;

	if (b->hash.n != HASH_SIZE || !ahead_has(&s->ahead, b->hash.p, latest(s), &time))
		return false;
	hold_sender(s, np, b->index, time);
	return true;
}

/* Rule 12b depends on the clock, too: by another node's clock the name may be free already
 * (protocol.md 7.2). */
bool sync_blames_clock(struct sync *s, struct node_peer *np, const struct future_block *f)
{
	const struct block *b = &f->block->b;

	if (!chain_blames_clock(s->s.chain, b, &f->facts, sync_wall(s)))
		return false;
	log_info("sync: block %llu takes a name that is not free yet by this machine's clock",
		(unsigned long long)b->index);
	if (np && np->sync.height >= b->index)
		np->sync.height = b->index - 1;
	return true;
}

void sync_ahead_tick(struct sync *s)
{
	struct node_peer *np;
	struct peer_info info;

	if (!ahead_expire(&s->ahead, latest(s), sync_now(s)))
		return;
	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));)
		if (s->s.net.info(s->s.net.ctx, np->id, &info) && info.height > np->sync.height)
			np->sync.height = sync_believed_height(s, np, info.height);
	sync_pump(s);
}
