/* The command line, `alfisd [COMMAND] [--config FILE] [--data-dir DIR] [--set table.key=value]…
 * [--log-level LEVEL]`: its options, the table of commands, and what all commands share. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "config/config.h"
#include "node/settings.h"

enum { CLI_SETS_MAX = 64, CLI_ARGS_MAX = 4 };

/* Exit status of `status --check` when it could not ask the node; monitoring plug-ins call it
 * UNKNOWN. */
enum { EXIT_CHECK_UNKNOWN = 3 };

struct cli {
	const char *command;            /* borrowed from argv; "run" when none is given */
	const char *args[CLI_ARGS_MAX]; /* the words after it; borrowed from argv */
	size_t arg_count;
	const char *config_file; /* NULL = config_load() looks in the usual places */
	const char *sets[CLI_SETS_MAX];
	size_t set_count;
	/* --data-dir and --log-level, rewritten as --set */
	char data_dir_set[CONFIG_TEXT_MAX + 32], log_level_set[64];
	bool json, watch, all, check, once, verbose;
	bool help, version; /* given as options; `command` is "help" or "version" then */
};

/* Reads the command line into *out, which borrows from argv. False when it is wrong; the error was
 * printed to standard error. */
bool cli_parse(int argc, char **argv, struct cli *out);

/* An option without a value, such as --json. */
struct cli_flag {
	const char *name;
	/* the TAKES_… bit that a command needs for it; 0 = every command takes it */
	unsigned takes;
	size_t offset; /* of its bool in struct cli */
	const char *help;
};
extern const struct cli_flag cli_flags[];
extern const size_t cli_flag_count;

/* ---- commands.c: the table of commands.def ---- */

/* Bits of the options that only some commands take. Any other command refuses them, so that no user
 * believes that they had an effect. */
enum {
	TAKES_JSON = 1,
	TAKES_WATCH = 2,
	TAKES_ALL = 4,
	TAKES_CHECK = 8,
	TAKES_VERBOSE = 16,
	TAKES_ONCE = 32
};

enum {
	QUIET = 1,       /* logs warnings only */
	LOGS_TO_FILE = 2 /* logs to log.file; all other commands log to standard error */
};

/* One command: a row of commands.def. */
struct command {
	const char *name, *args, *help;
	int (*run)(const struct cli *cli, struct config *config);
	size_t min_args, max_args;
	unsigned takes; /* TAKES_… */
	unsigned how;   /* QUIET … */
	enum settings_need needs;
};
extern const struct command commands[];
extern const size_t command_count;
const struct command *command_find(const char *name);

/* Prints an error that suggests the most similar command. */
void command_unknown(const char *name);

/* ---- cli_settings.c ---- */

/* Reads the settings from file, environment and command line into *c. False when a setting that the
 * command needs is wrong: c->errors has them, and cli_tell_errors() prints them. */
bool cli_load_settings(const struct cli *cli, enum settings_need need, struct config *c);

/* In run.c: creates the data directory if it does not exist. False when it cannot; the error was
 * printed. */
bool cli_data_dir(const struct config *c);

/* Prints each error in the settings as a line of its own, with cli_error(). */
void cli_tell_errors(const struct config *c);

/* ---- cli_say.c: messages that do not go through the log ---- */

/* Sets whether cli_error() prints {"error":"…"} and the log writes JSON from now on. */
void cli_errors_as_json(bool on);

/* Prints one line to standard error: {"error":"…"} with --json, else "alfisd: …", with the priority
 * prefix "<3>" when standard error is the journal. For errors before the log is set up, and for
 * those of the commands. */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for a line that begins with file:line:column, as editors expect it. It has no "alfisd: "
 * in front, except in the journal. */
void cli_error_at_place(const char *text);

/* The text with control characters and escape sequences made harmless. Valid until the next call.
 */
const char *cli_printable(const char *text);

/* Sets the log up as the settings say; cmd->how decides how much is logged and whether to log.file.
 * False when the file cannot be opened: the error was printed, and the log stays as it was. */
bool cli_set_up_log(const struct config *c, const struct command *cmd);

/* The same at the start of a command; the node also logs the notices that loading the settings
 * gave. */
bool cli_begin_log(const struct config *c, const struct command *cmd);

/* Called at the end of every command: flushes standard output. Returns `status`, or
 * EXIT_TASK_FAILED after printing an error when output could not be written. A closed pipe (EPIPE)
 * is a failure too, but prints no error. */
int cli_finish(int status);

/* ---- the commands: each returns an exit status (base/err.h) after it printed its errors ---- */
int cmd_help(const struct cli *cli, struct config *c);
int cmd_version(const struct cli *cli, struct config *c);
int cmd_run(const struct cli *cli, struct config *c);
int cmd_check_config(const struct cli *cli, struct config *c);
int cmd_config(const struct cli *cli, struct config *c);
int cmd_config_template(const struct cli *cli, struct config *c);
int cmd_metrics_reference(const struct cli *cli, struct config *c);
int cmd_api_reference(const struct cli *cli, struct config *c);
int cmd_import(const struct cli *cli, struct config *c);
int cmd_export(const struct cli *cli, struct config *c);
int cmd_verify(const struct cli *cli, struct config *c);
int cmd_show(const struct cli *cli, struct config *c);
int cmd_ask(const struct cli *cli, struct config *c); /* status, limits, … of the running node */

#endif
