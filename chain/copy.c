/* Role: checks whether a refused block would be accepted if the full block below had another
 * signature, and replaces our copy of that block by another one.
 * Before: sync/twin.c. After: chain/signers.c judges, chain/store.c writes. */
#include "chain/chain_internal.h"
#include "chain/copy.h"

struct refused refused_of(const struct block *b, const struct block_facts *f)
{
	struct refused o = {.index = b->index,
		.timestamp = b->timestamp,
		.strength = f->key_strength,
		.full = b->full};

	if (b->pub_key.n == KEY_SIZE)
		memcpy(o.key, b->pub_key.p, KEY_SIZE);
	return o;
}

bool chain_window_root(struct chain *c, uint64_t index, struct block_summary *root)
{
	if (!c->has_full || c->last_full.index >= index ||
		c->last_full.index < c->params.block_signers_start)
		return false;
	*root = c->last_full;
	return true;
}

/* Applies the signing rule as a node does whose tip is the block below. */
static bool may_sign(struct chain *c, const struct block_summary *root, const struct refused *o)
{
	struct block b = {.index = o->index,
		.timestamp = o->timestamp,
		.full = o->full,
		.pub_key = slice_of(o->key, KEY_SIZE)};
	int strength = o->strength;

	if (strength < 0)
		strength = key_strength_cache_get(&c->key_strengths, o->key);
	if (strength < 0) /* the block is stored, so its key was strong enough */
		strength = (int)c->params.keystore_difficulty;
	return signers_reject(&c->view, &b, root, o->index - 1, strength) == NULL;
}

bool chain_copy_explains(
	struct chain *c, const struct block_summary *root, uint64_t tail, const struct refused *o)
{
	struct block_summary other = *root, h;

	other.tail = tail;
	for (uint64_t i = root->index + 1; i < o->index; i++) {
		if (!view_summary(&c->view, i, &h))
			return false;
		struct refused ours = {
			.index = i, .timestamp = h.timestamp, .strength = -1, .full = h.full};
		memcpy(ours.key, h.key, KEY_SIZE);
		if (!may_sign(c, &other, &ours))
			return false;
	}
	return may_sign(c, &other, o);
}

enum err chain_take_copy(struct chain *c, const struct block_owned *o)
{
	const struct block *b = &o->b;

	if (c->read_only || b->index + CONFIDENCE_DEPTH < c->tip.index ||
		!chain_has(c, b->index, b->hash))
		return ERR_REFUSED;
	enum err err = chain_truncate(c, b->index);
	return err ? err : chain_append(c, o);
}
