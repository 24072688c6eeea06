/* How much of the machine a search may take. See mine/priority.h. */
#include "mine/priority.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NICE_MOST = 19 };

void priority_lower(void)
{
	struct sched_param none = {.sched_priority = 0};

	if (pthread_setschedparam(pthread_self(), SCHED_IDLE, &none) == 0)
		return;
	setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE_MOST);
}

/* ---- how many processors ---- */

static unsigned by_affinity(void)
{
	cpu_set_t allowed;
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	if (sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_COUNT(&allowed) > 0)
		return (unsigned)CPU_COUNT(&allowed);
	return online < 1 ? 1 : (unsigned)online;
}

/* Reads a decimal number and the space behind it. */
static bool take_number(struct slice *text, uint64_t *n)
{
	size_t digits = 0;

	for (*n = 0; digits < text->n && text->p[digits] >= '0' && text->p[digits] <= '9';
		digits++) {
		if (*n > UINT32_MAX)
			return false;
		*n = *n * 10 + (uint64_t)(text->p[digits] - '0');
	}
	size_t gap = digits < text->n && text->p[digits] == ' ';
	*text = slice_of(text->p + digits + gap, text->n - digits - gap);
	return digits > 0;
}

unsigned priority_quota(struct slice cpu_max, unsigned otherwise)
{
	uint64_t quota, period;

	if (!take_number(&cpu_max, &quota) || !take_number(&cpu_max, &period) || period == 0)
		return otherwise;
	uint64_t allowed = (quota + period - 1) / period;
	return allowed == 0 ? 1 : allowed < otherwise ? (unsigned)allowed : otherwise;
}

/* Reads the start of a file; empty when it cannot be read. */
static struct slice read_start(const char *path, char *to, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, to, size);

	if (fd >= 0)
		close(fd);
	return slice_of(to, n > 0 ? (size_t)n : 0);
}

/* The quota of the cgroup "/a/b" is the least of those of /a/b, /a and /. */
static unsigned by_quota(char *group, unsigned processors)
{
	char path[600], text[64];

	for (;;) {
		snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", group);
		processors = priority_quota(read_start(path, text, sizeof text), processors);
		char *last = strrchr(group, '/');
		if (!last)
			return processors;
		*last = 0;
	}
}

unsigned priority_processors(void)
{
	char text[512], *group;
	struct slice own = read_start("/proc/self/cgroup", text, sizeof text - 1);

	text[own.n] = 0;
	text[strcspn(text, "\n")] = 0;
	group = strncmp(text, "0::/", 4) == 0 ? text + 3 : NULL;
	return group ? by_quota(group, by_affinity()) : by_affinity();
}
