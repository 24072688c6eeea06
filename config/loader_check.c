/* Checks settings against each other. A setting at its default is adjusted to one that was changed,
 * with a notice; two changed settings that contradict each other are an error. Before: config.c has
 * read all sources. After: the settings are final. */
#include <stdio.h>
#include <string.h>

#include "net/listen_list.h"
#include "config/loader_internal.h"
#include "config/memory.h"
#include "config/units.h"

enum { SCRATCH_STEP = 65536 /* bytes; a finer step would give odd numbers and no speed */ };

const struct loader_rule loader_rules[] = {
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
	{KEY_limit_http_body_bytes, KEY_limit_http_body_total_bytes,
		"one body would fill the room of all"},
};

const size_t loader_rule_count = sizeof loader_rules / sizeof loader_rules[0];

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

/* Writes the reason for an adjustment: "net.peers has 70 entries", "limits.max_connections is 10".
 */
static void because_text(struct loader *l, enum config_key_id key, char to[CONFIG_TEXT_MAX])
{
	const struct config_key *k = &config_keys[key];
	const struct config_list *list = config_value(l->out, k);
	char number[UNITS_TEXT_MAX];

	if (k->kind == KIND_LIST)
		snprintf(to, CONFIG_TEXT_MAX, "%s has %zu entries", k->path, list->count);
	else
		snprintf(to, CONFIG_TEXT_MAX, "%s is %s", k->path,
			config_number_text(k, *value_of(l, key), number));
}

/* Adjusts a setting that is at its default, because of another one. False when it was changed, or
 * its range does not allow the value. */
static bool follow(struct loader *l, enum config_key_id key, uint64_t v, enum config_key_id because)
{
	char now[UNITS_TEXT_MAX], def[UNITS_TEXT_MAX], why[CONFIG_TEXT_MAX];
	const struct config_key *k = &config_keys[key];

	if (is_changed(l, key) || !in_range(key, v))
		return false;
	if (v == k->def)
		return true;
	because_text(l, because, why);
	loader_notice(l, "%s: %s instead of %s, because %.120s", k->path,
		config_number_text(k, v, now), config_number_text(k, k->def, def), why);
	*value_of(l, key) = v;
	l->out->from[key] = (struct config_origin){.source = SOURCE_TIED, .because = because};
	return true;
}

static bool is_wrong(const struct loader *l, enum config_key_id key)
{
	return l->out->from[key].wrong;
}

/* Adjusts the one of the two that is at its default, or adds an error. False after an error. */
static bool check_rule(struct loader *l, const struct loader_rule *r)
{
	char low_text[UNITS_TEXT_MAX], high_text[UNITS_TEXT_MAX];
	uint64_t low = *value_of(l, r->low), high = *value_of(l, r->high);

	if (is_wrong(l, r->low) || is_wrong(l, r->high))
		return true;
	if (low <= high || follow(l, r->low, high, r->high) || follow(l, r->high, low, r->low))
		return true;
	const struct config_key *key = &config_keys[r->high];
	return config_fault_key(l->out, r->low, "%s is more than %s = %s: %s",
		config_number_text(&config_keys[r->low], low, low_text), key->path,
		config_number_text(key, high, high_text), r->why);
}

/* max_connections must hold inbound and outbound connections together; otherwise inbound ones could
 * take the places that are meant for peers of our own choice. */
static bool check_connections(struct loader *l)
{
	const enum config_key_id all = KEY_limit_max_connections, in = KEY_limit_max_inbound,
				 out = KEY_limit_max_outbound;
	uint64_t *most = value_of(l, all), *inbound = value_of(l, in), *outbound = value_of(l, out);

	if (is_wrong(l, all) || is_wrong(l, in) || is_wrong(l, out))
		return true;
	if (*inbound + *outbound <= *most || follow(l, all, *inbound + *outbound, in))
		return true;
	if (*outbound > *most / 2)
		follow(l, out, *most / 2, all);
	if (*inbound + *outbound > *most && *outbound <= *most)
		follow(l, in, *most - *outbound, all);
	if (*inbound + *outbound <= *most)
		return true;
	return config_fault_key(l->out, all,
		"%llu is less than max_inbound + max_outbound = %llu + %llu: lower one of them",
		(unsigned long long)*most, (unsigned long long)*inbound,
		(unsigned long long)*outbound);
}

/* Memory for hashing only buys speed, so it gets what the other limits leave of a changed
 * memory_budget. */
static void fit_scratch(struct loader *l)
{
	const enum config_key_id scratch = KEY_limit_verify_scratch_bytes;
	const struct config_key *key = &config_keys[scratch];
	uint64_t total = memory_sum(&l->out->limits), budget = l->out->memory_budget;

	bool given = is_changed(l, KEY_memory_budget) &&
		     l->out->from[KEY_memory_budget].source != SOURCE_TIED;

	if (total <= budget && !given)
		return;
	uint64_t others = total - *value_of(l, scratch);
	uint64_t room = budget > others ? budget - others : 0;
	room -= room % SCRATCH_STEP;
	follow(l, scratch, room < key->max ? room : key->max, KEY_memory_budget);
}

/* max_configured_peers must hold all of net.peers: it is raised when it is at its default. */
static void check_peers(struct loader *l)
{
	const struct config_list *peers = &l->out->peers;
	const enum config_key_id key = KEY_limit_max_configured_peers;

	if (is_wrong(l, KEY_peers) || is_wrong(l, key) || peers->count <= *value_of(l, key) ||
		follow(l, key, peers->count, KEY_peers))
		return;
	config_fault_key(l->out, KEY_peers, "%zu peers are more than %s = %llu", peers->count,
		config_keys[key].path, (unsigned long long)*value_of(l, key));
}

static void tell_unused(struct loader *l, const struct listen_entry *plan, size_t i)
{
	const char *text = plan[i].text, *other = plan[plan[i].because].text;

	if (plan[i].use == LISTEN_INSIDE)
		config_notice_key(
			l->out, KEY_listen, "%s contains %s, which is left out", other, text);
	else if (plan[i].use == LISTEN_REPEATED && strcmp(text, other) == 0)
		config_notice_key(l->out, KEY_listen, "%s is there twice", text);
	else if (plan[i].use == LISTEN_REPEATED)
		config_notice_key(l->out, KEY_listen, "%s and %s are the same", other, text);
}

/* Adds notices about listen addresses that need no socket of their own. */
static void check_listen(struct loader *l)
{
	const struct config *c = l->out;
	struct listen_entry plan[CONFIG_LIST_MAX];

	if (is_wrong(l, KEY_listen))
		return;
	listen_list_plan(c->listen.ptr, c->listen.count, plan);
	for (size_t i = 0; i < c->listen.count; i++)
		tell_unused(l, plan, i);
}

static void check_params(struct loader *l)
{
	const struct config *c = l->out;

	if (c->param_count && c->network[0] == 'm' && !is_wrong(l, KEY_network))
		loader_fail_plain(l,
			"%s: chain.params.%s: only a devnet may change it: set chain.network = "
			"\"devnet\"",
			c->params[0].place, c->params[0].name);
}

void loader_cross_check(struct loader *l)
{
	check_params(l);
	check_listen(l);
	loader_check_admin(l);
	check_peers(l);
	/* [dns] first: it asks whether a budget was given. */
	loader_check_dns(l);
	loader_check_owner(l);
	loader_check_web(l);
	loader_scale_to_budget(l);
	check_connections(l);
	for (size_t i = 0; i < loader_rule_count; i++)
		check_rule(l, &loader_rules[i]);
	/* Last, because it needs the final values of all other limits. */
	if (!is_wrong(l, KEY_memory_budget))
		fit_scratch(l);
}
