/* Hooks of the owner's work (owner/jobs.h) that do nothing, for tests to which they are nothing. */
#ifndef TESTS_UNIT_JOBS_HOOKS_H
#define TESTS_UNIT_JOBS_HOOKS_H

#include <string.h>

#include "owner/jobs.h"

static inline void keep_nothing(void *ctx, const struct job *job)
{
	(void)ctx;
	(void)job;
}

static inline void forget_nothing(void *ctx, uint64_t id)
{
	(void)ctx;
	(void)id;
}

static inline uint64_t no_hashes(void *ctx)
{
	(void)ctx;
	return 0;
}

static inline void key_is_main(
	void *ctx, const uint8_t signing[KEY_SIZE], char to[KEY_NAME_MAX + 1])
{
	(void)ctx;
	(void)signing;
	strcpy(to, "main");
}

#endif
