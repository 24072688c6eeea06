/* The rule of GET /health?ready. Before: api/health.c gathers the facts. After: it answers. */
#include "api/ready.h"

/* The node is behind when peers claim more blocks, and either blocks are coming in or more than
 * half of the peers claim it; one peer alone may claim blocks that do not exist. Only then does the
 * age of our last block count: the network may make no block for days, so an old block alone does
 * not show that we miss one. */
bool ready_by(const struct ready_facts *f)
{
	bool behind = f->best > f->height && (f->growing || 2 * f->ahead > f->peers);

	if (f->failing || f->clock_wrong || !f->peers || !f->height)
		return false;
	return !behind || f->age_s < 0 || (uint64_t)f->age_s <= f->max_lag_ms / 1000;
}
