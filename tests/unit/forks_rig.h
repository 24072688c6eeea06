/* Two branches of one length behind common blocks, and peers that are on them. */
#ifndef TESTS_UNIT_FORKS_RIG_H
#define TESTS_UNIT_FORKS_RIG_H

#include "base/mem.h"
#include "domain/domain.h"
#include "tests/unit/main.h"
#include "tests/unit/sync_rig.h"

enum {
	US = 3, /* the last block that all branches share */
};

struct forks {
	struct rig r;
	struct branch common, better, worse; /* four blocks behind US on either */
};

static inline bool beats(const struct branch *x, const struct branch *y, uint64_t at)
{
	struct block_owned *a, *b;

	assert_int_equal(block_decode_owned(x->block[at], &a), ERR_OK);
	assert_int_equal(block_decode_owned(y->block[at], &b), ERR_OK);
	bool first = block_better_than(&a->b, &b->b);
	mem_free(a);
	mem_free(b);
	return first;
}

static inline void begin(struct forks *f)
{
	struct branch x, y;

	rig_begin(&f->r);
	rig_branch(&f->r, &f->common, rig_origin(), 1, 1, US - 1);
	rig_branch(&f->r, &x, &f->common, US, 2, 4);
	rig_branch(&f->r, &y, &f->common, US, 3, 4);
	bool first = beats(&x, &y, US + 1);
	f->better = first ? x : y;
	f->worse = first ? y : x;
}

static inline void end(struct forks *f)
{
	rig_end(&f->r);
	branch_free(&f->better, US + 1);
	branch_free(&f->worse, US + 1);
	branch_free(&f->common, 2);
}

/* The first `more` blocks behind the common ones. */
static inline struct branch cut(const struct branch *b, unsigned more)
{
	struct branch c = *b;

	c.height = US + more;
	return c;
}

static inline void expect_asked(struct forks *f, peer_id id, unsigned n)
{
	assert_int_equal(rig_count(&f->r, id, MSG_GET_BLOCK), n);
}

/* We are on the worse branch; the peer's block above our tip starts a walk, which asks for the
 * block below. */
static inline struct node_peer *walk(struct forks *f, peer_id id)
{
	uint64_t tip = rig_height(&f->r);
	struct node_peer *np = rig_peer(&f->r, id, true, tip + 1);

	expect_asked(f, id, 1);
	rig_gives(&f->r, id, tip + 1, f->better.block[tip + 1]);
	return np;
}

#endif
