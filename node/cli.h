/* The command line: alfisd [COMMAND] [--config FILE] [--data-dir DIR] [--set table.key=value]…
 * [--log-level LEVEL] (interfaces.md 2). */
#ifndef NODE_CLI_H
#define NODE_CLI_H

#include "config/config.h"
#include "node/settings.h"

enum { CLI_SETS_MAX = 64, CLI_ARGS_MAX = 4 };

struct cli {
	const char *command;            /* "run" when none is given; with --help NULL then */
	const char *args[CLI_ARGS_MAX]; /* what follows the command */
	size_t arg_count;
	const char *config_file; /* NULL = see config_load() */
	const char *sets[CLI_SETS_MAX];
	size_t set_count;
	char data_dir_set[CONFIG_TEXT_MAX + 32], log_level_set[64]; /* --set forms of two options */
	bool json, watch, help, version, verbose;
};

/* False after an error line on standard error. */
bool cli_parse(int argc, char **argv, struct cli *out);

/* A line on standard error: {"error":"…"} with --json, else with its priority when that is the
 * journal's. For what comes before the log. */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The log as the settings want it; `quiet`: warnings only. False, with a line on standard error and
 * the log as it was, when the file cannot be opened. */
bool cli_set_up_log(const struct config *c, bool quiet);

/* On its command, or, when there is none, on all. */
void cli_help(const struct cli *cli);

/* One command. `config` is NULL for commands that need none. */
struct command {
	const char *name, *args, *help;
	int (*run)(const struct cli *cli, struct config *config);
	size_t min_args, max_args;
	bool quiet; /* logs warnings only */
	enum settings_need needs;
};
extern const struct command commands[];
extern const size_t command_count;
const struct command *command_find(const char *name);

/* ---- the commands, one file each ---- */
int cmd_run(const struct cli *cli, struct config *c);
int cmd_check_config(const struct cli *cli, struct config *c);
int cmd_config_template(const struct cli *cli, struct config *c);
int cmd_metrics_reference(const struct cli *cli, struct config *c);
int cmd_api_reference(const struct cli *cli, struct config *c);
int cmd_import(const struct cli *cli, struct config *c);
int cmd_export(const struct cli *cli, struct config *c);
int cmd_verify(const struct cli *cli, struct config *c);
int cmd_show(const struct cli *cli, struct config *c);
int cmd_ask(const struct cli *cli, struct config *c); /* status, limits, … of the running node */

#endif
