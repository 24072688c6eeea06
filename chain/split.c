/* Role: finds stored domain blocks whose fields can be read in several ways (see chain/split.h),
 * and replaces our copy of one by another copy.
 * Before: sync/twin.c. After: chain/store_index.c writes. */
#include "chain/split.h"

#include "base/mem.h"
#include "chain/chain_internal.h"

enum { FIELDS = 4, MOST_BLOCKS = 8192 /* full ones that are looked at, the latest */ };

static void fields_of(const struct block *b, struct slice to[FIELDS])
{
	to[0] = b->tx.identity;
	to[1] = b->tx.confirmation;
	to[2] = b->tx.signing;
	to[3] = b->tx.encryption;
}

/* One bit for each field that is present. */
static unsigned places(const struct block *b)
{
	struct slice field[FIELDS];
	unsigned bits = 0;

	fields_of(b, field);
	for (unsigned i = 0; i < FIELDS; i++)
		bits |= (field[i].n > 0) << i;
	return bits;
}

static bool several_ways(const struct block *b)
{
	unsigned bits = places(b);

	return block_is_domain(b) && bits != 0 && bits != (1U << FIELDS) - 1;
}

uint64_t split_name(const struct block *b)
{
	uint64_t tail = slice_tail(b->signature);

	return several_ways(b) ? tail ^ ((uint64_t)places(b) << 32) : tail;
}

/* Is the identity among the block's fields? A block without an identity may conflict with any, so
 * the answer is yes. */
static bool holds(const struct block *b, struct slice identity)
{
	struct slice field[FIELDS];
	bool found = identity.n == 0;

	fields_of(b, field);
	for (unsigned i = 0; i < FIELDS; i++)
		found |= field[i].n > 0 && slice_eq(field[i], identity);
	return found;
}

/* Reads the full blocks below `below`, down to those read before, and adds the ambiguous ones to
 * c->seen, latest first. */
static void look_through(struct chain *c, uint64_t below)
{
	struct split_seen *seen = &c->seen, now = {.below = below};
	struct block_summary h;

	for (unsigned i = 0; i < MOST_BLOCKS; i++) {
		if (!view_last_full(&c->view, below, &h) || h.index < seen->below)
			break;
		below = h.index;
		struct block_owned *o = store_block(c->store, below);
		if (!o)
			return;
		if (several_ways(&o->b) && now.count < SPLIT_SEEN)
			now.index[now.count++] = below;
		mem_free(o);
	}
	for (size_t i = 0; i < seen->count && now.count < SPLIT_SEEN; i++)
		now.index[now.count++] = seen->index[i];
	*seen = now;
}

/* Finds the latest ambiguous block below `below` that has this identity among its fields. */
static bool find(struct chain *c, uint64_t below, struct slice identity, struct block_summary *root,
	uint64_t *name)
{
	bool found = false;

	for (size_t i = 0; i < c->seen.count && !found; i++) {
		uint64_t index = c->seen.index[i];
		struct block_owned *o = index < below ? store_block(c->store, index) : NULL;
		if (!o)
			continue;
		found = holds(&o->b, identity) && view_summary(&c->view, index, root);
		*name = split_name(&o->b);
		mem_free(o);
	}
	return found;
}

void split_forget(struct split_seen *seen, uint64_t from)
{
	size_t gone = 0;

	if (seen->below > from)
		seen->below = from;
	while (gone < seen->count && seen->index[gone] >= from)
		gone++;
	seen->count -= gone;
	memmove(seen->index, seen->index + gone, seen->count * sizeof seen->index[0]);
}

/* Does the refusal depend on who owns a name? Rules 6 (a renewal may be of less work than a new
 * name), 12b (the owner) and 12c (whether the name is taken). */
static bool hangs_on_names(const struct block *b, const char *why)
{
	return block_is_domain(b) && (strncmp(why, "6 ", 2) == 0 || strncmp(why, "12b", 3) == 0 ||
					     strncmp(why, "12c", 3) == 0);
}

bool split_root(struct chain *c, const struct block *b, const char *why, struct block_summary *root,
	uint64_t *name)
{
	if (!hangs_on_names(b, why))
		return false;
	view_begin(&c->view);
	if (c->tip.index >= c->seen.below)
		look_through(c, c->tip.index + 1);
	bool found = find(c, b->index, b->tx.identity, root, name);
	view_end(&c->view);
	return found;
}

enum err split_take(struct chain *c, const struct block_owned *o)
{
	if (c->read_only || !chain_has(c, o->b.index, o->b.hash))
		return ERR_REFUSED;
	c->uncommitted++;
	return store_exchange(c->store, o);
}
