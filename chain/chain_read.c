/* Role: what others read of the chain, and the values that the node stores beside it. Before:
 * sync/, api/, cli/, node/persist.c. After: chain/store.c. */
#include "chain/chain_internal.h"
#include "chain/verify.h"

void chain_get_tip(const struct chain *c, struct chain_tip *t)
{
	*t = (struct chain_tip){.committed = c->committed};
	if (!c->has_tip)
		return;
	t->height = c->tip.index;
	t->timestamp = c->tip.timestamp;
	t->last_full = c->has_full ? c->last_full.index : 0;
	memcpy(t->hash, c->tip.hash, HASH_SIZE);
}

struct store *chain_store(struct chain *c)
{
	return c->store;
}

struct view *chain_view(struct chain *c)
{
	return &c->view;
}

enum err chain_read(struct chain *c, uint64_t index, uint8_t *to, size_t size, size_t *n)
{
	return store_read(c->store, index, to, size, n);
}

enum err chain_block(struct chain *c, uint64_t index, struct block_owned **out)
{
	return store_get_block(c->store, index, out);
}

bool chain_hash_at(struct chain *c, uint64_t index, uint8_t hash[HASH_SIZE])
{
	struct block_summary h;

	if (!view_summary(&c->view, index, &h))
		return false;
	memcpy(hash, h.hash, HASH_SIZE);
	return true;
}

bool chain_has(struct chain *c, uint64_t index, struct slice hash)
{
	uint8_t ours[HASH_SIZE];

	return chain_hash_at(c, index, ours) && slice_eq(hash, slice_of(ours, HASH_SIZE));
}

uint64_t chain_index_of(struct chain *c, const uint8_t hash[HASH_SIZE])
{
	return store_index_of(c->store, hash);
}

/* A key of a wrong length has no strength, and no rule asks for it. */
void chain_prepare(struct chain *c, struct verify_job *job)
{
	const struct block *b = job->block;
	bool is_key = b->pub_key.n == KEY_SIZE;

	job->facts.key_strength =
		(int16_t)(is_key ? key_strength_cache_get(&c->key_strengths, b->pub_key.p) : 0);
	job->want_strength = job->facts.key_strength < 0 && rules_need_strength(&c->params, b);
}

void chain_learn(struct chain *c, const struct verify_job *job)
{
	if (job->want_strength && !job->failed)
		key_strength_cache_put(
			&c->key_strengths, job->block->pub_key.p, job->facts.key_strength);
}

enum err chain_put_value(struct chain *c, const char *name, struct slice value)
{
	if (c->read_only)
		return ERR_REFUSED;
	return store_put_value(c->store, name, value);
}

enum err chain_get_value(struct chain *c, const char *name, uint8_t *to, size_t size, size_t *n)
{
	return store_get_value(c->store, name, to, size, n);
}

bool chain_table(struct chain *c, unsigned number, const char **name, uint64_t *rows)
{
	return store_table_rows(c->store, number, name, rows);
}
