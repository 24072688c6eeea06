/* Parses the command line and checks it against the table of commands. Before: cli/main.c. After:
 * cli/main.c runs the command of that row. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

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

static bool is_change(const struct cli_option *o)
{
	return o->offset == offsetof(struct cli, record) ||
	       o->offset == offsetof(struct cli, remove) ||
	       o->offset == offsetof(struct cli, contact);
}

static bool add_change(struct cli *c, const char *option, const char *value)
{
	if (c->change_count == CLI_CHANGES_MAX)
		return usage("too many changes at once: --", option);
	c->changes[c->change_count++] = (struct cli_change){option, value};
	return true;
}

/* --data-dir and --log-level are settings, too. */
static bool add_setting(struct cli *c, const char *key, const char *value, char *to, size_t size)
{
	int n = snprintf(to, size, "%s=%s", key, value);

	if (n < 0 || (size_t)n >= size)
		return usage("this value is too long for", key);
	return add_set(c, to);
}

/* The value came after '=' or as the next word. */
static bool take_value(struct cli *c, const struct cli_option *o, const char *value)
{
	void *field = (char *)c + o->offset;

	*(const char **)field = value;
	if (o->offset == offsetof(struct cli, set))
		return add_set(c, value);
	if (is_change(o) && !add_change(c, o->name, value))
		return false;
	if (o->offset == offsetof(struct cli, data_dir))
		return add_setting(
			c, "node.data_dir", value, c->data_dir_set, sizeof c->data_dir_set);
	if (o->offset == offsetof(struct cli, log_level))
		return add_setting(
			c, "log.level", value, c->log_level_set, sizeof c->log_level_set);
	return true;
}

static bool set_flag(struct cli *c, const struct cli_option *o)
{
	void *field = (char *)c + o->offset;

	*(bool *)field = true;
	/* a setting, too */
	return o->offset != offsetof(struct cli, offline) || add_set(c, "mining.offline=true");
}

/* argv[*i] begins with "--". */
static bool take_option(struct cli *c, int argc, char **argv, int *i)
{
	char name[32];
	const char *text = argv[*i] + 2, *equals = strchr(text, '=');

	snprintf(name, sizeof name, "%.*s", (int)strcspn(text, "="), text);
	const struct cli_option *o = cli_option_find(name);
	if (!o || (equals && !o->value))
		return usage("unknown option", argv[*i]);
	if (!o->value)
		return set_flag(c, o);
	if (!equals && *i + 1 >= argc)
		return usage("a value is missing behind", argv[*i]);
	return take_value(c, o, equals ? equals + 1 : argv[++*i]);
}

/* A word that begins with one "-". -v is for -V, as many expect it. */
static bool take_short(struct cli *c, const char *text)
{
	char letter = text[1] == 'v' ? 'V' : text[1];

	for (size_t i = 0; !text[2] && i < cli_option_count; i++)
		if (cli_options[i].letter == letter)
			return set_flag(c, &cli_options[i]);
	return usage("unknown option", text);
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

/* Two words that name a command become one: *first is its name then, and the rest moves up. */
static void join_words(const char **first, const char **rest, size_t *count)
{
	const struct command *cmd = *count ? command_find_two(*first, rest[0]) : NULL;

	if (!cmd)
		return;
	*first = cmd->name;
	--*count;
	for (size_t i = 0; i < *count; i++)
		rest[i] = rest[i + 1];
	rest[*count] = NULL;
}

/* --help and --version, given as options, run the commands `help` and `version`. */
static void settle_command(struct cli *c)
{
	if (c->command)
		join_words(&c->command, c->args, &c->arg_count);
	if (c->help) {
		c->args[0] = c->command;
		c->arg_count = c->command ? 1 : 0;
		c->command = "help";
	} else if (c->version) {
		c->arg_count = 0;
		c->command = "version";
	} else if (!c->command) {
		c->command = "run";
	} else if (strcmp(c->command, "help") == 0 && c->arg_count > 1) {
		c->arg_count--;
		join_words(&c->args[0], c->args + 1, &c->arg_count);
		c->arg_count++;
	}
}

/* Refuses an option that the command does not take. */
static bool check_options(const struct cli *c, const struct command *cmd)
{
	for (size_t i = 0; i < cli_option_count; i++) {
		const struct cli_option *o = &cli_options[i];

		if (o->everywhere || command_has_word(cmd->options, o->name) ||
			!cli_option_given(c, o))
			continue;
		cli_error("--%s has no effect on %s (see alfisd %s --help)", o->name, cmd->name,
			cmd->name);
		return false;
	}
	return true;
}

static bool check_command(const struct cli *c)
{
	const struct command *cmd = command_find(c->command);
	size_t least, most;

	if (!cmd && command_group(c->command))
		help_usage(c->command);
	else if (!cmd)
		command_unknown(c->command);
	if (!cmd)
		return false;
	command_counts(cmd, &least, &most);
	if (c->arg_count < least || c->arg_count > most) {
		help_usage(cmd->name);
		return false;
	}
	return c->help || check_options(c, cmd);
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
