/* How much of the machine a search may take: how many processors there are, and that others go
 * first. Before: mine/search.c, and who starts a search. After: the operating system. */
#ifndef MINE_PRIORITY_H
#define MINE_PRIORITY_H

#include "base/slice.h"

/* The calling thread runs only when nobody else wants the processor: SCHED_IDLE, else nice 19. What
 * the operating system refuses is left out: it changes only who is faster. */
void priority_lower(void);

/* How many processors this process may use, at least 1: those of its affinity, but not more than
 * the quota of its cgroup. For a number of threads that the settings leave open. */
unsigned priority_processors(void);

/* The processors that the text of a cgroup's file cpu.max allows, rounded up; `otherwise` when it
 * sets no limit or cannot be read. */
unsigned priority_quota(struct slice cpu_max, unsigned otherwise);

#endif
