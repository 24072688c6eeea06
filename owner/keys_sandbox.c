/* Role: hides the key process, and shuts it in.
 * Before: owner/keys_process.c. After: the kernel; the filter is made by owner/keys_filter.c. */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "owner/keys_filter.h"
#include "owner/keys_sandbox.h"

#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444 /* the same on every machine */
#define __NR_landlock_restrict_self  446
#endif

/* As the kernel has it; headers of the C library may be older than the kernel. */
struct landlock_rules {
	uint64_t files, net, scoped;
};

enum {
	LANDLOCK_ASK_VERSION = 1,
	/* How much each version knows: kinds of access to files and to the network, scopes. */
	FILES_1 = 13,
	FILES_2 = 14,
	FILES_3 = 15,
	FILES_5 = 16,
	NET_4 = 2,
	SCOPES_6 = 2,
};

bool sandbox_hide(void)
{
	static const struct rlimit none = {0, 0};

	return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static uint64_t first_bits(unsigned n)
{
	return ((uint64_t)1 << n) - 1;
}

/* All that this version of Landlock can forbid, and its size of the struct. */
static struct landlock_rules all_rules(long version, size_t *size)
{
	unsigned files = version >= 5   ? FILES_5
			 : version >= 3 ? FILES_3
			 : version == 2 ? FILES_2
					: FILES_1;

	*size = (version >= 6 ? 3 : version >= 4 ? 2 : 1) * sizeof(uint64_t);
	return (struct landlock_rules){first_bits(files), first_bits(NET_4), first_bits(SCOPES_6)};
}

/* A set of rules without an exception. */
static bool forbid_files(void)
{
	long version = syscall(__NR_landlock_create_ruleset, NULL, 0, LANDLOCK_ASK_VERSION);
	size_t size;

	if (version < 1)
		return false;
	struct landlock_rules rules = all_rules(version, &size);
	long fd = syscall(__NR_landlock_create_ruleset, &rules, size, 0);
	if (fd < 0)
		return false;
	bool good = syscall(__NR_landlock_restrict_self, (int)fd, 0) == 0;
	int error = errno;
	close((int)fd);
	errno = error;
	return good;
}

/* Whether secrets can be locked: libsodium's memory goes on without a word when they cannot. */
static bool can_lock(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return false;
	bool good = mlock(p, size) == 0;
	int error = errno;
	munmap(p, size);
	errno = error;
	return good;
}

void sandbox_enter(struct keys_guard *guard)
{
	memset(guard, 0, sizeof *guard);
	if (!can_lock())
		snprintf(guard->memory, KEYS_TEXT_MAX,
			"memory cannot be locked (%s): secrets may be swapped out; raise the limit of "
			"locked memory (LimitMEMLOCK, ulimit -l)",
			strerror(errno));
	if (filter_is_instrumented())
		snprintf(guard->files, KEYS_TEXT_MAX,
			"no Landlock: this program is instrumented (a sanitizer), and its leak "
			"checker reads files at the end");
	else if (!forbid_files())
		snprintf(guard->files, KEYS_TEXT_MAX, "this kernel has no Landlock (%s)",
			strerror(errno));
	filter_enter(guard->filter);
}
