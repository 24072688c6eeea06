#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/human.h"
#include "base/log.h"
#include "node/progress.h"

enum { BAR_WIDTH = 30, BAR_EVERY_MS = 200, LINE_EVERY_MS = 10000 };

void progress_start(struct progress *p, const char *what, uint64_t total)
{
	*p = (struct progress){.what = what, .total = total, .terminal = isatty(STDERR_FILENO)};
	p->started_ms = p->shown_ms = clock_mono(&clock_system);
}

double progress_rate(const struct progress *p)
{
	uint64_t ms = clock_mono(&clock_system) - p->started_ms;

	return (double)p->done * 1000 / (double)(ms ? ms : 1);
}

static void show_bar(const struct progress *p)
{
	double rate = progress_rate(p);
	char bar[BAR_WIDTH + 1], left[HUMAN_MAX];

	if (!p->total) {
		fprintf(stderr, "\r%s: %llu blocks, %.0f/s ", p->what, (unsigned long long)p->done,
			rate);
		return;
	}
	for (unsigned i = 0; i < BAR_WIDTH; i++)
		bar[i] = p->done * BAR_WIDTH / p->total > i ? '#' : '.';
	bar[BAR_WIDTH] = 0;
	fprintf(stderr, "\r%s: [%s] %llu of %llu, %.0f/s, %s left ", p->what, bar,
		(unsigned long long)p->done, (unsigned long long)p->total, rate,
		human_duration(
			rate > 0 ? (uint64_t)((double)(p->total - p->done) / rate) : 0, left));
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
