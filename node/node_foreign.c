/* Role: warns when another node signs with one of our keys. Before: node/node_mine.c. After:
 * owner/own_blocks.h, kept in the store; node/node_say.h. */
#include "node/node_foreign.h"

#include <stdio.h>

#include "base/mem.h"
#include "node/node.h"

static const char VALUE[] = "own-blocks";

static void begin(struct node *n)
{
	struct node_foreign *f = &n->foreign;
	struct bound *row = &n->config->limits.max_own_blocks;
	size_t have = 0;

	if (f->begun)
		return;
	f->begun = true;
	own_blocks_init(&f->blocks, row);
	size_t size = own_blocks_size(&f->blocks) + 8 * (size_t)row->max;
	uint8_t *space = mem_alloc_unset(size);
	if (space && chain_get_value(n->chain, VALUE, space, size, &have) == ERR_OK)
		own_blocks_decode(&f->blocks, slice_of(space, have));
	mem_free(space);
}

static void keep(struct node *n)
{
	size_t size = own_blocks_size(&n->foreign.blocks);
	struct wr w = wr_of(mem_alloc_unset(size), size);

	if (!w.p)
		return;
	own_blocks_encode(&n->foreign.blocks, &w);
	if (chain_put_value(n->chain, VALUE, wr_done(&w)) == ERR_OK)
		sync_commit_soon(n->sync);
	mem_free(w.p);
}

void node_foreign_made(struct node *n, struct slice hash)
{
	begin(n);
	own_blocks_made(&n->foreign.blocks, hash);
	keep(n);
}

static void tell(struct node *n, const struct own_foreign *f, const char *name)
{
	char line[SIGN_WORDS_MAX], which[80];
	unsigned long long first = f->first, last = f->last, count = f->count;

	if (count == 1)
		snprintf(which, sizeof which, "block %llu is", last);
	else
		snprintf(which, sizeof which, "%llu blocks, %llu to %llu, are", count, first, last);
	snprintf(line, sizeof line,
		"%s by key %s and was not made by this node: another node has the key, or this is "
		"a restored backup; let one node sign alone, and say `alfisd sign off` on the "
		"others",
		which, name);
	node_say(n, SAY_FOREIGN, line);
}

void node_foreign_look(struct node *n)
{
	struct own_foreign found[OWN_FOREIGN_MAX];
	struct own_key keys[OWN_KEYS_MAX];
	char why[DRAFT_WORDS_MAX];

	if (!node_mine_ready(n, why))
		return;
	begin(n);
	unsigned count = own_keys_list(&n->owner.keys, keys_link_state(n->owner.link), keys);
	bool first = !n->foreign.blocks.looked;
	unsigned all =
		own_blocks_look(&n->foreign.blocks, chain_view(n->chain), keys, count, found);
	for (unsigned i = 0; i < all; i++)
		tell(n, &found[i], keys[found[i].key].name);
	if (all || first)
		keep(n);
}

void node_foreign_vouch(struct node *n)
{
	struct chain_tip t;

	chain_get_tip(n->chain, &t);
	begin(n);
	n->foreign.vouched = t.height;
	n->foreign.blocks.foreign = n->foreign.blocks.newest = 0; /* he knows of them */
	keep(n);
}

void node_foreign_end(struct node *n)
{
	if (!n->foreign.begun)
		return;
	keep(n);
	own_blocks_clear(&n->foreign.blocks);
	n->foreign.begun = false;
}
