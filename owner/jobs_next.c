/* What is worked on next: a signature when one of our keys is to give it, else the first job that
 * can be made now. See owner/jobs.h. Before: owner/jobs.c. After: owner/draft.h, owner/turn.h. */
#include <assert.h>
#include <stdio.h>

#include "base/human.h"
#include "owner/jobs_internal.h"
#include "owner/sign_look.h"

enum {
	LOOK_S = 60, /* a job that is searched or waits is tested again after so long */
	KEEP_S = 60, /* a job that is searched is kept so often: each time is a write to the disk */
};

/* ---- a block for the place above the tip ---- */

void jobs_note_tip(struct jobs *j, const struct chain_tip *tip)
{
	memcpy(j->tip_hash, tip->hash, HASH_SIZE);
	j->tip_index = tip->height;
}

bool jobs_tip_moved(const struct jobs *j, const struct chain_tip *tip)
{
	return tip->height != j->tip_index || memcmp(tip->hash, j->tip_hash, HASH_SIZE) != 0;
}

void jobs_put_above(struct jobs *j, const struct chain_tip *tip, struct block *b)
{
	jobs_note_tip(j, tip);
	b->index = tip->height + 1;
	b->timestamp = tip->timestamp; /* the earliest; the search takes the clock's */
	b->prev_hash = slice_of(j->tip_hash, HASH_SIZE);
}

enum err jobs_search(struct jobs *j, const struct block *b, unsigned threads)
{
	enum err err = j->s.hooks.search(j->s.hooks.ctx, b, threads);

	if (err == ERR_OK)
		j->phase = PHASE_SEARCH;
	return err;
}

/* ---- a job ---- */

/* Is its key there and open? */
static bool key_is_open(struct jobs *j, struct job *job, uint8_t encryption[KEY_SIZE])
{
	enum job_key k = j->s.hooks.key(j->s.hooks.ctx, job->author, encryption);

	if (k == JOB_KEY_NONE)
		jobs_set(j, job, JOB_WAITS, "its key is not here: alfisd key import");
	else if (k == JOB_KEY_LOCKED)
		jobs_set(j, job, JOB_WAITS, "its key is locked: alfisd key unlock");
	else if (k == JOB_KEY_SPENT)
		jobs_set(j, job, JOB_WAITS,
			"its key has signed a block for this place already, which is not in the "
			"chain: waiting for the next block");
	return k == JOB_KEY_OPEN;
}

/* Begins to search for a draft that passed all tests, or goes on with it. */
static void begin(struct jobs *j, struct job *job, struct draft *d, const struct chain_tip *tip)
{
	struct draft_price price;
	char line[DRAFT_WORDS_MAX];
	enum err err = draft_seal(d, j->s.rng);
	struct block b = d->b;

	draft_price(d, &price);
	b.tx = d->tx;
	b.difficulty = (uint32_t)price.difficulty;
	jobs_put_above(j, tip, &b);
	if (err == ERR_OK)
		err = jobs_search(j, &b, job->threads);
	if (err != ERR_OK) {
		jobs_set(j, job, JOB_WAITS,
			err == ERR_FULL ? "limits.mine_scratch_bytes has no room for a search"
					: "there is no memory for its search");
		return;
	}
	if (j->current != job) {
		j->hashes_before = job->hashes;
		j->hashes_kept = clock_mono(j->s.clock);
	}
	j->current = job;
	j->hashed = job->id;
	job->difficulty = price.difficulty;
	jobs_set(j, job, JOB_SEARCHES, draft_say_price(&price, line));
}

static bool passes_by_itself(enum draft_why why)
{
	return why == DRAFT_WAITING || why == DRAFT_NEXT || why == DRAFT_COOLDOWN;
}

/* For whose signatures of the last full block the job waits. */
static const char *say_lock(struct jobs *j, int64_t now, char line[SIGN_WORDS_MAX])
{
	struct sign_look l;

	sign_look(chain_view(j->s.chain), NULL, 0, &l);
	return sign_look_words(&l, now, line);
}

static void note_price(struct job *job, const struct draft *d)
{
	struct draft_price price;

	draft_price(d, &price);
	job->difficulty = price.difficulty;
}

/* Tests it by what consensus says now, and searches for it unless something else is searched. True
 * when it is searched afterwards. */
static bool try_job(struct jobs *j, struct job *job, const struct chain_tip *tip)
{
	static_assert((int)SIGN_WORDS_MAX == (int)DRAFT_WORDS_MAX, "one line for both");
	uint8_t encryption[KEY_SIZE];
	char line[DRAFT_WORDS_MAX], name[KEY_NAME_MAX + 1] = "";
	struct draft_request r = job_request(job);
	struct draft_refusal f;
	struct draft *d;

	if (!key_is_open(j, job, encryption))
		return false;
	j->s.hooks.key_name(j->s.hooks.ctx, job->author, name);
	r.encryption = encryption;
	r.author_name = name;
	int64_t now = chain_now(j->s.chain, clock_wall(j->s.clock));
	if (draft_open(&r, chain_view(j->s.chain), now, &d) != ERR_OK) {
		jobs_set(j, job, JOB_WAITS, "there is no memory for it");
		return false;
	}
	enum draft_why why = draft_first(d, false, &f);
	note_price(job, d);
	if (why == DRAFT_FINE && (j->phase == PHASE_IDLE || j->current == job))
		begin(j, job, d, tip);
	else if (why == DRAFT_FINE)
		jobs_set(j, job, JOB_WAITS, "something else is searched first");
	else
		jobs_set(j, job, passes_by_itself(why) ? JOB_WAITS : JOB_FAILED,
			why == DRAFT_WAITING ? say_lock(j, now, line) : draft_say_why(d, &f, line));
	draft_free(d);
	if (j->current == job)
		j->looked = clock_wall(j->s.clock);
	return job->state == JOB_SEARCHES;
}

/* ---- what next ---- */

void jobs_put_back(struct jobs *j, const char *line)
{
	struct job *job = j->current;

	jobs_leave(j);
	if (job)
		jobs_set(j, job, JOB_WAITS, line);
}

static void choose(struct jobs *j, const struct chain_tip *tip, int64_t now)
{
	char line[DRAFT_WORDS_MAX];

	if (!j->s.hooks.ready(j->s.hooks.ctx, line)) {
		for (size_t i = 0; i < j->count; i++)
			if (j->all[i]->state == JOB_WAITS && !j->all[i]->paused)
				jobs_set(j, j->all[i], JOB_WAITS, line);
		return;
	}
	jobs_look_at_done(j, tip);
	if (jobs_use_found(j, tip))
		return;
	if (jobs_sign_is_due(j, tip, now)) {
		jobs_search_signature(j, tip);
		return;
	}
	for (size_t i = 0; i < j->count; i++) {
		struct job *job = j->all[i];
		if (job->state != JOB_WAITS || job->paused || job->found.is)
			continue;
		if (j->phase == PHASE_IDLE)
			try_job(j, job, tip);
	}
}

/* A job that has no reason to wait waits for what is worked on, unless it cannot be made at all:
 * then whoever asks for it hears that at once. */
static void tell_waiting(struct jobs *j, const struct chain_tip *tip)
{
	for (size_t i = 0; i < j->count; i++) {
		struct job *job = j->all[i];
		if (job->state == JOB_WAITS && !job->line[0] && !job->found.is)
			try_job(j, job, tip);
	}
}

/* A program that is killed loses what was hashed since this was called last. In memory the job's
 * hashes are those of the searches that ended. */
static void keep_hashes(struct jobs *j)
{
	struct job *job = j->current;
	uint64_t now = clock_mono(j->s.clock);

	if (!job || now - j->hashes_kept < (uint64_t)KEEP_S * 1000)
		return;
	j->hashes_kept = now;
	job->hashes = j->hashes_before + j->s.hooks.hashes(j->s.hooks.ctx);
	j->s.hooks.keep(j->s.hooks.ctx, job);
	job->hashes = j->hashes_before;
}

/* Looks whether what is searched is still what is wanted. */
static void watch(struct jobs *j, const struct chain_tip *tip, int64_t now)
{
	char line[DRAFT_WORDS_MAX];
	uint8_t encryption[KEY_SIZE];
	struct job *job = j->current;

	if (!j->s.hooks.ready(j->s.hooks.ctx, line)) {
		jobs_put_back(j, line);
	} else if (jobs_has_found(j, tip)) {
		jobs_put_back(j, "a block that was found goes first");
	} else if (job && !key_is_open(j, job, encryption)) {
		jobs_leave(j);
	} else if (!job) {
		if (jobs_tip_moved(j, tip))
			jobs_leave(j);
	} else if (jobs_sign_is_due(j, tip, now)) {
		jobs_put_back(j, "a signature of ours goes first");
	} else if (jobs_tip_moved(j, tip) || now - j->looked >= LOOK_S) {
		if (!try_job(j, job, tip))
			jobs_leave(j);
	}
	if (j->phase == PHASE_SEARCH)
		keep_hashes(j);
}

static uint64_t wait_of(const struct jobs *j, int64_t now)
{
	bool work = jobs_open(j) > 0 || j->phase != PHASE_IDLE || j->found.is;
	uint64_t poll = j->s.params->signing_poll,
		 seconds = work && poll > JOBS_AGAIN_S ? JOBS_AGAIN_S : poll;
	int64_t starts = j->signing.on ? j->signing.starts : 0;

	if (starts > now && (uint64_t)(starts - now) < seconds)
		seconds = (uint64_t)(starts - now);
	return seconds * 1000;
}

uint64_t jobs_tick(struct jobs *j)
{
	int64_t now = chain_now(j->s.chain, clock_wall(j->s.clock));
	struct chain_tip tip;

	if (j->keeping)
		return wait_of(j, now);
	chain_get_tip(j->s.chain, &tip);
	jobs_look_at_found(j, &tip);
	if (j->phase == PHASE_SEARCH)
		watch(j, &tip, now);
	else if (j->phase == PHASE_KEEP)
		jobs_keep_again(j, &tip);
	if (j->phase == PHASE_IDLE)
		choose(j, &tip, now);
	if (j->phase != PHASE_IDLE)
		tell_waiting(j, &tip);
	return wait_of(j, now);
}
