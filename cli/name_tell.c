/* Prints a change of a name before it is made: what changes, what it costs, and every test that
 * fails. See cli/name_change.h. Before: cli/prepare.c, cli/domain_ask.c. After: owner/draft.h. */
#include <stdio.h>

#include "api/query.h"
#include "base/human.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/name_change.h"
#include "cli/print.h"

enum { JSON_MAX = 8 * NAME_CHANGE_LINES };

/* ---- the tests ---- */

static void say_refusal(void *ctx, const struct draft *d, const struct draft_refusal *f)
{
	char text[DRAFT_WORDS_MAX];

	(void)ctx;
	cli_error("%s", cli_printable(draft_say(d, f, text)));
}

bool name_change_refused(const struct name_change *c, const struct draft *d)
{
	return draft_each(d, c->cli->json ? NULL : say_refusal, NULL);
}

/* ---- JSON ---- */

/* The next line of a text, without its end. */
static bool take_line(struct rd *r, struct slice *line)
{
	if (!r->left)
		return false;
	const uint8_t *end = memchr(r->p, '\n', r->left);
	*line = rd_bytes(r, end ? (size_t)(end - r->p) : r->left);
	rd_bytes(r, end ? 1 : 0);
	return true;
}

static void put_lines(struct json_wr *j, const char *key, struct slice text)
{
	struct rd r = rd_of(text);
	struct slice line;

	json_open(j, key, '[');
	while (take_line(&r, &line))
		json_text(j, NULL, line);
	json_close(j, ']');
}

static void put_all(struct name_change *p, const struct draft *d, const struct draft_price *price,
	struct json_wr *j)
{
	char text[DRAFT_WORDS_MAX];

	json_open(j, NULL, '{');
	json_text(j, "name", d->name);
	query_put_draft_refusals(j, d);
	json_u64(j, "index", d->b.index);
	json_u64(j, "difficulty", price->difficulty);
	json_str(j, "difficulty_reason", draft_reason_name(price->reason));
	json_str(j, "difficulty_text", draft_say_price(price, text));
	json_number(j, "mean_hashes", draft_mean_hashes(price->difficulty));
	query_put_search_time(j, price->difficulty, p->rate);
	json_u64(j, "block_bytes", d->block_bytes);
	put_lines(j, "before", wr_done(&p->lines_before));
	put_lines(j, "after", wr_done(&p->lines_after));
	put_lines(j, "diff", wr_done(&p->diff));
	json_text(j, "data", d->tx.data);
	json_close(j, '}');
}

static void tell_json(struct name_change *p, const struct draft *d, const struct draft_price *price)
{
	uint8_t *space = mem_alloc(JSON_MAX);
	struct wr w = wr_of(space, space ? JSON_MAX : 0);
	struct json_wr j = {.w = &w};

	put_all(p, d, price, &j);
	print_json(stdout, wr_done(&w));
	mem_free(space);
}

/* ---- text ---- */

static void print_line(struct slice line)
{
	char *copy = mem_alloc(line.n + 1);

	if (copy && line.n)
		memcpy(copy, line.p, line.n);
	printf("%s\n", copy ? cli_printable(copy) : "");
	mem_free(copy);
}

void name_change_tell(struct name_change *p, const struct draft *d, const struct draft_price *price)
{
	char text[DRAFT_WORDS_MAX], bytes[HUMAN_MAX];
	struct rd lines = rd_of(wr_done(&p->diff));
	struct slice line;

	if (p->cli->json) {
		tell_json(p, d, price);
		return;
	}
	while (take_line(&lines, &line))
		print_line(line);
	if (p->cli->dry_run && d->tx.data.n) {
		printf("data, with zeros where its name will be encrypted:\n");
		print_line(d->tx.data);
	}
	printf("%s\n", draft_say_price(price, text));
	printf("%s\n", draft_say_time(price->difficulty, p->rate, text));
	if (d->block_bytes)
		printf("a block of %s at most\n", human_bytes(d->block_bytes, bytes));
}
