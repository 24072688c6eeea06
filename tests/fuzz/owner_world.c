/* See tests/fuzz/owner_world.h. Before: fuzz_api_owner.c, fuzz_own_form.c. After: sync_chains.c. */
#include "tests/fuzz/owner_world.h"

#include "chain/ecies.h"
#include "owner/jobs.h"

enum { NOW = 1700000000, MAP_BYTES = 16777216, JOBS_MOST = 3, RATE = 100 };

static struct owner_world *world; /* whose hooks are called */

/* ---- hooks ---- */

static int64_t wall(void *ctx)
{
	(void)ctx;
	return NOW;
}

static uint64_t mono(void *ctx)
{
	(void)ctx;
	return 1000000;
}

static void told_keys(void *ctx, struct api_keys *out)
{
	(void)ctx;
	*out = (struct api_keys){.why = "", .state = &world->state, .table = &world->table};
}

static double job_rate(void *ctx)
{
	(void)ctx;
	return RATE;
}

/* ---- made once ---- */

static void add_keys(struct owner_world *w, const struct chains *made)
{
	static const char *const names[OWNER_KEYS] = {"main", "more"};
	static struct bound max_keys = {.name = "max_keys", .max = 3};
	uint8_t secret[32] = {9};

	must(key_table_init(&w->table, &max_keys));
	for (size_t i = 0; i < OWNER_KEYS; i++) {
		struct keys_row *row = &w->rows[i];
		struct key_entry *e = key_table_add(&w->table, names[i]);
		memcpy(row->name, names[i], strlen(names[i]) + 1);
		memcpy(row->pub.signing, made->branch[0].says[i + 1].pub_key.p, KEY_SIZE);
		ecies_public(secret, row->pub.encryption);
		e->pub = row->pub;
	}
	w->state = (struct keys_state){.running = true, .count = OWNER_KEYS, .rows = w->rows};
}

static void fill(struct chain *chain, const struct branch *from)
{
	for (uint64_t i = 1; i <= OWNER_HEIGHT; i++) {
		struct block_facts facts = {true, true, 64, DOMAIN_UNREAD};
		struct block_owned *b = block_copy(&from->says[i]);
		facts_read_domain(&facts, &b->b);
		must(chain_submit(chain, b, &facts, NOW, 0).action == CHAIN_APPENDED);
		mem_free(b);
	}
}

void owner_world_begin(struct owner_world *w)
{
	const struct chains *made = chains_made();

	world = w;
	limits_default(&w->limits);
	w->limits.store_map_bytes.max = MAP_BYTES;
	w->limits.max_jobs.max = JOBS_MOST;
	w->config.limits = w->limits;
	w->clock = (struct clock){.wall = wall, .mono = mono};
	w->api = (struct api){.config = &w->config,
		.params = &made->params,
		.clock = &w->clock,
		.chain = chains_open(&made->params, &w->limits, false)};
	must(w->api.chain);
	fill(w->api.chain, &made->branch[0]);
	add_keys(w, made);
	w->api.hooks.keys = told_keys;
	w->api.hooks.job_rate = job_rate;
}
