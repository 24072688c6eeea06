/* Sends many blocks through the checker threads and delivers them in the order they were added.
 * Before: cli/import.c, cli/verify.c. After: chain/verify.c checks. */
#include <errno.h>
#include <semaphore.h>

#include "base/mem.h"
#include "cli/bulk.h"

/* So many blocks in progress keep every lane of every thread busy. */
enum { RING = 256 };

struct item {
	struct verify_job job;
	struct block_owned *block;
	bool ready;
};

struct bulk {
	struct bulk_settings s;
	struct verify_pool *pool;
	sem_t finished; /* posted by the checkers after each batch */
	struct item ring[RING];
	size_t first, count;
	enum err err; /* the first one; later blocks are dropped */
};

static void wake(void *ctx)
{
	struct bulk *b = ctx;

	sem_post(&b->finished);
}

struct bulk *bulk_start(const struct bulk_settings *s)
{
	struct bulk *b = mem_alloc(sizeof *b);

	if (!b)
		return NULL;
	b->s = *s;
	sem_init(&b->finished, 0, 0);
	struct verify_settings v = {.threads = s->threads,
		.scratch_bytes = (size_t)s->limits->verify_scratch_bytes.max,
		.scratch = &s->limits->verify_scratch_bytes,
		.queue = &s->limits->max_verify_queue,
		.wake = wake,
		.ctx = b};
	b->pool = verify_start(&v);
	if (b->pool)
		return b;
	sem_destroy(&b->finished);
	mem_free(b);
	return NULL;
}

/* Marks the blocks that the checkers have finished. */
static void collect(struct bulk *b)
{
	struct verify_job *job;

	while ((job = verify_take(b->pool)))
		((struct item *)job->owner)->ready = true;
}

/* Waits until the oldest block is checked, and passes it to `done`. */
static void deliver(struct bulk *b)
{
	struct item *it = &b->ring[b->first];

	collect(b);
	while (!it->ready) {
		while (sem_wait(&b->finished) != 0 && errno == EINTR)
			;
		collect(b);
	}
	if (it->job.failed && !b->err)
		b->err = ERR_NOMEM;
	chain_learn(b->s.chain, &it->job);
	if (!b->err)
		b->err = b->s.done(b->s.ctx, it->block, &it->job.facts);
	mem_free(it->block);
	b->first = (b->first + 1) % RING;
	b->count--;
}

/* True when the ring and the checkers' queue can take another block. */
static bool has_room(const struct bulk *b)
{
	return b->count < RING && bound_has(&b->s.limits->max_verify_queue, 1);
}

enum err bulk_add(struct bulk *b, struct block_owned **block)
{
	while (!has_room(b) && b->count > 0)
		deliver(b);
	struct item *it = &b->ring[(b->first + b->count) % RING];
	*it = (struct item){.block = *block};
	*block = NULL;
	it->job.block = &it->block->b;
	it->job.owner = it;
	chain_prepare(b->s.chain, &it->job);
	if (b->err == ERR_OK)
		b->err = verify_submit(b->pool, &it->job);
	if (b->err == ERR_OK)
		b->count++;
	else
		mem_free(it->block);
	while (b->count > 0 && b->ring[b->first].ready)
		deliver(b);
	return b->err;
}

enum err bulk_finish(struct bulk *b)
{
	while (b->count > 0)
		deliver(b);
	return b->err;
}

void bulk_free(struct bulk *b)
{
	if (!b)
		return;
	if (!b->err) /* so that deliver() does not call `done` for the blocks that are left */
		b->err = ERR_STOPPING;
	verify_quiesce(b->pool);
	bulk_finish(b);
	verify_stop(b->pool);
	sem_destroy(&b->finished);
	mem_free(b);
}
