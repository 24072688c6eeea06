/* Prints node.toml from options.def and limits.def. Before: the command `config-template`. After:
 * standard output. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/template.h"
#include "config/keys.h"
#include "config/units.h"

enum { COLUMNS = 100 };

static const char *const head[] = {
	"Settings of alfisd. Every key stands here with its default: change what you like, leave "
	"out what you do not need. `alfisd check-config` finds every mistake, `alfisd config` shows what "
	"is in force and where it came from.",
	"Order: defaults < this file < environment (ALFISD_TABLE_KEY, such as ALFISD_NET_PUBLIC) < "
	"command line (--set table.key=value).",
	"Sizes are bytes, or text with kB, MB, GB (powers of 1024: 1 MB is 1048576 bytes). Times "
	"are seconds, or text with ms, s, min, h, d.",
};

static const char limits_note[] =
	"Every bound of the node. The worst case of all of them together must fit "
	"node.memory_budget; with a budget below 32 MB those that hold memory and are not set become "
	"smaller by themselves, and `alfisd check-config` and `alfisd config` tell to what. Each of "
	"these keys may also stand in [net].";

static const char params_note[] =
	"In a devnet the table [chain.params] may change these numbers: origin_difficulty, "
	"domain_difficulty, signer_difficulty, keystore_difficulty, blocks_without_discount, "
	"block_signers_start, low_height, healing_activation_height, ban_activation_height, "
	"healing_timeout, healing_timeout_fast, healing_window, ban_pool_floor, ban_draw_min, "
	"new_domains_interval, domain_lifetime, domain_renew_time, signing_wait, signing_poll.";

/* Prints a paragraph as "# " lines, wrapped between words. */
static void comment(FILE *out, const char *text)
{
	size_t column = 0;

	for (const char *p = text; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");
		if (column && column + 1 + n > COLUMNS) {
			fputc('\n', out);
			column = 0;
		}
		fprintf(out, "%s%.*s", column ? " " : "# ", (int)n, p);
		column += n + (column ? 1 : 2);
		p += n;
	}
	fputc('\n', out);
}

/* Prints which values are valid, and what happens at a bound. */
static void range(FILE *out, const struct config_key *key, const struct limit_row *row)
{
	char text[512], low[UNITS_TEXT_MAX], high[UNITS_TEXT_MAX];
	size_t n = 0;

	if (key->kind == KIND_ENUM) {
		n = (size_t)snprintf(text, sizeof text, "one of %s", key->choices);
		for (size_t i = 0; i < n; i++)
			if (text[i] == '|')
				text[i] = '/';
	} else if (key->kind == KIND_U64 || key->kind == KIND_SIZE || key->kind == KIND_TIME) {
		n = (size_t)snprintf(text, sizeof text, "%s to %s",
			config_number_text(key, key->min, low),
			config_number_text(key, key->max, high));
	}
	if (row)
		snprintf(text + n, sizeof text - n, "; %s: %s",
			row->unit == UNIT_MS ? "after that" : "at the bound", row->on_hit);
	if (n)
		comment(out, text);
}

/* Prints the default of a list: "a" alone, or ["a", "b"]. */
static void list_value(FILE *out, const char *items)
{
	bool several = !items[0] || strchr(items, '|');

	fputs(several ? "[" : "", out);
	while (*items) {
		size_t n = strcspn(items, "|");
		fprintf(out, "\"%.*s\"%s", (int)n, items, items[n] ? ", " : "");
		items += n + (items[n] == '|');
	}
	fputs(several ? "]\n" : "\n", out);
}

/* Prints a number. Counts, and sizes that are not a multiple of 1024, need no unit and no quotes.
 */
static void number_value(FILE *out, const struct config_key *key)
{
	char text[UNITS_TEXT_MAX];
	bool quotes = key->kind == KIND_TIME || (key->kind == KIND_SIZE && key->def % 1024 == 0);

	if (quotes)
		fprintf(out, "\"%s\"\n", config_number_text(key, key->def, text));
	else
		fprintf(out, "%" PRIu64 "\n", key->def);
}

static void print_key(FILE *out, int id)
{
	const struct config_key *key = &config_keys[id];
	const char *dot = strchr(key->path, '.');

	comment(out, key->reason);
	range(out, key, id < KEY_OPTIONS ? NULL : &limit_rows[id - KEY_OPTIONS]);
	fprintf(out, "%s = ", dot ? dot + 1 : key->path);
	if (key->kind == KIND_LIST)
		list_value(out, key->text);
	else if (key->kind == KIND_BOOL)
		fputs(key->def ? "true\n" : "false\n", out);
	else if (key->text)
		fprintf(out, "\"%s\"\n", key->text);
	else
		number_value(out, key);
	if (id == KEY_network)
		comment(out, params_note);
}

/* Length of the table's name in the path; 0 for a key outside of tables. */
static size_t table_length(int id)
{
	const char *path = config_keys[id].path, *dot = strchr(path, '.');

	return dot ? (size_t)(dot - path) : 0;
}

int config_template_print(FILE *out)
{
	for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
		comment(out, head[i]);
	for (int id = 0; id < CONFIG_KEYS; id++) {
		const char *path = config_keys[id].path;
		const char *before = id ? config_keys[id - 1].path : "";
		size_t n = table_length(id);
		fputc('\n', out);
		if (n && strncmp(path, before, n + 1) != 0) {
			fprintf(out, "[%.*s]\n", (int)n, path);
			if (id == KEY_OPTIONS)
				comment(out, limits_note);
			fputc('\n', out);
		}
		print_key(out, id);
	}
	return fflush(out) == 0 && !ferror(out) ? EXIT_DONE : EXIT_TASK_FAILED;
}
