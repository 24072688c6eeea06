/* With a memory_budget below the default, reduces all limits that hold memory and that nobody set,
 * by the same share, so that setting the budget alone is enough on a small machine; with a larger
 * one that the DNS server does not fit into, those of that server. The key process keeps what it
 * has, since a key that was sealed with it needs it. Before and after:
 * loader_check.c, which then adjusts limits that depend on these. */
#include "config/loader_internal.h"
#include "config/memory.h"

enum {
	WHOLE = 1000,        /* shares are in thousandths */
	ROUND_BYTES = 65536, /* byte limits are rounded down to this */
};

/* A limit that holds memory, and the least value with which a node still works well. */
struct scaled {
	enum config_key_id key;
	uint64_t least;
};

static const struct scaled rows[] = {
	{KEY_limit_max_connections, 12},
	{KEY_limit_send_total_bytes, 524288},
	{KEY_limit_max_lookups, 2},
	{KEY_limit_max_new_peers, 128},
	{KEY_limit_max_address_book, 200},
	{KEY_limit_max_bans, 512},
	{KEY_limit_max_future_blocks, 256},
	{KEY_limit_max_future_bytes, 524288},
	{KEY_limit_max_seen_blocks, 1500},
	{KEY_limit_max_bad_blocks, 256},
	{KEY_limit_max_verify_queue, 128},
	{KEY_limit_max_verify_bytes, 524288},
	{KEY_limit_verify_scratch_bytes, 450000},
	{KEY_limit_max_key_strengths, 512},
	{KEY_limit_commit_bytes, 1048576},
	{KEY_limit_max_admin_clients, 2},
	{KEY_limit_http_body_total_bytes, 16384},
	{KEY_limit_web_clients, 8},
	{KEY_limit_max_subscribers, 1},
	{KEY_limit_dns_cache_bytes, 131072},
	{KEY_limit_dns_outstanding, 100},
	{KEY_limit_dns_waiters, 200},
	{KEY_limit_dns_chase_bytes, 65536},
	{KEY_limit_dns_upstream_bytes, 327680},
	{KEY_limit_dns_tcp_clients, 10},
	{KEY_limit_dns_tcp_send_total_bytes, 131072},
	{KEY_limit_dns_hosts_bytes, 65536},
	{KEY_limit_dns_rate_slots, 1024},
	{KEY_limit_key_search_scratch_bytes, 450000},
};

enum { ROWS = sizeof rows / sizeof *rows };

static bool is_free(const struct config *c, enum config_key_id key)
{
	return c->from[key].source == SOURCE_DEFAULT && !c->from[key].wrong;
}

static uint64_t *value_of(struct config *c, enum config_key_id key)
{
	return config_value(c, &config_keys[key]);
}

/* The least value of a limit, which is higher when a setting that the user gave needs more. */
static uint64_t least_of(struct config *c, const struct scaled *row)
{
	uint64_t least = row->least;

	for (size_t i = 0; i < loader_rule_count; i++) {
		const struct loader_rule *r = &loader_rules[i];
		if (r->high == row->key && !is_free(c, r->low) && *value_of(c, r->low) > least)
			least = *value_of(c, r->low);
	}
	if (row->key == KEY_limit_max_connections) {
		uint64_t in = c->limits.max_inbound.max, out = c->limits.max_outbound.max;
		bool in_set = !is_free(c, KEY_limit_max_inbound);
		bool out_set = !is_free(c, KEY_limit_max_outbound);
		uint64_t named = (in_set ? in : 0) + (out_set || in_set ? out : 0);
		least = named > least ? named : least;
	}
	return least < config_keys[row->key].def ? least : config_keys[row->key].def;
}

static uint64_t scaled_value(struct config *c, const struct scaled *row, uint64_t share)
{
	const struct config_key *key = &config_keys[row->key];
	uint64_t v = key->def * share / WHOLE, least = least_of(c, row);

	if (key->kind == KIND_SIZE)
		v -= v % ROUND_BYTES;
	return v > least ? v : least;
}

static uint64_t bytes_of(const struct config *c, enum limit_part part)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < LIMIT_ROWS; i++)
		if (limits_part(i) == part)
			sum += limits_worst_bytes(&c->limits, i);
	return sum;
}

/* Would a node without DNS and without keys have to be smaller than by default? */
static bool is_small(const struct config *c)
{
	return c->memory_budget <
	       config_keys[KEY_memory_budget].def + bytes_of(c, PART_OWNER) + bytes_of(c, PART_WEB);
}

void loader_widen_budget(struct config *c, enum limit_part part, enum config_key_id because)
{
	struct config_origin *from = &c->from[KEY_memory_budget];
	bool given = from->source != SOURCE_DEFAULT && from->source != SOURCE_TIED;

	if (given && c->memory_budget != config_keys[KEY_memory_budget].def)
		return;
	c->memory_budget += bytes_of(c, part);
	*from = (struct config_origin){.source = SOURCE_TIED, .because = because};
}

/* A budget that would do for a node without DNS costs only the DNS server: the node stays as it is.
 * Rows of a part that is off are left alone. */
static bool is_scaled(const struct config *c, const struct scaled *row, bool small)
{
	switch (limits_part((size_t)(row->key - KEY_OPTIONS))) {
	case PART_DNS:
		return c->limits.dns;
	case PART_OWNER:
		return c->limits.owner && small;
	case PART_WEB:
		return c->limits.web && small;
	default:
		return small;
	}
}

static void scale_all(struct config *c, uint64_t share, bool small)
{
	for (size_t i = 0; i < ROWS; i++)
		if (is_free(c, rows[i].key) && is_scaled(c, &rows[i], small))
			*value_of(c, rows[i].key) = scaled_value(c, &rows[i], share);
}

/* What must fit: the scratch gives way before anything else does, when the budget is not small. */
static uint64_t needed(struct config *c, bool small)
{
	uint64_t sum = memory_sum(&c->limits), scratch = c->limits.verify_scratch_bytes.max;
	uint64_t least = config_keys[KEY_limit_verify_scratch_bytes].min;
	return small || !is_free(c, KEY_limit_verify_scratch_bytes) ? sum : sum - scratch + least;
}

/* verify_scratch_bytes goes back to its default here: fit_scratch() of loader_check.c later gives
 * it what the others leave. */
static void reset_scratch(struct config *c)
{
	if (is_free(c, KEY_limit_verify_scratch_bytes))
		c->limits.verify_scratch_bytes.max =
			config_keys[KEY_limit_verify_scratch_bytes].def;
}

static void add_notice(struct loader *l)
{
	struct config *c = l->out;
	char budget[CONFIG_TEXT_MAX];
	size_t smaller = 0;

	for (size_t i = 0; i < ROWS; i++) {
		const struct config_key *key = &config_keys[rows[i].key];
		if (*value_of(c, rows[i].key) == key->def || !is_free(c, rows[i].key))
			continue;
		c->from[rows[i].key] =
			(struct config_origin){.source = SOURCE_TIED, .because = KEY_memory_budget};
		smaller++;
	}
	if (smaller)
		loader_notice(l,
			"%zu bounds of [limits] are smaller than their defaults, because "
			"node.memory_budget is %s: `alfisd check-config` lists them",
			smaller,
			config_number_text(
				&config_keys[KEY_memory_budget], c->memory_budget, budget));
}

void loader_scale_to_budget(struct loader *l)
{
	struct config *c = l->out;
	uint64_t share = WHOLE;
	bool small = is_small(c);

	if (c->from[KEY_memory_budget].wrong || (!small && !c->limits.dns))
		return;
	/* Lowers the share by a thousandth at a time until the sum fits. */
	do {
		scale_all(c, share, small);
	} while (needed(c, small) > c->memory_budget && share-- > 0);
	reset_scratch(c);
	add_notice(l);
}
