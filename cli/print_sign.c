/* Prints what the node tells of signing: what the last full block waits for, and what our keys have
 * to do with it. Before: cli/ctl.c. After: cli/table.c, cli/out.c. */
#include <stdio.h>

#include "base/human.h"
#include "base/json.h"
#include "cli/print.h"

static void put_block(struct out *o, struct slice json)
{
	char words[PRINT_TEXT_MAX], line[PRINT_TEXT_MAX + 32];
	unsigned long long block = print_u64(json, "block");

	if (!block)
		return;
	snprintf(line, sizeof line, "block    %s", print_text(json, "waiting", words));
	if (words[0])
		out_wrapped(o, "         ", line);
	else
		out_line(o, "block    %llu, the last one with a name, has its signatures", block);
}

/* "9A1B2C3D… main, locked, drawn" */
static void put_key(struct out *o, struct slice key, const char *what)
{
	char hex[PRINT_TEXT_MAX], ours[PRINT_TEXT_MAX], state[64];
	unsigned long long block = print_u64(key, "signed");

	snprintf(state, sizeof state, block ? "signed with block %llu" : "has not signed", block);
	print_text(key, "ours", ours);
	out_line(o, "  %.8s…  %s: %s%s%s%s", print_text(key, "key", hex), what, state,
		ours[0] ? "; our key " : "", ours, print_bool(key, "locked") ? ", locked" : "");
}

static void put_keys(struct out *o, struct slice list, const char *what)
{
	struct slice one;

	for (size_t at = 0; json_element(list, &at, &one);)
		put_key(o, one, what);
}

static void put_misses(struct out *o, struct slice list)
{
	char key[PRINT_TEXT_MAX];
	struct slice one;

	for (size_t at = 0; json_element(list, &at, &one);)
		out_line(o, "missed   block %llu, by key %s%s",
			(unsigned long long)print_u64(one, "block"), print_text(one, "key", key),
			print_bool(one, "healed") ? "; others signed in its place" : "");
}

void print_sign(struct out *o, struct slice json)
{
	char why[PRINT_TEXT_MAX], when[HUMAN_MAX];
	int64_t starts = print_i64(json, "starts");

	out_line(o, "%s%s", print_bool(json, "on") ? "on: " : "off: ",
		print_bool(json, "searching") ? "searching for a signature"
					      : print_text(json, "reason", why));
	if (starts)
		out_line(o, "next look %s", human_ago(starts, o->now, when));
	put_block(o, json);
	if (print_bool(json, "waits")) {
		put_keys(o, print_inner(json, "drawn"), "drawn");
		put_keys(o, print_inner(json, "standby"), "on standby");
	}
	out_line(o, "signed   by this node since its start: %llu",
		(unsigned long long)print_u64(json, "signed"));
	put_misses(o, print_inner(json, "missed"));
	if (print_u64(json, "foreign"))
		out_line(o,
			"foreign  %llu blocks by our keys were not made by this node, the "
			"newest is %llu",
			(unsigned long long)print_u64(json, "foreign"),
			(unsigned long long)print_u64(json, "foreign_newest"));
	print_lines(o, print_inner(json, "warnings"), "warning  ");
	if (print_text(json, "last_error", why)[0])
		out_line(o, "last error: %s", why);
}
