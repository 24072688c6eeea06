/* Role: opens and closes the chain. Before: node/node.c, cli/offline.c. After: chain/store_open.c
 * opens the store. */
#include <stdio.h>

#include "base/mem.h"
#include "base/rng.h"
#include "chain/chain_internal.h"
#include "chain/crypto.h"

static void init_memory(struct chain *c)
{
	uint64_t seed;

	rng_fill(&rng_system, &seed, sizeof seed);
	c->view = (struct view){.reader = store_own_reader(c->store), .params = &c->params};
	fifo_init(&c->view.draws, &c->limits->max_draws, sizeof(struct draw));
	key_strength_cache_init(&c->key_strengths, &c->limits->max_key_strengths, seed);
}

static struct chain *fail_open(struct chain *c, struct chain_error *e, enum err err)
{
	mem_free(c);
	e->err = err;
	return NULL;
}

struct chain *chain_open(const struct chain_settings *s, struct chain_error *e)
{
	struct chain *c = mem_alloc(sizeof *c);
	struct store_settings set = {
		.dir = s->dir,
		.map_bytes = &s->limits->store_map_bytes,
		.readers = &s->limits->max_store_readers,
		.read_only = s->read_only,
		.alone = s->alone,
		.scratch = s->scratch,
		.offline = s->offline,
		.no_sync = s->no_sync,
		.settles_later = s->settles_later,
	};

	*e = (struct chain_error){ERR_OK, ""};
	if (!c || !crypto_init()) {
		snprintf(e->text, sizeof e->text, "%s: cannot open the chain: out of memory",
			s->dir);
		return fail_open(c, e, ERR_NOMEM);
	}
	c->params = *s->params;
	c->limits = s->limits;
	c->read_only = s->read_only;
	c->clock = s->clock;
	set.params = &c->params;
	enum err err = store_open(&set, &c->store, e->text, sizeof e->text);
	if (err)
		return fail_open(c, e, err);
	init_memory(c);
	chain_load_tip(c);
	c->committed = c->written = store_height(c->store);
	c->settles_later = s->settles_later;
	return c;
}

enum err chain_close(struct chain *c)
{
	enum err err = store_close(c->store);

	if (err == ERR_BUSY)
		return err;
	bound_note(&c->limits->commit_blocks, 0);
	bound_note(&c->limits->commit_bytes, 0);
	fifo_clear(&c->view.draws);
	key_strength_cache_clear(&c->key_strengths);
	mem_free(c);
	return err;
}
