/* Prints whether a name may be mined, for `domain check`. Before: cli/show.c; api/query_check.c
 * made the JSON. After: cli/out.c. */
#include <stdlib.h>

#include "base/human.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/print.h"
#include "owner/draft.h"

enum { DIGITS = 16 /* of an identity */, OWNED_LINE_MAX = 2048 };

static void put_refusals(struct out *o, struct slice json)
{
	struct slice refusals = print_inner(json, "refusals"), f;
	char text[PRINT_TEXT_MAX];

	for (size_t at = 0; json_element(refusals, &at, &f);)
		out_wrapped(o, "    ", print_text(f, "text", text));
}

/* How long that takes here. */
static void put_time(struct out *o, struct slice json)
{
	double rate = print_number(json, "hashes_a_second");
	char text[DRAFT_WORDS_MAX], line[DRAFT_WORDS_MAX + 32];

	if (rate <= 0)
		return;
	snprintf(line, sizeof line, "it takes %s",
		draft_say_time(print_u64(json, "difficulty"), rate, text));
	out_wrapped(o, "    ", line);
}

void print_check(struct out *o, struct slice json)
{
	char name[PRINT_TEXT_MAX], text[PRINT_TEXT_MAX], when[HUMAN_MAX], number[HUMAN_MAX];
	bool may = print_bool(json, "may_mine");
	uint64_t waits = print_u64(json, "waits_for_block"),
		 height = print_u64(json, "as_of_height");

	if (may)
		out_line(o, "%s: may be mined", print_text(json, "name", name));
	put_refusals(o, json);
	if (may) {
		out_line(o, "%s, %s hashes on average", print_text(json, "difficulty_text", text),
			human_count((uint64_t)(print_number(json, "mean_hashes") + 0.5), number));
		put_time(o, json);
	}
	if (may && waits)
		out_line(o, "not before block %s has its signatures", human_count(waits, number));
	if (height)
		out_line(o, "as of block %s of %s", human_count(height, number),
			human_date(print_i64(json, "as_of_timestamp"), when));
}

/* What it is called, or its identity and zone. */
static void owned_title(struct slice d, char to[PRINT_TEXT_MAX])
{
	char identity[PRINT_TEXT_MAX], zone[PRINT_TEXT_MAX];

	if (print_text(d, "name", to)[0])
		return;
	snprintf(to, PRINT_TEXT_MAX, "%.*s…  %.64s", DIGITS, print_text(d, "identity", identity),
		print_text(d, "zone", zone));
}

/* "alive, expires DATE (in 165 d)", and the date of 0.10 where it differs. */
static void owned_dates(const struct out *o, struct slice d, struct wr *w)
{
	char state[PRINT_TEXT_MAX], date[HUMAN_MAX], ago[HUMAN_MAX];
	int64_t until = print_i64(d, "expires_timestamp");
	int64_t other = print_i64(d, "shown_by_0_10_timestamp");

	print_text(d, "state", state);
	wr_format(w, "%.16s, %s %s (%s)", state,
		strcmp(state, "alive") == 0 ? "expires" : "expired", human_date(until, date),
		human_ago(until, o->now, ago));
	if (other != until)
		wr_format(w, ", 0.10 shows %s", human_date(other, date));
}

/* "example.ygg  alive, expires DATE (in 165 d), key main, 3 records, changed DATE in block 52" */
static void put_owned(struct out *o, struct slice d)
{
	char title[PRINT_TEXT_MAX], text[PRINT_TEXT_MAX], line[OWNED_LINE_MAX], date[HUMAN_MAX];
	struct wr w = wr_of(line, sizeof line - 1);
	uint64_t records = print_u64(d, "records");

	owned_title(d, title);
	wr_format(&w, "%.300s  ", title);
	owned_dates(o, d, &w);
	if (print_text(d, "key", text)[0])
		wr_format(&w, ", key %.64s", text);
	wr_format(&w, ", %llu record%s, changed %s in block %llu", (unsigned long long)records,
		records == 1 ? "" : "s", human_date(print_i64(d, "changed_timestamp"), date),
		(unsigned long long)print_u64(d, "block"));
	if (print_bool(d, "resolves_from_next_block"))
		wr_format(&w, ", resolves from the next block on");
	if (print_text(d, "name_reason", text)[0])
		wr_format(&w, "; %.400s", text);
	if (print_text(d, "claimed_name", text)[0])
		wr_format(&w, "; it says \"%.300s\"", text);
	line[wr_done(&w).n] = 0;
	out_wrapped(o, "    ", line);
}

/* By name, and those that have none behind them. */
static int compare_names(const void *a, const void *b)
{
	char one[PRINT_TEXT_MAX], two[PRINT_TEXT_MAX];

	print_text(*(const struct slice *)a, "name", one);
	print_text(*(const struct slice *)b, "name", two);
	if (!one[0] != !two[0])
		return one[0] ? -1 : 1;
	if (!one[0]) {
		print_text(*(const struct slice *)a, "identity", one);
		print_text(*(const struct slice *)b, "identity", two);
	}
	return strcmp(one, two);
}

static void put_sorted(struct out *o, struct slice domains)
{
	struct slice one, *all;
	size_t n = 0, i = 0;

	for (size_t at = 0; json_element(domains, &at, &one);)
		n++;
	all = mem_alloc((n + 1) * sizeof *all);
	if (!all) {
		out_line(o, "out of memory");
		return;
	}
	for (size_t at = 0; json_element(domains, &at, &one);)
		all[i++] = one;
	qsort(all, n, sizeof *all, compare_names);
	for (i = 0; i < n; i++)
		put_owned(o, all[i]);
	mem_free(all);
}

void print_owned(struct out *o, struct slice json)
{
	uint64_t total = print_u64(json, "domains_total"), height = print_u64(json, "as_of_height");
	char number[HUMAN_MAX], when[HUMAN_MAX];

	put_sorted(o, print_inner(json, "domains"));
	if (!total)
		out_line(o, "%s",
			print_u64(json, "keys_total") > 1 ? "these keys own no name"
							  : "this key owns no name");
	if (print_bool(json, "cut"))
		out_line(o, "%s in all; the list is too long to show", human_count(total, number));
	if (height)
		out_line(o, "as of block %s of %s", human_count(height, number),
			human_date(print_i64(json, "as_of_timestamp"), when));
}
