/* The command line, `alfisd [COMMAND] [ARGUMENT]… [OPTION]…`: what was typed, the tables of options
 * and commands (commands.def), and what all commands share. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/slice.h"
#include "config/config.h"
#include "node/settings.h"

struct out;

enum { CLI_SETS_MAX = 64, CLI_ARGS_MAX = 4, CLI_CHANGES_MAX = 128 };

/* An option that may be repeated, and whose order counts: --record, --remove, --contact. */
struct cli_change {
	const char *option; /* its name */
	const char *value;  /* borrowed from argv */
};

/* Exit status of `status --check` when it could not ask the node; monitoring plug-ins call it
 * UNKNOWN. */
enum { EXIT_CHECK_UNKNOWN = 3 };

struct cli {
	const char *command;            /* name of its row; "run" when none was typed */
	const char *args[CLI_ARGS_MAX]; /* the words after it; borrowed from argv */
	size_t arg_count;
	const char *sets[CLI_SETS_MAX];
	size_t set_count;
	struct cli_change changes[CLI_CHANGES_MAX];
	size_t change_count;
	/* --data-dir and --log-level, rewritten as --set */
	char data_dir_set[CONFIG_TEXT_MAX + 32], log_level_set[64];

	/* One field for each option: a bool, or the value that was given last; NULL = none. Values
	 * are borrowed from argv. With --help and --version `command` is "help" or "version". */
#define FLAG(field, ...)  bool field;
#define VALUE(field, ...) const char *field;
#include "cli/commands.def"
};

/* Reads the command line into *out, which borrows from argv. False when it is wrong; the error was
 * printed to standard error. */
bool cli_parse(int argc, char **argv, struct cli *out);

/* ---- commands.c: the tables of commands.def ---- */

/* An option: a row FLAG or VALUE. */
struct cli_option {
	const char *name;
	char letter;       /* short form; 0 = none */
	const char *value; /* what its value is called; NULL = it takes none */
	bool everywhere;   /* every command takes it; else those whose row names it */
	size_t offset;     /* of its field in struct cli */
	const char *offers, *help, *listed;
};
extern const struct cli_option cli_options[];
extern const size_t cli_option_count;
const struct cli_option *cli_option_find(const char *name);

/* Was this option on the command line? */
bool cli_option_given(const struct cli *cli, const struct cli_option *o);

enum {
	QUIET = 1,         /* logs warnings only */
	LOGS_TO_FILE = 2,  /* logs to log.file; all other commands log to standard error */
	WAITS_FOR_END = 4, /* after its answer it waits until the node has ended */
	CONFIRMS = 16,     /* asks before it does it, unless --yes is said */
	NEEDS_RECORDS = 8  /* fails with the "reason" of an answer that is not "found" */
};

/* A command: a row COMMAND or ASKS. */
struct command {
	const char *name, *args, *help;
	const char *options; /* those that only some commands take, and that it takes */
	const char *offers;
	int (*run)(const struct cli *cli, struct config *config);
	unsigned how; /* QUIET … */
	enum settings_need needs;
	/* of those that ask the running node; method is NULL for all others */
	const char *method, *path, *keys, *sends;
	void (*print)(struct out *o, struct slice json);
};
extern const struct command commands[];
extern const size_t command_count;

/* The command of this name, which may have two words; NULL = there is none. */
const struct command *command_find(const char *name);

/* The command whose name is these two words; NULL = there is none. */
const struct command *command_find_two(const char *first, const char *second);

/* The first command of two words that begins with `word`; NULL = there is none. */
const struct command *command_group(const char *word);

/* How many arguments it takes, at least and at most. */
void command_counts(const struct command *cmd, size_t *least, size_t *most);

/* Is `name`, which is not empty, among `words`, which are divided by spaces? */
bool command_has_word(const char *words, const char *name);

/* Prints an error that suggests the most similar command, by its first word. */
void command_unknown(const char *typed);

/* ---- help.c ---- */

/* Prints an error that says what the command, or the commands that begin with this word, take. */
void help_usage(const char *name);

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

/* What the node runs itself as when it holds keys (owner/keys.h): no command of the table. Returns
 * the exit status. */
int key_process(void);
int cmd_run(const struct cli *cli, struct config *c);
int cmd_check_config(const struct cli *cli, struct config *c);
int cmd_config(const struct cli *cli, struct config *c);
int cmd_config_template(const struct cli *cli, struct config *c);
int cmd_metrics_reference(const struct cli *cli, struct config *c);
int cmd_api_reference(const struct cli *cli, struct config *c);
int cmd_import(const struct cli *cli, struct config *c);
int cmd_export(const struct cli *cli, struct config *c);
int cmd_verify(const struct cli *cli, struct config *c);
int cmd_block_search(const struct cli *cli, struct config *c);
int cmd_block_sign(const struct cli *cli, struct config *c);
int cmd_block_submit(const struct cli *cli, struct config *c);
int cmd_show_block(const struct cli *cli, struct config *c);
int cmd_show_chain(const struct cli *cli, struct config *c);
int cmd_signer(const struct cli *cli, struct config *c);
int cmd_web_password(const struct cli *cli, struct config *c);
int cmd_key_new(const struct cli *cli, struct config *c);
int cmd_key_import(const struct cli *cli, struct config *c);
int cmd_key_export(const struct cli *cli, struct config *c);
int cmd_key_passphrase(const struct cli *cli, struct config *c);
int cmd_key_unlock(const struct cli *cli, struct config *c);
int cmd_show_domain(const struct cli *cli, struct config *c);
int cmd_show_key(const struct cli *cli, struct config *c);
int cmd_block_prepare(const struct cli *cli, struct config *c);
int cmd_domain_ask(const struct cli *cli, struct config *c);
int cmd_domain_check(const struct cli *cli, struct config *c);
int cmd_domain_list(const struct cli *cli, struct config *c);
int cmd_ctl(const struct cli *cli, struct config *c); /* status, limits, … of the running node */

#endif
