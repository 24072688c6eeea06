/* Parses the command line and checks it against the table of commands. Before: cli/main.c. After:
 * cli/main.c runs the command that cli/commands.c has for it. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

const struct cli_flag cli_flags[] = {
	{"json", TAKES_JSON, offsetof(struct cli, json), "print JSON; errors are {\"error\":…}"},
	{"watch", TAKES_WATCH, offsetof(struct cli, watch), "repeat every two seconds"},
	{"all", TAKES_ALL, offsetof(struct cli, all), "show everything"},
	{"check", TAKES_CHECK, offsetof(struct cli, check),
		"one line, and a monitoring plug-in's exit status: 0 ok, 1 warning, 2 critical, 3 unknown"},
	{"once", TAKES_ONCE, offsetof(struct cli, once), "peer add: for one connection"},
	{"verbose", TAKES_VERBOSE, offsetof(struct cli, verbose),
		"also the version of every library"},
	{"help", 0, offsetof(struct cli, help), ""},
	{"version", 0, offsetof(struct cli, version), ""},
};
const size_t cli_flag_count = sizeof cli_flags / sizeof cli_flags[0];

static bool usage(const char *what, const char *which)
{
	cli_error("%s%s%s (see alfisd --help)", what, which ? ": " : "", which ? which : "");
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

/* An option with a value; the value came after '=' or as the next word. */
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

static bool set_flag(struct cli *c, const char *name)
{
	for (size_t i = 0; i < cli_flag_count; i++)
		if (strcmp(name, cli_flags[i].name) == 0) {
			*(bool *)((char *)c + cli_flags[i].offset) = true;
			return true;
		}
	return false;
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
	if (!is_value_option(name))
		return set_flag(c, text) || usage("unknown option", argv[*i]);
	if (!equals && *i + 1 >= argc)
		return usage("a value is missing behind", argv[*i]);
	return take_value(c, name, equals ? equals + 1 : argv[++*i]);
}

/* argv[*i] begins with "-". */
static bool take_short(struct cli *c, const char *text)
{
	if (strcmp(text, "-h") == 0)
		c->help = true;
	else if (strcmp(text, "-V") == 0 || strcmp(text, "-v") == 0)
		c->version = true;
	else
		return usage("unknown option", text);
	return true;
}

static bool take_word(struct cli *c, const char *word)
{
	if (!c->command)
		c->command = word;
	else if (c->arg_count < CLI_ARGS_MAX)
		c->args[c->arg_count++] = word;
	else
		return usage("too many arguments", word);
	return true;
}

/* After "--" everything is a word. A single "-" is a word too: standard input or output. */
static bool take_all(struct cli *c, int argc, char **argv)
{
	bool words_only = false, good = true;

	for (int i = 1; good && i < argc; i++) {
		if (words_only || argv[i][0] != '-' || !argv[i][1])
			good = take_word(c, argv[i]);
		else if (strcmp(argv[i], "--") == 0)
			words_only = true;
		else if (argv[i][1] == '-')
			good = take_option(c, argc, argv, &i);
		else
			good = take_short(c, argv[i]);
	}
	return good;
}

/* --help and --version, given as options, run the commands `help` and `version`. */
static void settle_command(struct cli *c)
{
	if (c->help) {
		c->args[0] = c->command;
		c->arg_count = c->command ? 1 : 0;
		c->command = "help";
	} else if (c->version) {
		c->arg_count = 0;
		c->command = "version";
	} else if (!c->command) {
		c->command = "run";
	}
}

/* Refuses an option that the command does not take. */
static bool check_flags(const struct cli *c, const struct command *cmd)
{
	for (size_t i = 0; i < cli_flag_count; i++) {
		const struct cli_flag *f = &cli_flags[i];

		if (!f->takes || cmd->takes & f->takes ||
			!*(const bool *)((const char *)c + f->offset))
			continue;
		cli_error("--%s has no effect on %s (see alfisd %s --help)", f->name, cmd->name,
			cmd->name);
		return false;
	}
	return true;
}

static bool check_command(const struct cli *c)
{
	const struct command *cmd = command_find(c->command);

	if (!cmd) {
		command_unknown(c->command);
		return false;
	}
	if (c->arg_count < cmd->min_args || c->arg_count > cmd->max_args) {
		cli_error("usage: alfisd %s%s%s (see alfisd --help)", cmd->name,
			cmd->args[0] ? " " : "", cmd->args);
		return false;
	}
	return c->help || check_flags(c, cmd);
}

/* Looks for --json before anything is parsed, because errors in the words before it must be JSON
 * too. */
static bool wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			return true;
	return false;
}

bool cli_parse(int argc, char **argv, struct cli *out)
{
	*out = (struct cli){0};
	cli_errors_as_json(wants_json(argc, argv));
	if (!take_all(out, argc, argv))
		return false;
	settle_command(out);
	return check_command(out);
}
