/* Takes a block from a peer to the checkers and back. First: does it answer a request of ours, does
 * it decode, is it known? Then the checkers' threads verify proof of work and signature. Then the
 * block is applied, or waits for its parent. Before: node/dispatch.c. After: sync/sync_ahead.c,
 * then sync/sync.c; for a block at or below our tip sync/sync_fork.c. */
#include "base/mem.h"
#include "chain/crypto.h"
#include "sync/sync.h"

/* ---- back from the checkers ---- */

/* Takes a verified block of the download window: applies it if it is the next one, else lets it
 * wait for its parent. */
static void window_block(struct sync *s, struct node_peer *np, struct future_block *f)
{
	uint64_t tip = sync_tip_height(s), index = f->block->b.index;
	struct slot *slot = sync_slot(s, index);

	if (slot)
		slot->state = SLOT_EMPTY;
	if (sync_clock_refuses(s, np, f))
		future_block_drop(f);
	else if (index == tip + 1)
		sync_apply_run(s, f);
	else if (slot)
		slot->state = future_blocks_put(&s->future_blocks, tip, f) == ERR_OK ? SLOT_READY
										     : SLOT_EMPTY;
	else
		future_block_drop(f);
}

/* The checkers found nothing wrong. Takes the candidate's block. A block that a walk-back requested
 * is of no use when its peer is gone. */
static void good_block(struct sync *s, struct node_peer *np, struct candidate *c)
{
	struct future_block f = {.block = c->block, .facts = c->job.facts, .from = c->from};

	memcpy(f.digest, c->digest, sizeof f.digest);
	c->block = NULL;
	recent_set_add(&s->seen, c->digest);
	if (!c->fork)
		window_block(s, np, &f);
	else if (np)
		sync_fork_block(s, np, &f);
	else
		future_block_drop(&f);
}

/* Why no chain could contain the block, whatever comes before it; NULL = it may be good. */
static const char *broken(const struct sync *s, const struct candidate *c)
{
	const struct block_facts *f = &c->job.facts;
	const char *why;

	if (!rules_plausible(s->s.params, &c->block->b, f, &why))
		return why;
	if (!f->hash_ok)
		return "sent a block with a wrong hash";
	return f->signature_ok ? NULL : "sent a block with a wrong signature";
}

static void broken_block(
	struct sync *s, struct node_peer *np, const struct candidate *c, const char *why)
{
	s->blocks_bad++;
	if (rules_bad_forever(s->s.params, &c->block->b, &c->job.facts))
		recent_set_add(&s->bad, c->digest);
	if (!c->fork)
		sync_free_slot(s, c->block->b.index, 0);
	sync_misbehaved(s, np, SYNC_BAN_SCORE, why);
}

/* The block that its slot waited for is back. One of our own may have come in meanwhile, so that
 * this index is not above the tip any more; it is again when a branch replaces ours further down.
 */
static void slot_back(struct sync *s, uint64_t index)
{
	struct slot *slot = &s->ring[index % s->ring_size];

	if (slot->index == index && slot->state == SLOT_CHECKING)
		slot->state = SLOT_EMPTY;
}

static void checked(struct sync *s, struct candidate *c)
{
	struct node_peer *np = sync_peers_get(s->s.peers, c->from);
	const char *why;

	bound_give(&s->s.limits->max_verify_bytes, c->block->size);
	if (!c->own && !c->fork)
		slot_back(s, c->block->b.index);
	if (c->own) {
		sync_own_checked(s, c);
	} else if (c->job.failed || s->stopping) {
		sync_reopen_slot(s, c->block->b.index, 0);
		if (c->fork && np)
			sync_walk_lost(np);
	} else if ((why = broken(s, c))) {
		broken_block(s, np, c, why);
	} else {
		good_block(s, np, c);
	}
	mem_free(c->block);
	mem_free(c);
}

void sync_take_checked(struct sync *s)
{
	struct verify_job *job;

	while ((job = verify_take(s->pool))) {
		chain_learn(s->s.chain, job);
		checked(s, job->owner);
	}
}

/* ---- in from a peer ---- */

enum err sync_candidate_submit(struct sync *s, struct candidate *c)
{
	return verify_submit(s->pool, &c->job);
}

/* Hands the block to the checkers. A block that was verified before in the same encoding need not
 * be checked again, and goes on at once. */
static void check_begin(struct sync *s, struct candidate *c)
{
	struct verify_job *job = &c->job;

	if (recent_set_has(&s->seen, c->digest) && !job->want_strength) {
		s->blocks_repeated++;
		job->facts.hash_ok = job->facts.signature_ok = true;
		facts_read_domain(&job->facts, job->block);
		checked(s, c);
	} else if (sync_candidate_submit(s, c) != ERR_OK) {
		job->failed = true;
		checked(s, c);
	}
}

/* The block was not checked (out of memory, or over a limit). Frees its slot so that the index is
 * requested again, from any peer. */
static void not_looked_at(struct sync *s, struct node_peer *np, uint64_t index, bool fork)
{
	if (!fork)
		sync_reopen_slot(s, index, np->id);
	else
		sync_walk_lost(np);
}

/* The answer broke the protocol: bans the peer, and lets the index be requested from others. */
static void bad_answer(
	struct sync *s, struct node_peer *np, uint64_t index, bool fork, const char *why)
{
	sync_free_slot(s, index, np->id);
	if (fork)
		sync_walk_lost(np);
	sync_misbehaved(s, np, SYNC_BAN_SCORE, why);
}

struct candidate *sync_candidate_new(
	struct sync *s, peer_id from, struct block_owned *block, const uint8_t digest[32])
{
	struct candidate *c;

	if (!bound_take(&s->s.limits->max_verify_bytes, block->size))
		return NULL;
	c = mem_alloc(sizeof *c);
	if (!c) {
		bound_give(&s->s.limits->max_verify_bytes, block->size);
		return NULL;
	}
	c->block = block;
	c->from = from;
	memcpy(c->digest, digest, sizeof c->digest);
	c->job.block = &block->b;
	c->job.owner = c;
	chain_prepare(s->s.chain, &c->job);
	return c;
}

/* Takes the block. `slot` is NULL for a block that a probe or a walk-back requested. */
static void check_block(
	struct sync *s, struct node_peer *np, struct block_owned *block, struct slot *slot)
{
	const char *why = NULL;
	uint8_t digest[32];

	if (sync_known_ahead(s, np, &block->b)) {
		sync_free_slot(s, block->b.index, np->id);
		if (!slot)
			sync_walk_lost(np);
		mem_free(block);
		return;
	}
	crypto_digest(block->canonical, digest);
	if (recent_set_has(&s->bad, digest))
		why = "sent a block that is known to be bad";
	else
		rules_plausible(s->s.params, &block->b, NULL, &why);
	struct candidate *c = why ? NULL : sync_candidate_new(s, np->id, block, digest);
	if (c) {
		c->fork = !slot;
		if (slot)
			slot->state = SLOT_CHECKING;
		check_begin(s, c);
		return;
	}
	if (why) {
		s->blocks_bad++;
		bad_answer(s, np, block->b.index, !slot, why);
	} else {
		not_looked_at(s, np, block->b.index, !slot);
	}
	mem_free(block);
}

/* The peer answered a request but not `withheld` older ones for lower blocks. It has those blocks,
 * as it has a higher one, and answers come in the order of the requests or not at all, so it
 * withheld them. Release 0.10 also does so when it finds its database locked, so it gets fewer
 * points. */
static void passed_over(struct sync *s, struct node_peer *np, unsigned withheld)
{
	if (!withheld)
		return;
	sync_misbehaved(s, np, np->own_kind ? SYNC_SCORE_WITHHELD : SYNC_SCORE_DROPPED,
		"passed over what it was asked before");
}

/* Finds the request that this Block answers and removes it and all older ones, which will not be
 * answered any more. False when there is none. */
static bool take_request(struct sync *s, struct node_peer *np, uint64_t index, struct request *out)
{
	unsigned withheld = 0;
	struct request *r;
	size_t at = 0;

	while ((r = fifo_at(&np->sync.requests, at)) && r->index != index)
		at++;
	if (!r)
		return false;
	for (; sync_pop_request(np, out) && at > 0; at--)
		if (!out->fork) {
			sync_free_slot(s, out->index, np->id);
			withheld += out->index < index;
		}
	passed_over(s, np, withheld);
	return true;
}

static void note_answer(struct sync *s, struct node_peer *np, const struct request *r)
{
	uint64_t now = sync_now(s), took = now - r->asked_ms, before = np->sync.answered_ms;

	sync_own_line_answers(s, r);
	sync_line_answered(s, np);
	sync_kick_over(s, np);
	np->sync.answered_ms = now;
	if (!r->alone) {
		host_paced(np->host, before > r->asked_ms ? now - before : took);
		return;
	}
	host_measured(np->host, took);
	if (!np->sync.rtt_ms || took < np->sync.rtt_ms)
		np->sync.rtt_ms = took;
	else
		np->sync.rtt_ms += (took - np->sync.rtt_ms) / 8;
	s->s.net.note_rtt(s->s.net.ctx, np->id, took);
}

static bool just_served(const struct node_peer *np, uint64_t index)
{
	for (size_t i = 0; i < np->serve.blocks.count; i++)
		if (((struct served *)fifo_at(&np->serve.blocks, i))->index == index)
			return true;
	return false;
}

/* The peer sent a block that we did not request. When we sent a release 0.10 node a block of a fork
 * worse than its tip, it answers with its own block of that index (protocol.md 5.10, 5.14). That is
 * no misbehaviour, and shows us its branch. */
static void unsolicited_block(struct sync *s, struct node_peer *np, const struct message *m)
{
	struct block_owned *b;

	s->blocks_unsolicited++;
	if (!just_served(np, m->index)) {
		sync_misbehaved(s, np, SYNC_SCORE_UNASKED, "sent a block that was not asked for");
	} else if (block_decode_owned(m->block, &b) == ERR_OK) {
		if (b->b.hash.n == HASH_SIZE && b->b.index == m->index)
			sync_probe(s, np, m->index, b->b.hash);
		mem_free(b);
	}
}

void sync_block(struct sync *s, struct node_peer *np, const struct message *m)
{
	struct block_owned *block;
	struct request r;

	s->blocks_received++;
	if (!take_request(s, np, m->index, &r)) {
		unsolicited_block(s, np, m);
		return;
	}
	note_answer(s, np, &r);
	struct slot *slot = r.fork ? NULL : sync_slot(s, r.index);
	if (s->stopping ||
		(!r.fork && (!slot || slot->state == SLOT_CHECKING || slot->state == SLOT_READY)))
		return; /* another peer delivered it first, or we are stopping */
	enum err err = block_decode_owned(m->block, &block);
	if (err == ERR_NOMEM) {
		not_looked_at(s, np, r.index, r.fork);
	} else if (err != ERR_OK) {
		bad_answer(s, np, r.index, r.fork, "sent a block that does not decode");
	} else if (block->b.index != m->index) {
		mem_free(block);
		bad_answer(s, np, r.index, r.fork, "sent a block of another index");
	} else {
		check_block(s, np, block, slot);
	}
	sync_pump(s);
}
