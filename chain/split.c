/* See chain/split.h. Before: node/twin.c. After: chain/store_index.c writes. */
#include "chain/split.h"

#include "base/mem.h"
#include "chain/chain_inside.h"

enum { FIELDS = 4, MOST_BLOCKS = 8192 /* full ones that are looked at, the latest */ };

static void fields_of(const struct block *b, struct slice to[FIELDS])
{
	to[0] = b->tx.identity;
	to[1] = b->tx.confirmation;
	to[2] = b->tx.signing;
	to[3] = b->tx.encryption;
}

/* A bit for each field that is there. */
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

/* Without an identity every place may be the wrong one. */
static bool holds(const struct block *b, struct slice identity)
{
	struct slice field[FIELDS];
	bool found = identity.n == 0;

	fields_of(b, field);
	for (unsigned i = 0; i < FIELDS; i++)
		found |= field[i].n > 0 && slice_eq(field[i], identity);
	return found;
}

struct search {
	struct slice identity;
	uint64_t name; /* of the copy that was found */
	bool plain;    /* no block was seen that can be read in several ways */
};

static bool is_root(struct chain *c, uint64_t index, struct search *s)
{
	struct block_owned *o = store_block(c->store, index);
	bool several = o && several_ways(&o->b), found = several && holds(&o->b, s->identity);

	s->plain &= o && !several;
	if (found)
		s->name = split_name(&o->b);
	mem_free(o);
	return found;
}

/* Down from `below`, at so many blocks and to those that are known to be plain. */
static bool search_down(struct chain *c, uint64_t below, struct search *s, struct head *root)
{
	uint64_t from = below;

	for (unsigned i = 0; i < MOST_BLOCKS; i++) {
		if (!view_last_full(&c->view, below, root) || root->index < c->plain_below) {
			if (s->plain && from > c->plain_below)
				c->plain_below = from;
			return false;
		}
		below = root->index;
		if (is_root(c, below, s))
			return true;
	}
	return false;
}

/* 6: a renewal costs less than a new name. 12b, 12c: whose the name is, and whether it is new. */
static bool hangs_on_names(const struct block *b, const char *why)
{
	return block_is_domain(b) && (strncmp(why, "6 ", 2) == 0 || strncmp(why, "12b", 3) == 0 ||
					     strncmp(why, "12c", 3) == 0);
}

bool split_root(
	struct chain *c, const struct block *b, const char *why, struct head *root, uint64_t *name)
{
	struct search s = {.identity = b->tx.identity, .plain = true};

	if (!hangs_on_names(b, why))
		return false;
	view_begin(&c->view);
	bool found = search_down(c, b->index, &s, root);
	view_end(&c->view);
	*name = s.name;
	return found;
}

enum err split_take(struct chain *c, const struct block *b)
{
	if (c->read_only || !chain_has(c, b->index, b->hash))
		return ERR_REFUSED;
	c->uncommitted++;
	return store_exchange(c->store, b);
}
