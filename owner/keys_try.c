/* Role: one try of a passphrase, and the sealing by a new one, on a thread of its own: argon2id
 * takes about a second, in which the node is heard. One at a time, whoever asks, so that its memory
 * is there once.
 * Before: owner/keys_job.c. After: owner/key_seal.c. */
#include <stdio.h>
#include <unistd.h>

#include "owner/keys_process_internal.h"

enum {
	KIB = 1024,
	TRY_USUAL = 1000,        /* ms */
	MEMORY_USUAL = 16 * KIB, /* KiB of argon2id for new keys, */
	MEMORY_LEAST = 7 * KIB,  /* and where there is not as much */
};

/* ---- on the thread ---- */

static enum keys_said open_file(struct keys_work *w)
{
	enum keys_said said;

	if (w->file.cost.memory > w->memory_most) {
		snprintf(w->line, sizeof w->line,
			"this key needs %u MB for its passphrase: raise limits.key_process_bytes "
			"to %u MB at least",
			(unsigned)(w->file.cost.memory + KIB - 1) / KIB,
			(unsigned)((w->file.cost.memory + KIB - 1) / KIB +
				   KEYS_PROCESS_FIXED / KIB / KIB));
		return KEYS_TOO_DEAR;
	}
	said = key_open(&w->file, slice_of(w->old, w->old_size), &w->secrets);
	if (said == KEYS_WRONG_PASSPHRASE)
		snprintf(w->line, sizeof w->line,
			"the passphrase is wrong, or the file was changed");
	return said;
}

/* Makes a seal key of a new passphrase. */
static enum keys_said new_seal(struct keys_work *w)
{
	uint64_t memory = w->memory_most < MEMORY_USUAL ? w->memory_most : MEMORY_USUAL;
	struct key_cost cost;

	if (!w->pass_size) {
		snprintf(w->line, sizeof w->line, "the new passphrase is empty");
		return KEYS_BAD_REQUEST;
	}
	if (memory < MEMORY_LEAST) {
		snprintf(w->line, sizeof w->line,
			"limits.key_process_bytes leaves less than 7 MB for passphrases: raise it");
		return KEYS_TOO_DEAR;
	}
	if (key_cost_measure((uint32_t)memory, w->try_ms ? w->try_ms : TRY_USUAL, w->clock,
		    &cost) != ERR_OK ||
		seal_key_new(slice_of(w->pass, w->pass_size), cost, w->rng, &w->seal) != ERR_OK)
		return KEYS_NO_MEMORY;
	return KEYS_DONE;
}

static void *thread_main(void *ctx)
{
	struct keys_work *w = ctx;

	w->said = w->opens ? open_file(w) : KEYS_DONE;
	w->opened = w->said;
	if (w->said == KEYS_DONE && w->seals)
		w->said = new_seal(w);
	key_wipe_stack();
	ssize_t n = write(w->wake, "", 1);
	(void)n; /* the pipe is empty, so that there is room */
	return NULL;
}

/* ---- on the process's own ---- */

void work_phrase(uint8_t to[PASSPHRASE_MAX], size_t *size, struct slice from)
{
	*size = from.n < PASSPHRASE_MAX ? from.n : PASSPHRASE_MAX;
	if (*size)
		memcpy(to, from.p, *size);
}

void try_start(struct keys_process *p, struct keys_client *c, struct keys_work *w)
{
	uint64_t bytes = p->settings.process_bytes;

	w->memory_most = bytes > KEYS_PROCESS_FIXED ? (bytes - KEYS_PROCESS_FIXED) / KIB : 0;
	w->try_ms = p->settings.try_ms;
	w->clock = p->clock;
	w->rng = p->rng;
	w->wake = p->attempt.wake[1];
	if (pthread_create(&p->attempt.thread, NULL, thread_main, w) != 0) {
		process_answers_line(p, c, KEYS_NO_MEMORY, "");
		key_memory_free(w);
		return;
	}
	p->attempt.work = w;
	p->attempt.client = c;
	p->attempt.overruled = false;
}

struct keys_work *try_ended(struct keys_process *p)
{
	struct keys_work *w = p->attempt.work;
	uint8_t byte;

	if (!w || read(p->attempt.wake[0], &byte, 1) != 1)
		return NULL;
	pthread_join(p->attempt.thread, NULL);
	p->attempt.work = NULL;
	return w;
}

void try_free(struct keys_process *p)
{
	if (!p->attempt.work)
		return;
	pthread_join(p->attempt.thread, NULL);
	key_memory_free(p->attempt.work);
	p->attempt.work = NULL;
}
