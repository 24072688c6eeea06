/* The command check-config: what comes out of all settings, before the node is started with them.
 * Before: node/main.c loaded the settings. */
#include <inttypes.h>

#include "config/memory.h"
#include "node/check_config.h"
#include "node/cli.h"
#include "node/node.h"

int check_config_print(const struct config *c, FILE *out)
{
	uint64_t total = memory_sum(&c->limits);

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
	if (c->error_count == 0)
		fprintf(out, "%s: ok\n", c->file[0] ? c->file : "no file, defaults only");
	return fflush(out) == 0 ? EXIT_DONE : EXIT_TASK_FAILED;
}

/* Each error begins its line with its place, as programs expect that jump there. */
static void tell_errors(const struct config *c)
{
	for (size_t i = 0; i < c->error_count && i < CONFIG_ERRORS_MAX; i++)
		fprintf(stderr, "%s\n", c->errors[i].text);
	if (c->error_count > CONFIG_ERRORS_MAX)
		fprintf(stderr, "and %zu more errors\n", c->error_count - CONFIG_ERRORS_MAX);
}

int cmd_check_config(const struct cli *cli, struct config *c)
{
	(void)cli;
	settings_judge(c);
	int status = check_config_print(c, stdout);
	tell_errors(c);
	return c->error_count ? EXIT_USAGE : status;
}
