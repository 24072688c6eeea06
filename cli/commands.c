/* The table of commands (commands.def), and the help that is made from it. Before: cli/cli.c.
 * After: the command's own file. */
#include <stdio.h>
#include <string.h>

#include "config/keys.h"
#include "cli/cli.h"
#include "node/version.h"

enum { HELP_COLUMN = 21, TAKES_LISTS = TAKES_JSON | TAKES_WATCH | TAKES_ALL };

const struct command commands[] = {
#define COMMAND(name, arguments, help, function, least, most, takes, how, needs)                   \
	{name, arguments, help, function, least, most, takes, how, needs},
#include "cli/commands.def"
};
const size_t command_count = sizeof commands / sizeof commands[0];

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

void command_unknown(const char *name)
{
	size_t best = strlen(name) / 4 + 2; /* fewer letters than this may differ */
	const char *nearest = NULL;

	for (size_t i = 0; i < command_count; i++) {
		size_t d = config_distance(name, commands[i].name);
		if (d >= best)
			continue;
		best = d;
		nearest = commands[i].name;
	}
	cli_error("unknown command: %s%s%s%s (see alfisd --help)", name,
		nearest ? ", did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

static void help_on(const struct command *c)
{
	printf("usage: alfisd %s%s%s [OPTION]…\n\n  %s\n\n", c->name, c->args[0] ? " " : "",
		c->args, c->help);
	for (size_t i = 0; i < cli_flag_count; i++)
		if (c->takes & cli_flags[i].takes)
			printf("  --%-10s %s\n", cli_flags[i].name, cli_flags[i].help);
	printf("%salfisd --help has all commands and options, man alfisd more of each.\n",
		c->takes ? "\n" : "");
}

static void help_line(const struct command *c)
{
	const char *space = c->args[0] ? " " : "";
	int width = printf("  %s%s%s", c->name, space, c->args);

	if (width + 1 < HELP_COLUMN)
		printf("%*s%s\n", HELP_COLUMN - width, "", c->help);
	else
		printf("\n%*s%s\n", HELP_COLUMN, "", c->help);
}

static void help_on_all(void)
{
	printf("alfisd: a full node for the ALFIS network\n\n"
	       "usage: alfisd [COMMAND] [OPTION]…\n\ncommands:\n");
	for (size_t i = 0; i < command_count; i++)
		help_line(&commands[i]);
	printf("\noptions:\n"
	       "  --config FILE           settings (else node.toml, " CONFIG_SYSTEM_FILE ")\n"
	       "  --data-dir DIR          the same as --set node.data_dir=DIR\n"
	       "  --set TABLE.KEY=VALUE   override one setting; may be repeated\n"
	       "  --log-level LEVEL       error, warn, info or debug\n"
	       "  --json                  machine-readable output; errors as {\"error\":…}\n"
	       "  --watch                 status, peers, bans, limits every two seconds\n"
	       "  --all                   show everything: check-config and those four\n"
	       "  --check                 status: one line and an exit status for monitoring\n"
	       "  --once                  peer add: for one connection\n"
	       "  --help, -h              this, or, with a command, what that command takes\n"
	       "  --version, -V           the version; --verbose: also of every library\n"
	       "  --                      no option follows\n\n"
	       "Settings: defaults < file < environment (ALFISD_TABLE_KEY) < command line.\n"
	       "Exit status: 0 done, 1 the task failed, 2 usage or configuration, 3 the store is\n"
	       "damaged or could not be written, 4 the clean-up audit found something not "
	       "freed.\n");
}

int cmd_help(const struct cli *cli, struct config *c)
{
	(void)c;
	if (!cli->arg_count) {
		help_on_all();
		return EXIT_DONE;
	}
	const struct command *cmd = command_find(cli->args[0]);
	if (cmd)
		help_on(cmd);
	else
		command_unknown(cli->args[0]);
	return cmd ? EXIT_DONE : EXIT_USAGE;
}

int cmd_version(const struct cli *cli, struct config *c)
{
	(void)c;
	version_print(cli->verbose);
	return EXIT_DONE;
}
