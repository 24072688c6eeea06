/* The memory with which one thread hashes. Before and after: see chain/hash_scratch.h. */
#include "chain/hash_scratch.h"

#include "base/mem.h"

enum { ALIGN = 64 };

size_t hash_scratch_least(void)
{
	return hash_scratch_room_least() + ALIGN;
}

size_t hash_scratch_most(void)
{
	return blakeout_scratch_size(BLAKEOUT_LANES, BLAKEOUT_SEGMENTS) + ALIGN;
}

size_t hash_scratch_room_least(void)
{
	return blakeout_scratch_size(BLAKEOUT_LANES, 0);
}

size_t hash_scratch_room(const struct hash_scratch *d)
{
	return d->memory ? d->held - ALIGN : 0;
}

/* If memory is short it tries half of what it wants, again and again, down to the least. */
bool hash_scratch_open(struct hash_scratch *d)
{
	size_t best = hash_scratch_most(), size = d->limit < best ? d->limit : best;

	if (d->memory)
		return true;
	for (;; size /= 2) {
		d->held = size > hash_scratch_least() ? size : hash_scratch_least();
		d->memory = mem_alloc(d->held);
		if (d->memory || size <= hash_scratch_least())
			break;
	}
	if (!d->memory) {
		d->held = 0;
		return false;
	}
	d->aligned = (uint8_t *)d->memory + (ALIGN - (uintptr_t)d->memory % ALIGN);
	return true;
}

void hash_scratch_clear(struct hash_scratch *d)
{
	mem_free(d->memory);
	*d = (struct hash_scratch){.limit = d->limit};
}
