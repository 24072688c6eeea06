/* The disk on which blocks that were found are kept, for tests of the owner's work. */
#ifndef TESTS_UNIT_FOUND_RIG_H
#define TESTS_UNIT_FOUND_RIG_H

#include <stdlib.h>

#include "owner/jobs.h"
#include "tests/unit/chain_fixture.h"

enum { FOUND_KEPT = 8 };

struct found_disk {
	uint8_t bytes[FOUND_KEPT][FOUND_BYTES_MAX];
	size_t size[FOUND_KEPT]; /* 0 = nothing */
	unsigned writes;
	bool full, no_memory;
	void (*within)(void); /* called within each write; NULL = nothing */
};

static struct found_disk found_disk;

/* Hooks of jobs. */
static inline bool keep_found(void *ctx, uint64_t id, const struct block *b)
{
	struct wr w = wr_of(found_disk.bytes[id % FOUND_KEPT], FOUND_BYTES_MAX);

	(void)ctx;
	found_disk.size[id % FOUND_KEPT] = 0;
	if (found_disk.within)
		found_disk.within();
	if (!b || found_disk.full)
		return !b;
	found_encode(id, b, &w);
	assert_false(w.bad);
	found_disk.size[id % FOUND_KEPT] = w.n;
	found_disk.writes++;
	return true;
}

static inline enum err read_found(void *ctx, uint64_t id, struct block_owned **out)
{
	size_t i = id % FOUND_KEPT;

	(void)ctx;
	*out = NULL;
	if (found_disk.no_memory)
		return ERR_NOMEM;
	if (!found_disk.size[i])
		return ERR_NOT_FOUND;
	return found_decode(slice_of(found_disk.bytes[i], found_disk.size[i]), id, out);
}

/* After a restart. */
static inline void restore_found(struct jobs *j, uint64_t id)
{
	size_t i = id % FOUND_KEPT, size = found_disk.size[i];
	uint8_t *copy = malloc(size ? size : 1);

	assert_non_null(copy);
	memcpy(copy, found_disk.bytes[i], size);
	if (size)
		jobs_restore_found(j, id, slice_of(copy, size));
	free(copy);
}

#endif
