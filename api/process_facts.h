/* What the kernel knows of this process, as Prometheus' own client libraries tell it. */
#ifndef API_PROCESS_FACTS_H
#define API_PROCESS_FACTS_H

#include <stdbool.h>
#include <stdint.h>

struct process_facts {
	double cpu_seconds;
	double start_seconds; /* since 1970, with the kernel's idea of when it booted */
	uint64_t resident_bytes, virtual_bytes;
	uint64_t open_fds, max_fds, threads;
};

/* What cannot be found, for want of /proc for example, is 0. */
void process_facts(struct process_facts *f);

/* Out of the text of /proc/self/stat and the second of the boot; false when it is malformed. */
bool process_facts_parse(const char *stat, uint64_t boot, long ticks, struct process_facts *f);

#endif
