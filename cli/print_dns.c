/* Prints what the node tells of its DNS server. Before: cli/ctl.c, cli/print_status.c. After:
 * cli/table.c, cli/out.c. */
#include <string.h>

#include "base/human.h"
#include "base/json.h"
#include "cli/print.h"
#include "cli/table.h"

/* Prints why it does not run, or that it is off, and returns false. */
static bool runs(struct out *o, struct slice dns, bool say_off)
{
	char state[PRINT_TEXT_MAX];

	print_text(dns, "state", state);
	if (print_u64(dns, "dns_on"))
		return true;
	if (state[0] && strcmp(state, "off") != 0)
		out_wrapped(o, "         ", state);
	else if (say_off)
		out_line(o, "off: dns.listen is not set");
	return false;
}

static void put_pace(struct out *o, struct slice dns)
{
	char pace[HUMAN_MAX], kept[HUMAN_MAX];

	out_line(o, "dns      %s; %s kept answers, %.0f %% of questions found there",
		human_rate(print_number(dns, "dns_questions_per_second"), "questions", pace),
		human_count(print_u64(dns, "dns_cache_entries"), kept),
		100 * print_number(dns, "dns_cache_hit_ratio"));
}

void print_dns_short(struct out *o, struct slice dns)
{
	uint64_t all = print_u64(dns, "dns_forwarders"), up = print_u64(dns, "dns_forwarders_up");

	if (!runs(o, dns, false))
		return;
	put_pace(o, dns);
	if (all)
		out_line(o, "         %llu of %llu forwarders up%s", (unsigned long long)up,
			(unsigned long long)all, up < all ? ": alfisd dns show" : "");
}

/* ---- dns show ---- */

static const struct column forwarder_columns[] = {
	{"forwarder", "forwarder", CELL_TEXT, 0},
	{"up", "up", CELL_FLAG, 0},
	{"round_trip_ms", "round trip", CELL_MS, 1},
	{"asked_total", "asked", CELL_COUNT, 2},
	{"answered_total", "answered", CELL_COUNT, 3},
	{"timed_out_total", "timed out", CELL_COUNT, 4},
	{"bad_total", "bad", CELL_COUNT, 5},
};

/* Below the table: too long for a column. */
static void put_errors(struct out *o, struct slice forwarders)
{
	char text[PRINT_TEXT_MAX], error[PRINT_TEXT_MAX];
	struct slice one;

	for (size_t at = 0; json_element(forwarders, &at, &one);)
		if (print_text(one, "last_error", error)[0])
			out_line(o, "last error of %s: %s", print_text(one, "forwarder", text),
				error);
}

/* "answers  3 chain, 12 cache": those that are not 0; `key` has their names. */
static void put_counts(struct out *o, const char *title, struct slice counts, const char *key)
{
	char line[PRINT_TEXT_MAX], count[HUMAN_MAX], name[PRINT_TEXT_MAX];
	struct wr w = wr_of(line, sizeof line - 1);
	struct slice one;

	for (size_t at = 0; json_element(counts, &at, &one);)
		if (print_u64(one, "total"))
			wr_format(&w, "%s%s %s", w.n ? ", " : "",
				human_count(print_u64(one, "total"), count),
				print_text(one, key, name));
	line[w.n] = 0;
	out_line(o, "%-8s %s", title, w.n ? line : "none");
}

static void put_addresses(struct out *o, struct slice dns)
{
	char text[PRINT_TEXT_MAX];
	struct slice list = print_inner(dns, "listen"), value;
	size_t n;

	for (size_t at = 0; json_element(list, &at, &value);)
		if (json_get_text(value, (uint8_t *)text, sizeof text - 1, &n)) {
			text[n] = 0;
			out_line(o, "listens  %s", text);
		}
}

void print_dns(struct out *o, struct slice json)
{
	char udp[HUMAN_MAX], tcp[HUMAN_MAX];

	if (!runs(o, json, true))
		return;
	put_addresses(o, json);
	put_pace(o, json);
	out_line(o, "asked    %s by UDP, %s by TCP",
		human_count(print_u64(json, "dns_udp_questions_total"), udp),
		human_count(print_u64(json, "dns_tcp_questions_total"), tcp));
	put_counts(o, "answers", print_inner(json, "answers"), "source");
	put_counts(o, "codes", print_inner(json, "rcodes"), "rcode");
	put_counts(o, "dropped", print_inner(json, "drops"), "reason");
	if (!print_bool(json, "current"))
		out_line(o, "chain    not up to date: a name that is not found is a failure");
	out_line(o, "%s", "");
	table_print(o, print_inner(json, "forwarders"), forwarder_columns,
		sizeof forwarder_columns / sizeof forwarder_columns[0], "no forwarders");
	put_errors(o, print_inner(json, "forwarders"));
}

/* ---- resolve ---- */

enum { DATA_MAX = 7680 /* a line is cut at 8191 bytes */ };

static void put_record(struct out *o, struct slice record)
{
	char name[PRINT_TEXT_MAX], type[PRINT_TEXT_MAX], data[DATA_MAX + 1];
	struct slice value = print_inner(record, "data");
	size_t n = 0;

	bool fits = json_get_text(value, (uint8_t *)data, DATA_MAX, &n);
	data[fits ? n : 0] = 0;
	out_line(o, "%-24s %6llu %-6s %s", print_text(record, "name", name),
		(unsigned long long)print_u64(record, "ttl"), print_text(record, "type", type),
		fits ? data : "(longer than a line: --json)");
}

void print_resolve(struct out *o, struct slice json)
{
	struct slice list = print_inner(json, "trace"), one;
	char line[PRINT_TEXT_MAX];
	size_t n;

	for (size_t at = 0; json_element(list, &at, &one);)
		if (json_get_text(one, (uint8_t *)line, sizeof line - 1, &n)) {
			line[n] = 0;
			out_line(o, "; %s", line);
		}
	list = print_inner(json, "answers");
	for (size_t at = 0; json_element(list, &at, &one);)
		put_record(o, one);
}
