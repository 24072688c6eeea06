/* Shows how far a long command has come. Before: cli/import.c, cli/export.c, cli/verify.c. After:
 * standard error, or the log. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/human.h"
#include "base/log.h"
#include "cli/progress.h"

enum {
	BAR_WIDTH = 30,
	BAR_EVERY_MS = 200,
	LINE_EVERY_MS = 10000,
	LONGEST = 1000 * 1000 * 1000, /* seconds: longer times are shown as this */
};

void progress_start(struct progress *p, const char *what, uint64_t total, bool bar)
{
	*p = (struct progress){
		.what = what, .total = total, .terminal = bar && isatty(STDERR_FILENO)};
	p->started_ms = p->shown_ms = clock_mono(&clock_system);
}

double progress_rate(const struct progress *p)
{
	uint64_t ms = clock_mono(&clock_system) - p->started_ms;

	return (double)p->done * 1000 / (double)(ms ? ms : 1);
}

/* The total comes from the file's header and may be anything, so this is bounded. */
static uint64_t seconds_left(const struct progress *p, double rate)
{
	double left = rate > 0 ? (double)(p->total - p->done) / rate : 0;

	return left < LONGEST ? (uint64_t)left : LONGEST;
}

static void show_bar(const struct progress *p)
{
	double rate = progress_rate(p);
	char bar[BAR_WIDTH + 1], left[HUMAN_MAX];

	if (p->total < p->done || p->total == 0) {
		fprintf(stderr, "\r%s: %llu blocks, %.0f/s \033[K", p->what,
			(unsigned long long)p->done, rate);
		return;
	}
	double part = (double)p->done / (double)p->total;
	for (unsigned i = 0; i < BAR_WIDTH; i++)
		bar[i] = part * BAR_WIDTH > i ? '#' : '.';
	bar[BAR_WIDTH] = 0;
	fprintf(stderr, "\r%s: [%s] %llu of %llu, %.0f/s, %s left \033[K", p->what, bar,
		(unsigned long long)p->done, (unsigned long long)p->total, rate,
		human_duration(seconds_left(p, rate), left));
}

void progress_step(struct progress *p)
{
	uint64_t now = clock_mono(&clock_system);

	p->done++;
	if (now - p->shown_ms < (p->terminal ? BAR_EVERY_MS : LINE_EVERY_MS))
		return;
	p->shown_ms = now;
	if (p->terminal)
		show_bar(p);
	else
		log_info("%s: %llu blocks, %.0f/s", p->what, (unsigned long long)p->done,
			progress_rate(p));
}

void progress_end(struct progress *p)
{
	if (!p->terminal)
		return;
	show_bar(p);
	fprintf(stderr, "\n");
}
