/* Starts and stops the engine, applies verified blocks to the chain, and decides what a verdict
 * means for the sender. Before: sync/sync_check.c has a verified block. After: chain/chain.h;
 * sync/sync_commit.c. */
#include "base/log.h"
#include "base/mem.h"
#include "sync/sync.h"

enum {
	AGE_MS = 60000,  /* between two clean-ups of what is remembered */
	REST_MS = 10000, /* between two calls of verify_idle() */
	CHECK_MS = 100,  /* between two ticks while something is to be committed */
};

/* ---- start and stop ---- */

static bool start_parts(struct sync *s, uint64_t seed)
{
	struct limits *l = s->s.limits;
	struct verify_settings v = {.threads = s->s.threads,
		.scratch_bytes = (size_t)l->verify_scratch_bytes.max,
		.scratch = &l->verify_scratch_bytes,
		.queue = &l->max_verify_queue,
		.wake = s->s.wake,
		.ctx = s->s.ctx};

	future_blocks_init(&s->future_blocks, l, seed);
	if (!hosts_init(&s->hosts, &l->max_hosts, seed))
		return false;
	recent_set_init(&s->seen, &l->max_seen_blocks, seed);
	recent_set_init(&s->bad, &l->max_bad_blocks, seed);
	ahead_init(&s->ahead, &l->max_ahead_blocks, &l->max_ahead_hosts, seed);
	s->ring_size = (size_t)l->max_window.max;
	s->ring = mem_alloc(s->ring_size * sizeof *s->ring);
	if (!s->ring)
		return false;
	s->pool = verify_start(&v);
	return s->pool != NULL;
}

static struct pace_sample pace_sample_now(struct sync *s)
{
	struct verify_stats v;

	verify_get_stats(s->pool, &v);
	return (struct pace_sample){sync_now(s), sync_tip_height(s), v.hashes};
}

struct sync *sync_start(const struct sync_settings *settings)
{
	struct sync *s = mem_alloc(sizeof *s);
	uint64_t seed;

	if (!s)
		return NULL;
	s->s = *settings;
	rng_fill(s->s.rng, &seed, sizeof seed);
	s->aged_ms = s->advanced_ms = s->rested_ms = sync_now(s);
	if (start_parts(s, seed)) {
		struct pace_sample now = pace_sample_now(s);
		pace_begin(&s->pace, &now);
		return s;
	}
	sync_free(s);
	return NULL;
}

void sync_quiesce(struct sync *s)
{
	s->stopping = true;
	verify_quiesce(s->pool);
}

bool sync_is_checking(const struct sync *s)
{
	return verify_is_working(s->pool);
}

bool sync_idle(const struct sync *s)
{
	return verify_pending(s->pool) == 0;
}

bool sync_busy(const struct sync *s)
{
	return !sync_idle(s) || sync_in_flight(s) > 0 || twin_stuck(s) ||
	       chain_uncommitted(s->s.chain) > 0 || sync_best_height(s) > sync_tip_height(s);
}

void sync_free(struct sync *s)
{
	if (!s)
		return;
	if (s->pool)
		verify_stop(s->pool);
	future_blocks_clear(&s->future_blocks);
	if (s->seen.bound) {
		recent_set_clear(&s->seen);
		recent_set_clear(&s->bad);
		ahead_clear(&s->ahead);
	}
	hosts_clear(&s->hosts);
	mem_free(s->ring);
	mem_free(s);
}

void sync_store_failed(struct sync *s, enum err err)
{
	s->stopping = true;
	s->s.fatal(s->s.ctx, err);
}

/* ---- peers ---- */

void sync_misbehaved(struct sync *s, struct node_peer *np, unsigned points, const char *what)
{
	if (!np)
		return;
	np->host->score += points;
	log_debug("sync: peer %llu: %s (score %u)", (unsigned long long)np->id, what,
		np->host->score);
	if (np->host->score < SYNC_BAN_SCORE)
		return;
	np->host->score = SYNC_BAN_SCORE / 2; /* when the ban is over */
	s->s.net.ban(s->s.net.ctx, np->id, what);
}

/* Only a block that can never become good is remembered as bad (protocol.md 12.3): rule 12b and
 * step 4 depend on our clock, and a rule that needs the chain may fail because we are on the losing
 * side of a fork. */
void sync_bad_block(struct sync *s, struct node_peer *np, const struct block *b,
	const struct block_facts *f, const uint8_t digest[32], const char *why)
{
	s->blocks_bad++;
	if (rules_bad_forever(s->s.params, b, f))
		recent_set_add(&s->bad, digest);
	log_warn("sync: block %llu refused: %s", (unsigned long long)b->index, why);
	sync_misbehaved(s, np, SYNC_BAN_SCORE, why);
}

static void enter_host(struct sync *s, struct node_peer *np, const struct peer_info *info)
{
	struct host *row = hosts_enter(&s->hosts, info, sync_now(s));

	if (row)
		np->host = row;
	else
		host_init(np->host, s->hosts.seed, info, sync_now(s));
}

void sync_peer_ready(struct sync *s, struct node_peer *np)
{
	struct peer_info info;

	if (s->s.net.info(s->s.net.ctx, np->id, &info)) {
		np->own_kind = info.own_kind;
		np->outbound = info.outbound;
		enter_host(s, np, &info);
		np->sync.height = sync_believed_height(s, np, info.height);
	}
	sync_pump(s);
}

void sync_peer_gone(struct sync *s, struct node_peer *np)
{
	sync_release_requests(s, np);
	sync_walk_end(np);
	np->sync.height = 0;
	hosts_leave(np->host, sync_now(s));
	np->host = &np->lone;
	sync_pump(s);
}

void sync_height(struct sync *s, struct node_peer *np, uint64_t height, struct slice hash)
{
	uint64_t tip = sync_tip_height(s), believed = sync_believed_height(s, np, height);

	if (believed > tip && sync_best_height(s) <= tip)
		s->advanced_ms = sync_now(s); /* we are behind from now on */
	np->sync.height = believed;
	np->sync.retry_ms = 0;
	np->sync.retries = 0;
	s->s.net.set_height(s->s.net.ctx, np->id, height);
	if (height > tip)
		sync_pump(s);
	else if (hash.n == HASH_SIZE)
		sync_probe(s, np, height, hash);
}

/* ---- a block's turn ---- */

void sync_appended(struct sync *s, struct node_peer *np)
{
	s->blocks_appended++;
	s->advanced_ms = sync_now(s);
	sync_forget_forks(s);
	if (!s->disk.opened_ms)
		s->disk.opened_ms = sync_now(s);
	if (np) {
		np->sync.good++;
		np->sync.retries = 0;
		np->host->good_ms = sync_now(s);
		sync_walk_end(np);
		s->s.net.credit(s->s.net.ctx, np->id);
	}
}

/* Gives the chain the block that follows our tip. True when it was appended; else deals with the
 * verdict, which may excuse the sender or ban it. f's block stays the caller's unless a walk-back
 * took it. */
static bool apply(struct sync *s, struct future_block *f)
{
	const struct block *b = &f->block->b;
	struct node_peer *np = sync_peers_get(s->s.peers, f->from);
	struct outcome o = chain_submit(s->s.chain, f->block, &f->facts, sync_wall(s), 0);

	if (o.err != ERR_OK) {
		sync_store_failed(s, o.err);
		return false;
	}
	s->verdicts[o.verdict]++;
	if (o.action == CHAIN_APPENDED) {
		sync_appended(s, np);
		if (chain_group_full(s->s.chain))
			sync_commit(s);
		return true;
	}
	sync_free_slot(s, b->index, 0);
	bool elsewhere = o.verdict == VERDICT_REWIND ||
			 (o.verdict == VERDICT_BAD && sync_other_branch(s, b, &f->facts));
	if (o.verdict == VERDICT_BAD && sync_clock_refuses(s, np, f))
		return false; /* the clock was set back while it waited */
	if (elsewhere && np)
		sync_walk_from(s, np, f);
	else if (o.verdict == VERDICT_BAD && !elsewhere &&
		 !twin_refused(s, np, b, &f->facts, o.why) && !sync_blames_clock(s, np, f))
		sync_bad_block(s, np, b, &f->facts, f->digest, o.why);
	else if (o.verdict == VERDICT_FUTURE)
		sync_misbehaved(s, np, SYNC_BAN_SCORE, o.why); /* index 1, but not a first block */
	return false;
}

void sync_apply_run(struct sync *s, struct future_block *f)
{
	bool appended = true;

	while (appended) {
		appended = !s->stopping && apply(s, f);
		future_block_drop(f);
		appended = appended &&
			   future_blocks_take(&s->future_blocks, sync_tip_height(s) + 1, f);
	}
}

/* ---- what node/dispatch.c and node/engines.c call ---- */

static void note_pace(struct sync *s)
{
	struct pace_sample now = pace_sample_now(s);

	pace_update(&s->pace, &now, sync_best_height(s) > now.height);
}

void sync_collect(struct sync *s)
{
	sync_take_checked(s);
	if (s->stopping)
		return;
	sync_pump(s);
	sync_commit_when_due(s);
}

uint64_t sync_tick(struct sync *s)
{
	uint64_t now = sync_now(s), next, retry;

	if (s->stopping)
		return AGE_MS;
	if (now - s->aged_ms >= AGE_MS) {
		s->aged_ms = now;
		recent_set_age(&s->seen);
		hosts_forget(&s->hosts, now);
	}
	note_pace(s);
	if (now - s->rested_ms >= REST_MS) {
		s->rested_ms = now;
		verify_idle(s->pool);
	}
	sync_ahead_tick(s);
	twin_tick(s);
	retry = sync_fork_tick(s);
	next = sync_fetch_tick(s);
	next = next < retry ? next : retry;
	sync_commit_when_due(s);
	if (s->disk.opened_ms || chain_unsettled(s->s.chain))
		next = next < CHECK_MS ? next : CHECK_MS;
	return next;
}
