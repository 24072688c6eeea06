/* The table of jobs, and what is worked on now. See owner/jobs.h; owner/jobs_next.c
 * chooses, owner/jobs_found.c has what was found. */
#include "owner/jobs_internal.h"

#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"

/* ---- life ---- */

struct jobs *jobs_new(const struct jobs_settings *s)
{
	struct jobs *j = mem_alloc(sizeof *j);

	if (!j)
		return NULL;
	j->s = *s;
	j->signing.on = true;
	return j;
}

void jobs_free(struct jobs *j)
{
	if (!j)
		return;
	jobs_drop_block(j);
	for (size_t i = 0; i < j->count; i++) {
		job_free(j->all[i], j->s.bytes);
		bound_give(j->s.count, 1);
	}
	mem_free(j);
}

/* ---- the table ---- */

static size_t place_of(const struct jobs *j, uint64_t id)
{
	size_t i = 0;

	while (i < j->count && j->all[i]->id != id)
		i++;
	return i;
}

static void remove_at(struct jobs *j, size_t i)
{
	jobs_drop_found(j, j->all[i]);
	j->s.hooks.forget(j->s.hooks.ctx, j->all[i]->id);
	job_free(j->all[i], j->s.bytes);
	bound_give(j->s.count, 1);
	memmove(&j->all[i], &j->all[i + 1], (j->count - i - 1) * sizeof j->all[0]);
	j->count--;
}

/* Drops the oldest job that has ended. False when there is none. */
static bool make_room(struct jobs *j)
{
	for (size_t i = 0; i < j->count; i++)
		if (job_has_ended(j->all[i]->state)) {
			remove_at(j, i);
			return true;
		}
	return false;
}

static bool has_room(const struct jobs *j)
{
	return j->count < JOBS_MAX && bound_has(j->s.count, 1);
}

static void put(struct jobs *j, struct job *job)
{
	bound_take(j->s.count, 1);
	j->all[j->count++] = job;
	if (job->id >= j->next_id)
		j->next_id = job->id + 1;
}

enum err jobs_restore(struct jobs *j, struct slice bytes)
{
	struct job *job;

	if (!has_room(j))
		return ERR_FULL;
	enum err err = job_decode(bytes, j->s.bytes, &job);
	if (err != ERR_OK)
		return err;
	if (place_of(j, job->id) < j->count || !job->id) {
		job_free(job, j->s.bytes);
		return ERR_MALFORMED;
	}
	job->told = (uint8_t)(job->state + 1);
	put(j, job);
	for (size_t i = j->count - 1; i > 0 && j->all[i - 1]->id > job->id; i--) {
		j->all[i] = j->all[i - 1];
		j->all[i - 1] = job;
	}
	return ERR_OK;
}

enum err jobs_add(struct jobs *j, const struct draft_request *r, uint64_t *id)
{
	struct job *job;
	enum err err;

	while (!has_room(j))
		if (!make_room(j)) {
			bound_hit(j->s.count);
			return ERR_FULL;
		}
	if (!j->next_id)
		j->next_id = 1;
	do
		err = job_new(r, j->next_id, clock_wall(j->s.clock), j->s.bytes, &job);
	while (err == ERR_FULL && make_room(j));
	if (err != ERR_OK)
		return err;
	put(j, job);
	*id = job->id;
	j->s.hooks.keep(j->s.hooks.ctx, job);
	return ERR_OK;
}

const struct job *jobs_find(const struct jobs *j, uint64_t id)
{
	size_t i = place_of(j, id);

	return i < j->count ? j->all[i] : NULL;
}

const struct job *jobs_at(const struct jobs *j, size_t place)
{
	return place < j->count ? j->all[place] : NULL;
}

size_t jobs_count(const struct jobs *j)
{
	return j->count;
}

size_t jobs_open(const struct jobs *j)
{
	size_t n = 0;

	for (size_t i = 0; i < j->count; i++)
		n += !job_has_ended(j->all[i]->state);
	return n;
}

const struct jobs_counts *jobs_counts(const struct jobs *j)
{
	return &j->counts;
}

const struct job *jobs_next_moved(struct jobs *j)
{
	for (size_t i = 0; i < j->count; i++) {
		struct job *job = j->all[i];
		if (job->told == job->state + 1)
			continue;
		job->told = (uint8_t)(job->state + 1);
		return job;
	}
	return NULL;
}

/* ---- one job ---- */

void jobs_set(struct jobs *j, struct job *job, enum job_state state, const char *line)
{
	bool moved = job->state != state; /* the line of one that waits is not kept */

	job->state = state;
	snprintf(job->line, sizeof job->line, "%s", line);
	if (job_has_ended(state)) {
		job->ended = clock_wall(j->s.clock);
		jobs_drop_found(j, job);
	}
	j->counts.done += moved && state == JOB_DONE;
	j->counts.failed += moved && state == JOB_FAILED;
	j->counts.cancelled += moved && state == JOB_CANCELLED;
	if (moved && (state == JOB_WAITS || job_has_ended(state)))
		j->s.hooks.keep(j->s.hooks.ctx, job);
}

enum err jobs_cancel(struct jobs *j, uint64_t id)
{
	size_t i = place_of(j, id);

	if (i == j->count)
		return ERR_NOT_FOUND;
	struct job *job = j->all[i];
	if (job_has_ended(job->state) || job->state == JOB_CHECKS)
		return ERR_EXISTS;
	jobs_set(j, job, JOB_CANCELLED, "cancelled");
	if (j->current == job)
		jobs_leave(j);
	return ERR_OK;
}

enum err jobs_pause(struct jobs *j, uint64_t id, bool pause)
{
	size_t i = place_of(j, id);

	if (i == j->count)
		return ERR_NOT_FOUND;
	struct job *job = j->all[i];
	if (job_has_ended(job->state) || job->state == JOB_CHECKS)
		return ERR_EXISTS;
	job->paused = pause;
	if (pause && j->current == job)
		jobs_leave(j);
	jobs_set(j, job, JOB_WAITS, pause ? "paused: alfisd job resume" : "");
	j->s.hooks.keep(j->s.hooks.ctx, job);
	return ERR_OK;
}

void jobs_sign(struct jobs *j, bool on)
{
	j->signing.on = on;
	j->refused = 0; /* keys that could not sign may now */
	if (!on && j->signing.searching)
		jobs_leave(j);
}

bool jobs_stop_signature(struct jobs *j)
{
	if (!j->signing.searching || j->phase != PHASE_SEARCH)
		return false;
	jobs_leave(j);
	j->signing.starts =
		chain_now(j->s.chain, clock_wall(j->s.clock)) + (int64_t)j->s.params->signing_poll;
	return true;
}

const struct jobs_signing *jobs_signing(const struct jobs *j)
{
	return &j->signing;
}

/* ---- what is worked on ---- */

/* Nobody waits for the work any more. What comes of a search is thrown away; a block that was found
 * stays where it is kept. */
void jobs_leave(struct jobs *j)
{
	j->current = NULL;
	j->signing.searching = false;
	if (j->phase == PHASE_SEARCH) {
		j->phase = PHASE_CANCEL;
		j->s.hooks.cancel(j->s.hooks.ctx);
	} else if (j->phase == PHASE_KEEP) {
		j->phase = PHASE_IDLE;
		jobs_drop_block(j);
	} else if (j->phase == PHASE_SIGN) {
		j->phase = PHASE_UNWANTED;
	}
}

/* Nothing was found, or for a block that is another one by now: it waits for its turn again. */
static void begin_again(struct jobs *j)
{
	if (j->current)
		jobs_set(j, j->current, JOB_WAITS, "");
	j->current = NULL;
	j->signing.searching = false;
}

void jobs_search_ended(struct jobs *j, const struct block *found, uint64_t hashes)
{
	bool wanted = j->phase == PHASE_SEARCH;

	size_t place = place_of(j, j->hashed);
	if (place < j->count) { /* also when nobody waits for its end any more */
		j->all[place]->hashes = j->hashes_before + hashes;
		j->s.hooks.keep(j->s.hooks.ctx, j->all[place]);
	}
	j->counts.hashes += hashes;
	j->counts.found += wanted && found && j->current;
	j->phase = PHASE_IDLE;
	jobs_drop_block(j);
	j->block = wanted && found ? block_copy(found) : NULL;
	if (j->block)
		jobs_take_found(j);
	else
		begin_again(j);
}
