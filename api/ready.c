/* The rule of /health?ready. Before: api/health.c gathers the facts. */
#include "api/ready.h"

/* One peer alone may claim what is not so: without blocks that come in it takes more than half of
 * them to say that there are more. Blocks can be days apart, so that the age of the last one tells
 * something only of a node that is behind. */
bool ready_by(const struct ready_facts *f)
{
	bool behind = f->best > f->height && (f->growing || 2 * f->ahead > f->peers);

	if (f->failing || f->clock_wrong || !f->peers || !f->height)
		return false;
	return !behind || f->age_s < 0 || (uint64_t)f->age_s <= f->max_lag_ms / 1000;
}
