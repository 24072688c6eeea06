/* A search for tests: waits for its end, and may hold it up. */
#ifndef TESTS_UNIT_SEARCH_RIG_H
#define TESTS_UNIT_SEARCH_RIG_H

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "chain/hash_scratch.h"
#include "mine/block_search.h"
#include "mine/priority.h"
#include "mine/rate.h"
#include "tests/blakeout_scalar.h"
#include "tests/unit/main.h"

enum { WAIT_SECONDS = 300 };

struct rig {
	struct bound row;
	sem_t ended;
	atomic_uint endings;
	sem_t asked;      /* whether others have work */
	atomic_bool busy; /* they have */
	struct search_settings s;
};

static inline void on_ended(void *ctx)
{
	struct rig *r = ctx;

	atomic_fetch_add(&r->endings, 1);
	sem_post(&r->ended);
}

static inline bool on_gives_way(void *ctx)
{
	struct rig *r = ctx;

	sem_post(&r->asked);
	return r->busy;
}

static inline void rig_init(struct rig *r, unsigned threads, size_t scratch)
{
	*r = (struct rig){.row = {.name = "mine_scratch_bytes", .max = scratch}};
	sem_init(&r->ended, 0, 0);
	sem_init(&r->asked, 0, 0);
	r->s = (struct search_settings){.threads = threads,
		.scratch_bytes = scratch,
		.scratch = &r->row,
		.ended = on_ended,
		.ctx = r};
}

static inline void wait_for(sem_t *event)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_SECONDS;
	while (sem_timedwait(event, &until) != 0)
		if (errno != EINTR)
			fail_msg("the search did not end");
}

static inline void rig_wait(struct rig *r)
{
	wait_for(&r->ended);
}

/* Nothing is held, and the end was told once. */
static inline void rig_done(struct rig *r, size_t blocks)
{
	assert_int_equal(r->endings, 1);
	assert_int_equal(r->row.used, 0);
	assert_true(r->row.peak > 0 && r->row.peak <= r->row.max);
	assert_int_equal(mem_blocks(), blocks);
	sem_destroy(&r->ended);
	sem_destroy(&r->asked);
}

#endif
