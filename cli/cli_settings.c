/* Loads the settings for a command and prints their errors. Before: cli/cli.c read the command
 * line. After: config/ reads them, and node/settings.c judges what config/ cannot. */
#include <unistd.h>

#include "cli/cli.h"

bool cli_load_settings(const struct cli *cli, enum settings_need need, struct config *c)
{
	config_load(cli->config_file, cli->sets, cli->set_count, (const char *const *)environ, c);
	return settings_usable(c, need);
}

void cli_tell_errors(const struct config *c)
{
	for (size_t i = 0; i < c->error_count && i < CONFIG_ERRORS_MAX; i++)
		cli_error("%s", c->errors[i].text);
	if (c->error_count > CONFIG_ERRORS_MAX)
		cli_error(
			"and %zu more errors in the settings", c->error_count - CONFIG_ERRORS_MAX);
}
