/* Stores the blocks of a walk-back within its bounds. Before and after: sync/sync_fork.c. */
#include <assert.h>

#include "base/mem.h"
#include "sync/fork_walk.h"

static_assert(sizeof(struct fork_walk) <= 512, "as limits.def says of max_walk_backs");

enum err fork_walk_new(struct limits *l, struct fork_walk **w)
{
	*w = NULL;
	if (!bound_take(&l->max_walk_backs, 1))
		return ERR_FULL;
	*w = mem_alloc(sizeof **w);
	if (!*w) {
		bound_give(&l->max_walk_backs, 1);
		return ERR_NOMEM;
	}
	(*w)->limits = l;
	return ERR_OK;
}

void fork_walk_free(struct fork_walk *w)
{
	struct future_block b;

	if (!w)
		return;
	while (fork_walk_take(w, &b))
		mem_free(b.block);
	bound_give(&w->limits->max_walk_backs, 1);
	mem_free(w);
}

bool fork_walk_add(struct fork_walk *w, struct future_block *b)
{
	if (w->count == FORK_WALK_MAX ||
		!bound_take(&w->limits->max_future_bytes, b->block->size)) {
		future_block_drop(b);
		return false;
	}
	w->down[w->count++] = *b;
	b->block = NULL;
	return true;
}

bool fork_walk_take(struct fork_walk *w, struct future_block *out)
{
	if (!w->count)
		return false;
	*out = w->down[--w->count];
	bound_give(&w->limits->max_future_bytes, out->block->size);
	return true;
}

const struct block *fork_walk_top(const struct fork_walk *w)
{
	return w && w->count ? &w->down[0].block->b : NULL;
}

const struct block *fork_walk_low(const struct fork_walk *w)
{
	return w && w->count ? &w->down[w->count - 1].block->b : NULL;
}
