/* Commits applied blocks, and measures how long that waits for the disk. Before: sync/sync.c
 * applied blocks; sync/commits.c decides when. After: chain/chain.h. */
#include "base/log.h"
#include "sync/sync.h"

/* More blocks behind than this is a long download, and not a few blocks missed in passing. */
enum { FAR_BLOCKS = 16 };

static bool others_come(const struct sync *s)
{
	return !sync_idle(s) || sync_in_flight(s) > 0;
}

/* Calls `work`, which waits for the disk. True when it succeeded and was quick. */
static bool wait_for_disk(struct sync *s, enum err (*work)(struct chain *c))
{
	uint64_t begun = sync_now(s);
	enum err err = work(s->s.chain);
	uint64_t now = sync_now(s);

	s->commit_ms += now - begun;
	commits_waited(&s->disk, begun, now, s->s.limits->commit_interval.max);
	if (err != ERR_OK)
		sync_store_failed(s, err);
	return err == ERR_OK && commits_quick(begun, now);
}

/* A commit waits for the disk twice: chain_commit() and chain_settle(). When the first wait was
 * long the second is left to a later turn of the loop, and while blocks keep coming to the next
 * commit, which settles this one too. */
void sync_commit(struct sync *s)
{
	bool blocks = chain_uncommitted(s->s.chain) > 0, asked = s->commit_asked;
	bool quick = wait_for_disk(s, chain_commit);

	s->commits++;
	s->disk.opened_ms = 0;
	s->commit_asked = false;
	if (quick && !others_come(s))
		wait_for_disk(s, chain_settle);
	if (s->stopping)
		return;
	if (asked)
		log_debug("address book and bans are kept");
	if (blocks)
		s->s.new_tip(s->s.ctx, s->replaced);
	s->replaced = false;
}

/* During a download many blocks share a commit. At the tip a block is committed at once, because a
 * block waits for others only while others are on their way. */
void sync_commit_when_due(struct sync *s)
{
	struct chain *c = s->s.chain;
	const struct commits_view v = {.now_ms = sync_now(s),
		.interval_ms = s->s.limits->commit_interval.max,
		.open = chain_uncommitted(c) > 0 || s->commit_asked,
		.others = others_come(s),
		.far = sync_best_height(s) > sync_tip_height(s) + FAR_BLOCKS,
		.pays = chain_group_pays(c),
		.asked = s->commit_asked,
		.unsettled = chain_unsettled(c)};

	if (s->stopping)
		return;
	switch (commits_next(&s->disk, &v)) {
	case COMMITS_WAIT:
		break;
	case COMMITS_COMMIT:
		sync_commit(s);
		break;
	case COMMITS_SETTLE:
		wait_for_disk(s, chain_settle);
		break;
	}
}

void sync_commit_soon(struct sync *s)
{
	s->commit_asked = true;
}
