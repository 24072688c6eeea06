/* Batches of blocks through the hash and the signature check. See verify.h.
 *
 * A worker takes what waits until its lanes are full, never longer than there is something to take:
 * at the tip one block alone is checked at once. Preimages are written into one buffer a worker
 * that grows to the largest batch seen and is given back with the scratch. */
#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "chain/blakeout.h"
#include "chain/crypto.h"
#include "chain/verify.h"

enum { THREADS_MAX = 64, ALIGN = 64 };

/* ---- one batch ---- */

/* What a thread works in; everything is allocated when first needed. */
struct desk {
	size_t limit; /* bytes that scratch may take */
	void *memory; /* as allocated; NULL = none */
	void *scratch;
	unsigned kept;
	uint8_t *text; /* preimages of a batch, one behind the other */
	size_t text_size;
};

static void desk_clear(struct desk *d)
{
	mem_free(d->memory);
	mem_free(d->text);
	d->memory = d->scratch = NULL;
	d->text = NULL;
	d->text_size = 0;
}

/* As many kept segments as the limit allows; fewer when memory is short. */
static bool desk_scratch(struct desk *d)
{
	int kept = blakeout_kept_for(d->limit > ALIGN ? d->limit - ALIGN : 0);

	if (d->memory)
		return true;
	for (kept = kept < 0 ? 0 : kept;; kept /= 2) {
		d->memory = mem_alloc(blakeout_scratch_size((unsigned)kept) + ALIGN);
		if (d->memory || !kept)
			break;
	}
	if (!d->memory)
		return false;
	d->kept = (unsigned)kept;
	d->scratch = (uint8_t *)d->memory + (ALIGN - (uintptr_t)d->memory % ALIGN);
	return true;
}

static bool desk_text(struct desk *d, size_t size)
{
	if (size <= d->text_size)
		return true;
	mem_free(d->text);
	d->text = mem_alloc(size);
	d->text_size = d->text ? size : 0;
	return d->text != NULL;
}

/* One lane: the hash of a block, or the strength of a key. */
struct lane {
	struct verify_job *job;
	bool strength;
};

struct batch {
	struct verify_job *jobs[BLAKEOUT_LANES];
	unsigned job_count;
	struct lane lanes[BLAKEOUT_LANES];
	struct slice in[BLAKEOUT_LANES];
	unsigned lane_count;
};

static unsigned lanes_of(const struct verify_job *job)
{
	return job->want_strength ? 2 : 1;
}

static void batch_add(struct batch *b, struct verify_job *job)
{
	b->jobs[b->job_count++] = job;
	b->lanes[b->lane_count++] = (struct lane){job, false};
	if (job->want_strength)
		b->lanes[b->lane_count++] = (struct lane){job, true};
}

/* A preimage is never much longer than the encoding: both write hex. */
static size_t preimage_bound(const struct block *b)
{
	return block_encoded_bound(b) + 256;
}

static bool write_inputs(struct desk *d, struct batch *b)
{
	size_t size = 0;

	for (unsigned i = 0; i < b->job_count; i++)
		size += preimage_bound(b->jobs[i]->block);
	if (!desk_text(d, size))
		return false;
	struct wr all = wr_of(d->text, d->text_size);
	for (unsigned i = 0; i < b->lane_count; i++) {
		const struct block *block = b->lanes[i].job->block;
		size_t from = all.n;
		if (b->lanes[i].strength) {
			b->in[i] = block->pub_key;
			continue;
		}
		block_preimage(block, PREIMAGE_HASH, &all);
		b->in[i] = slice_of(all.p + from, all.n - from);
	}
	assert(!all.bad);
	return true;
}

static void take_hash(const struct lane *lane, const uint8_t hash[BLAKEOUT_SIZE])
{
	struct block_facts *f = &lane->job->facts;
	struct slice digest = slice_of(hash, BLAKEOUT_SIZE);

	if (!lane->strength)
		f->hash_ok = slice_eq(lane->job->block->hash, digest);
	else if (lane->job->block->pub_key.n == KEY_SIZE)
		f->key_strength = key_difficulty(digest);
	else
		f->key_strength = 0;
}

/* A signature costs less than a hash, and a block with a wrong hash is refused without it. */
static void check_signature(struct desk *d, struct verify_job *job)
{
	struct wr w = wr_of(d->text, d->text_size);

	if (!job->facts.hash_ok)
		return;
	block_preimage(job->block, PREIMAGE_SIGNATURE, &w);
	assert(!w.bad);
	job->facts.signature_ok =
		crypto_verify(job->block->pub_key, wr_done(&w), job->block->signature);
}

static void run_batch(struct desk *d, struct batch *b)
{
	uint8_t hash[BLAKEOUT_LANES][BLAKEOUT_SIZE];

	if (!desk_scratch(d) || !write_inputs(d, b)) {
		for (unsigned i = 0; i < b->job_count; i++)
			b->jobs[i]->failed = true;
		return;
	}
	blakeout_lanes(b->in, b->lane_count, hash, d->scratch, d->kept);
	for (unsigned i = 0; i < b->lane_count; i++)
		take_hash(&b->lanes[i], hash[i]);
	for (unsigned i = 0; i < b->job_count; i++)
		check_signature(d, b->jobs[i]);
}

/* ---- the pool ---- */

struct job_list {
	struct verify_job *first, **end;
};

static void list_init(struct job_list *l)
{
	l->first = NULL;
	l->end = &l->first;
}

static void list_push(struct job_list *l, struct verify_job *job)
{
	job->next = NULL;
	*l->end = job;
	l->end = &job->next;
}

static struct verify_job *list_pop(struct job_list *l)
{
	struct verify_job *job = l->first;

	if (job && !(l->first = job->next))
		l->end = &l->first;
	return job;
}

struct verify_pool {
	struct verify_settings s;
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct job_list waiting, done; /* under the lock, as all below */
	bool quiet, ending;
	unsigned thread_count;
	struct desk desks[THREADS_MAX];
	bool busy[THREADS_MAX]; /* its desk is in use */
	bool used;              /* since the last verify_idle() */
	pthread_t threads[THREADS_MAX];
	unsigned next_desk; /* given to the threads as they start */
};

static void take_batch(struct verify_pool *p, struct batch *b)
{
	struct verify_job *job;

	while ((job = p->waiting.first) && b->lane_count + lanes_of(job) <= BLAKEOUT_LANES)
		batch_add(b, list_pop(&p->waiting));
}

static void *work(void *ctx)
{
	struct verify_pool *p = ctx;

	pthread_mutex_lock(&p->lock);
	unsigned me = p->next_desk++;
	while (!p->ending) {
		struct batch b = {.job_count = 0};
		take_batch(p, &b);
		if (!b.job_count) {
			pthread_cond_wait(&p->work, &p->lock);
			continue;
		}
		p->busy[me] = p->used = true;
		pthread_mutex_unlock(&p->lock);
		run_batch(&p->desks[me], &b);
		pthread_mutex_lock(&p->lock);
		p->busy[me] = false;
		for (unsigned i = 0; i < b.job_count; i++)
			list_push(&p->done, b.jobs[i]);
		p->s.wake(p->s.ctx);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
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
	for (unsigned i = 0; i < s->threads; i++) {
		p->desks[i].limit = s->scratch_bytes / s->threads;
		if (pthread_create(&p->threads[i], NULL, work, p) != 0)
			break;
		p->thread_count++;
	}
	if (p->thread_count == s->threads)
		return p;
	verify_stop(p);
	return NULL;
}

enum err verify_submit(struct verify_pool *p, struct verify_job *job)
{
	if (p->quiet)
		return ERR_STOPPING;
	if (!bound_take(p->s.queue, 1))
		return ERR_FULL;
	job->failed = job->facts.hash_ok = job->facts.signature_ok = false;
	pthread_mutex_lock(&p->lock);
	list_push(&p->waiting, job);
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
	return ERR_OK;
}

/* The row shows what the desks hold; they change on other threads, so it is read here. */
static void note_scratch(struct verify_pool *p)
{
	size_t held = 0;

	for (unsigned i = 0; i < p->thread_count; i++) {
		if (p->busy[i])
			return;
		if (p->desks[i].memory)
			held += blakeout_scratch_size(p->desks[i].kept) + ALIGN;
	}
	bound_note(p->s.scratch, held);
}

struct verify_job *verify_take(struct verify_pool *p)
{
	pthread_mutex_lock(&p->lock);
	struct verify_job *job = list_pop(&p->done);
	if (!job)
		note_scratch(p);
	pthread_mutex_unlock(&p->lock);
	if (job)
		bound_give(p->s.queue, 1);
	return job;
}

size_t verify_pending(const struct verify_pool *p)
{
	return (size_t)p->s.queue->used;
}

void verify_idle(struct verify_pool *p)
{
	pthread_mutex_lock(&p->lock);
	if (!p->used)
		for (unsigned i = 0; i < p->thread_count; i++)
			if (!p->busy[i])
				desk_clear(&p->desks[i]);
	p->used = false;
	note_scratch(p);
	pthread_mutex_unlock(&p->lock);
}

void verify_quiesce(struct verify_pool *p)
{
	struct verify_job *job;

	p->quiet = true;
	pthread_mutex_lock(&p->lock);
	while ((job = list_pop(&p->waiting))) {
		job->failed = true;
		list_push(&p->done, job);
	}
	pthread_mutex_unlock(&p->lock);
	p->s.wake(p->s.ctx);
}

void verify_stop(struct verify_pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->ending = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->thread_count; i++)
		pthread_join(p->threads[i], NULL);
	for (unsigned i = 0; i < p->thread_count; i++)
		desk_clear(&p->desks[i]);
	bound_note(p->s.scratch, 0);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	mem_free(p);
}

/* ---- without threads ---- */

enum err verify_now(const struct block *const *blocks, struct block_facts *facts,
	const bool *strength, size_t n, size_t scratch_bytes)
{
	struct desk desk = {.limit = scratch_bytes};
	struct verify_job jobs[BLAKEOUT_LANES];
	enum err err = ERR_OK;
	size_t at = 0;

	while (at < n && err == ERR_OK) {
		struct batch b = {.job_count = 0};
		size_t from = at;
		while (at < n && b.lane_count + (strength[at] ? 2 : 1) <= BLAKEOUT_LANES) {
			struct verify_job *job = &jobs[at - from];
			*job = (struct verify_job){.block = blocks[at],
				.facts = {.key_strength = -1},
				.want_strength = strength[at]};
			batch_add(&b, job);
			at++;
		}
		run_batch(&desk, &b);
		for (size_t i = from; i < at; i++) {
			facts[i] = jobs[i - from].facts;
			err = jobs[i - from].failed ? ERR_NOMEM : err;
		}
	}
	desk_clear(&desk);
	return err;
}
