/* Prints the owner's keys. Before: cli/ctl.c, cli/key.c, cli/print_status.c. After: cli/table.c,
 * cli/out.c. */
#include <stdio.h>
#include <string.h>

#include "base/human.h"
#include "base/json.h"
#include "cli/print.h"
#include "cli/table.h"

static const struct column key_columns[] = {
	{"name", "name", CELL_TEXT, 0},
	{"state", "state", CELL_TEXT, 0},
	{"kind", "kind", CELL_TEXT, 2},
	{"lock_in_seconds", "locks in", CELL_WAIT, 3},
	{"signing", "signing key", CELL_TEXT, 1},
};

static void put_search(struct out *o, struct slice search)
{
	char tried[HUMAN_MAX], rate[HUMAN_MAX], left[HUMAN_MAX] = "?", name[PRINT_TEXT_MAX];
	uint64_t pace = print_u64(search, "rate");

	if (!print_bool(search, "running"))
		return;
	if (pace)
		human_time_left(print_u64(search, "mean"), (double)pace, left);
	print_text(search, "name", name);
	out_line(o, "search   for %s: %s candidates, %s; %s more on average",
		name[0] ? name : "a new key", human_count(print_u64(search, "tried"), tried),
		human_rate((double)pace, "", rate), left);
}

static void put_errors(struct out *o, struct slice keys)
{
	char error[PRINT_TEXT_MAX];
	struct slice one;

	for (size_t at = 0; json_element(keys, &at, &one);)
		if (print_text(one, "error", error)[0])
			out_wrapped(o, "  ", error);
}

void print_keys(struct out *o, struct slice json)
{
	struct slice keys = print_inner(json, "keys");

	table_print(o, keys, key_columns, sizeof key_columns / sizeof key_columns[0],
		"no keys: `alfisd key new` makes one");
	put_errors(o, keys);
	put_search(o, print_inner(json, "search"));
	print_lines(o, print_inner(json, "warnings"), "warning  ");
}

static void put_text(struct out *o, struct slice json, const char *key, const char *title)
{
	char text[PRINT_TEXT_MAX];

	if (print_text(json, key, text)[0])
		out_line(o, "%-11s%s", title, text);
}

void print_own_key(struct out *o, struct slice json)
{
	char text[PRINT_TEXT_MAX], span[HUMAN_MAX];
	uint64_t left = print_u64(json, "lock_in_seconds");

	put_text(o, json, "name", "name");
	out_line(o, "%-11s%s%s%s", "state", print_text(json, "state", text),
		left ? ", locks itself in " : "", left ? human_duration(left, span) : "");
	put_text(o, json, "error", "error");
	put_text(o, json, "owner", "owner line");
	put_text(o, json, "signing", "signing");
	put_text(o, json, "encryption", "encryption");
	if (print_u64(json, "strength"))
		out_line(o, "%-11s%llu bits", "strength",
			(unsigned long long)print_u64(json, "strength"));
	if (print_u64(json, "argon2id_kib"))
		out_line(o, "%-11s%s, %llu passes", "argon2id",
			human_bytes(print_u64(json, "argon2id_kib") * 1024, span),
			(unsigned long long)print_u64(json, "argon2id_passes"));
	put_text(o, json, "file", "file");
}

/* "names    12, the next expires in 29 d 23 h; 1 has expired" */
static void put_names(struct out *o, struct slice keys)
{
	int64_t next = print_i64(keys, "owner_next_expiry_timestamp");
	uint64_t expired = print_u64(keys, "owner_names_expired");
	char when[HUMAN_MAX], more[48] = "";

	if (expired)
		snprintf(more, sizeof more, "; %llu expired", (unsigned long long)expired);
	out_line(o, "names    %llu%s%s%s", (unsigned long long)print_u64(keys, "owner_names"),
		next ? ", the next expires " : "", next ? human_ago(next, o->now, when) : "", more);
}

void print_keys_short(struct out *o, struct slice keys)
{
	uint64_t all = print_u64(keys, "owner_keys"), locked = print_u64(keys, "owner_keys_locked");

	if (all)
		out_line(o, "keys     %llu, %llu locked", (unsigned long long)all,
			(unsigned long long)locked);
	if (print_u64(keys, "owner_names"))
		put_names(o, keys);
	print_lines(o, print_inner(keys, "warnings"), "warning  ");
}
