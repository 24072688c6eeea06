/* The search for the proof of work of a block. See mine/block_search.h.
 * Before: who made the block. After: mine/search.c. */
#include "mine/block_search.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/mem.h"

/* What a batch remembers of a candidate until its hash is known. */
struct candidate {
	int64_t timestamp;
	uint64_t nonce;
	uint64_t version; /* of the block that it was made from */
	uint32_t random;
};

_Static_assert(sizeof(struct candidate) <= SEARCH_NOTE, "a candidate must fit in its note");

struct block_search {
	struct search *search;
	const struct clock *clock;
	const struct rng *rng;
	atomic_uint best; /* greatest difficulty of a hash */
	/* From the caller to the threads and back, without a lock: a thread of low priority that
	 * holds one may not run for long, and the caller would wait for it. */
	_Atomic(struct block_owned *) next; /* the block from now on; NULL = as before */
	_Atomic(struct block_owned *) old;  /* replaced; for the caller to free */
	pthread_mutex_t lock;
	/* The rest is the threads', guarded by the lock, and the caller's when they have ended. */
	struct block_owned *block;
	uint64_t version; /* counts the changes of `block` */
	bool found;
	struct block_found result;
};

/* ---- on the search's threads ---- */

/* Takes the block that the caller has set, if there is a new one. With the lock held. */
static void look_for_next(struct block_search *s)
{
	struct block_owned *next = atomic_exchange(&s->next, NULL);

	if (!next)
		return;
	atomic_store(&s->old, s->block);
	s->block = next;
	s->version++;
	s->found = false; /* it was for the block before */
}

/* The candidates of a batch differ in their nonce only. */
static unsigned write_candidates(
	const struct block_search *s, struct block *b, struct search_batch *batch)
{
	struct wr all = wr_of(batch->room, batch->room_size);

	for (b->nonce = 0; b->nonce < batch->most; b->nonce++) {
		struct candidate c = {b->timestamp, b->nonce, s->version, b->random};
		size_t from = all.n;
		block_preimage(b, PREIMAGE_HASH, &all);
		if (all.bad)
			break; /* no room for more: the block became longer */
		batch->in[b->nonce] = slice_of(all.p + from, all.n - from);
		memcpy(batch->note[b->nonce], &c, sizeof c);
	}
	return (unsigned)b->nonce;
}

static bool fill(void *ctx, struct search_batch *batch)
{
	struct block_search *s = ctx;
	int64_t now = clock_wall(s->clock);

	pthread_mutex_lock(&s->lock);
	look_for_next(s);
	struct block b = s->block->b;
	rng_fill(s->rng, &b.random, sizeof b.random);
	if (b.timestamp < now)
		b.timestamp = now;
	batch->n = write_candidates(s, &b, batch);
	pthread_mutex_unlock(&s->lock);
	return true;
}

static void note_best(struct block_search *s, unsigned bits)
{
	unsigned best = atomic_load(&s->best);

	while (bits > best && !atomic_compare_exchange_weak(&s->best, &best, bits))
		;
}

/* False when the block is another one by now, or somebody was faster. */
static bool take(struct block_search *s, const struct search_batch *batch, unsigned i, int bits)
{
	struct candidate c;
	bool taken = false;

	memcpy(&c, batch->note[i], sizeof c);
	pthread_mutex_lock(&s->lock);
	look_for_next(s);
	if (!s->found && c.version == s->version && (uint32_t)bits >= s->block->b.difficulty) {
		s->result = (struct block_found){c.timestamp, c.random, c.nonce, {0}};
		memcpy(s->result.hash, batch->hash[i], HASH_SIZE);
		s->found = taken = true;
	}
	pthread_mutex_unlock(&s->lock);
	return taken;
}

static bool judge(void *ctx, const struct search_batch *batch)
{
	struct block_search *s = ctx;
	bool found = false;

	for (unsigned i = 0; i < batch->n && !found; i++) {
		int bits = hash_difficulty(slice_of(batch->hash[i], HASH_SIZE));
		note_best(s, (unsigned)bits);
		found = take(s, batch, i, bits);
	}
	return found;
}

/* ---- the caller's side ---- */

static struct block_owned *draft_of(const struct block *b)
{
	struct block draft = *b;

	draft.hash = draft.signature = (struct slice){NULL, 0};
	return block_copy(&draft);
}

static struct block_search *make(
	const struct clock *clock, const struct rng *rng, const struct block *b)
{
	struct block_search *s = mem_alloc(sizeof *s);

	if (!s)
		return NULL;
	s->clock = clock;
	s->rng = rng;
	s->block = draft_of(b);
	if (!s->block) {
		mem_free(s);
		return NULL;
	}
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

struct block_search *block_search_start(const struct search_settings *settings,
	const struct clock *clock, const struct rng *rng, const struct block *b, enum err *err)
{
	struct block_search *s = make(clock, rng, b);

	*err = ERR_NOMEM;
	if (!s)
		return NULL;
	struct search_task task = {
		.input_size = block_preimage_bound(b), .fill = fill, .judge = judge, .ctx = s};
	s->search = search_start(settings, &task, err);
	if (s->search)
		return s;
	block_search_free(s);
	return NULL;
}

enum err block_search_change(struct block_search *s, const struct block *b)
{
	struct block_owned *draft = draft_of(b);

	if (!draft)
		return ERR_NOMEM;
	/* While there is no next one none becomes old: there is never more than one to free. */
	mem_free(atomic_exchange(&s->next, NULL));
	mem_free(atomic_exchange(&s->old, NULL));
	atomic_store(&s->next, draft);
	return ERR_OK;
}

void block_search_cancel(struct block_search *s)
{
	search_cancel(s->search);
}

bool block_search_has_ended(const struct block_search *s)
{
	return search_has_ended(s->search);
}

bool block_search_found(const struct block_search *s, struct block_found *out)
{
	if (!search_has_ended(s->search) || !s->found || atomic_load(&s->next))
		return false;
	*out = s->result;
	return true;
}

uint64_t block_search_hashes(const struct block_search *s)
{
	return search_hashes(s->search);
}

unsigned block_search_best(const struct block_search *s)
{
	return atomic_load(&s->best);
}

unsigned block_search_threads(const struct block_search *s)
{
	return search_threads(s->search);
}

void block_search_free(struct block_search *s)
{
	if (!s)
		return;
	search_free(s->search);
	pthread_mutex_destroy(&s->lock);
	mem_free(s->block);
	mem_free(atomic_load(&s->next));
	mem_free(atomic_load(&s->old));
	mem_free(s);
}
