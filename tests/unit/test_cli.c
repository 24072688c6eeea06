/* The command line: every way to say it, and what is refused. */
#include <string.h>

#include "cli/cli.h"
#include "tests/unit/main.h"

enum { WORDS_MAX = 12 };

static struct cli cli;

/* The line is cut at its spaces; '' is an empty word. */
static bool parse(const char *line)
{
	static char text[256];
	char *words[WORDS_MAX + 1] = {NULL};
	int n = 0;

	snprintf(text, sizeof text, "%s", line);
	for (char *word = strtok(text, " "); word && n < WORDS_MAX; word = strtok(NULL, " "))
		words[n++] = strcmp(word, "''") == 0 ? word + 2 : word;
	return cli_parse(n, words, &cli);
}

static void commands_and_their_words(void **state)
{
	(void)state;
	assert_true(parse("alfisd"));
	assert_string_equal(cli.command, "run");
	assert_true(parse("")); /* a program may be started without even its own name */
	assert_string_equal(cli.command, "run");
	assert_true(parse("alfisd ban 10.1.1.1 60"));
	assert_string_equal(cli.command, "ban");
	assert_int_equal(cli.arg_count, 2);
	assert_string_equal(cli.args[1], "60");
	assert_false(parse("alfisd ban"));
	assert_false(parse("alfisd ban 1 2 3"));
	assert_false(parse("alfisd stop now"));
	assert_false(parse("alfisd stpo"));
	assert_false(parse("alfisd ''"));
	assert_false(parse("alfisd ban 1 2 3 4 5 6"));
}

static void options(void **state)
{
	(void)state;
	assert_true(parse("alfisd --config a.toml status --data-dir=d --set x.y=1 --json"));
	assert_string_equal(cli.config_file, "a.toml");
	assert_int_equal(cli.set_count, 2);
	assert_string_equal(cli.sets[0], "node.data_dir=d");
	assert_string_equal(cli.sets[1], "x.y=1");
	assert_true(cli.json);
	assert_true(parse("alfisd --log-level debug"));
	assert_string_equal(cli.sets[0], "log.level=debug");
	assert_false(parse("alfisd --config"));
	assert_false(parse("alfisd --set x"));
	assert_false(parse("alfisd --jsn"));
	assert_false(parse("alfisd status --json=yes"));
	assert_false(parse("alfisd -x"));
	assert_true(parse("alfisd export -")); /* a word, not an option */
	assert_string_equal(cli.args[0], "-");
}

static void options_without_effect(void **state)
{
	(void)state;
	assert_true(parse("alfisd status --watch --all"));
	assert_false(parse("alfisd stop --watch"));
	assert_false(parse("alfisd --json"));
	assert_false(parse("alfisd run --all"));
	assert_false(parse("alfisd peers --check"));
	assert_false(parse("alfisd status --verbose"));
	assert_false(parse("alfisd version --json"));
	assert_true(parse("alfisd version --verbose"));
}

static void help_and_version(void **state)
{
	static const char *const version[] = {
		"version", "--version", "-V", "-v", "status --version"};
	static const char *const help[] = {"help status", "status --help", "-h status",
		"status --json -h", "import -h", "ban --help"};
	char line[64];
	(void)state;

	for (size_t i = 0; i < sizeof version / sizeof version[0]; i++) {
		snprintf(line, sizeof line, "alfisd %s", version[i]);
		assert_true(parse(line));
		assert_string_equal(cli.command, "version");
	}
	for (size_t i = 0; i < sizeof help / sizeof help[0]; i++) {
		snprintf(line, sizeof line, "alfisd %s", help[i]);
		assert_true(parse(line));
		assert_string_equal(cli.command, "help");
		assert_int_equal(cli.arg_count, 1);
	}
	assert_true(parse("alfisd --help"));
	assert_int_equal(cli.arg_count, 0);
}

static void behind_two_dashes(void **state)
{
	(void)state;
	assert_true(parse("alfisd export -- --json"));
	assert_string_equal(cli.args[0], "--json");
	assert_false(cli.json);
	assert_true(parse("alfisd --"));
	assert_string_equal(cli.command, "run");
	assert_true(parse("alfisd unban -- --"));
	assert_string_equal(cli.args[0], "--");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_and_their_words),
		cmocka_unit_test(options),
		cmocka_unit_test(options_without_effect),
		cmocka_unit_test(help_and_version),
		cmocka_unit_test(behind_two_dashes),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
