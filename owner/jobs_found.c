/* Blocks that were found: kept on the disk, then signed, then given to the chain. One of a locked
 * key is set aside until the key is opened or the block cannot be good any more. See owner/jobs.h.
 * Before: owner/jobs.c, owner/jobs_next.c. After: owner/found.h; the hooks. */
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "owner/jobs_internal.h"

static const char OVERTAKEN[] = "a block came before this one was signed; searching again";

static struct found *found_for(struct jobs *j, struct job *job)
{
	return job ? &job->found : &j->found;
}

void jobs_drop_block(struct jobs *j)
{
	mem_free(j->block);
	j->block = NULL;
}

/* ---- on the disk ---- */

/* The hook may come back to jobs_tick(). */
static bool keep(struct jobs *j, const struct job *job, const struct block *b)
{
	j->keeping = true;
	bool kept = j->s.hooks.keep_found(j->s.hooks.ctx, job ? job->id : 0, b);
	j->keeping = false;
	return kept;
}

void jobs_drop_found(struct jobs *j, struct job *job)
{
	struct found *f = found_for(j, job);

	if (!f->is)
		return;
	f->is = false;
	keep(j, job, NULL);
}

void jobs_restore_found(struct jobs *j, uint64_t id, struct slice bytes)
{
	struct job *job = NULL;
	struct block_owned *b;
	enum err err = found_decode(bytes, id, &b);

	for (size_t i = 0; i < j->count; i++)
		if (j->all[i]->id == id)
			job = j->all[i];
	bool wanted = id == 0 || (job && !job_has_ended(job->state));
	if (err != ERR_OK)
		log_warn("jobs: the block that was found for job %llu was dropped: %s",
			(unsigned long long)id, err_name(err));
	if (err == ERR_OK && wanted)
		found_of(&b->b, found_for(j, job));
	else
		j->s.hooks.keep_found(j->s.hooks.ctx, id, NULL);
	mem_free(b);
}

/* ---- what is worked on ---- */

void jobs_set_aside(struct jobs *j, const char *line)
{
	found_for(j, j->current)->again = clock_wall(j->s.clock) + JOBS_AGAIN_S;
	if (j->current)
		jobs_set(j, j->current, JOB_SIGNS, line);
	j->phase = PHASE_IDLE;
	j->current = NULL;
	j->signing.searching = false;
	jobs_drop_block(j);
}

static void ask_signature(struct jobs *j, const struct chain_tip *tip)
{
	uint64_t window = j->current ? 0 : tip->last_full;

	j->phase = PHASE_SIGN;
	if (j->current)
		jobs_set(j, j->current, JOB_SIGNS, "");
	if (!j->s.hooks.sign(j->s.hooks.ctx, &j->block->b, window))
		jobs_set_aside(j, "found; the key process has too much to do");
}

static void submit(struct jobs *j)
{
	struct block_owned *b = j->block;

	j->block = NULL;
	j->submitted = b->b.index;
	memcpy(j->submitted_hash, b->b.hash.p, HASH_SIZE);
	if (j->s.hooks.submit(j->s.hooks.ctx, &b) != ERR_OK) {
		jobs_set_aside(j, "found and signed; there is no room to check it yet");
		return;
	}
	j->phase = PHASE_SUBMIT;
	if (j->current)
		jobs_set(j, j->current, JOB_CHECKS, "");
}

void jobs_take_found(struct jobs *j)
{
	struct chain_tip tip;

	if (keep(j, j->current, &j->block->b)) {
		found_of(&j->block->b, found_for(j, j->current));
		chain_get_tip(j->s.chain, &tip);
		ask_signature(j, &tip);
		return;
	}
	j->phase = PHASE_KEEP;
	j->again = clock_wall(j->s.clock) + JOBS_AGAIN_S;
	if (j->current)
		jobs_set(j, j->current, JOB_SIGNS,
			"found; it is not signed before it is kept on the disk");
}

void jobs_keep_again(struct jobs *j, const struct chain_tip *tip)
{
	if (jobs_tip_moved(j, tip))
		jobs_put_back(j, OVERTAKEN);
	else if (clock_wall(j->s.clock) >= j->again)
		jobs_take_found(j);
}

/* The signed block is kept, too: it needs no key any more. Without room for that its key is asked
 * again. */
void jobs_take_signature(struct jobs *j, const uint8_t signature[SIGNATURE_SIZE])
{
	struct block b = j->block->b;
	struct chain_tip tip;

	chain_get_tip(j->s.chain, &tip);
	if (found_place(found_for(j, j->current), &tip) != FOUND_NEXT) {
		jobs_set_aside(j, "");
		jobs_look_at_found(j, &tip);
		return;
	}
	b.signature = slice_of(signature, SIGNATURE_SIZE);
	struct block_owned *whole = block_copy(&b);
	if (!whole) {
		jobs_set_aside(j, "found and signed; there is no memory to check it yet");
		return;
	}
	jobs_drop_block(j);
	j->block = whole;
	found_for(j, j->current)->is_signed = keep(j, j->current, &whole->b);
	submit(j);
}

/* ---- one that is kept ---- */

static enum job_key key_of(struct jobs *j, const struct found *f)
{
	uint8_t encryption[KEY_SIZE];

	return j->s.hooks.key(j->s.hooks.ctx, f->author, encryption);
}

/* A key that is spent has perhaps signed this very block, and does it again. */
static bool is_usable(struct jobs *j, const struct job *job, const struct chain_tip *tip)
{
	const struct found *f = job ? &job->found : &j->found;

	if (!f->is || found_place(f, tip) != FOUND_NEXT || (job ? job->paused : !j->signing.on))
		return false;
	if (f->is_signed)
		return true;
	enum job_key k = key_of(j, f);
	return k == JOB_KEY_OPEN || k == JOB_KEY_SPENT;
}

static bool is_due(struct jobs *j, const struct job *job, const struct chain_tip *tip)
{
	const struct found *f = job ? &job->found : &j->found;

	return is_usable(j, job, tip) && clock_wall(j->s.clock) >= f->again;
}

bool jobs_has_found(struct jobs *j, const struct chain_tip *tip)
{
	bool due = is_due(j, NULL, tip);

	for (size_t i = 0; i < j->count && !due; i++)
		due = is_due(j, j->all[i], tip);
	return due;
}

/* Reads it. False when it cannot be used: then it is forgotten, unless memory ran out. */
static bool read_it(struct jobs *j, struct job *job)
{
	struct found *f = found_for(j, job);
	enum err err = j->s.hooks.read_found(j->s.hooks.ctx, job ? job->id : 0, &j->block);

	if (err == ERR_NOMEM)
		f->again = clock_wall(j->s.clock) + JOBS_AGAIN_S;
	else if (err == ERR_OK && memcmp(j->block->b.hash.p, f->hash, HASH_SIZE) == 0)
		return true;
	jobs_drop_block(j);
	if (err == ERR_NOMEM)
		return false;
	log_warn("jobs: a block that was found cannot be read from the store: searching again");
	jobs_drop_found(j, job);
	if (job)
		jobs_set(j, job, JOB_WAITS, "");
	return false;
}

static void go_on(struct jobs *j, struct job *job, const struct chain_tip *tip)
{
	const struct found *f = found_for(j, job);

	if (!read_it(j, job))
		return;
	j->current = job;
	jobs_note_tip(j, tip);
	if (!job) {
		jobs_sign_with(j, tip, f->author);
		j->signing.searching = true;
	}
	if (j->block->b.signature.n)
		submit(j);
	else
		ask_signature(j, tip);
}

/* A locked key holds up no other job. */
static void say_aside(struct jobs *j, struct job *job)
{
	if (!job || !job->found.is || job->found.is_signed || job->paused)
		return;
	enum job_key k = key_of(j, &job->found);
	if (k == JOB_KEY_LOCKED)
		jobs_set(j, job, JOB_SIGNS,
			"found, and good until another block comes: its key is locked: alfisd key unlock");
	else if (k == JOB_KEY_NONE)
		jobs_set(j, job, JOB_SIGNS,
			"found, and good until another block comes: its key is not here: alfisd key "
			"import");
}

/* True when it is being worked on, or is about to be. */
static bool use(struct jobs *j, struct job *job, const struct chain_tip *tip)
{
	say_aside(j, job);
	if (is_due(j, job, tip))
		go_on(j, job, tip);
	return j->phase != PHASE_IDLE || is_usable(j, job, tip);
}

bool jobs_use_found(struct jobs *j, const struct chain_tip *tip)
{
	bool used = use(j, NULL, tip);

	for (size_t i = 0; i < j->count && !used; i++)
		used = use(j, j->all[i], tip);
	return used;
}

/* Its place is taken: by itself, when the program was killed before it could note that. */
static void look(struct jobs *j, struct job *job, const struct chain_tip *tip)
{
	const struct found *f = found_for(j, job);
	bool asked = j->current == job && (j->phase == PHASE_SIGN || j->phase == PHASE_SUBMIT);

	if (!f->is || asked || found_place(f, tip) != FOUND_OVER)
		return;
	if (job && jobs_is_in_chain(j, f->index, f->hash)) {
		j->submitted = f->index;
		memcpy(j->submitted_hash, f->hash, HASH_SIZE);
		jobs_done(j, job);
		return;
	}
	jobs_drop_found(j, job);
	if (job && !job->paused)
		jobs_set(j, job, JOB_WAITS, OVERTAKEN);
}

void jobs_look_at_found(struct jobs *j, const struct chain_tip *tip)
{
	look(j, NULL, tip);
	for (size_t i = 0; i < j->count; i++)
		look(j, j->all[i], tip);
}
