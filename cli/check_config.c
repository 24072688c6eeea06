/* The command `check-config`: reports all errors in the settings, and how much memory the node can
 * use with them. Before: node/settings.c read and judged them. After: standard output; the node is
 * not started. */
#include <string.h>

#include "api/query.h"
#include "base/human.h"
#include "base/json.h"
#include "config/memory.h"
#include "cli/check_config.h"
#include "cli/cli.h"
#include "cli/rate.h"
#include "node/node.h"
#include "cli/term.h"
#include "owner/draft.h"

enum { NUMBERS = 3, WORDS_MIN = 16, PIECE = 8192 };

/* One line of the table. The longest texts decide the widths of the columns. */
struct row {
	const char *name, *on_hit;
	char number[NUMBERS][HUMAN_MAX]; /* value, default, worst case */
};

struct widths {
	int name, number[NUMBERS];
};

/* ---- the table ---- */

static void number_text(enum limit_unit unit, uint64_t v, char to[HUMAN_MAX])
{
	if (unit == UNIT_BYTES)
		human_bytes(v, to);
	else if (unit == UNIT_MS)
		human_ms(v, to);
	else
		human_count(v, to);
}

/* Fills the row of limit i. True when it is to be shown. */
static bool make_row(const struct check_config *w, size_t i, struct row *to)
{
	const struct limit_row *limit = &limit_rows[i];
	uint64_t value = limits_bound_const(&w->c->limits, i)->max;
	uint64_t worst = limits_worst_bytes(&w->c->limits, i);

	*to = (struct row){.name = limit->name, .on_hit = limit->on_hit};
	number_text(limit->unit, value, to->number[0]);
	number_text(limit->unit, limit->def, to->number[1]);
	if (worst > 0)
		human_bytes(worst, to->number[2]);
	/* A limit without a cost is shown if it was changed: its user looks for it here. */
	return w->all || worst > 0 || value != limit->def;
}

static const struct row heading = {"row", "at the bound", {"value", "default", "worst case"}};

static void widen(struct widths *w, const struct row *r)
{
	int n = (int)strlen(r->name);

	w->name = n > w->name ? n : w->name;
	for (int i = 0; i < NUMBERS; i++) {
		n = (int)strlen(r->number[i]);
		w->number[i] = n > w->number[i] ? n : w->number[i];
	}
}

/* Prints text wrapped in the last column of the line. */
static void print_words(const char *text, size_t indent, size_t room, FILE *out)
{
	size_t at = 0;

	for (; *text; text += strspn(text, " ")) {
		size_t n = strcspn(text, " ");
		if (at > 0 && at + 1 + n > room) {
			fprintf(out, "\n%*s", (int)indent, "");
			at = 0;
		}
		fprintf(out, "%s%.*s", at ? " " : "", (int)n, text);
		at += n + (at > 0);
		text += n;
	}
	fputc('\n', out);
}

static void print_row(const struct widths *w, const struct row *r, size_t columns, FILE *out)
{
	int n = fprintf(out, "%-*s  %*s  %*s  %*s  ", w->name, r->name, w->number[0], r->number[0],
		w->number[1], r->number[1], w->number[2], r->number[2]);
	size_t indent = n < 0 ? 0 : (size_t)n;

	if (columns && indent + WORDS_MIN > columns) /* no space left: start a new line */
		fprintf(out, "\n%*s", (int)(indent = 4), "");
	print_words(r->on_hit, indent, columns ? columns - indent : SIZE_MAX, out);
}

/* Returns the number of rows that were not shown. */
static size_t print_table(const struct check_config *w, FILE *out)
{
	struct widths widths = {0};
	struct row row;
	size_t left_out = 0;

	widen(&widths, &heading);
	for (size_t i = 0; i < LIMIT_ROWS; i++)
		if (make_row(w, i, &row))
			widen(&widths, &row);
	print_row(&widths, &heading, w->columns, out);
	for (size_t i = 0; i < LIMIT_ROWS; i++)
		if (make_row(w, i, &row))
			print_row(&widths, &row, w->columns, out);
		else
			left_out++;
	return left_out;
}

static void print_sum(const struct config *c, FILE *out)
{
	uint64_t sum = memory_sum(&c->limits), budget = c->memory_budget;
	char total[HUMAN_MAX], of[HUMAN_MAX], rest[HUMAN_MAX];

	fprintf(out, "sum of worst cases %s, memory_budget %s: ", human_bytes(sum, total),
		human_bytes(budget, of));
	if (sum > budget)
		fprintf(out, "%s too much\n", human_bytes(sum - budget, rest));
	else
		fprintf(out, "fits, %s to spare\n", human_bytes(budget - sum, rest));
	fprintf(out, "beside it at most %s for the process and %u checkers of blocks\n",
		human_bytes(memory_fixed(node_threads(c)), total), node_threads(c));
}

static void print_rate(const struct check_config *w, FILE *out)
{
	char text[DRAFT_WORDS_MAX], bytes[HUMAN_MAX];

	fprintf(out, "mine_scratch_bytes of %s buy for a new name: %s\n",
		human_bytes(w->c->limits.mine_scratch_bytes.max, bytes),
		draft_say_time(w->difficulty, w->rate, text));
}

void check_config_print(const struct check_config *w, FILE *out)
{
	const struct config *c = w->c;

	for (size_t i = 0; i < c->notice_count; i++)
		fprintf(out, "%s\n", c->notices[i]);
	size_t left_out = print_table(w, out);
	if (left_out)
		fprintf(out, "%zu rows that hold no memory of their own: --all shows them\n",
			left_out);
	print_sum(c, out);
	if (w->rate > 0)
		print_rate(w, out);
	if (c->error_count == 0)
		fprintf(out, "%s: ok\n", c->file[0] ? c->file : "no file, defaults only");
}

/* ---- JSON ---- */

/* Prints the JSON so far, so that the buffer must hold one element only. */
static void flush(struct json_wr *j, FILE *out)
{
	fwrite(j->w->p, 1, j->w->n, out);
	j->w->n = 0;
}

static void put_limit(struct json_wr *j, const struct config *c, size_t i)
{
	static const char *const units[] = {"count", "bytes", "ms"};
	const struct limit_row *row = &limit_rows[i];

	json_open(j, NULL, '{');
	json_str(j, "row", row->name);
	json_str(j, "unit", units[row->unit]);
	json_u64(j, "value", limits_bound_const(&c->limits, i)->max);
	json_u64(j, "default", row->def);
	json_str(j, "on_hit", row->on_hit);
	json_u64(j, "worst_bytes", limits_worst_bytes(&c->limits, i));
	json_close(j, '}');
}

static void put_said(struct json_wr *j, const struct config *c, FILE *out)
{
	json_open(j, "errors", '[');
	for (size_t i = 0; i < c->error_count && i < CONFIG_ERRORS_MAX; i++) {
		json_str(j, NULL, c->errors[i].text);
		flush(j, out);
	}
	json_close(j, ']');
	json_open(j, "notices", '[');
	for (size_t i = 0; i < c->notice_count; i++) {
		json_str(j, NULL, c->notices[i]);
		flush(j, out);
	}
	json_close(j, ']');
}

void check_config_json(const struct check_config *w, FILE *out)
{
	const struct config *c = w->c;
	uint8_t piece[PIECE];
	struct wr buffer = wr_of(piece, sizeof piece);
	struct json_wr j = {.w = &buffer};

	json_open(&j, NULL, '{');
	json_str(&j, "file", c->file);
	json_bool(&j, "ok", c->error_count == 0);
	json_u64(&j, "error_count", c->error_count);
	put_said(&j, c, out);
	json_open(&j, "limits", '[');
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		put_limit(&j, c, i);
		flush(&j, out);
	}
	json_close(&j, ']');
	json_u64(&j, "memory_worst_bytes", memory_sum(&c->limits));
	json_u64(&j, "memory_budget_bytes", c->memory_budget);
	json_u64(&j, "memory_fixed_bytes", memory_fixed(node_threads(c)));
	query_put_search_time(&j, w->difficulty, w->rate);
	json_close(&j, '}');
	flush(&j, out);
	fputc('\n', out);
}

/* ---- the command ---- */

/* How fast a node with a key would search for a block. */
static void measure(struct check_config *w)
{
	struct chain_params p;

	if (!w->c->limits.owner || !node_params(w->c, &p))
		return;
	w->difficulty = p.domain_difficulty;
	w->rate = rate_measured(w->c);
}

static void tell_errors(const struct config *c)
{
	for (size_t i = 0; i < c->error_count && i < CONFIG_ERRORS_MAX; i++)
		cli_error_at_place(c->errors[i].text);
	if (c->error_count > CONFIG_ERRORS_MAX)
		fprintf(stderr, "and %zu more errors\n", c->error_count - CONFIG_ERRORS_MAX);
}

int cmd_check_config(const struct cli *cli, struct config *c)
{
	struct check_config w = {.c = c, .all = cli->all, .columns = term_width()};

	/* with errors some values are defaults, and the figures would mislead */
	bool read = c->error_count == 0;
	settings_judge(c);
	if (read) {
		node_dns_judge_hosts(c);
		node_dns_judge_tls(c);
	}
	if (read)
		measure(&w);
	if (cli->json)
		check_config_json(&w, stdout);
	else if (read)
		check_config_print(&w, stdout);
	fflush(stdout); /* so that errors come last on a terminal; cli_finish() reports a failure */
	if (!cli->json)
		tell_errors(c);
	return c->error_count ? EXIT_USAGE : EXIT_DONE;
}
