/* A bounded set of digests in two generations. Before: sync/sync_check.c remembers blocks that it
 * has seen. After: base/map.c. */
#include "base/recent_set.h"

enum { DIGEST = 32 };

/* The bound shows the digests of both generations together. */
static void note_use(struct recent_set *g)
{
	bound_note(g->bound, g->generation[0].count + g->generation[1].count);
}

void recent_set_init(struct recent_set *g, struct bound *b, uint64_t seed)
{
	g->bound = b;
	g->young = 0;
	for (int i = 0; i < 2; i++) {
		g->half[i] = (struct bound){.name = b->name, .max = b->max / 2};
		map_init(&g->generation[i], &g->half[i], DIGEST, 0, seed);
	}
}

void recent_set_clear(struct recent_set *g)
{
	map_clear(&g->generation[0]);
	map_clear(&g->generation[1]);
	note_use(g);
}

bool recent_set_has(const struct recent_set *g, const uint8_t digest[32])
{
	return map_get(&g->generation[0], digest) || map_get(&g->generation[1], digest);
}

void recent_set_age(struct recent_set *g)
{
	g->young = !g->young;
	map_clear(&g->generation[g->young]);
	note_use(g);
}

bool recent_set_add(struct recent_set *g, const uint8_t digest[32])
{
	enum err err;

	if (recent_set_has(g, digest))
		return true;
	/* A reload may have changed the bound. */
	g->half[0].max = g->half[1].max = g->bound->max / 2;
	if (!map_put(&g->generation[g->young], digest, &err) && err == ERR_FULL) {
		bound_hit(g->bound);
		recent_set_age(g);
		map_put(&g->generation[g->young], digest, &err);
	}
	note_use(g);
	return err == ERR_OK;
}
