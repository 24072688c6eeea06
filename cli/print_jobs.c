/* Prints what the node tells of the owner's work: its jobs. Before: cli/ctl.c,
 * cli/domain_ask.c. After: cli/table.c, cli/out.c. */
#include <string.h>

#include "base/human.h"
#include "base/json.h"
#include "cli/print.h"
#include "cli/table.h"
#include "owner/draft.h"

static const struct column job_columns[] = {
	{"id", "job", CELL_COUNT, 0},
	{"name", "name", CELL_TEXT, 0},
	{"state", "state", CELL_TEXT, 0},
	{"asked", "asked", CELL_MOMENT, 2},
	{"difficulty", "difficulty", CELL_COUNT, 3},
	{"mean_seconds", "mean time left", CELL_WAIT, 1},
	{"hashes", "hashes", CELL_COUNT, 1},
	{"block", "block", CELL_COUNT, 4},
};

/* Below the table: too long for a column. */
static void put_reasons(struct out *o, struct slice jobs)
{
	char why[PRINT_TEXT_MAX];
	struct slice one;

	for (size_t at = 0; json_element(jobs, &at, &one);)
		if (print_text(one, "reason", why)[0])
			out_line(o, "job %llu: %s", (unsigned long long)print_u64(one, "id"), why);
}

void print_jobs(struct out *o, struct slice json)
{
	struct slice jobs = print_inner(json, "jobs");

	table_print(o, jobs, job_columns, sizeof job_columns / sizeof job_columns[0],
		"no jobs: nothing was asked for");
	put_reasons(o, jobs);
}

/* What the search takes on average, from now on: it has no memory (protocol.md 10.1). */
static void put_search(struct out *o, struct slice job)
{
	char done[HUMAN_MAX], mean[HUMAN_MAX], text[DRAFT_WORDS_MAX], line[DRAFT_WORDS_MAX + 32];
	uint64_t bits = print_u64(job, "difficulty");
	double hashes = draft_mean_hashes(bits);

	if (!bits)
		return;
	out_line(o, "search   %s hashes so far, %s on average at %llu bits",
		human_count(print_u64(job, "hashes"), done),
		human_count(hashes < 1e18 ? (uint64_t)(hashes + 0.5) : (uint64_t)1e18, mean),
		(unsigned long long)bits);
	if (print_number(job, "hashes_a_second") <= 0)
		return;
	draft_say_time(bits, print_number(job, "hashes_a_second"), text);
	snprintf(line, sizeof line, "time     from now on %s", text);
	out_wrapped(o, "         ", line);
}

void print_job(struct out *o, struct slice json)
{
	char name[PRINT_TEXT_MAX], state[PRINT_TEXT_MAX], why[PRINT_TEXT_MAX], asked[HUMAN_MAX];

	print_text(json, "reason", why);
	out_line(o, "job %llu  %s: %s%s%s", (unsigned long long)print_u64(json, "id"),
		print_text(json, "name", name), print_text(json, "state", state),
		why[0] ? ", " : "", why);
	out_line(o, "asked    %s", human_date(print_i64(json, "asked"), asked));
	put_search(o, json);
	if (print_u64(json, "block"))
		out_line(o, "block    %llu", (unsigned long long)print_u64(json, "block"));
}

void print_jobs_short(struct out *o, struct slice jobs)
{
	uint64_t open = print_u64(jobs, "jobs_open");
	double seconds = print_number(jobs, "job_search_expected_seconds");
	bool searching = print_u64(jobs, "job_search_on") > 0;
	char span[HUMAN_MAX];

	if (!open && !searching)
		return;
	out_line(o, "jobs     %llu open, %llu waiting%s%s%s", (unsigned long long)open,
		(unsigned long long)print_u64(jobs, "jobs_waiting"), searching ? "; searching" : "",
		seconds > 0 ? ", on average for " : "",
		seconds > 0
			? human_duration(seconds < 1e18 ? (uint64_t)seconds : (uint64_t)1e18, span)
			: "");
}
