/* The command line: alfisd [COMMAND] [--config FILE] [--data-dir DIR] [--set table.key=value]…
 * [--log-level LEVEL]. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "config/config.h"
#include "node/settings.h"

enum { CLI_SETS_MAX = 64, CLI_ARGS_MAX = 4 };

/* `status --check` could not find out, in the words of monitoring plug-ins. */
enum { EXIT_CHECK_UNKNOWN = 3 };

struct cli {
	const char *command;            /* "run" when none is given */
	const char *args[CLI_ARGS_MAX]; /* what follows the command */
	size_t arg_count;
	const char *config_file; /* NULL = see config_load() */
	const char *sets[CLI_SETS_MAX];
	size_t set_count;
	char data_dir_set[CONFIG_TEXT_MAX + 32], log_level_set[64]; /* --set forms of two options */
	bool json, watch, all, check, once, verbose;
	bool help, version; /* as options; `command` is that command then */
};

/* False after an error line on standard error. */
bool cli_parse(int argc, char **argv, struct cli *out);

/* An option without a value that only some commands take. */
struct cli_flag {
	const char *name;
	unsigned takes; /* TAKES_…; 0 = every command */
	size_t offset;  /* of its bool in struct cli */
	const char *help;
};
extern const struct cli_flag cli_flags[];
extern const size_t cli_flag_count;

/* ---- commands.c: what can be asked ---- */

/* Options that mean something to some commands only. Given to another one they are an error: nobody
 * shall believe that they had an effect. */
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
	LOGS_TO_FILE = 2 /* to log.file; all others to standard error */
};

/* One command. */
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

/* An error line, with the nearest name for a hint. */
void command_unknown(const char *name);

/* ---- cli_settings.c ---- */

/* Reads all sources of settings. False when something that the command needs is wrong. */
bool cli_load_settings(const struct cli *cli, enum settings_need need, struct config *c);

/* Makes the data directory when it is missing; an error is printed to standard error. */
bool cli_data_dir(const struct config *c);

/* Each error in the settings as a line of its own, by cli_error(). */
void cli_tell_errors(const struct config *c);

/* ---- cli_say.c: what is said without the log ---- */

/* Are errors one line with {"error":"…"} from now on, and lines of the log JSON? */
void cli_errors_as_json(bool on);

/* A line on standard error: {"error":"…"} with --json, else with its priority when that is the
 * journal's. For what comes before the log. */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for a line that begins with its place, file:line:column, as editors expect it: without
 * the program's name, but for the journal. */
void cli_error_at_place(const char *text);

/* The text without what steers a terminal; good until the next call. */
const char *cli_printable(const char *text);

/* The log as the settings want it; `cmd` says how much and whether to log.file. False, with a line
 * on standard error and the log as it was, when the file cannot be opened. */
bool cli_set_up_log(const struct config *c, const struct command *cmd);

/* The same at the start of a command, with what loading had to say. */
bool cli_begin_log(const struct config *c, const struct command *cmd);

/* At the end of every command: writes out what standard output still holds. Returns `status`, or
 * EXIT_TASK_FAILED, after an error line, when something could not be written. Nothing is said when
 * the reader went away. */
int cli_finish(int status);

/* ---- the commands, one file each ---- */
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
