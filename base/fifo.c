/* A bounded queue, kept as a ring in one allocation. Before: any part that queues, with a row of
 * limits.def. After: base/mem.c. */
#include <string.h>

#include "base/fifo.h"
#include "base/mem.h"

enum { FIRST_SLOTS = 8 };

void fifo_init(struct fifo *f, struct bound *b, size_t item_size)
{
	*f = (struct fifo){.bound = b, .item_size = item_size};
}

void fifo_clear(struct fifo *f)
{
	bound_give(f->bound, f->count);
	mem_free(f->items);
	fifo_init(f, f->bound, f->item_size);
}

void *fifo_at(const struct fifo *f, size_t i)
{
	if (i >= f->count)
		return NULL;
	return f->items + (f->first + i) % f->slots * f->item_size;
}

/* Doubles the slots; the oldest item moves to the first one. */
static bool grow(struct fifo *f)
{
	size_t slots = f->slots ? f->slots * 2 : FIRST_SLOTS;
	uint8_t *items = mem_alloc(slots * f->item_size);

	if (!items)
		return false;
	for (size_t i = 0; i < f->count; i++)
		memcpy(items + i * f->item_size, fifo_at(f, i), f->item_size);
	mem_free(f->items);
	f->items = items;
	f->slots = slots;
	f->first = 0;
	return true;
}

enum err fifo_push(struct fifo *f, const void *item)
{
	if (!bound_take(f->bound, 1))
		return ERR_FULL;
	if (f->count == f->slots && !grow(f)) {
		bound_give(f->bound, 1);
		return ERR_NOMEM;
	}
	f->count++;
	memcpy(fifo_at(f, f->count - 1), item, f->item_size);
	return ERR_OK;
}

bool fifo_push_evict(struct fifo *f, const void *item, void *lost)
{
	bool evicted = false;

	if (!bound_has(f->bound, 1) && f->count > 0) {
		if (lost)
			memcpy(lost, fifo_at(f, 0), f->item_size);
		fifo_pop(f, NULL);
		bound_hit(f->bound);
		evicted = true;
	}
	fifo_push(f, item);
	return evicted;
}

bool fifo_pop(struct fifo *f, void *item)
{
	if (!f->count)
		return false;
	if (item)
		memcpy(item, fifo_at(f, 0), f->item_size);
	f->first = (f->first + 1) % f->slots;
	f->count--;
	bound_give(f->bound, 1);
	return true;
}

void fifo_remove(struct fifo *f, size_t i)
{
	if (i >= f->count)
		return;
	for (; i + 1 < f->count; i++)
		memcpy(fifo_at(f, i), fifo_at(f, i + 1), f->item_size);
	f->count--;
	bound_give(f->bound, 1);
}
