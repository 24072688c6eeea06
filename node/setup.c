/* Derives chain parameters and other values from the settings, for the node and for the commands
 * that work on its store. Before: node/settings.c judged the settings. After: node/node.c, or a
 * command. */
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "node/node.h"

bool node_params(const struct config *c, struct chain_params *p)
{
	uint64_t low, high;
	size_t n;

	*p = params_mainnet;
	for (size_t i = 0; i < c->param_count; i++)
		if (!params_set(p, c->params[i].name, c->params[i].value, &low, &high))
			return false;
	p->has_origin = c->origin[0] != 0;
	if (p->has_origin)
		return hex_decode(slice_str(c->origin), p->origin, sizeof p->origin, &n) &&
		       n == sizeof p->origin;
	memset(p->origin, 0, sizeof p->origin);
	return true;
}

int node_store_status(enum err err)
{
	if (err == ERR_USAGE)
		return EXIT_USAGE;
	return err == ERR_REFUSED || err == ERR_BUSY || err == ERR_NOT_FOUND ? EXIT_TASK_FAILED
									     : EXIT_STORE;
}

unsigned node_threads(const struct config *c)
{
	long cpus = c->verify_threads ? (long)c->verify_threads : sysconf(_SC_NPROCESSORS_ONLN);

	return cpus < 1 ? 1 : cpus > 64 ? 64 : (unsigned)cpus;
}
