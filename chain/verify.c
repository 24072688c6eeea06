/* Role: the worker threads that check blocks, and the two queues between them and the event loop.
 * See chain/verify.h.
 * A worker takes waiting jobs, lowest index first, until its lanes are full or no job is left. It
 * does not wait for more, so that a single new block is checked at once. One mutex guards
 * everything that both sides use. A worker's scratch memory belongs to its thread while
 * `busy` is set.
 * Before: sync/sync_check.c and cli/bulk.c submit blocks. After: chain/verify_batch.c checks a
 * batch of them; the loop takes the results. */
#include <assert.h>
#include <stdatomic.h>

#include "base/mem.h"
#include "base/thread.h"
#include "chain/verify_batch.h"

enum { THREADS_MAX = 64 };

struct job_list {
	struct verify_job *first, **end, *last; /* `last` is valid only while `first` is not NULL */
};

static void list_init(struct job_list *l)
{
	l->first = NULL;
	l->end = &l->first;
}

static void list_push(struct job_list *l, struct verify_job *job)
{
	job->next = NULL;
	*l->end = l->last = job;
	l->end = &job->next;
}

/* Inserts by index, lowest first: the next block of the chain must not wait behind later ones. Jobs
 * come almost in order, so the place is usually at the end or near it. */
static void list_insert(struct job_list *l, struct verify_job *job)
{
	struct verify_job **at = &l->first;

	if (!l->first || l->last->block->index <= job->block->index) {
		list_push(l, job);
		return;
	}
	while ((*at)->block->index <= job->block->index)
		at = &(*at)->next;
	job->next = *at;
	*at = job;
}

static struct verify_job *list_pop(struct job_list *l)
{
	struct verify_job *job = l->first;

	if (job && !(l->first = job->next))
		l->end = &l->first;
	return job;
}

struct worker {
	struct verify_pool *pool;
	pthread_t thread;
	struct hash_scratch scratch;
	bool busy;    /* the thread is using its scratch memory */
	size_t held;  /* bytes of that memory after its last batch */
	size_t limit; /* bytes that it may have from the next batch on */
};

struct verify_pool {
	struct verify_settings s;
	bool quiet; /* only the loop reads and writes it */
	size_t count;
	struct worker workers[THREADS_MAX];
	atomic_size_t undone; /* jobs that wait or are being checked */
	pthread_mutex_t lock;
	pthread_cond_t work;
	/* The rest is guarded by the lock, as are the workers' `busy`, `held` and `limit`. */
	struct job_list waiting, done;
	bool ending;
	bool used; /* a batch was checked since the last verify_idle() */
	struct verify_stats stats;
};

/* ---- the workers ---- */

static void take_batch(struct verify_pool *p, struct batch *b)
{
	struct verify_job *job;

	while ((job = p->waiting.first) && batch_add(b, job))
		list_pop(&p->waiting);
}

/* Gives back the scratch memory of a worker that is not busy, when it is more than it may have. */
static void obey_limit(struct worker *w)
{
	if (w->scratch.limit == w->limit)
		return;
	hash_scratch_clear(&w->scratch);
	w->scratch.limit = w->limit;
	w->held = 0;
}

/* Called and returns with the lock held; releases it while the batch is checked. */
static void work_on(struct verify_pool *p, struct worker *me, struct batch *b)
{
	me->busy = true;
	pthread_mutex_unlock(&p->lock);
	batch_run(&me->scratch, b);
	pthread_mutex_lock(&p->lock);
	me->busy = false;
	me->held = me->scratch.held;
	obey_limit(me);
	p->used = true;
	p->stats.batches++;
	p->stats.hashes += b->lane_count;
	for (unsigned i = 0; i < b->job_count; i++)
		list_push(&p->done, b->jobs[i]);
	atomic_fetch_sub(&p->undone, b->job_count);
	p->s.wake(p->s.ctx);
}

static void *worker_main(void *ctx)
{
	struct worker *me = ctx;
	struct verify_pool *p = me->pool;

	pthread_mutex_lock(&p->lock);
	while (!p->ending) {
		struct batch b = {.job_count = 0};
		take_batch(p, &b);
		if (b.job_count)
			work_on(p, me, &b);
		else
			pthread_cond_wait(&p->work, &p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* ---- start and stop ---- */

/* The number of threads: at most as many as can each have the least scratch memory, but at least
 * one. */
static size_t threads_for(const struct verify_settings *s)
{
	size_t most = s->scratch_bytes / hash_scratch_least();

	return most < 1 ? 1 : most < s->threads ? most : s->threads;
}

static bool start_workers(struct verify_pool *p, size_t wanted)
{
	for (size_t i = 0; i < wanted; i++) {
		struct worker *w = &p->workers[i];
		w->pool = p;
		w->limit = w->scratch.limit = p->s.scratch_bytes / wanted;
		if (!thread_start(&w->thread, worker_main, w))
			break;
		p->count++;
	}
	return p->count == wanted;
}

struct verify_pool *verify_start(const struct verify_settings *s)
{
	struct verify_pool *p = mem_alloc(sizeof *p);

	assert(s->threads >= 1 && s->threads <= THREADS_MAX);
	if (!p)
		return NULL;
	p->s = *s;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	list_init(&p->waiting);
	list_init(&p->done);
	if (start_workers(p, threads_for(s)))
		return p;
	verify_stop(p);
	return NULL;
}

void verify_stop(struct verify_pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->ending = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->count; i++) {
		pthread_join(p->workers[i].thread, NULL);
		hash_scratch_clear(&p->workers[i].scratch);
	}
	bound_note(p->s.scratch, 0);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	mem_free(p);
}

/* ---- the loop's side ---- */

/* Updates the gauge of limits.def, which only the loop may write. The workers count their memory in
 * `held`, under the lock. */
static void note_scratch(struct verify_pool *p)
{
	size_t held = 0;

	for (size_t i = 0; i < p->count; i++)
		held += p->workers[i].held;
	bound_note(p->s.scratch, held);
}

enum err verify_submit(struct verify_pool *p, struct verify_job *job)
{
	if (p->quiet)
		return ERR_STOPPING;
	if (!bound_take(p->s.queue, 1))
		return ERR_FULL;
	atomic_fetch_add(&p->undone, 1);
	pthread_mutex_lock(&p->lock);
	list_insert(&p->waiting, job);
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
	return ERR_OK;
}

struct verify_job *verify_take(struct verify_pool *p)
{
	pthread_mutex_lock(&p->lock);
	struct verify_job *job = list_pop(&p->done);
	note_scratch(p);
	pthread_mutex_unlock(&p->lock);
	if (job)
		bound_give(p->s.queue, 1);
	return job;
}

void verify_get_stats(struct verify_pool *p, struct verify_stats *out)
{
	pthread_mutex_lock(&p->lock);
	*out = p->stats;
	pthread_mutex_unlock(&p->lock);
}

size_t verify_pending(const struct verify_pool *p)
{
	return (size_t)p->s.queue->used;
}

bool verify_is_working(const struct verify_pool *p)
{
	return atomic_load(&p->undone) > 0;
}

void verify_idle(struct verify_pool *p)
{
	pthread_mutex_lock(&p->lock);
	for (size_t i = 0; i < p->count && !p->used; i++) {
		struct worker *w = &p->workers[i];
		if (!w->busy) {
			hash_scratch_clear(&w->scratch);
			w->held = 0;
		}
	}
	p->used = false;
	note_scratch(p);
	pthread_mutex_unlock(&p->lock);
}

bool verify_lower_scratch(struct verify_pool *p, size_t bytes)
{
	size_t each = bytes / p->count;

	if (each < hash_scratch_least())
		return false;
	pthread_mutex_lock(&p->lock);
	p->s.scratch_bytes = bytes;
	for (size_t i = 0; i < p->count; i++) {
		p->workers[i].limit = each;
		if (!p->workers[i].busy)
			obey_limit(&p->workers[i]);
	}
	note_scratch(p);
	pthread_mutex_unlock(&p->lock);
	return true;
}

void verify_quiesce(struct verify_pool *p)
{
	struct verify_job *job;

	p->quiet = true;
	pthread_mutex_lock(&p->lock);
	while ((job = list_pop(&p->waiting))) {
		job->facts = (struct block_facts){.key_strength = -1};
		job->failed = true;
		list_push(&p->done, job);
		atomic_fetch_sub(&p->undone, 1);
	}
	pthread_mutex_unlock(&p->lock);
	p->s.wake(p->s.ctx);
}

/* ---- without threads ---- */

enum err verify_now(struct verify_job *jobs, size_t n, size_t scratch_bytes)
{
	struct hash_scratch scratch = {.limit = scratch_bytes};
	bool failed = false;

	for (size_t at = 0; at < n && !failed;) {
		struct batch b = {.job_count = 0};
		while (at < n && batch_add(&b, &jobs[at]))
			at++;
		batch_run(&scratch, &b);
		failed = b.jobs[0]->failed;
	}
	hash_scratch_clear(&scratch);
	return failed ? ERR_NOMEM : ERR_OK;
}
