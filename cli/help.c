/* The commands `help`, which prints the tables of commands.def as text or JSON, and `version`.
 * Before: cli/main.c, or cli/cli.c when the command line is wrong. After: standard output. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "config/keys.h"
#include "cli/cli.h"
#include "cli/out.h"
#include "node/version.h"

enum { COMMAND_COLUMN = 21, OPTION_COLUMN = 26, WIDTH = 80, FORMS_MAX = 1024, JSON_MAX = 65536 };

static const struct group {
	const char *word, *help;
} groups[] = {
#define GROUP(word, help) {word, help},
#include "cli/commands.def"
};

static const struct group *group_find(const char *word, size_t n)
{
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
		if (strncmp(groups[i].word, word, n) == 0 && !groups[i].word[n])
			return &groups[i];
	return NULL;
}

/* The group that a command of two words is in; NULL when it is in none. */
static const struct group *group_of(const struct command *cmd)
{
	size_t n = strcspn(cmd->name, " ");

	return cmd->name[n] ? group_find(cmd->name, n) : NULL;
}

/* ---- one command, or a group ---- */

/* Writes a command with its arguments; of a group, such as "peer add ADDR | remove ADDR". */
static void put_usage(struct wr *w, const char *name)
{
	const struct command *cmd = command_find(name);
	size_t n = strlen(name);
	const char *between = "";

	wr_format(w, "%s", name);
	if (cmd)
		wr_format(w, "%s%s", cmd->args[0] ? " " : "", cmd->args);
	for (size_t i = 0; !cmd && i < command_count; i++) {
		const struct command *c = &commands[i];
		if (strncmp(c->name, name, n) != 0 || c->name[n] != ' ')
			continue;
		wr_format(w, "%s%s%s%s", between, c->name + n, c->args[0] ? " " : "", c->args);
		between = " |";
	}
}

static const char *usage_text(const char *name, char text[FORMS_MAX])
{
	struct wr w = wr_of(text, FORMS_MAX - 1);

	put_usage(&w, name);
	text[w.n] = 0;
	return text;
}

void help_usage(const char *name)
{
	char text[FORMS_MAX];

	cli_error("usage: alfisd %s (see alfisd --help)", usage_text(name, text));
}

static bool is_of(const struct command *cmd, const char *name)
{
	size_t n = strlen(name);

	return strncmp(cmd->name, name, n) == 0 && (!cmd->name[n] || cmd->name[n] == ' ');
}

/* A line for each command of a group. */
static void help_on_members(const char *word)
{
	char text[FORMS_MAX];

	for (size_t i = 0; i < command_count; i++)
		if (is_of(&commands[i], word))
			printf("  %-30s %s\n", usage_text(commands[i].name, text),
				commands[i].help);
	printf("\n");
}

static bool takes(const char *name, const struct cli_option *o)
{
	for (size_t i = 0; i < command_count; i++)
		if (is_of(&commands[i], name) && command_has_word(commands[i].options, o->name))
			return true;
	return false;
}

/* `name` is a command or the first word of some. */
static void help_on(const char *name)
{
	const struct command *cmd = command_find(name);
	const struct group *g = cmd ? NULL : group_find(name, strlen(name));
	char text[FORMS_MAX];
	bool any = false;

	printf("usage: alfisd %s [OPTION]…\n\n", usage_text(name, text));
	if (cmd || g)
		printf("  %s\n\n", cmd ? cmd->help : g->help);
	if (!cmd)
		help_on_members(name);
	for (size_t i = 0; i < cli_option_count; i++)
		if (takes(name, &cli_options[i])) {
			printf("  --%-10s %s\n", cli_options[i].name, cli_options[i].help);
			any = true;
		}
	printf("%salfisd --help has all commands and options, man alfisd more of each.\n",
		any ? "\n" : "");
}

/* ---- all of them ---- */

static void help_line(const char *name, const char *help)
{
	char forms[FORMS_MAX], line[FORMS_MAX + 2];
	struct out o = {.f = stdout, .width = WIDTH};

	snprintf(line, sizeof line, "  %s", usage_text(name, forms));
	if (strlen(line) + 1 < COMMAND_COLUMN) {
		printf("%-*s%s\n", COMMAND_COLUMN, line, help);
		return;
	}
	out_wrapped(&o, "      ", line);
	printf("%*s%s\n", COMMAND_COLUMN, "", help);
}

/* A line for a command; one for a group, at its first command. */
static void help_on_row(size_t i)
{
	const struct group *g = group_of(&commands[i]);

	if (!g)
		help_line(commands[i].name, commands[i].help);
	else if (i == 0 || group_of(&commands[i - 1]) != g)
		help_line(g->word, g->help);
}

static void help_on_option(const struct cli_option *o)
{
	char text[64];

	if (!o->listed[0])
		return;
	if (o->letter)
		snprintf(text, sizeof text, "  --%s, -%c", o->name, o->letter);
	else
		snprintf(text, sizeof text, "  --%s%s%s", o->name, o->value ? " " : "",
			o->value ? o->value : "");
	printf("%-*s%s\n", OPTION_COLUMN, text, o->listed);
}

static void help_on_all(void)
{
	printf("alfisd: a full node for the ALFIS network\n\n"
	       "usage: alfisd [COMMAND] [OPTION]…\n\ncommands:\n");
	for (size_t i = 0; i < command_count; i++)
		help_on_row(i);
	printf("\noptions:\n");
	for (size_t i = 0; i < cli_option_count; i++)
		help_on_option(&cli_options[i]);
	printf("  --                      no option follows\n\n"
	       "Settings: defaults < file < environment (ALFISD_TABLE_KEY) < command line.\n"
	       "Exit status: 0 done, 1 the task failed, 2 usage or configuration, 3 the store is\n"
	       "damaged or could not be written, 4 the clean-up audit found something not freed,\n"
	       "5 refused by the rules of the chain.\n");
}

/* ---- as JSON ---- */

static void put_command(struct json_wr *j, const struct command *cmd)
{
	json_open(j, NULL, '{');
	json_str(j, "name", cmd->name);
	json_str(j, "arguments", cmd->args);
	json_str(j, "help", cmd->help);
	json_str(j, "options", cmd->options);
	json_str(j, "offers", cmd->offers);
	if (cmd->method) {
		json_str(j, "method", cmd->method);
		json_str(j, "path", cmd->path);
	}
	json_close(j, '}');
}

static void put_option(struct json_wr *j, const struct cli_option *o)
{
	char letter[2] = {o->letter};

	json_open(j, NULL, '{');
	json_str(j, "name", o->name);
	json_str(j, "letter", letter);
	json_str(j, "value", o->value ? o->value : "");
	json_bool(j, "everywhere", o->everywhere);
	json_str(j, "offers", o->offers);
	json_str(j, "help", o->help);
	json_close(j, '}');
}

static void put_group(struct json_wr *j, const struct group *g)
{
	json_open(j, NULL, '{');
	json_str(j, "word", g->word);
	json_str(j, "help", g->help);
	json_close(j, '}');
}

static int print_json_tables(void)
{
	static uint8_t text[JSON_MAX];
	struct wr w = wr_of(text, sizeof text);
	struct json_wr j = {.w = &w};

	json_open(&j, NULL, '{');
	json_open(&j, "commands", '[');
	for (size_t i = 0; i < command_count; i++)
		put_command(&j, &commands[i]);
	json_close(&j, ']');
	json_open(&j, "groups", '[');
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
		put_group(&j, &groups[i]);
	json_close(&j, ']');
	json_open(&j, "options", '[');
	for (size_t i = 0; i < cli_option_count; i++)
		put_option(&j, &cli_options[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	wr_u8(&w, '\n');
	return !w.bad && fwrite(text, w.n, 1, stdout) == 1 ? EXIT_DONE : EXIT_TASK_FAILED;
}

/* ---- the commands ---- */

int cmd_help(const struct cli *cli, struct config *c)
{
	const char *name = cli->args[0];
	(void)c;

	if (!name) {
		if (cli->json && !cli->help)
			return print_json_tables();
		help_on_all();
		return EXIT_DONE;
	}
	if (!command_find(name) && !command_group(name)) {
		command_unknown(name);
		return EXIT_USAGE;
	}
	help_on(name);
	return EXIT_DONE;
}

int cmd_version(const struct cli *cli, struct config *c)
{
	(void)c;
	version_print(cli->verbose);
	return EXIT_DONE;
}
