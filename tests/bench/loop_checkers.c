/* In the place of chain/verify.c: no threads and no hashes, so that what is counted is the loop's
 * work. What a block's checkers would find is known, because tests/bench/loop.c made it.
 * Before: sync/sync_check.c hands blocks in. After: it takes them back. */
#include "tests/bench/loop.h"

enum { STRENGTH = 64 };

struct verify_pool {
	struct verify_job *waiting, **end, *done;
	struct bound *queue;
	bool quiet;
};

static struct verify_pool pool;

struct verify_pool *verify_start(const struct verify_settings *s)
{
	pool = (struct verify_pool){.queue = s->queue};
	pool.end = &pool.waiting;
	return &pool;
}

enum err verify_submit(struct verify_pool *p, struct verify_job *job)
{
	if (p->quiet)
		return ERR_STOPPING;
	if (!bound_take(p->queue, 1))
		return ERR_FULL;
	job->next = NULL;
	*p->end = job;
	p->end = &job->next;
	return ERR_OK;
}

void checkers_work(void)
{
	for (struct verify_job *job = pool.waiting; job; job = job->next) {
		job->facts.hash_ok = job->facts.signature_ok = true;
		if (job->want_strength)
			job->facts.key_strength = STRENGTH;
		facts_read_domain(&job->facts, job->block);
	}
	pool.done = pool.waiting;
	pool.waiting = NULL;
	pool.end = &pool.waiting;
}

struct verify_job *verify_take(struct verify_pool *p)
{
	struct verify_job *job = p->done;

	if (!job)
		return NULL;
	p->done = job->next;
	bound_give(p->queue, 1);
	return job;
}

void verify_get_stats(struct verify_pool *p, struct verify_stats *out)
{
	(void)p;
	*out = (struct verify_stats){0};
}

size_t verify_pending(const struct verify_pool *p)
{
	return (size_t)p->queue->used;
}

bool verify_is_working(const struct verify_pool *p)
{
	return verify_pending(p) > 0;
}

void verify_idle(struct verify_pool *p)
{
	(void)p;
}

void verify_quiesce(struct verify_pool *p)
{
	p->quiet = true;
}

void verify_stop(struct verify_pool *p)
{
	(void)p;
}
