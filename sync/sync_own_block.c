/* Blocks that this node's owner made: by a search here, or brought from another machine. They go
 * the way of peers' blocks, and whoever made one is told what became of it. Before:
 * node/node_own_block.c. After: the checkers; chain/chain.h; sync/sync_commit.c, after which peers
 * are told. */
#include "sync/sync_own_block.h"

#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "chain/crypto.h"
#include "sync/sync.h"

const char SYNC_OWN_NO_MEMORY[] = "it could not be checked: memory ran out";

enum err sync_own_block(struct sync *s, struct block_owned **block, uint64_t number)
{
	uint8_t digest[32];
	struct candidate *c = NULL;
	enum err err = ERR_NOMEM;

	if (s->stopping)
		err = ERR_STOPPING;
	else if (!bound_has(&s->s.limits->max_verify_bytes, (*block)->size))
		err = ERR_FULL;
	else {
		crypto_digest((*block)->canonical, digest);
		c = sync_candidate_new(s, 0, *block, digest);
	}
	if (!c) {
		mem_free(*block);
		*block = NULL;
		return err;
	}
	*block = NULL;
	c->own = number;
	err = sync_candidate_submit(s, c);
	if (err != ERR_OK) {
		bound_give(&s->s.limits->max_verify_bytes, c->block->size);
		mem_free(c->block);
		mem_free(c);
	}
	return err;
}

/* The chain has grown, or was shortened, while the block was made. */
static void tell_place(struct sync *s, uint64_t number, uint64_t index)
{
	char why[160];

	snprintf(why, sizeof why,
		"it is block %llu, but the chain has %llu blocks: only the next one is taken",
		(unsigned long long)index, (unsigned long long)sync_tip_height(s));
	s->s.own_block(s->s.ctx, number, why);
}

/* Takes f's block. Committed at once: whoever made it waits, and peers are told after the commit.
 */
static void apply_own(struct sync *s, struct future_block *f, uint64_t number)
{
	uint64_t index = f->block->b.index;
	struct outcome o = chain_submit(s->s.chain, f->block, &f->facts, sync_wall(s), 0);

	future_block_drop(f);
	if (o.err != ERR_OK) {
		s->s.own_block(s->s.ctx, number, "the store failed");
		sync_store_failed(s, o.err);
		return;
	}
	s->verdicts[o.verdict]++;
	if (o.action != CHAIN_APPENDED) {
		s->s.own_block(s->s.ctx, number, o.why ? o.why : verdict_name(o.verdict));
		return;
	}
	log_info("block %llu is one of ours", (unsigned long long)index);
	sync_appended(s, NULL);
	sync_commit(s);
	s->s.own_block(s->s.ctx, number, s->stopping ? "the store failed" : NULL);
	if (future_blocks_take(&s->future_blocks, index + 1, f))
		sync_apply_run(s, f);
}

/* Why it can be part of no chain; NULL = it may be good. */
static const char *broken(const struct sync *s, const struct candidate *c)
{
	const struct block_facts *f = &c->job.facts;
	const char *why;

	if (s->stopping)
		return "the node stops";
	if (c->job.failed)
		return SYNC_OWN_NO_MEMORY;
	if (!rules_plausible(s->s.params, &c->block->b, f, &why))
		return why;
	if (!f->hash_ok)
		return "its hash is not the one of its content";
	return f->signature_ok ? NULL : "its signature is not the one of its author";
}

void sync_own_checked(struct sync *s, struct candidate *c)
{
	struct future_block f = {.block = c->block, .facts = c->job.facts};
	const char *why = broken(s, c);

	memcpy(f.digest, c->digest, sizeof f.digest);
	c->block = NULL;
	if (why)
		s->s.own_block(s->s.ctx, c->own, why);
	else if (f.block->b.index != sync_tip_height(s) + 1)
		tell_place(s, c->own, f.block->b.index);
	else
		apply_own(s, &f, c->own);
	if (f.block)
		future_block_drop(&f);
}
