/* Reads what the kernel knows of this process. Before: api/metrics.c. After: /proc. */
#include "api/process_facts.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { STAT_MAX = 1024 };

/* The number of open descriptors, without the one that reading the folder needs. */
static uint64_t count_open(void)
{
	DIR *d = opendir("/proc/self/fd");
	uint64_t n = 0;

	if (!d)
		return 0;
	while (readdir(d))
		n++;
	closedir(d);
	return n > 3 ? n - 3 : 0; /* ".", "..", and the folder itself */
}

/* The second at which the machine started: the line "btime N" of /proc/stat. */
static uint64_t boot_time(void)
{
	FILE *f = fopen("/proc/stat", "re");
	char line[256];
	unsigned long long v = 0;

	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "btime %llu", &v) == 1)
			break;
	if (f)
		fclose(f);
	return v;
}

/* The second field is the program's name in parentheses, which may contain blanks and parentheses.
 * So the fields are counted from the last ')' on. */
bool process_facts_parse(const char *stat, uint64_t boot, long ticks, struct process_facts *f)
{
	const char *behind = strrchr(stat, ')');
	unsigned long long threads, start, size;
	long long resident;

	if (!behind || ticks <= 0 ||
		sscanf(behind + 1,
			" %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %llu "
			"%*d %llu %llu %lld",
			&threads, &start, &size, &resident) != 4)
		return false;
	f->threads = threads;
	f->start_seconds = boot ? (double)boot + (double)start / (double)ticks : 0;
	f->virtual_bytes = size;
	f->resident_bytes = resident > 0 ? (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
	return true;
}

/* Without /proc the text is empty, so that the numbers stay 0. */
static void read_stat(struct process_facts *facts)
{
	FILE *f = fopen("/proc/self/stat", "re");
	char text[STAT_MAX];
	size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;

	text[n] = 0;
	if (f)
		fclose(f);
	process_facts_parse(text, boot_time(), sysconf(_SC_CLK_TCK), facts);
}

void process_facts(struct process_facts *f)
{
	struct rusage u = {0};
	struct rlimit most = {0};

	*f = (struct process_facts){.open_fds = count_open()};
	getrusage(RUSAGE_SELF, &u);
	f->cpu_seconds = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
			 (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
	if (getrlimit(RLIMIT_NOFILE, &most) == 0)
		f->max_fds = most.rlim_cur;
	read_stat(f);
}
