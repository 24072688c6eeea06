/* Verified blocks that wait for their parent, and which of them are dropped when there is no room.
 * Before: sync/sync_check.c puts them in. After: sync/sync.c takes them out. */
#include <stdlib.h>

#include "base/mem.h"
#include "sync/future_blocks.h"

enum { KEEP_NEXT = 16, BELOW = 100, ABOVE = 2000 };

void future_block_drop(struct future_block *b)
{
	mem_free(b->block);
	b->block = NULL;
}

void future_blocks_init(struct future_blocks *f, struct limits *l, uint64_t seed)
{
	f->bytes = &l->max_future_bytes;
	map_init(&f->by_index, &l->max_future_blocks, sizeof(uint64_t), sizeof(struct future_block),
		seed);
}

static void drop(struct future_blocks *f, struct future_block *b)
{
	bound_give(f->bytes, b->block->size);
	mem_free(b->block);
}

void future_blocks_clear(struct future_blocks *f)
{
	const void *key;
	void *value;

	for (size_t at = 0; map_next(&f->by_index, &at, &key, &value);)
		drop(f, value);
	map_clear(&f->by_index);
}

size_t future_blocks_count(const struct future_blocks *f)
{
	return f->by_index.count;
}

bool future_blocks_has(const struct future_blocks *f, uint64_t index)
{
	return map_get(&f->by_index, &index) != NULL;
}

const struct block *future_blocks_peek(const struct future_blocks *f, uint64_t index)
{
	struct future_block *b = map_get(&f->by_index, &index);

	return b ? &b->block->b : NULL;
}

bool future_blocks_take(struct future_blocks *f, uint64_t index, struct future_block *out)
{
	struct future_block *b = map_get(&f->by_index, &index);

	if (!b)
		return false;
	*out = *b;
	bound_give(f->bytes, b->block->size);
	map_delete(&f->by_index, &index);
	return true;
}

/* Removes every entry outside low … high in one walk; returns how many went. */
static size_t drop_outside(struct future_blocks *f, uint64_t low, uint64_t high)
{
	size_t gone = 0;
	const void *key;
	void *value;

	for (size_t at = 0; map_next(&f->by_index, &at, &key, &value);) {
		uint64_t index;
		memcpy(&index, key, sizeof index);
		if (index >= low && index <= high)
			continue;
		drop(f, value);
		map_delete_here(&f->by_index, &at);
		gone++;
	}
	return gone;
}

static int descending(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return x < y ? 1 : x > y ? -1 : 0;
}

/* The highest index to keep so that the farthest quarter is dropped; 0 when memory ran out. */
static uint64_t highest_to_keep(const struct future_blocks *f)
{
	uint64_t *all = mem_alloc(f->by_index.count * sizeof *all);
	uint64_t highest = 0;
	size_t n = 0;
	const void *key;
	void *value;

	if (!all)
		return 0;
	for (size_t at = 0; map_next(&f->by_index, &at, &key, &value); n++)
		memcpy(&all[n], key, sizeof all[n]);
	qsort(all, n, sizeof *all, descending);
	if (n > 0)
		highest = all[(n - 1) / 4] - 1;
	mem_free(all);
	return highest;
}

/* highest_to_keep() sorts a short list however large the bound is: when it is called all indices
 * lie within BELOW and ABOVE of the tip. */
static void make_room(struct future_blocks *f, uint64_t height)
{
	uint64_t low = height > BELOW ? height - BELOW : 0;

	if (drop_outside(f, low, height + ABOVE) > 0 || !f->by_index.count)
		return;
	uint64_t highest = highest_to_keep(f);
	if (highest < height + KEEP_NEXT)
		highest = height + KEEP_NEXT;
	drop_outside(f, 0, highest);
}

static bool has_room(const struct future_blocks *f, size_t bytes)
{
	return bound_has(f->by_index.bound, 1) && bound_has(f->bytes, bytes);
}

enum err future_blocks_put(struct future_blocks *f, uint64_t height, struct future_block *b)
{
	uint64_t index = b->block->b.index;
	enum err err = ERR_EXISTS;

	if (future_blocks_has(f, index))
		goto refuse;
	if (!has_room(f, b->block->size)) {
		bound_hit(bound_has(f->by_index.bound, 1) ? f->bytes : f->by_index.bound);
		make_room(f, height);
	}
	err = ERR_FULL;
	if (!has_room(f, b->block->size))
		goto refuse;
	struct future_block *place = map_put(&f->by_index, &index, &err);
	if (!place)
		goto refuse;
	bound_take(f->bytes, b->block->size);
	*place = *b;
	b->block = NULL;
	return ERR_OK;
refuse:
	future_block_drop(b);
	return err;
}

void future_blocks_keep(struct future_blocks *f, uint64_t low, uint64_t high)
{
	drop_outside(f, low, high);
}
