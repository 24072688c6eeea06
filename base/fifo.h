/* A bounded first-in first-out queue of items of one fixed size, grown by doubling up to its
 * bound. Pointers to items are valid until the next push or pop. */
#ifndef BASE_FIFO_H
#define BASE_FIFO_H

#include <stddef.h>

#include "base/bound.h"
#include "base/err.h"

struct fifo {
	struct bound *bound; /* one unit an item; borrowed */
	size_t item_size;    /* bytes */
	size_t count;
	size_t first; /* place of the oldest item */
	size_t slots;
	uint8_t *items;
};

void fifo_init(struct fifo *f, struct bound *b, size_t item_size);
void fifo_clear(struct fifo *f);

/* Copies the item in at the end. ERR_FULL at the bound, ERR_NOMEM. */
enum err fifo_push(struct fifo *f, const void *item);

/* Like fifo_push(), but at the bound the oldest item makes room (counted as a hit). True when one
 * was thrown out; *lost (may be NULL) receives it. */
bool fifo_push_evict(struct fifo *f, const void *item, void *lost);

/* Copies the oldest item out; false when empty. */
bool fifo_pop(struct fifo *f, void *item);

/* The i-th item from the oldest, or NULL. */
void *fifo_at(const struct fifo *f, size_t i);

/* Removes the i-th item from the oldest; those behind it move up. */
void fifo_remove(struct fifo *f, size_t i);

#define FIFO_WORST_BYTES(count, item) ((uint64_t)(count)*3 * (item) + 1024)

#endif
