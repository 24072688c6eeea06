/* What the kernel knows of this process: the same numbers that Prometheus' client libraries report
 * of theirs. */
#ifndef API_PROCESS_FACTS_H
#define API_PROCESS_FACTS_H

#include <stdbool.h>
#include <stdint.h>

struct process_facts {
	double cpu_seconds;
	double start_seconds; /* since 1970; depends on when the kernel believes it booted */
	uint64_t resident_bytes, virtual_bytes;
	uint64_t open_fds, max_fds, threads;
};

/* Fills *f. A number that cannot be found out, for example because /proc is not mounted, is 0. */
void process_facts(struct process_facts *f);

/* Reads threads, start, resident and virtual bytes from the text of /proc/self/stat. `boot`: when
 * the machine booted, in seconds since 1970, 0 = unknown; `ticks`: clock ticks a second. False,
 * with *f unchanged, when the text is malformed. */
bool process_facts_parse(const char *stat, uint64_t boot, long ticks, struct process_facts *f);

#endif
