/* The tables of options and commands (commands.def), and how a row is found. Before: cli/cli.c.
 * After: cli/help.c prints them; the command's own file runs it. */
#include <stdio.h>
#include <string.h>

#include "config/keys.h"
#include "cli/cli.h"
#include "cli/print.h"

#define ALL_TAKE  true
#define SOME_TAKE false

const struct cli_option cli_options[] = {
#define FLAG(field, name, letter, everywhere, help, listed)                                        \
	{name, letter, NULL, everywhere, offsetof(struct cli, field), "", help, listed},
#define VALUE(field, name, value, everywhere, offers, help, listed)                                \
	{name, 0, value, everywhere, offsetof(struct cli, field), offers, help, listed},
#include "cli/commands.def"
};
const size_t cli_option_count = sizeof cli_options / sizeof cli_options[0];

const struct command commands[] = {
#define COMMAND(name, arguments, help, options, offers, function, how, needs)                      \
	{name, arguments, help, options, offers, function, how, needs, NULL, NULL, NULL, NULL,     \
		NULL},
#define ASKS(name, arguments, help, options, offers, how, needs, method, path, keys, sends, print) \
	{name, arguments, help, options, offers, cmd_ctl, how, needs, method, path, keys, sends,   \
		print},
#include "cli/commands.def"
};
const size_t command_count = sizeof commands / sizeof commands[0];

const struct cli_option *cli_option_find(const char *name)
{
	for (size_t i = 0; i < cli_option_count; i++)
		if (strcmp(cli_options[i].name, name) == 0)
			return &cli_options[i];
	return NULL;
}

bool cli_option_given(const struct cli *cli, const struct cli_option *o)
{
	const void *field = (const char *)cli + o->offset;

	return o->value ? *(const char *const *)field != NULL : *(const bool *)field;
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* What follows `word` and a space at the beginning of a name; NULL when it does not begin so. */
static const char *second_word(const char *name, const char *word)
{
	size_t n = strlen(word);

	return strncmp(name, word, n) == 0 && name[n] == ' ' ? name + n + 1 : NULL;
}

const struct command *command_find_two(const char *first, const char *second)
{
	for (size_t i = 0; i < command_count; i++) {
		const char *rest = second_word(commands[i].name, first);
		if (rest && strcmp(rest, second) == 0)
			return &commands[i];
	}
	return NULL;
}

const struct command *command_group(const char *word)
{
	for (size_t i = 0; i < command_count; i++)
		if (second_word(commands[i].name, word))
			return &commands[i];
	return NULL;
}

void command_counts(const struct command *cmd, size_t *least, size_t *most)
{
	bool optional = false, inside = false;

	*least = *most = 0;
	for (const char *c = cmd->args; *c; c++) {
		if (*c == '[' || *c == ']') {
			optional = *c == '[';
		} else if (*c == ' ') {
			inside = false;
		} else if (!inside) {
			inside = true;
			++*most;
			*least += !optional;
		}
	}
}

bool command_has_word(const char *words, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = words; (at = strstr(at, name)) != NULL; at += n)
		if ((at == words || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
			return true;
	return false;
}

void command_unknown(const char *typed)
{
	size_t best = strlen(typed) / 4 + 2; /* fewer letters than this may differ */
	char word[32], nearest[32] = "";

	for (size_t i = 0; i < command_count; i++) {
		snprintf(word, sizeof word, "%.*s", (int)strcspn(commands[i].name, " "),
			commands[i].name);
		size_t d = config_distance(typed, word);
		if (d >= best)
			continue;
		best = d;
		memcpy(nearest, word, sizeof word);
	}
	cli_error("unknown command: %s%s%s%s (see alfisd --help)", typed,
		nearest[0] ? ", did you mean " : "", nearest, nearest[0] ? "?" : "");
}
