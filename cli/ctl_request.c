/* Makes the request of a command that asks the running node, from its row in cli/commands.def and
 * the words that were typed. Before: cli/ctl.c. After: cli/ctl_link.c sends it. */
#include <ctype.h>
#include <string.h>

#include "cli/ctl.h"

/* False for an empty argument, and for one with spaces or control characters. */
static bool is_text(const char *s)
{
	const char *end = s;

	while ((unsigned char)*end > 0x20 && *end != 0x7F)
		end++;
	return end != s && !*end;
}

void ctl_put_encoded(struct wr *w, struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		wr_format(w, isalnum(text.p[i]) ? "%c" : "%%%02X", text.p[i]);
}

/* A part of the query: a key, and its value unless that is NULL. */
struct query {
	struct wr *w;
	bool any;
};

static void put_query(struct query *q, const char *key, size_t key_length, const char *value)
{
	wr_format(q->w, "%s%.*s%s", q->any ? "&" : "?", (int)key_length, key, value ? "=" : "");
	ctl_put_encoded(q->w, slice_str(value ? value : ""));
	q->any = true;
}

/* The next of the words, which are divided by spaces; *n = 0 behind the last one. */
static const char *next_word(const char **words, size_t *n)
{
	const char *word = *words + strspn(*words, " ");

	*n = strcspn(word, " ");
	*words = word + *n;
	return word;
}

/* The arguments, each by its key. */
static void put_arguments(struct query *q, const struct cli *cli, const char *keys, size_t first)
{
	size_t n;

	for (size_t i = first; i < cli->arg_count; i++) {
		const char *key = next_word(&keys, &n);
		put_query(q, key, n, cli->args[i]);
	}
}

/* The options that the node is told of. */
static void put_options(struct query *q, const struct cli *cli, const char *sends)
{
	for (size_t i = 0; i < cli_option_count; i++) {
		const struct cli_option *o = &cli_options[i];
		const void *field = (const char *)cli + o->offset;

		if (command_has_word(sends, o->name) && cli_option_given(cli, o))
			put_query(q, o->name, strlen(o->name),
				o->value ? *(const char *const *)field : NULL);
	}
}

/* The first argument is a name or an address, which has no spaces. False after printing an error.
 */
static bool first_is_good(const struct cli *cli, const struct command *cmd)
{
	const char *keys = cmd->keys, *key, *word = cli->args[0];
	size_t n;

	if (!cli->arg_count || is_text(word))
		return true;
	key = next_word(&keys, &n);
	cli_error("%s: the %.*s %s", cmd->name, (int)n, key,
		word[0] ? "has spaces or control characters in it" : "is empty");
	return false;
}

bool ctl_make_request(const struct cli *cli, const struct command *cmd, char *to, size_t size)
{
	struct wr w = wr_of(to, size);
	struct query q = {.w = &w};
	bool in_path = cmd->path[strlen(cmd->path) - 1] == '/';
	const char *keys = cmd->keys;
	size_t n;

	if (!first_is_good(cli, cmd))
		return false;
	wr_format(&w, "%s %s", cmd->method, cmd->path);
	if (in_path) {
		next_word(&keys, &n);
		ctl_put_encoded(&w, slice_str(cli->args[0]));
	}
	put_arguments(&q, cli, keys, in_path ? 1 : 0);
	put_options(&q, cli, cmd->sends);
	wr_u8(&w, 0);
	if (w.bad)
		cli_error("%s: the arguments are too long", cmd->name);
	return !w.bad;
}
