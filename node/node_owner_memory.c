/* Memory for keys in a node that started without one, so that its settings have none for them, and
 * what a reload may not take from them again. Before: node/node_owner.c; node/reload.c. After:
 * config/memory.h adds up what all parts need. */
#include "node/node_owner.h"

#include <stdio.h>

#include "base/human.h"
#include "base/log.h"
#include "config/keys.h"
#include "config/memory.h"
#include "node/node.h"

/* Memory for hashing blocks only buys speed: what keys lack is taken from it, unless somebody set
 * it, and down to its default. A node that starts with a key has shared so from the beginning. */
static bool take_from_scratch(struct node *n, uint64_t lacking)
{
	enum { STEP = 65536 }; /* bytes, as where the settings are read */
	struct config *c = n->config;
	struct bound *scratch = &c->limits.verify_scratch_bytes;
	enum config_source from = c->from[KEY_limit_verify_scratch_bytes].source;
	uint64_t least = config_keys[KEY_limit_verify_scratch_bytes].def;
	char text[HUMAN_MAX];

	lacking += (STEP - lacking % STEP) % STEP;
	if ((from != SOURCE_DEFAULT && from != SOURCE_TIED) || scratch->max < lacking ||
		scratch->max - lacking < least ||
		!verify_lower_scratch(n->sync->pool, (size_t)(scratch->max - lacking)))
		return false;
	scratch->max -= lacking;
	log_info("keys get memory of limits.verify_scratch_bytes, which is %s from now on",
		human_bytes(scratch->max, text));
	return true;
}

bool node_owner_make_room(struct node *n, char *said, size_t size)
{
	struct config *c = n->config;
	char need[HUMAN_MAX], have[HUMAN_MAX];
	enum config_source from = c->from[KEY_memory_budget].source;
	bool given = from != SOURCE_DEFAULT && from != SOURCE_TIED &&
		     c->memory_budget != config_keys[KEY_memory_budget].def;
	uint64_t before = memory_sum(&c->limits);

	c->limits.owner = true;
	uint64_t sum = memory_sum(&c->limits);
	if (!given)
		c->memory_budget += sum - before;
	if (sum <= c->memory_budget || take_from_scratch(n, sum - c->memory_budget))
		return true;
	c->limits.owner = false;
	snprintf(said, size,
		"keys need %s, which node.memory_budget does not have: set it to \"%llu MB\" or lower "
		"other bounds (`alfisd check-config`), and `alfisd reload`; it is %s",
		human_bytes(sum - before, need), (unsigned long long)((sum >> 20) + 1),
		human_bytes(c->memory_budget, have));
	return false;
}

void node_owner_keep(const struct node *n, struct config *fresh)
{
	uint64_t before = memory_sum(&fresh->limits);

	if (!n->owner.link || fresh->limits.owner)
		return;
	fresh->limits.owner = true;
	if (fresh->from[KEY_memory_budget].source == SOURCE_DEFAULT ||
		fresh->from[KEY_memory_budget].source == SOURCE_TIED)
		fresh->memory_budget += memory_sum(&fresh->limits) - before;
}
