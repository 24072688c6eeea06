/* A full block that was signed twice, and peers that show either copy of it. */
#ifndef TESTS_UNIT_TWINS_RIG_H
#define TESTS_UNIT_TWINS_RIG_H

#include "base/mem.h"
#include "domain/domain.h"
#include "tests/unit/main.h"
#include "tests/unit/sync_rig.h"

enum { PATIENCE_MS = 5000, MORE = 9 };

/* One chain up to a full block at `root`; two copies of that, each with blocks above. */
struct twins {
	struct rig r;
	struct branch common, a, b;
	uint64_t root;
};

static struct twins all;

/* Is the highest block of the maker's branch one that a draw starts from? */
static inline bool is_full(const struct branch *b)
{
	struct block_owned *o;

	assert_int_equal(block_decode_owned(b->block[b->height], &o), ERR_OK);
	bool full = o->b.full;
	mem_free(o);
	return full;
}

/* Does the first block above the root that is signed for one copy fit the other? */
static inline bool fits(struct twins *t, const struct branch *one, const struct branch *other)
{
	struct block_facts facts = {true, true, 64, DOMAIN_UNREAD};
	struct block_owned *b;

	rig_restart(&t->r);
	rig_fill(&t->r, other, t->root);
	assert_int_equal(block_decode_owned(one->block[t->root + 1], &b), ERR_OK);
	facts_read_domain(&facts, &b->b);
	struct outcome o = chain_check(t->r.chain, &b->b, &facts, t->r.wall);
	mem_free(b);
	return o.verdict == VERDICT_GOOD;
}

/* The chains take seconds to make: all tests share them. */
static inline int begin(void **state)
{
	struct twins *t = &all;
	struct branch one;
	(void)state;

	rig_begin(&t->r);
	rig_branch(&t->r, &t->common, rig_origin(), 1, 1, 39);
	while (!is_full(&t->common)) {
		one = t->common;
		rig_branch(&t->r, &t->common, &one, one.height, 1, 1);
	}
	t->root = t->common.height;
	rig_branch(&t->r, &t->a, &t->common, t->root, 1, MORE);
	for (uint64_t number = 2;; number++) {
		rig_sign_again(&t->r, &one, &t->common, number);
		rig_branch(&t->r, &t->b, &one, t->root, number, MORE);
		if (!fits(t, &t->a, &t->b) && !fits(t, &t->b, &t->a))
			return 0;
		branch_free(&t->b, t->root);
	}
}

static inline int end(void **state)
{
	struct twins *t = &all;
	(void)state;

	rig_end(&t->r);
	branch_free(&t->b, t->root);
	branch_free(&t->a, t->root + 1);
	branch_free(&t->common, 2);
	return 0;
}

/* A node that holds the first copy and so many blocks above it. */
static inline struct twins *hold(unsigned above)
{
	rig_restart(&all.r);
	for (peer_id id = 1; id <= RIG_PEERS; id++)
		all.r.model[id] = (struct model_peer){.there = false};
	rig_fill(&all.r, &all.a, all.root + above);
	return &all;
}

static inline struct branch cut(const struct branch *b, unsigned above)
{
	struct branch part = *b;

	part.height = all.root + above;
	return part;
}

/* A peer of that network and host that has the blocks of this branch. */
static inline void peer_at(struct twins *t, peer_id id, unsigned network, unsigned host,
	bool outbound, const struct branch *b)
{
	struct peer_info info = {.id = id,
		.own_kind = true,
		.height = b->height,
		.outbound = outbound,
		.addr = rig_address(network, host)};

	rig_peer_as(&t->r, &info);
}

static inline void peer_of(struct twins *t, peer_id id, unsigned network, const struct branch *b)
{
	peer_at(t, id, network, 1, false, b);
}

/* All of them answer until nothing is asked any more. `b` by id; NULL = silent. */
static inline void serve(struct twins *t, const struct branch *const b[RIG_PEERS + 1])
{
	unsigned n;

	do {
		n = 0;
		for (peer_id id = 1; id <= RIG_PEERS; id++)
			if (b[id] && t->r.model[id].there)
				n += rig_serves(&t->r, id, b[id]);
	} while (n);
}

static inline void nobody_pays(struct twins *t)
{
	struct node_peer *np;

	for (peer_id id = 1; id <= RIG_PEERS; id++)
		assert_false(t->r.model[id].banned || t->r.model[id].closed);
	for (size_t at = 0; (np = sync_peers_next(&t->r.peers, &at));)
		assert_int_equal(np->host->score, 0);
}

#endif
