/* Prints whether a name may be mined, for `domain check`. Before: cli/show.c; api/query_check.c
 * made the JSON. After: cli/out.c. */
#include "base/human.h"
#include "base/json.h"
#include "cli/print.h"

enum { DIGITS = 16 /* of an identity */ };

static void put_refusals(struct out *o, struct slice json)
{
	struct slice refusals = print_inner(json, "refusals"), f;
	char text[PRINT_TEXT_MAX];

	for (size_t at = 0; json_element(refusals, &at, &f);)
		out_wrapped(o, "    ", print_text(f, "text", text));
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
	if (may)
		out_line(o, "%s, %s hashes on average", print_text(json, "difficulty_text", text),
			human_count((uint64_t)(print_number(json, "mean_hashes") + 0.5), number));
	if (may && waits)
		out_line(o, "not before block %s has its signatures", human_count(waits, number));
	if (height)
		out_line(o, "as of block %s of %s", human_count(height, number),
			human_date(print_i64(json, "as_of_timestamp"), when));
}

/* "0123456789ABCDEF  ygg  alive, expires DATE (in 165 d), 3 records, block 52; 0.10 shows DATE" */
static void put_owned(struct out *o, struct slice d)
{
	char identity[PRINT_TEXT_MAX], zone[PRINT_TEXT_MAX], state[PRINT_TEXT_MAX];
	char line[2 * PRINT_TEXT_MAX], date[HUMAN_MAX], ago[HUMAN_MAX], shown[HUMAN_MAX];
	int64_t until = print_i64(d, "expires_timestamp");
	int64_t other = print_i64(d, "shown_by_0_10_timestamp");

	print_text(d, "state", state);
	snprintf(line, sizeof line, "%.*s…  %.64s  %s, %s %s (%s), %llu record%s, block %llu%s%s%s",
		DIGITS, print_text(d, "identity", identity), print_text(d, "zone", zone), state,
		strcmp(state, "alive") == 0 ? "expires" : "expired", human_date(until, date),
		human_ago(until, o->now, ago), (unsigned long long)print_u64(d, "records"),
		print_u64(d, "records") == 1 ? "" : "s", (unsigned long long)print_u64(d, "block"),
		print_bool(d, "resolves_from_next_block") ? ", resolves from the next block on"
							  : "",
		other == until ? "" : "; 0.10 shows ",
		other == until ? "" : human_date(other, shown));
	out_wrapped(o, "    ", line);
}

void print_owned(struct out *o, struct slice json)
{
	struct slice domains = print_inner(json, "domains"), d;
	uint64_t total = print_u64(json, "domains_total"), height = print_u64(json, "as_of_height");
	char number[HUMAN_MAX], when[HUMAN_MAX];

	for (size_t at = 0; json_element(domains, &at, &d);)
		put_owned(o, d);
	if (!total)
		out_line(o, "this key owns no name");
	if (print_bool(json, "cut"))
		out_line(o, "%s in all; the list is too long to show", human_count(total, number));
	if (height)
		out_line(o, "as of block %s of %s", human_count(height, number),
			human_date(print_i64(json, "as_of_timestamp"), when));
}
