/* Progress of a long command: a bar on a terminal, a log line now and then elsewhere. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what; /* "import" */
	uint64_t total;   /* 0 = not known */
	uint64_t done;
	uint64_t started_ms, shown_ms;
	bool terminal;
};

/* `bar`: on a terminal; else lines there, too. */
void progress_start(struct progress *p, const char *what, uint64_t total, bool bar);
void progress_step(struct progress *p);
double progress_rate(const struct progress *p); /* blocks per second so far */
void progress_end(struct progress *p);

#endif
