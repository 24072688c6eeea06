/* Blocks in, verdicts out. See sync.h for the way of a block. */
#include "base/hex.h"
#include "base/log.h"
#include "base/mem.h"
#include "chain/crypto.h"
#include "node/sync.h"

enum { AGE_MS = 60000, RATE_MS = 2000, BAN_SCORE = 100, RETRY_FUTURE_MS = 10000 };

/* ---- life ---- */

static bool start_parts(struct sync *s, uint64_t seed)
{
	struct limits *l = s->s.limits;
	struct verify_settings v = {.threads = s->s.threads,
		.scratch_bytes = (size_t)l->verify_scratch_bytes.max,
		.scratch = &l->verify_scratch_bytes,
		.queue = &l->max_verify_queue,
		.wake = s->s.wake,
		.ctx = s->s.ctx};

	future_init(&s->future, l, seed);
	genset_init(&s->seen, &l->max_seen_blocks, seed);
	genset_init(&s->bad, &l->max_bad_blocks, seed);
	s->ring_size = (size_t)l->max_window.max;
	s->ring = mem_alloc(s->ring_size * sizeof *s->ring);
	s->encoded = mem_alloc(BLOCK_MAX_ENCODED);
	if (!s->ring || !s->encoded)
		return false;
	s->pool = verify_start(&v);
	return s->pool != NULL;
}

struct sync *sync_start(const struct sync_settings *settings)
{
	struct sync *s = mem_alloc(sizeof *s);
	uint64_t seed;

	if (!s)
		return NULL;
	s->s = *settings;
	rng_fill(s->s.rng, &seed, sizeof seed);
	s->aged_ms = s->rate_mark_ms = sync_now(s);
	s->rate_mark_height = sync_tip_height(s);
	if (start_parts(s, seed))
		return s;
	sync_free(s);
	return NULL;
}

void sync_quiesce(struct sync *s)
{
	s->stopping = true;
	verify_quiesce(s->pool);
}

bool sync_idle(const struct sync *s)
{
	return verify_pending(s->pool) == 0;
}

void sync_free(struct sync *s)
{
	if (!s)
		return;
	if (s->pool)
		verify_stop(s->pool);
	future_clear(&s->future);
	if (s->seen.bound) {
		genset_clear(&s->seen);
		genset_clear(&s->bad);
	}
	mem_free(s->ring);
	mem_free(s->encoded);
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
	np->sync.score += points;
	log_debug("sync: peer %llu: %s (score %u)", (unsigned long long)np->id, what,
		np->sync.score);
	if (np->sync.score >= BAN_SCORE)
		s->s.net.ban(s->s.net.ctx, np->id, what);
}

/* 12b and step 4 depend on our clock, and a rule that needs the chain may fail because we are on
 * the losing side of a fork: only what can never be good is remembered (protocol.md 12.3). */
void sync_bad_block(struct sync *s, struct node_peer *np, const struct block *b,
	const struct block_facts *f, const uint8_t digest[32], const char *why)
{
	s->blocks_bad++;
	if (rules_bad_forever(s->s.params, b, f))
		genset_add(&s->bad, digest);
	log_warn("sync: block %llu refused: %s", (unsigned long long)b->index, why);
	sync_misbehaved(s, np, BAN_SCORE, why);
}

void sync_peer_ready(struct sync *s, struct node_peer *np)
{
	struct peer_info info;

	if (s->s.net.info(s->s.net.ctx, np->id, &info)) {
		np->own_kind = info.own_kind;
		np->outbound = info.outbound;
		np->sync.height = info.height;
	}
	sync_pump(s);
}

void sync_peer_gone(struct sync *s, struct node_peer *np)
{
	sync_release_requests(s, np);
	np->sync.height = 0;
	sync_pump(s);
}

void sync_height(struct sync *s, struct node_peer *np, uint64_t height, struct slice hash)
{
	np->sync.height = height;
	s->s.net.set_height(s->s.net.ctx, np->id, height);
	if (height > sync_tip_height(s))
		sync_pump(s);
	else if (hash.n == HASH_SIZE)
		sync_probe(s, np, height, hash);
}

/* ---- a block comes in ---- */

static void digest_of(struct sync *s, const struct block *b, uint8_t digest[32])
{
	struct wr w = wr_of(s->encoded, BLOCK_MAX_ENCODED);

	block_encode(b, &w);
	crypto_digest(wr_done(&w), digest);
}

static void checked(struct sync *s, struct check *c);

/* Sends it to the checkers, or past them when this very encoding was verified before. */
static void check_begin(struct sync *s, struct check *c)
{
	const struct block *b = &c->block->b;
	struct verify_job *job = &c->job;
	bool need = rules_need_strength(s->s.params, b);

	job->block = b;
	job->owner = c;
	job->facts.key_strength =
		b->pub_key.n == KEY_SIZE ? chain_strength(s->s.chain, b->pub_key.p) : 0;
	job->want_strength = need && job->facts.key_strength < 0;
	if (genset_has(&s->seen, c->digest) && !job->want_strength) {
		s->blocks_repeated++;
		job->facts.hash_ok = job->facts.signature_ok = true;
		checked(s, c);
	} else if (verify_submit(s->pool, job) != ERR_OK) {
		job->failed = true;
		checked(s, c);
	}
}

static struct check *check_new(struct sync *s, struct node_peer *np, struct block_owned *block,
	const uint8_t digest[32])
{
	struct check *c;

	if (!bound_take(&s->s.limits->max_verify_bytes, block->size))
		return NULL;
	c = mem_alloc(sizeof *c);
	if (!c) {
		bound_give(&s->s.limits->max_verify_bytes, block->size);
		return NULL;
	}
	c->block = block;
	c->from = np->id;
	memcpy(c->digest, digest, sizeof c->digest);
	return c;
}

/* Takes the block over. `slot` is NULL for a block of a fork. */
static void check_block(struct sync *s, struct node_peer *np, struct block_owned *block,
	struct slot *slot)
{
	const char *why = NULL;
	uint8_t digest[32];

	digest_of(s, &block->b, digest);
	if (genset_has(&s->bad, digest))
		why = "sent a block that is known to be bad";
	else
		rules_plausible(s->s.params, &block->b, &why);
	struct check *c = why ? NULL : check_new(s, np, block, digest);
	if (c) {
		c->fork = !slot;
		if (slot)
			slot->state = SLOT_CHECKING;
		check_begin(s, c);
		return;
	}
	sync_free_slot(s, block->b.index, np->id);
	mem_free(block);
	if (why) {
		s->blocks_bad++;
		sync_misbehaved(s, np, BAN_SCORE, why);
	}
}

/* Finds the request that this Block answers and removes it and all older ones: answers come in
 * order, so those will not be answered any more. */
static bool take_request(struct sync *s, struct node_peer *np, uint64_t index, struct request *out)
{
	size_t at = 0;
	struct request *r;

	while ((r = fifo_at(&np->sync.requests, at)) && r->index != index)
		at++;
	if (!r)
		return false;
	for (; fifo_pop(&np->sync.requests, out) && at > 0; at--)
		if (!out->fork)
			sync_free_slot(s, out->index, np->id);
	return true;
}

static void note_answer(struct sync *s, struct node_peer *np, const struct request *r)
{
	uint64_t now = sync_now(s), took = now - r->asked_ms;

	np->sync.answered_ms = now;
	np->sync.kicked_ms = 0;
	np->sync.kick_strikes = 0;
	if (!r->alone)
		return;
	np->sync.rtt_ms = np->sync.rtt_ms ? (np->sync.rtt_ms * 7 + took) / 8 : took;
	s->s.net.note_rtt(s->s.net.ctx, np->id, took);
}

/* A release 0.10 node answers a worse fork at its tip with its own block of that index
 * (protocol.md 5.10, 5.14): no fault of it. */
static void unasked_block(struct sync *s, struct node_peer *np, uint64_t index)
{
	s->blocks_unasked++;
	for (size_t i = 0; i < np->serve.blocks.count; i++)
		if (((struct served *)fifo_at(&np->serve.blocks, i))->index == index)
			return;
	sync_misbehaved(s, np, 20, "sent a block that was not asked for");
}

void sync_block(struct sync *s, struct node_peer *np, const struct message *m)
{
	struct block_owned *block;
	struct request r;

	s->blocks_received++;
	if (!take_request(s, np, m->index, &r)) {
		unasked_block(s, np, m->index);
		return;
	}
	note_answer(s, np, &r);
	struct slot *slot = r.fork ? NULL : sync_slot(s, r.index);
	if (s->stopping || (!r.fork && (!slot || slot->state == SLOT_CHECKING ||
						       slot->state == SLOT_READY)))
		return; /* somebody else was faster */
	enum err err = block_decode_owned(m->block, &block);
	if (err == ERR_NOMEM) {
		sync_free_slot(s, r.index, np->id);
	} else if (err != ERR_OK) {
		sync_free_slot(s, r.index, np->id);
		sync_misbehaved(s, np, BAN_SCORE, "sent a block that does not decode");
	} else if (block->b.index != m->index) {
		mem_free(block);
		sync_free_slot(s, r.index, np->id);
		sync_misbehaved(s, np, BAN_SCORE, "sent a block of another index");
	} else {
		check_block(s, np, block, slot);
	}
	sync_pump(s);
}

/* ---- a block comes back from the checkers ---- */

void sync_appended(struct sync *s, struct node_peer *np)
{
	s->blocks_appended++;
	s->clock_off = 0;
	if (!s->commit_due_ms)
		s->commit_due_ms = sync_now(s) + s->s.limits->commit_interval.max;
	if (np) {
		np->sync.good++;
		np->sync.walk_index = 0;
		s->s.net.credit(s->s.net.ctx, np->id);
	}
}

/* A block ahead of the clock is no crime: ask again a little later (protocol.md 12.3 item 5). */
static bool from_the_future(struct sync *s, const struct block *b)
{
	int64_t now = clock_wall(s->s.clock);

	if (b->timestamp <= now + FUTURE_TOLERANCE)
		return false;
	s->clock_off = b->timestamp - now;
	log_warn("sync: block %llu is %lld s ahead of this machine's clock: is the clock right?",
		(unsigned long long)b->index, (long long)s->clock_off);
	struct slot *slot = sync_slot(s, b->index);
	if (slot)
		slot->not_before_ms = sync_now(s) + RETRY_FUTURE_MS;
	return true;
}

/* Block h + 1 meets the chain. True when it was appended. */
static bool apply(struct sync *s, const struct future_block *f)
{
	const struct block *b = &f->block->b;
	struct node_peer *np = peers_get(s->s.peers, f->from);
	struct outcome o = chain_submit(s->s.chain, b, &f->facts, clock_wall(s->s.clock), 0);

	if (o.err != ERR_OK) {
		sync_store_failed(s, o.err);
		return false;
	}
	if (o.action == CHAIN_APPENDED) {
		sync_appended(s, np);
		return true;
	}
	sync_free_slot(s, b->index, 0);
	if (o.verdict == VERDICT_REWIND && np)
		sync_walk_from(s, np, b);
	else if (o.verdict == VERDICT_BAD && !from_the_future(s, b))
		sync_bad_block(s, np, b, &f->facts, f->digest, o.why);
	else if (o.verdict == VERDICT_FUTURE)
		sync_misbehaved(s, np, BAN_SCORE, o.why); /* no first block at index 1 */
	return false;
}

/* Takes f's block over, and after it all that waited for it. */
static void apply_run(struct sync *s, struct future_block *f)
{
	bool appended = true;

	while (appended) {
		appended = !s->stopping && apply(s, f);
		mem_free(f->block);
		appended = appended && future_take(&s->future, sync_tip_height(s) + 1, f);
	}
}

/* A verified block of the download window: its turn now, or later. */
static void window_block(struct sync *s, struct check *c)
{
	struct future_block f = {.block = c->block, .facts = c->job.facts, .from = c->from};
	uint64_t tip = sync_tip_height(s), index = c->block->b.index;
	struct slot *slot = sync_slot(s, index);

	memcpy(f.digest, c->digest, sizeof f.digest);
	c->block = NULL;
	if (index == tip + 1)
		apply_run(s, &f);
	else if (slot)
		slot->state = future_put(&s->future, tip, &f) == ERR_OK ? SLOT_READY : SLOT_EMPTY;
	else
		mem_free(f.block);
}

static void broken_block(struct sync *s, struct node_peer *np, const struct check *c)
{
	s->blocks_bad++;
	if (!c->fork)
		sync_free_slot(s, c->block->b.index, 0);
	sync_misbehaved(s, np, BAN_SCORE,
		c->job.facts.hash_ok ? "sent a block with a wrong signature" :
				       "sent a block with a wrong hash");
}

static void checked(struct sync *s, struct check *c)
{
	struct node_peer *np = peers_get(s->s.peers, c->from);
	const struct block_facts *facts = &c->job.facts;

	bound_give(&s->s.limits->max_verify_bytes, c->block->size);
	if (c->job.failed || s->stopping) {
		sync_free_slot(s, c->block->b.index, 0);
	} else if (!facts->hash_ok || !facts->signature_ok) {
		broken_block(s, np, c);
	} else {
		genset_add(&s->seen, c->digest);
		if (c->job.want_strength)
			chain_remember_strength(s->s.chain, c->block->b.pub_key.p,
				facts->key_strength);
		if (!c->fork)
			window_block(s, c);
		else if (np)
			sync_fork_block(s, np, c);
	}
	mem_free(c->block);
	mem_free(c);
}

/* ---- commits ---- */

static void note_rate(struct sync *s, uint64_t now, uint64_t height)
{
	if (now - s->rate_mark_ms < RATE_MS)
		return;
	uint64_t more = height > s->rate_mark_height ? height - s->rate_mark_height : 0;
	s->rate = (double)more * 1000 / (double)(now - s->rate_mark_ms);
	s->rate_mark_ms = now;
	s->rate_mark_height = height;
}

/* Groups during a sync, alone at the tip: a block waits for others only while others come. */
static void commit_when_due(struct sync *s)
{
	size_t open = chain_uncommitted(s->s.chain);
	uint64_t now = sync_now(s);

	if (!open || s->stopping)
		return;
	bool others = !sync_idle(s) || sync_in_flight(s) > 0;
	if (others && open < s->s.limits->commit_blocks.max && now < s->commit_due_ms)
		return;
	s->commit_due_ms = 0;
	enum err err = chain_commit(s->s.chain);
	if (err != ERR_OK)
		sync_store_failed(s, err);
	else
		s->s.new_tip(s->s.ctx);
}

void sync_collect(struct sync *s)
{
	struct verify_job *job;

	while ((job = verify_take(s->pool)))
		checked(s, job->owner);
	if (s->stopping)
		return;
	sync_pump(s);
	commit_when_due(s);
}

uint64_t sync_tick(struct sync *s)
{
	uint64_t now = sync_now(s), next;

	if (s->stopping)
		return AGE_MS;
	if (now - s->aged_ms >= AGE_MS) {
		s->aged_ms = now;
		genset_age(&s->seen);
	}
	note_rate(s, now, sync_tip_height(s));
	verify_idle(s->pool);
	next = sync_fetch_tick(s);
	commit_when_due(s);
	if (s->commit_due_ms)
		next = next < 100 ? next : 100;
	return next;
}
