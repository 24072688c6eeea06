/* The tables of commands and options: each row fits the others, and the paths that it asks for. */
#include <string.h>

#include "api/routes.h"
#include "cli/ctl.h"
#include "http/request.h"
#include "tests/unit/main.h"

enum { WORDS_MAX = 256 };

/* Calls `expect` with each of the words, which are divided by spaces. */
static void each_word(
	const char *words, void (*expect)(const char *word, const void *with), const void *with)
{
	char text[WORDS_MAX];

	snprintf(text, sizeof text, "%s", words);
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		expect(word, with);
}

/* ---- names ---- */

static void test_names_are_found(void **state)
{
	char first[64];
	(void)state;

	for (size_t i = 0; i < command_count; i++) {
		const struct command *cmd = &commands[i];
		const char *second = strchr(cmd->name, ' ');

		assert_ptr_equal(command_find(cmd->name), cmd);
		snprintf(first, sizeof first, "%.*s", (int)strcspn(cmd->name, " "), cmd->name);
		if (second)
			assert_ptr_equal(command_find_two(first, second + 1), cmd);
		/* A first word is a command, or begins some: never both. */
		assert_true((command_find(first) == NULL) == (command_group(first) != NULL));
	}
	assert_null(command_find("pee"));
	assert_null(command_find_two("pee", "r add"));
	assert_null(command_find_two("peer", "ad"));
	assert_null(command_group("pee"));
}

/* Only then does --help have one line for them. */
static void test_groups_stand_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++) {
		size_t n = strcspn(commands[i].name, " ");
		bool ended = false;

		for (size_t k = i + 1; commands[i].name[n] && k < command_count; k++) {
			bool same = strncmp(commands[k].name, commands[i].name, n + 1) == 0;
			if (same && ended)
				fail_msg("%s", commands[k].name);
			ended = !same;
		}
	}
}

static void test_counts_follow_from_the_arguments(void **state)
{
	static const struct {
		const char *args;
		size_t least, most;
	} rows[] = {{"", 0, 0}, {"ADDR", 1, 1}, {"ADDR [SECONDS]", 1, 2}, {"[COMMAND]", 0, 1},
		{"N|HASH", 1, 1}, {"NAME [TYPE] [CLASS]", 1, 3}, {"[A B] C", 1, 3}};
	size_t least, most;
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		command_counts(&(struct command){.args = rows[i].args}, &least, &most);
		assert_int_equal(least, rows[i].least);
		assert_int_equal(most, rows[i].most);
	}
	for (size_t i = 0; i < command_count; i++) {
		command_counts(&commands[i], &least, &most);
		assert_true(most <= CLI_ARGS_MAX);
	}
}

static void test_words_of_a_list(void **state)
{
	(void)state;
	assert_true(command_has_word("json watch all", "json"));
	assert_true(command_has_word("json watch all", "watch"));
	assert_true(command_has_word("json watch all", "all"));
	assert_false(command_has_word("json watch all", "wat"));
	assert_false(command_has_word("json watch all", "atch"));
	assert_false(command_has_word("", "all"));
	assert_true(command_has_word("allow all", "all"));
}

/* ---- options ---- */

static void expect_option(const char *word, const void *with)
{
	const struct command *cmd = with;
	const struct cli_option *o = cli_option_find(word);

	if (!o || o->everywhere)
		fail_msg("%s names the option %s", cmd->name, word);
}

static void test_options_exist(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++)
		each_word(commands[i].options, expect_option, &commands[i]);
	for (size_t i = 0; i < cli_option_count; i++) {
		bool taken = cli_options[i].everywhere;
		for (size_t k = 0; k < command_count; k++)
			taken = taken || command_has_word(commands[k].options, cli_options[i].name);
		if (!taken)
			fail_msg("no command takes --%s", cli_options[i].name);
	}
}

static void expect_taken(const char *word, const void *with)
{
	const struct command *cmd = with;

	if (!command_has_word(cmd->options, word))
		fail_msg("%s sends --%s, which it does not take", cmd->name, word);
}

static void test_only_taken_options_are_sent(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++)
		if (commands[i].method)
			each_word(commands[i].sends, expect_taken, &commands[i]);
}

/* ---- paths ---- */

static void expect_argument(const char *word, const void *with)
{
	const struct api_path *path = with;

	if (!command_has_word(path->args, word))
		fail_msg("%s takes no %s", path->path, word);
}

static size_t count_words(const char *words)
{
	size_t n = words[0] != 0;

	for (; *words; words++)
		n += *words == ' ';
	return n;
}

/* Is the first argument a part of the path? */
static bool is_below(const struct command *cmd)
{
	return cmd->path[strlen(cmd->path) - 1] == '/';
}

static const struct api_path *path_of(const struct command *cmd)
{
	static struct http_request q;
	char text[WORDS_MAX];
	const char *takes;

	snprintf(text, sizeof text, "%s %s%s HTTP/1.0\r\n\r\n", cmd->method, cmd->path,
		is_below(cmd) ? "1" : "");
	assert_int_equal(http_parse(slice_str(text), &q), HTTP_DONE);
	const struct api_path *path = api_path_find(&q, &takes);
	if (!path)
		fail_msg("%s asks for %s %s", cmd->name, cmd->method, cmd->path);
	return path;
}

/* Each argument of a command has a key, which the path takes like the options that are sent. */
static void test_what_commands_ask(void **state)
{
	size_t asked = 0, least, most;
	(void)state;

	for (size_t i = 0; i < command_count; i++) {
		const struct command *cmd = &commands[i];
		if (!cmd->method)
			continue;
		command_counts(cmd, &least, &most);
		assert_int_equal(count_words(cmd->keys), most);
		each_word(cmd->keys + (is_below(cmd) ? strcspn(cmd->keys, " ") : 0),
			expect_argument, path_of(cmd));
		each_word(cmd->sends, expect_argument, path_of(cmd));
		asked++;
	}
	assert_true(asked > 10);
}

/* ---- requests ---- */

static void expect_request(const struct cli *cli, const struct command *cmd, const char *expected)
{
	char text[WORDS_MAX] = "";

	assert_true(ctl_make_request(cli, cmd, text, sizeof text));
	assert_string_equal(text, expected);
}

static void test_requests_follow_from_the_row(void **state)
{
	static const struct command ask = {.name = "peer add",
					    .method = "POST",
					    .path = "/x",
					    .keys = "address seconds",
					    .sends = "once log-level"},
				    look = {.name = "job show",
					    .method = "GET",
					    .path = "/jobs/",
					    .keys = "job part",
					    .sends = "all"};
	struct cli cli = {.args = {"10.1.1.1"}, .arg_count = 1};
	(void)state;

	expect_request(&(struct cli){0}, &ask, "POST /x");
	expect_request(&cli, &ask, "POST /x?address=10%2E1%2E1%2E1");
	cli.once = cli.all = true; /* it does not send --all */
	expect_request(&cli, &ask, "POST /x?address=10%2E1%2E1%2E1&once");
	cli.args[cli.arg_count++] = "1 h";
	cli.log_level = "a&b";
	expect_request(
		&cli, &ask, "POST /x?address=10%2E1%2E1%2E1&seconds=1%20h&log-level=a%26b&once");
	expect_request(&cli, &look, "GET /jobs/10%2E1%2E1%2E1?part=1%20h&all");
	cli = (struct cli){.args = {"7"}, .arg_count = 1};
	expect_request(&cli, &look, "GET /jobs/7");
}

static void test_requests_that_are_none(void **state)
{
	static const struct command ask = {
		.name = "peer add", .method = "POST", .path = "/x", .keys = "address", .sends = ""};
	static const char *const bad[] = {"", "a b", "a\n", "\x7F"};
	char text[24];
	struct cli cli = {.arg_count = 1};
	(void)state;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		cli.args[0] = bad[i];
		assert_false(ctl_make_request(&cli, &ask, text, sizeof text));
	}
	cli.args[0] = "abcd";
	assert_true(ctl_make_request(&cli, &ask, text, sizeof text));
	cli.args[0] = "abcdefgh";
	assert_false(ctl_make_request(&cli, &ask, text, sizeof text));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_found),
		cmocka_unit_test(test_groups_stand_together),
		cmocka_unit_test(test_counts_follow_from_the_arguments),
		cmocka_unit_test(test_words_of_a_list),
		cmocka_unit_test(test_options_exist),
		cmocka_unit_test(test_only_taken_options_are_sent),
		cmocka_unit_test(test_what_commands_ask),
		cmocka_unit_test(test_requests_follow_from_the_row),
		cmocka_unit_test(test_requests_that_are_none),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
