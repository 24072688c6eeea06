#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "config/keys.h"
#include "node/cli.h"

enum { HELP_COLUMN = 21, CLI_ERROR_MAX = 1536 };

const struct command commands[] = {
	{"run", "", "run the node in the foreground (the default)", cmd_run, 0, 0, false,
		SETTINGS_ALL},
	{"check-config", "", "print the effective limits and their sum", cmd_check_config, 0, 0,
		true, SETTINGS_REPORT},
	{"config-template", "", "print node.toml with every key at its default",
		cmd_config_template, 0, 0, true, SETTINGS_NONE},
	{"metrics-reference", "", "print what every metric means", cmd_metrics_reference, 0, 0,
		true, SETTINGS_NONE},
	{"api-reference", "", "print what can be asked over HTTP", cmd_api_reference, 0, 0, true,
		SETTINGS_NONE},
	{"import", "FILE", "a reference blockchain.db, a snapshot, or an alfis-chain file",
		cmd_import, 1, 1, false, SETTINGS_ALL},
	{"export", "FILE", "write a snapshot of the chain", cmd_export, 1, 1, true, SETTINGS_ALL},
	{"verify", "", "check every stored block and prove that all indexes match", cmd_verify, 0,
		0, false, SETTINGS_ALL},
	{"show", "chain | block N|HASH | domain NAME|IDENTITY | key PUBKEY",
		"read the store, also while the node runs", cmd_show, 1, 2, true, SETTINGS_ALL},
	{"status", "", "what the running node does and why", cmd_ask, 0, 0, true, SETTINGS_SOCKET},
	{"peers", "", "the running node's peers", cmd_ask, 0, 0, true, SETTINGS_SOCKET},
	{"limits", "", "the running node's bounds: used, peak, hits", cmd_ask, 0, 0, true,
		SETTINGS_SOCKET},
	{"events", "", "what happens on the running node, as it happens", cmd_ask, 0, 0, true,
		SETTINGS_SOCKET},
	{"ban", "ADDR [SECONDS]", "ban an address on the running node and close its peers", cmd_ask,
		1, 2, true, SETTINGS_SOCKET},
	{"unban", "ADDR", "lift a ban", cmd_ask, 1, 1, true, SETTINGS_SOCKET},
	{"peer", "add ADDR | remove ADDR", "add a peer to the running node, or forget one", cmd_ask,
		2, 2, true, SETTINGS_SOCKET},
	{"reload", "", "read the settings again and take over what can change", cmd_ask, 0, 0, true,
		SETTINGS_ALL},
	{"stop", "", "stop the running node", cmd_ask, 0, 0, true, SETTINGS_SOCKET},
};
const size_t command_count = sizeof commands / sizeof commands[0];

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static bool errors_as_json; /* --json was given */

static void help_on(const struct command *c)
{
	printf("usage: alfisd %s%s%s [OPTION]…\n\n  %s\n\n"
	       "alfisd --help has all commands and options, man alfisd more of each.\n",
		c->name, c->args[0] ? " " : "", c->args, c->help);
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

void cli_help(const struct cli *cli)
{
	if (cli->command)
		return help_on(command_find(cli->command));
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
	       "  --watch                 status, peers, limits again every two seconds\n"
	       "  --help\n"
	       "  --version [--verbose]   with every library and its version\n\n"
	       "Settings: defaults < file < environment (ALFISD_TABLE_KEY) < command line.\n"
	       "Exit status: 0 done, 1 the task failed, 2 usage or configuration, 3 the store is\n"
	       "damaged or could not be written, 4 the clean-up audit found something not "
	       "freed.\n");
}

static bool usage(const char *what, const char *which)
{
	fprintf(stderr, "alfisd: %s%s%s (see alfisd --help)\n", what, which ? ": " : "",
		which ? which : "");
	return false;
}

static bool add_set(struct cli *c, const char *set)
{
	if (!strchr(set, '='))
		return usage("--set needs TABLE.KEY=VALUE, not", set);
	if (c->set_count == CLI_SETS_MAX)
		return usage("too many --set options", NULL);
	c->sets[c->set_count++] = set;
	return true;
}

/* Options with a value; `value` was found behind '=' or as the next word. */
static bool take_value(struct cli *c, const char *name, const char *value)
{
	int n = 0;

	if (strcmp(name, "config") == 0) {
		c->config_file = value;
		return true;
	}
	if (strcmp(name, "set") == 0)
		return add_set(c, value);
	if (strcmp(name, "data-dir") == 0) {
		n = snprintf(c->data_dir_set, sizeof c->data_dir_set, "node.data_dir=%s", value);
		if (n < 0 || (size_t)n >= sizeof c->data_dir_set)
			return usage("--data-dir is too long", NULL);
		return add_set(c, c->data_dir_set);
	}
	n = snprintf(c->log_level_set, sizeof c->log_level_set, "log.level=%s", value);
	if (n < 0 || (size_t)n >= sizeof c->log_level_set)
		return usage("unknown log level", value);
	return add_set(c, c->log_level_set);
}

static bool is_value_option(const char *name)
{
	return strcmp(name, "config") == 0 || strcmp(name, "set") == 0 ||
	       strcmp(name, "data-dir") == 0 || strcmp(name, "log-level") == 0;
}

/* argv[*i] begins with "--". */
static bool take_option(struct cli *c, int argc, char **argv, int *i)
{
	char name[32];
	const char *text = argv[*i] + 2, *equals = strchr(text, '=');
	size_t n = equals ? (size_t)(equals - text) : strlen(text);

	if (n >= sizeof name)
		return usage("unknown option", argv[*i]);
	memcpy(name, text, n);
	name[n] = 0;
	if (is_value_option(name)) {
		if (!equals && *i + 1 >= argc)
			return usage("a value is missing behind", argv[*i]);
		return take_value(c, name, equals ? equals + 1 : argv[++*i]);
	}
	if (strcmp(text, "json") == 0)
		c->json = errors_as_json = true;
	else if (strcmp(text, "watch") == 0)
		c->watch = true;
	else if (strcmp(text, "help") == 0)
		c->help = true;
	else if (strcmp(text, "version") == 0)
		c->version = true;
	else if (strcmp(text, "verbose") == 0)
		c->verbose = true;
	else
		return usage("unknown option", argv[*i]);
	return true;
}

static bool unknown_command(const char *name)
{
	size_t best = strlen(name) / 3 + 2;
	const char *nearest = NULL;

	for (size_t i = 0; i < command_count; i++) {
		size_t d = config_distance(name, commands[i].name);
		if (d >= best)
			continue;
		best = d;
		nearest = commands[i].name;
	}
	if (!nearest)
		return usage("unknown command", name);
	fprintf(stderr, "alfisd: unknown command: %s, did you mean %s? (see alfisd --help)\n", name,
		nearest);
	return false;
}

static bool check_command(const struct cli *c)
{
	const struct command *cmd = command_find(c->command);

	if (!cmd)
		return unknown_command(c->command);
	if (!c->help && (c->arg_count < cmd->min_args || c->arg_count > cmd->max_args)) {
		fprintf(stderr, "alfisd: usage: alfisd %s%s%s (see alfisd --help)\n", cmd->name,
			cmd->args[0] ? " " : "", cmd->args);
		return false;
	}
	return true;
}

bool cli_parse(int argc, char **argv, struct cli *out)
{
	*out = (struct cli){0};
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) == 0) {
			if (!take_option(out, argc, argv, &i))
				return false;
		} else if (argv[i][0] == '-' && argv[i][1]) {
			if (strcmp(argv[i], "-h") != 0)
				return usage("unknown option", argv[i]);
			out->help = true;
		} else if (!out->command) {
			out->command = argv[i];
		} else if (out->arg_count < CLI_ARGS_MAX) {
			out->args[out->arg_count++] = argv[i];
		} else {
			return usage("too many arguments", argv[i]);
		}
	}
	if (out->version || (out->help && !out->command))
		return true;
	if (!out->command)
		out->command = "run";
	return check_command(out);
}

/* Is standard error the journal's? JOURNAL_STREAM has its device and inode then. */
static bool to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat s;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &s) == 0 && s.st_dev == device && s.st_ino == inode;
}

/* One line with an object. What does not fit is cut off, but it stays JSON. */
static void print_json_error(const char *text)
{
	uint8_t line[8 * CLI_ERROR_MAX];
	struct wr w = wr_of(line, sizeof line);
	struct json_wr j = {.w = &w};

	json_open(&j, NULL, '{');
	json_str(&j, "error", text);
	json_close(&j, '}');
	fprintf(stderr, "%.*s\n", (int)w.n, (const char *)line);
}

void cli_error(const char *format, ...)
{
	char text[CLI_ERROR_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (errors_as_json)
		print_json_error(text);
	else
		fprintf(stderr, "%salfisd: %s\n", to_journal() ? "<3>" : "", text);
}

bool cli_set_up_log(const struct config *c, bool quiet)
{
	struct log_settings s = {.json = strcmp(c->log_format, "json") == 0,
		.journal = to_journal(),
		.per_site_minute = (uint32_t)c->log_per_site,
		.file = c->log_file};

	log_parse_level(c->log_level, &s.level);
	if (quiet && s.level > LOG_WARN)
		s.level = LOG_WARN;
	if (log_setup(&s))
		return true;
	cli_error("log.file: cannot append to %s: %m", c->log_file);
	return false;
}
