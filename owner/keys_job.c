/* Role: the requests of the command line that take work, one after the other: whose turn it is, and
 * the wait after a wrong passphrase; a try of one is made by owner/keys_try.c. Before:
 * owner/keys_client.c. After: owner/keys_request.c says what each needs. */
#include "owner/keys_job_internal.h"
#include "owner/keys_user.h"

enum {
	WAIT_FIRST = 1000, /* ms after a wrong passphrase, twice as long after each further one, */
	WAIT_LONGEST = 60000,
};

void job_note_try(struct keys_process *p, enum keys_said said)
{
	uint64_t wait = WAIT_FIRST;

	if (said == KEYS_DONE)
		p->wrong = 0;
	if (said != KEYS_WRONG_PASSPHRASE)
		return;
	for (unsigned i = 0; i < p->wrong && wait < WAIT_LONGEST; i++)
		wait *= 2;
	p->wrong++;
	p->not_before = clock_mono(p->clock) + (wait < WAIT_LONGEST ? wait : WAIT_LONGEST);
}

/* ---- one after the other ---- */

static struct keys_client *oldest(struct keys_process *p)
{
	struct keys_client *found = NULL;

	for (size_t i = 0; i < CLIENTS; i++) {
		struct keys_client *c = &p->clients[i];
		if (c->fd >= 0 && c->asks && !c->watches && (!found || c->turn < found->turn))
			found = c;
	}
	return found;
}

/* Does the request try a passphrase that may be wrong? */
static bool tries(const struct keys_message *m)
{
	return m->kind == KEYS_UNLOCK || m->kind == KEYS_REWRAP ||
	       (m->kind == KEYS_EXPORT && m->flag) ||
	       (m->kind == KEYS_IMPORT && keys_file_is_sealed(m->bytes));
}

uint64_t job_next(struct keys_process *p)
{
	const struct keys_client *c = oldest(p);

	if (!c || !p->is_ready || p->store.what != STORE_NOTHING || p->attempt.work)
		return UINT64_MAX;
	return tries(&c->m) ? p->not_before : 0;
}

/* A wrong passphrase counts also when who sent it has gone. */
static void take_result(struct keys_process *p, const struct keys_work *w)
{
	struct keys_client *c = p->attempt.client;

	p->attempt.client = NULL;
	if (w->opens && (!c || c->m.kind != KEYS_UNLOCK))
		job_note_try(p, w->opened);
	if (!c)
		return;
	if (w->said == KEYS_DONE || c->m.kind == KEYS_UNLOCK)
		job_requests[c->m.kind].end(p, c, w);
	else
		process_answers_line(p, c, w->said, w->line);
}

static void begin(struct keys_process *p)
{
	struct keys_client *c = oldest(p);
	struct keys_work *w = key_memory_new(sizeof *w);

	if (!w)
		process_answers_line(p, c, KEYS_NO_MEMORY, "");
	else if (job_requests[c->m.kind].ask(p, c, w))
		try_start(p, c, w);
	else
		key_memory_free(w);
}

void job_step(struct keys_process *p)
{
	struct keys_work *w = try_ended(p);

	if (w)
		take_result(p, w);
	key_memory_free(w);
	if (job_next(p) <= clock_mono(p->clock))
		begin(p);
}
