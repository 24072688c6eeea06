/* Shows the progress of a long command on standard error: a bar on a terminal, else a log line
 * every 10 s. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what; /* the command's name; borrowed */
	uint64_t total;   /* blocks in all; 0 = not known */
	uint64_t done;
	uint64_t started_ms, shown_ms;
	bool terminal;
};

/* `total` in blocks, 0 = not known. Without `bar` log lines are written on a terminal too. */
void progress_start(struct progress *p, const char *what, uint64_t total, bool bar);
/* Counts one block, and shows the progress when it is time to. */
void progress_step(struct progress *p);
double progress_rate(const struct progress *p); /* blocks per second so far */
void progress_end(struct progress *p);

#endif
