/* In the place of chain/verify.c: the same calls, no threads, and facts from a table. */
#include "tests/fuzz/sync_world.h"

enum { STRENGTH = 64 };

static struct world *world; /* a pool is asked for without it */

void checkers_begin(struct world *w)
{
	world = w;
}

struct verify_pool {
	bool quiet;
};

static struct verify_pool pool;

struct verify_pool *verify_start(const struct verify_settings *s)
{
	world->queue = s->queue;
	pool.quiet = false;
	return &pool;
}

enum err verify_submit(struct verify_pool *p, struct verify_job *job)
{
	if (p->quiet)
		return ERR_STOPPING;
	if (world->pending_count == JOBS || !bound_take(world->queue, 1))
		return ERR_FULL;
	world->pending[world->pending_count++] = job;
	return ERR_OK;
}

static void check(struct world *w, struct verify_job *job)
{
	uint8_t digest[DIGEST];

	job->failed = pool.quiet;
	if (job->want_strength)
		job->facts.key_strength = job->failed ? -1 : STRENGTH;
	if (job->failed)
		return;
	facts_read_domain(&job->facts, job->block);
	chains_digest(job->block, digest);
	job->facts.hash_ok = job->facts.signature_ok = chains_know(digest);
	for (size_t i = 0; i < w->forged_count; i++)
		if (memcmp(w->forged[i].digest, digest, DIGEST) == 0) {
			job->facts.hash_ok = w->forged[i].hash_ok;
			job->facts.signature_ok = w->forged[i].signature_ok;
		}
}

void checkers_finish(struct world *w, size_t n)
{
	struct verify_job **last = &w->done;

	if (!w->pending_count)
		return;
	n %= w->pending_count;
	struct verify_job *job = w->pending[n];
	w->pending_count--;
	w->checked++;
	memmove(w->pending + n, w->pending + n + 1, (w->pending_count - n) * sizeof(void *));
	check(w, job);
	while (*last)
		last = &(*last)->next;
	job->next = NULL;
	*last = job;
}

struct verify_job *verify_take(struct verify_pool *p)
{
	struct verify_job *job = world->done;

	(void)p;
	if (!job)
		return NULL;
	world->done = job->next;
	bound_give(world->queue, 1);
	return job;
}

void verify_get_stats(struct verify_pool *p, struct verify_stats *out)
{
	(void)p;
	*out = (struct verify_stats){.hashes = world->checked};
}

size_t verify_pending(const struct verify_pool *p)
{
	(void)p;
	return world->queue->used;
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
	while (world->pending_count)
		checkers_finish(world, 0);
}

void verify_stop(struct verify_pool *p)
{
	must(p->quiet && !world->pending_count && !world->done);
}

void forge(struct world *w, const struct block *b, bool hash_ok, bool signature_ok)
{
	struct forged *f = &w->forged[w->forged_count];

	if (w->forged_count == FORGED)
		return;
	*f = (struct forged){.hash_ok = hash_ok, .signature_ok = signature_ok};
	chains_digest(b, f->digest);
	if (chains_know(f->digest))
		return;
	w->forged_good |= hash_ok && signature_ok;
	w->forged_count++;
}
