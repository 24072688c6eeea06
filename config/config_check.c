/* Settings against each other. What stands at its default follows what was changed, with a notice;
 * two changed settings that contradict each other are an error.
 * Before: config.c took all sources in. After: the settings are final. */
#include <stdio.h>

#include "config/load.h"
#include "config/memory.h"
#include "config/units.h"

enum { SCRATCH_STEP = 65536 /* bytes; a finer share makes ugly numbers and no speed */ };

/* The value of `low` must not be over that of `high`. */
struct rule {
	enum config_key_id low, high;
	const char *why;
};

static const struct rule rules[] = {
	{KEY_limit_hello_timeout, KEY_limit_idle_timeout,
		"a greeting must end before the peer counts as idle"},
	{KEY_limit_handshake_timeout, KEY_limit_idle_timeout,
		"a handshake must end before the peer counts as idle"},
	{KEY_limit_frame_timeout, KEY_limit_idle_timeout,
		"a frame must end before the peer counts as idle"},
	{KEY_limit_conn_send_bytes, KEY_limit_send_total_bytes,
		"one connection would fill the output of all"},
	{KEY_limit_max_window, KEY_limit_max_future_blocks,
		"every block that is asked for may have to wait"},
	{KEY_limit_max_requests_per_peer, KEY_limit_max_window,
		"requests to one peer are part of the window"},
	{KEY_limit_max_half_open, KEY_limit_max_connections,
		"handshakes in progress are connections"},
};

static uint64_t *value_of(struct loader *l, enum config_key_id key)
{
	return config_value(l->out, &config_keys[key]);
}

static bool is_changed(struct loader *l, enum config_key_id key)
{
	return *value_of(l, key) != config_keys[key].def;
}

static bool in_range(enum config_key_id key, uint64_t v)
{
	return v >= config_keys[key].min && v <= config_keys[key].max;
}

/* Sets a key that nobody changed, if its range allows it. */
static bool follow(struct loader *l, enum config_key_id key, uint64_t v, enum config_key_id because)
{
	char now[UNITS_TEXT_MAX], def[UNITS_TEXT_MAX], other[UNITS_TEXT_MAX];
	const struct config_key *k = &config_keys[key], *b = &config_keys[because];

	if (is_changed(l, key) || !in_range(key, v))
		return false;
	if (v == k->def)
		return true;
	loader_notice(l, "%s: %s instead of %s, because %s is %s", k->path,
		config_number_text(k, v, now), config_number_text(k, k->def, def), b->path,
		config_number_text(b, *value_of(l, because), other));
	*value_of(l, key) = v;
	return true;
}

static bool check_rule(struct loader *l, const struct rule *r)
{
	char low_text[UNITS_TEXT_MAX], high_text[UNITS_TEXT_MAX];
	uint64_t low = *value_of(l, r->low), high = *value_of(l, r->high);

	if (low <= high || follow(l, r->low, high, r->high) || follow(l, r->high, low, r->low))
		return true;
	const struct config_key *key = &config_keys[r->high];
	return loader_fail_key(l, r->low, "%s is more than %s = %s: %s",
		config_number_text(&config_keys[r->low], low, low_text), key->path,
		config_number_text(key, high, high_text), r->why);
}

/* Inbound and outbound together are the connections; otherwise strangers could take every place
 * that is meant for peers of our own choice. */
static bool check_connections(struct loader *l)
{
	const enum config_key_id all = KEY_limit_max_connections, in = KEY_limit_max_inbound,
				 out = KEY_limit_max_outbound;
	uint64_t *most = value_of(l, all), *inbound = value_of(l, in), *outbound = value_of(l, out);

	if (*inbound + *outbound <= *most || follow(l, all, *inbound + *outbound, in))
		return true;
	if (*outbound > *most / 2)
		follow(l, out, *most / 2, all);
	if (*inbound + *outbound > *most && *outbound <= *most)
		follow(l, in, *most - *outbound, all);
	if (*inbound + *outbound <= *most)
		return true;
	return loader_fail_key(l, all,
		"%llu is less than max_inbound + max_outbound = %llu + %llu: lower one of them",
		(unsigned long long)*most, (unsigned long long)*inbound,
		(unsigned long long)*outbound);
}

/* Memory of the hash buys speed alone: it takes what a changed budget leaves. */
static void fit_scratch(struct loader *l)
{
	const enum config_key_id scratch = KEY_limit_verify_scratch_bytes;
	const struct config_key *key = &config_keys[scratch];
	uint64_t total = memory_sum(&l->out->limits), budget = l->out->memory_budget;

	if (total <= budget && !is_changed(l, KEY_memory_budget))
		return;
	uint64_t others = total - *value_of(l, scratch);
	uint64_t room = budget > others ? budget - others : 0;
	room -= room % SCRATCH_STEP;
	follow(l, scratch, room < key->max ? room : key->max, KEY_memory_budget);
}

bool loader_cross_check(struct loader *l)
{
	const struct config *c = l->out;

	if (c->param_count && c->network[0] == 'm')
		return loader_fail_plain(l,
			"%s: chain.params.%s: only a devnet may change it: set chain.network = "
			"\"devnet\"",
			c->params[0].place, c->params[0].name);
	if (!check_connections(l))
		return false;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (!check_rule(l, &rules[i]))
			return false;
	fit_scratch(l);
	return true;
}
