/* The command check-config: what comes out of all settings, before the node is started with them.
 * Before: node/main.c loaded the settings. */
#include <inttypes.h>

#include "config/memory.h"
#include "node/check_config.h"
#include "node/cli.h"
#include "node/node.h"

int check_config_print(const struct config *c, FILE *out)
{
	struct config_error e;
	uint64_t total;
	enum err err = config_check_memory(c, &total, &e);

	for (size_t i = 0; i < c->notice_count; i++)
		fprintf(out, "%s\n", c->notices[i]);
	config_limits_print(&c->limits, out);
	fprintf(out, "sum %" PRIu64 " of memory_budget %" PRIu64 " bytes (%.0f %%)\n", total,
		c->memory_budget, 100 * (double)total / (double)c->memory_budget);
	fprintf(out,
		"fixed %" PRIu64
		" bytes beside it: work space of one frame, block and answer, libraries, "
		"%u checkers\n",
		memory_fixed(node_threads(c)), node_threads(c));
	if (err == ERR_OK)
		fprintf(out, "%s: ok\n", c->file[0] ? c->file : "no file, defaults only");
	if (fflush(out) != 0)
		return EXIT_TASK_FAILED;
	if (err == ERR_OK)
		return EXIT_DONE;
	cli_error("%s", e.text);
	return EXIT_USAGE;
}
