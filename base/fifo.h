/* A bounded first-in first-out queue of items of one fixed size. Its memory doubles as it fills.
 * Pointers to items are valid until the next push, pop or remove. Used by one thread, that of its
 * bound. */
#ifndef BASE_FIFO_H
#define BASE_FIFO_H

#include <stddef.h>

#include "base/bound.h"
#include "base/err.h"

struct fifo {
	struct bound *bound; /* counts items; borrowed, must outlive the queue */
	size_t item_size;    /* bytes */
	size_t count;
	size_t first; /* slot of the oldest item */
	size_t slots;
	uint8_t *items;
};

/* Makes an empty queue without memory. fifo_clear() frees everything and gives the items back to
 * the bound; the queue is usable again. */
void fifo_init(struct fifo *f, struct bound *b, size_t item_size);
void fifo_clear(struct fifo *f);

/* Copies the item to the end. ERR_FULL at the bound (counted as a hit), ERR_NOMEM. */
enum err fifo_push(struct fifo *f, const void *item);

/* Like fifo_push(), but at the bound it first removes the oldest item, which counts as a hit and is
 * copied to *lost (may be NULL). True when one was removed. When memory runs out the new item is
 * lost without notice. */
bool fifo_push_evict(struct fifo *f, const void *item, void *lost);

/* Copies the oldest item out; false when empty. */
bool fifo_pop(struct fifo *f, void *item);

/* The i-th item from the oldest, from 0; NULL when there are not as many. */
void *fifo_at(const struct fifo *f, size_t i);

/* Removes the i-th item from the oldest; later ones move up. */
void fifo_remove(struct fifo *f, size_t i);

/* The most bytes that a queue of `count` items may use, for the worst-case sum. Slots double, so
 * there are at most 2 · count of them, and while it doubles the old ones (count) exist too; 1024 is
 * for small queues. */
#define FIFO_WORST_BYTES(count, item) ((uint64_t)(count)*3 * (item) + 1024)

#endif
