/* The command `config`: prints every setting in force and its source. Before: node/settings.c read
 * all sources. After: standard output. */
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/term.h"
#include "config/shown.h"
#include "config/units.h"
#include "api/config_json.h"
#include "cli/config_view.h"

enum {
	SOURCE_COLUMN = 44,
	LINE_MAX_LEN = 2 * CONFIG_TEXT_MAX + 128,
	ANSWER_MAX = 1 << 20, /* enough for all lists full and all texts at their longest */
};

/* ---- one value ---- */

/* Writes a TOML string: in quotes, with " and \ escaped. */
static void put_quoted(struct wr *w, const char *text)
{
	wr_format(w, "\"");
	for (; *text; text++)
		wr_format(w, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	wr_format(w, "\"");
}

static void put_number(struct wr *w, const struct config_key *key, uint64_t v)
{
	char text[UNITS_TEXT_MAX];

	wr_format(w, key->kind == KIND_U64 ? "%s" : "\"%s\"", config_number_text(key, v, text));
}

/* Writes "[]", a list of one entry, or only "[" for a longer list: print_list() writes the rest. */
static void put_list(struct wr *w, const struct config_list *list)
{
	wr_format(w, "[");
	if (list->count == 1)
		put_quoted(w, list->ptr[0]);
	if (list->count <= 1)
		wr_format(w, "]");
}

static void put_value(struct wr *w, const struct config *c, enum config_key_id id)
{
	const struct config_key *key = &config_keys[id];
	const void *value = config_value_const(c, key);
	char room[SHOWN_MAX];

	if (key->kind == KIND_BOOL)
		wr_format(w, "%s", *(const bool *)value ? "true" : "false");
	else if (key->kind == KIND_LIST)
		put_list(w, value);
	else if (key->text)
		put_quoted(w, config_shown(c, id, room));
	else
		put_number(w, key, *(const uint64_t *)value);
}

/* ---- as text ---- */

/* Where the value came from: "default", "node.toml:12", "environment ALFISD_X", "command line", or
 * "follows limits.x" when another setting changed it. */
static void source_text(const struct config *c, enum config_key_id id, char *to, size_t size)
{
	const struct config_origin *from = &c->from[id];
	char name[CONFIG_TEXT_MAX], variable[CONFIG_TEXT_MAX];

	switch (from->source) {
	case SOURCE_DEFAULT:
		snprintf(to, size, "default");
		return;
	case SOURCE_FILE:
		snprintf(to, size, "%s:%u", c->file, from->line);
		return;
	case SOURCE_ENV:
		config_written(c, id, name);
		config_variable(name, variable);
		snprintf(to, size, "environment %s", variable);
		return;
	case SOURCE_SET:
		snprintf(to, size, "command line");
		return;
	case SOURCE_TIED:
		snprintf(to, size, "follows %s", config_keys[from->because].path);
		return;
	}
}

/* Prints the source as a comment after the value, or on a line before it when both do not fit. */
static void print_line(const char *line, const char *source, size_t columns, FILE *out)
{
	size_t n = strlen(line), at = n < SOURCE_COLUMN ? SOURCE_COLUMN : n;

	if (columns && at + 3 + strlen(source) > columns)
		fprintf(out, "# %s\n%s\n", source, line);
	else
		fprintf(out, "%-*s # %s\n", SOURCE_COLUMN, line, source);
}

/* Prints the entries of a longer list, one a line, and the "]". */
static void print_list(const struct config_list *list, FILE *out)
{
	char line[LINE_MAX_LEN];

	for (size_t i = 0; i < list->count; i++) {
		struct wr w = wr_of(line, sizeof line);
		put_quoted(&w, list->ptr[i]);
		fprintf(out, "    %.*s,\n", (int)w.n, line);
	}
	fputs("]\n", out);
}

static void print_setting(const struct config *c, enum config_key_id id, size_t columns, FILE *out)
{
	char source[CONFIG_TEXT_MAX + 32], line[LINE_MAX_LEN + SHOWN_MAX];
	struct wr w = wr_of(line, sizeof line - 1);

	source_text(c, id, source, sizeof source);
	wr_format(&w, "%s = ", config_keys[id].path);
	put_value(&w, c, id);
	line[w.n] = 0;
	print_line(line, source, columns, out);
	if (line[w.n - 1] == '[')
		print_list(config_value_const(c, &config_keys[id]), out);
}

void config_view_text(const struct config *c, size_t columns, FILE *out)
{
	char line[CONFIG_TEXT_MAX];

	for (enum config_key_id id = 0; id < CONFIG_KEYS; id++)
		print_setting(c, id, columns, out);
	for (size_t i = 0; i < c->param_count; i++) {
		snprintf(line, sizeof line, "chain.params.%s = %" PRIu64, c->params[i].name,
			c->params[i].value);
		print_line(line, c->params[i].place, columns, out);
	}
}

/* ---- the command ---- */

static int print_json(const struct config *c)
{
	struct wr w = wr_of(mem_alloc(ANSWER_MAX), ANSWER_MAX);

	if (!w.p) {
		cli_error("config: out of memory");
		return EXIT_TASK_FAILED;
	}
	config_json(c, &w);
	printf("%.*s\n", (int)w.n, (const char *)w.p);
	mem_free(w.p);
	return EXIT_DONE;
}

int cmd_config(const struct cli *cli, struct config *c)
{
	if (cli->json)
		return print_json(c);
	config_view_text(c, term_width(), stdout);
	return EXIT_DONE;
}
