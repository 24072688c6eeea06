/* The table of commands, and the help that is made from it. Before: cli/cli.c. After: the command's
 * own file. */
#include <stdio.h>
#include <string.h>

#include "config/keys.h"
#include "cli/cli.h"
#include "node/version.h"

enum { HELP_COLUMN = 21, TAKES_LISTS = TAKES_JSON | TAKES_WATCH | TAKES_ALL };

const struct command commands[] = {
	{"run", "", "run the node in the foreground (the default)", cmd_run, 0, 0, 0, LOGS_TO_FILE,
		SETTINGS_ALL},
	{"check-config", "", "tell every error in the settings; print the limits and their sum",
		cmd_check_config, 0, 0, TAKES_JSON | TAKES_ALL, QUIET, SETTINGS_REPORT},
	{"config", "", "print every setting in force and where it came from", cmd_config, 0, 0,
		TAKES_JSON, QUIET, SETTINGS_ALL},
	{"config-template", "", "print node.toml with every key at its default",
		cmd_config_template, 0, 0, 0, 0, SETTINGS_NONE},
	{"metrics-reference", "", "print what every metric means", cmd_metrics_reference, 0, 0, 0,
		0, SETTINGS_NONE},
	{"api-reference", "", "print what can be asked over HTTP", cmd_api_reference, 0, 0, 0, 0,
		SETTINGS_NONE},
	{"import", "FILE", "a reference blockchain.db, a snapshot, or an alfis-chain file",
		cmd_import, 1, 1, TAKES_JSON, 0, SETTINGS_ALL},
	{"export", "FILE", "write a snapshot of the chain", cmd_export, 1, 1, TAKES_JSON, QUIET,
		SETTINGS_ALL},
	{"verify", "", "check every stored block and prove that all indexes match", cmd_verify, 0,
		0, TAKES_JSON, 0, SETTINGS_ALL},
	{"show", "chain | block N|HASH | domain NAME|IDENTITY | key PUBKEY",
		"read the store, also while the node runs", cmd_show, 1, 2, TAKES_JSON, QUIET,
		SETTINGS_ALL},
	{"status", "", "what the running node does and why", cmd_ask, 0, 0,
		TAKES_LISTS | TAKES_CHECK, QUIET, SETTINGS_SOCKET},
	{"peers", "", "the running node's peers; with --all every address that it knows", cmd_ask,
		0, 0, TAKES_LISTS, QUIET, SETTINGS_SOCKET},
	{"bans", "", "the hosts that the running node has banned", cmd_ask, 0, 0, TAKES_LISTS,
		QUIET, SETTINGS_SOCKET},
	{"limits", "", "the running node's bounds: used, peak, hits", cmd_ask, 0, 0, TAKES_LISTS,
		QUIET, SETTINGS_SOCKET},
	{"events", "", "what happens on the running node, as it happens", cmd_ask, 0, 0, TAKES_JSON,
		QUIET, SETTINGS_SOCKET},
	{"ban", "ADDR [SECONDS]", "ban an address on the running node and close its peers", cmd_ask,
		1, 2, TAKES_JSON, QUIET, SETTINGS_SOCKET},
	{"unban", "ADDR", "lift a ban", cmd_ask, 1, 1, TAKES_JSON, QUIET, SETTINGS_SOCKET},
	{"peer", "add ADDR | remove ADDR", "add a peer to the running node, or forget one", cmd_ask,
		2, 2, TAKES_JSON | TAKES_ONCE, QUIET, SETTINGS_SOCKET},
	{"reload", "", "read the settings again and take over what can change", cmd_ask, 0, 0,
		TAKES_JSON, QUIET, SETTINGS_ALL},
	{"stop", "", "stop the running node", cmd_ask, 0, 0, TAKES_JSON, QUIET, SETTINGS_SOCKET},
	{"help", "[COMMAND]", "all commands and options, or those of one command", cmd_help, 0, 1,
		0, 0, SETTINGS_NONE},
	{"version", "", "the version; with --verbose also of every library", cmd_version, 0, 0,
		TAKES_VERBOSE, 0, SETTINGS_NONE},
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
	       "  --all                   everything there is: check-config and those four\n"
	       "  --check                 status: one line and an exit status for monitoring\n"
	       "  --once                  peer add: for one connection\n"
	       "  --help, -h              this, or, with a command, what that command takes\n"
	       "  --version, -V           the version; --verbose: with every library\n"
	       "  --                      no option stands behind it\n\n"
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
