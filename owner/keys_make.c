/* Role: makes a key: a search for a seed whose public key is strong enough (protocol.md 9.1), with
 * threads of their own. No seed is kept but the one that was found, and that is told to nobody
 * before it is on disk.
 * Before: owner/keys_job.c. After: mine/search.c, owner/keys_watch.c. */
#include <stdio.h>
#include <unistd.h>

#include "chain/crypto.h"
#include "owner/keys_process_internal.h"

enum {
	SECOND = 1000,     /* ms */
	TRY_AGAIN = 10000, /* ms after the node could not write the file */
	SEED = 32,
};

/* ---- on the search's threads ---- */

static bool fill(void *ctx, struct search_batch *b)
{
	struct keys_search *s = ctx;

	for (b->n = 0; b->n < b->most && (b->n + 1) * SEED <= b->room_size; b->n++) {
		uint8_t *pub_key = b->room + b->n * SEED;
		rng_fill(s->rng, b->note[b->n], SEED);
		crypto_public(b->note[b->n], pub_key);
		b->in[b->n] = slice_of(pub_key, SEED);
	}
	return true;
}

/* Byte by byte: a vector register would keep the seed, and is saved on the stack by whoever comes
 * next, the dynamic linker for example. */
static void copy_seed(volatile uint8_t *to, const volatile uint8_t *from)
{
	for (size_t i = 0; i < SEED; i++)
		to[i] = from[i];
}

static bool judge(void *ctx, const struct search_batch *b)
{
	struct keys_search *s = ctx;
	bool found = false;

	for (unsigned i = 0; i < b->n; i++) {
		if (key_difficulty(slice_of(b->hash[i], BLAKEOUT_SIZE)) < s->strength)
			continue;
		found = true;
		pthread_mutex_lock(&s->lock);
		if (!s->has_found)
			copy_seed(s->found->signing, b->note[i]);
		s->has_found = true;
		pthread_mutex_unlock(&s->lock);
	}
	key_wipe_stack();
	return found;
}

static bool gives_way(void *ctx)
{
	return atomic_load_explicit(&((struct keys_search *)ctx)->pauses, memory_order_relaxed);
}

static void ended(void *ctx)
{
	struct keys_search *s = ctx;
	ssize_t n = write(s->wake[1], "", 1);

	(void)n; /* it is looked for once a second, too */
}

/* ---- start and end ---- */

static void forget(struct keys_process *p)
{
	struct keys_search *s = &p->search;

	search_free(s->search);
	key_memory_free(s->seal);
	key_memory_free(s->found);
	s->search = NULL;
	s->seal = NULL;
	s->found = NULL;
	s->has_found = false;
	s->try_again = 0;
	p->changed = true;
}

/* Starts the threads, with memory for the seal and for what they find. */
static enum err start_threads(struct keys_process *p, const struct seal_key *seal)
{
	struct keys_search *s = &p->search;
	struct search_settings settings = {.threads = p->settings.search_threads,
		.scratch_bytes = (size_t)p->settings.search_scratch,
		.scratch = &s->scratch,
		.lower = p->settings.search_lower,
		.gives_way = gives_way,
		.ended = ended,
		.ctx = s};
	struct search_task task = {.input_size = SEED, .fill = fill, .judge = judge, .ctx = s};
	enum err err = ERR_NOMEM;

	s->scratch = (struct bound){
		.name = "key_search_scratch_bytes", .max = p->settings.search_scratch};
	s->strength = (int)p->settings.strength;
	s->seal = key_memory_new(sizeof *s->seal);
	s->found = key_memory_new(sizeof *s->found);
	if (s->seal && s->found) {
		*s->seal = *seal;
		s->search = search_start(&settings, &task, &err);
	}
	return s->search ? ERR_OK : err;
}

static enum keys_said refuse(struct keys_process *p, enum err err, char line[KEYS_TEXT_MAX])
{
	forget(p);
	if (err != ERR_FULL)
		return KEYS_NO_MEMORY;
	snprintf(line, KEYS_TEXT_MAX,
		"limits.key_search_scratch_bytes leaves too little for one thread: raise it");
	return KEYS_TOO_DEAR;
}

enum keys_said make_start(struct keys_process *p, const char *name, const struct seal_key *seal,
	char line[KEYS_TEXT_MAX])
{
	struct keys_search *s = &p->search;
	enum err err = start_threads(p, seal);

	if (err)
		return refuse(p, err, line);
	snprintf(s->name, sizeof s->name, "%s", name);
	s->began = s->looked = clock_mono(p->clock);
	s->hashes = s->rate = 0;
	p->changed = true;
	process_says(p, false,
		"a search for a key began, with %u threads: %u zero bits, %llu "
		"candidates on average; it does not outlive the process",
		search_threads(s->search), (unsigned)s->strength,
		(unsigned long long)make_state(p).mean);
	return KEYS_DONE;
}

void make_cancel(struct keys_process *p)
{
	/* What is being written is written. */
	if (!make_state(p).running || p->store.what == STORE_MADE)
		return;
	forget(p);
	process_says(p, false, "the search for a key was cancelled");
	watch_end(
		p, &(struct keys_end){.said = KEYS_CANCELLED, .line = "the search was cancelled"});
}

void make_pause(struct keys_process *p, uint64_t ms)
{
	if (ms > KEYS_PAUSE_MAX_MS)
		ms = KEYS_PAUSE_MAX_MS;
	p->search.pause_ends = clock_mono(p->clock) + ms;
	atomic_store(&p->search.pauses, true);
}

void make_free(struct keys_process *p)
{
	forget(p);
}

/* ---- found ---- */

static void write_found(struct keys_process *p)
{
	struct keys_search *s = &p->search;
	struct key_public pub;

	if (p->store.what != STORE_NOTHING || clock_mono(p->clock) < s->try_again)
		return;
	key_public_of(s->found, &pub);
	int strength = process_strength(p, pub.signing);
	if (!store_key(p, STORE_MADE, NULL, s->name, s->found, s->seal, &pub, strength))
		s->try_again = clock_mono(p->clock) + TRY_AGAIN;
}

void make_stored(struct keys_process *p, const char *why)
{
	struct keys_store store = p->store;

	if (why) {
		process_says(p, true, "a new key was found, but %s; it is tried again", why);
		p->search.name[0] = '\0'; /* whatever was wrong with it */
		p->search.try_again = clock_mono(p->clock) + TRY_AGAIN;
		return;
	}
	process_says(p, false, "a new key was found: %s", store.name);
	forget(p);
	struct keys_end end = {.said = KEYS_DONE, .line = "", .pub = store.file.pub};
	memcpy(end.name, store.name, sizeof end.name);
	watch_end(p, &end);
}

/* All threads ended: with a seed, or because memory ran out. */
static void look_at_end(struct keys_process *p)
{
	struct keys_search *s = &p->search;
	uint8_t wakes[16];
	ssize_t n = read(s->wake[0], wakes, sizeof wakes);

	(void)n;
	search_free(s->search);
	s->search = NULL;
	if (s->has_found) {
		rng_fill(p->rng, s->found->encryption, sizeof s->found->encryption);
		s->try_again = 0;
		return;
	}
	forget(p);
	process_says(p, true, "the search for a key ended: there is no memory for it");
	watch_end(p, &(struct keys_end){.said = KEYS_NO_MEMORY, .line = ""});
}

/* ---- looking after it ---- */

struct keys_search_state make_state(const struct keys_process *p)
{
	const struct keys_search *s = &p->search;
	struct keys_search_state to = {.running = s->search || s->has_found};

	if (!to.running)
		return to;
	memcpy(to.name, s->name, sizeof to.name);
	to.tried = s->search ? search_hashes(s->search) : s->hashes;
	to.rate = s->rate;
	to.seconds = (clock_mono(p->clock) - s->began) / SECOND;
	to.mean = s->strength < 64 ? (uint64_t)1 << s->strength : UINT64_MAX;
	return to;
}

static void count_rate(struct keys_process *p, uint64_t now)
{
	struct keys_search *s = &p->search;
	uint64_t hashes = search_hashes(s->search);

	if (now > s->looked)
		s->rate = (hashes - s->hashes) * SECOND / (now - s->looked);
	s->hashes = hashes;
	s->looked = now;
}

uint64_t make_next(const struct keys_process *p)
{
	const struct keys_search *s = &p->search;

	if (!s->search && !s->has_found)
		return UINT64_MAX;
	if (!s->search)
		return s->try_again;
	bool first = atomic_load(&s->pauses) && s->pause_ends < s->looked + SECOND;
	return first ? s->pause_ends : s->looked + SECOND;
}

void make_look(struct keys_process *p)
{
	struct keys_search *s = &p->search;
	uint64_t now = clock_mono(p->clock);

	if (now >= s->pause_ends)
		atomic_store(&s->pauses, false);
	if (s->search && now >= s->looked + SECOND) {
		count_rate(p, now);
		watch_progress(p);
		p->changed = true;
	}
	if (s->search && search_has_ended(s->search))
		look_at_end(p);
	if (!s->search && s->has_found)
		write_found(p);
}
