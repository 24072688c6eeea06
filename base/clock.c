/* The operating system's clocks. Before: node/node.c and the commands pass them to what needs the
 * time. After: the kernel. */
#include <time.h>

#include "base/clock.h"

static int64_t system_wall(void *ctx)
{
	(void)ctx;
	return (int64_t)time(NULL);
}

static uint64_t system_mono(void *ctx)
{
	struct timespec t;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

const struct clock clock_system = {system_wall, system_mono, 0};
