/* Prints whether a name may be mined, for `domain check`. Before: cli/show.c; api/query_check.c
 * made the JSON. After: cli/out.c. */
#include "base/human.h"
#include "base/json.h"
#include "cli/print.h"

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
