/* Prints `status`: about ten lines, the node's state first. Before: cli/ctl.c. After: cli/out.c. */
#include <string.h>

#include "base/human.h"
#include "base/json.h"
#include "cli/print.h"

enum { BAR_MOST = 40, BAR_LEAST = 10, ORIGIN_SHOWN = 12 };

struct state {
	struct slice all, sync, network, store;
	uint64_t height, best;
};

static void put_bar(struct out *o, const struct state *s)
{
	char height[HUMAN_MAX], best[HUMAN_MAX], text[160], bar[BAR_MOST + 1];
	unsigned percent = (unsigned)((double)s->height / (double)s->best * 100);

	snprintf(text, sizeof text, "%3u %%  %s of %s blocks", percent,
		human_count(s->height, height), human_count(s->best, best));
	size_t room = strlen(text) + 4, width = o->width > room ? o->width - room : 0;
	width = width > BAR_MOST ? BAR_MOST : width < BAR_LEAST ? BAR_LEAST : width;
	size_t done = (size_t)((double)s->height / (double)s->best * (double)width);
	memset(bar, '.', width);
	memset(bar, '#', done < width ? done : width);
	bar[width] = 0;
	out_line(o, "[%s] %s", bar, text);
}

static void put_height(struct out *o, const struct state *s)
{
	char height[HUMAN_MAX];

	if (s->best)
		put_bar(o, s);
	else
		out_line(o, "height   %s", human_count(s->height, height));
}

static void put_pace(struct out *o, const struct state *s)
{
	double rate = print_number(s->sync, "blocks_per_second");
	char pace[HUMAN_MAX], left[HUMAN_MAX];

	human_rate(rate, "blocks", pace);
	if (s->best > s->height && rate > 0)
		out_line(o, "pace     %s, %s left", pace,
			human_time_left(s->best - s->height, rate, left));
	else
		out_line(o, "pace     %s", pace);
}

static void put_tip(struct out *o, const struct state *s)
{
	int64_t time = print_i64(s->all, "tip_timestamp");
	char height[HUMAN_MAX], date[HUMAN_MAX], age[HUMAN_MAX];

	if (s->height)
		out_line(o, "tip      block %s of %s, %s", human_count(s->height, height),
			human_date(time, date), human_ago(time, o->now, age));
	else
		out_line(o, "tip      no block yet");
}

static void put_peers(struct out *o, const struct state *s)
{
	char known[HUMAN_MAX];

	out_line(o, "peers    %llu: %llu inbound, %llu outbound; %s known addresses",
		(unsigned long long)print_u64(s->all, "peers"),
		(unsigned long long)print_u64(s->network, "inbound"),
		(unsigned long long)print_u64(s->network, "outbound"),
		human_count(print_u64(s->network, "address_book"), known));
}

static void put_traffic(struct out *o, const struct state *s)
{
	char in[HUMAN_MAX], sent[HUMAN_MAX];

	out_line(o, "traffic  %s received, %s sent",
		human_bytes(print_u64(s->network, "bytes_in_total"), in),
		human_bytes(print_u64(s->network, "bytes_out_total"), sent));
}

static void put_memory(struct out *o, const struct state *s)
{
	uint64_t budget = print_u64(s->all, "memory_budget_bytes");
	char now[HUMAN_MAX], most[HUMAN_MAX];

	out_line(o, "memory   %s, at most %s so far",
		human_bytes_of(print_u64(s->all, "memory_bytes"), budget, now),
		human_bytes(print_u64(s->all, "memory_peak_bytes"), most));
}

static void put_rest(struct out *o, const struct state *s)
{
	char text[PRINT_TEXT_MAX], chain[PRINT_TEXT_MAX], origin[PRINT_TEXT_MAX], span[HUMAN_MAX];

	out_line(o, "store    %s", human_bytes(print_u64(s->store, "store_bytes"), span));
	out_line(o, "uptime   %s", human_duration(print_u64(s->all, "uptime_seconds"), span));
	out_line(o, "alfisd   %s, %s %.*s…", print_text(s->all, "version", text),
		print_text(s->all, "chain", chain), ORIGIN_SHOWN,
		print_text(s->all, "origin", origin));
}

/* Nothing while nobody can log in. */
static void put_web(struct out *o, struct slice web)
{
	char text[PRINT_TEXT_MAX];

	if (strcmp(print_text(web, "state", text), "on") != 0)
		return;
	out_line(o, "web      on, sessions: %llu", (unsigned long long)print_u64(web, "sessions"));
	print_lines(o, print_inner(web, "warnings"), "warning  ");
}

void print_status(struct out *o, struct slice json)
{
	struct state s = {.all = json,
		.sync = print_inner(json, "sync"),
		.network = print_inner(json, "network"),
		.store = print_inner(json, "store"),
		.height = print_u64(json, "height"),
		.best = print_u64(json, "best_height")};
	char reason[PRINT_TEXT_MAX];

	if (s.best && s.best < s.height)
		s.best = s.height;
	out_wrapped(o, "  ", print_text(json, "reason", reason));
	put_height(o, &s);
	put_pace(o, &s);
	put_tip(o, &s);
	put_peers(o, &s);
	put_traffic(o, &s);
	put_memory(o, &s);
	print_dns_short(o, print_inner(json, "dns"));
	print_keys_short(o, print_inner(json, "keys"));
	print_jobs_short(o, print_inner(json, "jobs"));
	put_web(o, print_inner(json, "web"));
	put_rest(o, &s);
	if (!o->all)
		return;
	out_line(o, "%s", "");
	print_object(o, json);
}
