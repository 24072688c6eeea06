/* Runs the searches of the owner's work. See node/node_mine.h. Before: node/node.c; paths of the
 * API. After: owner/jobs.h, mine/block_search.h; node/node_mine_search.c,
 * node/node_mine_ask.c, node/node_mine_keep.c. */
#include "node/node_mine.h"

#include <event2/event.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "node/node.h"
#include "node/node_job_events.h"
#include "sync/sync_own_block.h"

enum { WALK_MS = 20 /* between two parts of a walk over our names */ };

/* ---- the search ---- */

static uint64_t on_hashes(void *ctx)
{
	return node_mine_hashes(ctx);
}

static void take_result(struct node *n)
{
	struct node_mine *m = &n->mine;
	struct block_found found;
	struct block b = m->block->b;
	node_mine_look_at_rate(n);
	bool good = block_search_found(m->search, &found);
	uint64_t hashes = block_search_hashes(m->search);

	if (good) {
		b.timestamp = found.timestamp;
		b.random = found.random;
		b.nonce = found.nonce;
		b.hash = slice_of(found.hash, HASH_SIZE);
	}
	jobs_search_ended(m->jobs, good ? &b : NULL, hashes);
	node_mine_end_search(m);
	node_mine_look(n);
}

static void on_event(evutil_socket_t fd, short what, void *ctx)
{
	struct node *n = ctx;
	uint64_t count;

	(void)what;
	if (read((int)fd, &count, sizeof count) <= 0)
		return;
	if (n->mine.search && block_search_has_ended(n->mine.search))
		take_result(n);
}

/* ---- when ---- */

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	node_mine_look(ctx);
}

void node_mine_submitted(struct node *n, const char *why)
{
	if (!n->mine.jobs || n->stopping)
		return; /* what was found is kept, and goes on after the next start */
	if (why == SYNC_OWN_NO_MEMORY)
		jobs_not_checked(n->mine.jobs, why);
	else
		jobs_submitted(n->mine.jobs, why);
	if (!why)
		n->remind.walked = 0; /* our names are others than before */
	node_mine_look(n);
}

/* ---- start and stop ---- */

static void free_parts(struct node_mine *m)
{
	node_mine_end_search(m);
	jobs_free(m->jobs);
	if (m->ended)
		event_free(m->ended);
	if (m->timer)
		event_free(m->timer);
	if (m->fd >= 0)
		close(m->fd);
	*m = (struct node_mine){.fd = -1};
}

static bool make_parts(struct node *n)
{
	struct node_mine *m = &n->mine;
	const struct jobs_settings s = {.chain = n->chain,
		.params = &n->params,
		.clock = n->clock,
		.rng = n->rng,
		.count = &n->config->limits.max_jobs,
		.bytes = &n->config->limits.job_bytes,
		.hooks = {node_mine_ready, node_mine_key, node_mine_open_keys, node_mine_max_height,
			node_mine_search, node_mine_cancel, node_mine_sign, node_mine_submit,
			node_mine_keep, node_mine_forget, node_mine_keep_found,
			node_mine_read_found, on_hashes, node_mine_key_name, n}};

	m->jobs = jobs_new(&s);
	m->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	m->ended = m->fd >= 0 ? event_new(n->base, m->fd, EV_READ | EV_PERSIST, on_event, n) : NULL;
	m->timer = event_new(n->base, -1, 0, on_timer, n);
	return m->jobs && m->ended && m->timer && event_add(m->ended, NULL) == 0;
}

static bool begin(struct node *n)
{
	if (n->mine.jobs)
		return true;
	if (!make_parts(n)) {
		log_error("jobs: out of memory or descriptors: nothing is mined or signed");
		free_parts(&n->mine);
		return false;
	}
	jobs_sign(n->mine.jobs, n->config->owner_sign);
	node_mine_restore(n);
	return true;
}

/* The first key may have come while the node runs. */
void node_mine_look(struct node *n)
{
	struct node_mine *m = &n->mine;

	if (n->stopping || !n->owner.link || !begin(n))
		return;
	node_mine_look_at_rate(n);
	uint64_t ms = jobs_tick(m->jobs);
	node_job_events(n);
	node_foreign_look(n);
	node_sign_look(n);
	if (node_remind_look(n) && ms > WALK_MS)
		ms = WALK_MS;
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};
	if (ms != UINT64_MAX)
		event_add(m->timer, &tv);
}

bool node_mine_start(struct node *n)
{
	n->mine.fd = -1;
	node_mine_look(n);
	return true;
}

void node_mine_look_soon(struct node *n)
{
	struct timeval tv = {0, 0};

	if (n->mine.timer && !n->stopping)
		event_add(n->mine.timer, &tv);
}

void node_mine_stop(struct node *n)
{
	node_remind_end(n);
	node_notify_end(n);
	free_parts(&n->mine);
	node_foreign_end(n);
	node_say_end(n);
}

/* ---- hooks of the API ---- */

const struct jobs *node_mine_jobs(struct node *n)
{
	return n->mine.jobs;
}

enum err node_mine_add(
	struct node *n, const struct draft_request *r, uint64_t *id, char *said, size_t size)
{
	if (!node_owner_need(n, said, size))
		return ERR_REFUSED;
	enum err err = begin(n) ? jobs_add(n->mine.jobs, r, id) : ERR_NOMEM;
	if (err == ERR_OK)
		sync_commit(n->sync); /* whoever hears its number may rely on it */
	if (err == ERR_OK && n->store_error)
		err = ERR_IO;
	if (err != ERR_OK)
		snprintf(said, size, "%s",
			err == ERR_FULL ? "there are too many jobs (limits.max_jobs, job_bytes)"
			: err == ERR_TOO_BIG ? "the data is too long"
			: err == ERR_IO      ? n->store_error
					     : "out of memory");
	node_mine_look(n);
	return err;
}

enum err node_mine_change(struct node *n, uint64_t id, enum api_job_change change)
{
	enum err err = ERR_NOT_FOUND;

	if (!n->mine.jobs)
		return err;
	if (change == API_SIGN_STOP) {
		err = jobs_stop_signature(n->mine.jobs) ? ERR_OK : ERR_NOT_FOUND;
	} else if (change >= API_SIGN_ON) {
		if (change == API_SIGN_AFTER_RESTORE)
			node_foreign_vouch(n);
		jobs_sign(n->mine.jobs, change != API_SIGN_OFF);
		err = ERR_OK;
	} else if (change == API_JOB_CANCEL) {
		err = jobs_cancel(n->mine.jobs, id);
	} else {
		err = jobs_pause(n->mine.jobs, id, change == API_JOB_PAUSE);
	}
	node_mine_look(n);
	return err;
}
