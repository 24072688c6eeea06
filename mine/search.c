/* The threads of a search. See mine/search.h.
 * Before: mine/block_search.c and others that look for something. After: chain/blakeout.c. */
#include "mine/search.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/thread.h"
#include "chain/hash_scratch.h"
#include "mine/priority.h"

enum { PAUSE_NS = 5 * 1000 * 1000 }; /* between two looks whether there is still other work */

struct search_worker {
	struct search *search;
	pthread_t thread;
	struct hash_scratch scratch;
};

struct search {
	struct search_settings s;
	struct search_task task;
	uint64_t reserved;    /* bytes taken from the row */
	atomic_bool stopping; /* seen between two batches */
	atomic_uint working;  /* threads */
	_Atomic uint64_t hashes;
	unsigned count; /* of workers; those after it are not there */
	struct search_worker workers[];
};

/* ---- the threads ---- */

/* More than four inputs at a time in less room than they need would be of no use: fewer are made
 * when the input is long and the scratch small, and the hash has code for 1, 4, 8 and 16. */
static unsigned lanes_in(size_t room, size_t input_size)
{
	unsigned lanes = BLAKEOUT_LANES;

	while (lanes > 1 && input_size > room / lanes)
		lanes = lanes > 4 ? lanes / 2 : 1;
	return lanes;
}

/* One batch. False when it was the last one. */
static bool run_batch(struct search_worker *me, struct search_batch *b)
{
	struct search *s = me->search;

	b->room = me->scratch.aligned;
	b->room_size = hash_scratch_room(&me->scratch);
	b->most = lanes_in(b->room_size, s->task.input_size);
	b->n = 0;
	if (!s->task.fill(s->task.ctx, b) || b->n == 0)
		return false;
	blakeout_lanes(b->in, b->n, b->hash, b->room, b->room_size);
	atomic_fetch_add_explicit(&s->hashes, b->n, memory_order_relaxed);
	bool found = s->task.judge(s->task.ctx, b);
	explicit_bzero(b->note, sizeof b->note);
	return !found;
}

/* A batch takes tens of milliseconds; a look now and then costs nothing beside it, and whoever has
 * the other work need not know that somebody waits for its end. */
static void pause_for_others(const struct search *s)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};

	while (s->s.gives_way && s->s.gives_way(s->s.ctx) && !atomic_load(&s->stopping))
		nanosleep(&pause, NULL);
}

static void *worker_main(void *ctx)
{
	struct search_worker *me = ctx;
	struct search *s = me->search;
	struct search_batch b;

	if (s->s.lower)
		priority_lower();
	for (;;) {
		pause_for_others(s);
		if (atomic_load(&s->stopping))
			break;
		if (!run_batch(me, &b))
			atomic_store(&s->stopping, true);
	}
	if (atomic_fetch_sub(&s->working, 1) == 1)
		s->s.ended(s->s.ctx);
	return NULL;
}

/* ---- start and end ---- */

unsigned search_threads_wanted(uint64_t wanted)
{
	uint64_t threads = wanted ? wanted : priority_processors();

	return threads < SEARCH_THREADS_MAX ? (unsigned)threads : SEARCH_THREADS_MAX;
}

/* As many as can each have the least scratch, but at least one. */
static unsigned threads_for(const struct search_settings *s)
{
	size_t most = s->scratch_bytes / hash_scratch_least();

	if (most > SEARCH_THREADS_MAX)
		most = SEARCH_THREADS_MAX;
	return most < 1 ? 1 : most < s->threads ? (unsigned)most : s->threads;
}

/* Memory for all of them first: a search that has begun cannot fail. */
static bool open_scratch(struct search *s, unsigned wanted)
{
	size_t each = s->s.scratch_bytes / wanted;

	for (unsigned i = 0; i < wanted; i++) {
		struct search_worker *w = &s->workers[i];
		w->search = s;
		w->scratch.limit = each < hash_scratch_most() ? each : hash_scratch_most();
		if (!hash_scratch_open(&w->scratch))
			return false;
		s->reserved += w->scratch.held;
	}
	return true;
}

/* `working` counts one more while they are started, so that ended() is not called before all are.
 */
static bool start_threads(struct search *s, unsigned wanted)
{
	atomic_store(&s->working, wanted + 1);
	while (s->count < wanted) {
		struct search_worker *w = &s->workers[s->count];
		if (!thread_start(&w->thread, worker_main, w))
			break;
		s->count++;
	}
	unsigned missing = wanted - s->count;
	if (s->count == 0)
		return false;
	if (atomic_fetch_sub(&s->working, missing + 1) == missing + 1)
		s->s.ended(s->s.ctx);
	return true;
}

struct search *search_start(
	const struct search_settings *settings, const struct search_task *task, enum err *err)
{
	unsigned wanted = threads_for(settings);
	struct search *s = mem_alloc(sizeof *s + wanted * sizeof s->workers[0]);

	*err = ERR_NOMEM;
	if (!s)
		return NULL;
	s->s = *settings;
	s->task = *task;
	bool opened = open_scratch(s, wanted);
	if (opened && !bound_take(settings->scratch, s->reserved))
		*err = ERR_FULL;
	else if (opened && start_threads(s, wanted)) {
		*err = ERR_OK;
		return s;
	} else if (opened)
		bound_give(settings->scratch, s->reserved);
	for (unsigned i = 0; i < wanted; i++)
		hash_scratch_clear(&s->workers[i].scratch);
	mem_free(s);
	return NULL;
}

void search_cancel(struct search *s)
{
	atomic_store(&s->stopping, true);
}

bool search_has_ended(const struct search *s)
{
	return atomic_load(&s->working) == 0;
}

uint64_t search_hashes(const struct search *s)
{
	return atomic_load_explicit(&s->hashes, memory_order_relaxed);
}

unsigned search_threads(const struct search *s)
{
	return s->count;
}

void search_free(struct search *s)
{
	if (!s)
		return;
	search_cancel(s);
	for (unsigned i = 0; i < s->count; i++)
		pthread_join(s->workers[i].thread, NULL);
	for (size_t bytes = s->reserved, i = 0; bytes; i++) {
		bytes -= s->workers[i].scratch.held;
		hash_scratch_clear(&s->workers[i].scratch);
	}
	bound_give(s->s.scratch, s->reserved);
	mem_free(s);
}
