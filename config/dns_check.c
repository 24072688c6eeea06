/* Checks the settings of [dns] against each other, and makes room for the DNS server in
 * memory_budget. Before: loader_check.c. After: budget.c, which may make its rows smaller. */
#include <stdio.h>

#include "config/loader_internal.h"

enum { MB = 1048576 };

/* A file with every key at its default, such as the template, asks for nothing. */
static bool was_changed(struct config *c, enum config_key_id key)
{
	const uint64_t *v = config_value(c, &config_keys[key]);

	return c->from[key].source != SOURCE_DEFAULT && *v != config_keys[key].def;
}

/* The smaller of the two names of the cache's size, in bytes; the row's default when neither was
 * given. */
static uint64_t cache_wanted(struct config *c, enum config_key_id *because)
{
	bool first = was_changed(c, KEY_dns_cache_mb),
	     second = was_changed(c, KEY_dns_cache_max_mb);

	*because = KEY_dns_cache_max_mb;
	if (first && (!second || c->dns_cache_mb <= c->dns_cache_max_mb))
		*because = KEY_dns_cache_mb;
	if (!first && !second)
		return config_keys[KEY_limit_dns_cache_bytes].def;
	return (*because == KEY_dns_cache_mb ? c->dns_cache_mb : c->dns_cache_max_mb) * MB;
}

/* The reference node's file asks for 100 MB, which that node does not keep to. Whoever has not said
 * how much memory there is gets our default. */
static uint64_t capped(struct loader *l, uint64_t bytes, enum config_key_id because)
{
	uint64_t def = config_keys[KEY_limit_dns_cache_bytes].def;

	if (bytes <= def || !l->out->reference || was_changed(l->out, KEY_memory_budget))
		return bytes;
	config_notice_key(l->out, because,
		"%llu MB instead of %llu MB: set node.memory_budget to keep more",
		(unsigned long long)(def / MB), (unsigned long long)(bytes / MB));
	return def;
}

static void set_cache(struct loader *l)
{
	struct config *c = l->out;
	const struct config_key *row = &config_keys[KEY_limit_dns_cache_bytes];
	enum config_key_id because;
	uint64_t bytes = cache_wanted(c, &because);

	if (was_changed(c, KEY_limit_dns_cache_bytes) ||
		(!was_changed(c, KEY_dns_cache_mb) && !was_changed(c, KEY_dns_cache_max_mb)))
		return;
	bytes = capped(l, bytes < row->min ? row->min : bytes, because);
	c->limits.dns_cache_bytes.max = bytes;
	if (bytes != row->def)
		c->from[KEY_limit_dns_cache_bytes] =
			(struct config_origin){.source = SOURCE_TIED, .because = because};
}

static void devnet_only(struct loader *l, enum config_key_id key, bool changed)
{
	if (changed && l->out->network[0] == 'm' && !l->out->from[key].wrong)
		config_fault_key(
			l->out, key, "only a devnet may change it: set chain.network = \"devnet\"");
}

void loader_check_dns(struct loader *l)
{
	struct config *c = l->out;

	set_cache(l);
	devnet_only(l, KEY_dns_delegate_private, c->dns_delegate_private);
	devnet_only(l, KEY_dns_delegate_port,
		c->dns_delegate_port != config_keys[KEY_dns_delegate_port].def);
	if (was_changed(c, KEY_dns_threads) && c->dns_threads > 1)
		config_notice_key(
			c, KEY_dns_threads, "one thread answers, the number has no meaning");
	c->limits.dns = c->dns_listen.count > 0 && c->dns_threads > 0;
	c->limits.dns_names = c->limits.dns && c->dns_page_names;
	if (c->limits.dns)
		loader_widen_budget(c, PART_DNS, KEY_dns_listen);
}
