/* Role: the figures of /api (protocol.md 10.5). See web/api_status.h. Before: web/api_figures.c,
 * web/api_events.c. After: api/reason.h, chain/view.h. */
#include "web/api_status.h"

#include <stdio.h>
#include <string.h>

#include "api/reason.h"

enum { STEP = 4096 /* names that one look counts; the first look counts them all */ };

static void begin_walk(struct name_count *n, const struct chain_tip *tip)
{
	memcpy(n->walks_for, tip->hash, HASH_SIZE);
	memset(n->at, 0, sizeof n->at);
	n->so_far = 0;
	n->walks = true;
}

static void walk(struct name_count *n, struct chain *chain, uint64_t most)
{
	struct view *v = chain_view(chain);
	struct domain_row row;
	bool more = true;

	view_begin(v);
	for (uint64_t i = 0; i < most && (more = view_domain_next(v, n->at, &row)); i++)
		n->so_far++;
	view_end(v);
	if (more)
		return;
	n->walks = false;
	n->counted = true;
	n->total = n->so_far;
	memcpy(n->tip, n->walks_for, HASH_SIZE);
}

static uint64_t count_names(struct name_count *n, struct chain *chain)
{
	struct chain_tip tip;

	chain_get_tip(chain, &tip);
	if (!n->walks && (!n->counted || memcmp(n->tip, tip.hash, HASH_SIZE) != 0))
		begin_walk(n, &tip);
	if (n->walks)
		walk(n, chain, n->counted ? STEP : UINT64_MAX);
	return n->total;
}

/* Every author has one row there. */
static uint64_t count_authors(struct chain *chain)
{
	const char *name;
	uint64_t rows;

	for (unsigned i = 0; chain_table(chain, i, &name, &rows); i++)
		if (strcmp(name, "rank") == 0)
			return rows;
	return 0;
}

static const struct job *searched(const struct api *a)
{
	const struct jobs *jobs = a->hooks.jobs(a->hooks.ctx);
	const struct job *job;

	for (size_t i = 0; jobs && (job = jobs_at(jobs, i)); i++)
		if (job->state == JOB_SEARCHES)
			return job;
	return NULL;
}

static void look_at_mining(const struct api *a, struct web_status *s)
{
	const struct job *job = searched(a);
	struct api_keys k;

	a->hooks.keys(a->hooks.ctx, &k);
	bool key = k.state && k.state->running && k.state->search.running;
	s->mining = job || key;
	if (job) {
		s->speed = a->hooks.job_rate(a->hooks.ctx);
		snprintf(s->text, sizeof s->text, "Mining %.*s", (int)job->name.n,
			(const char *)job->name.p);
	} else if (key) {
		s->speed = (double)k.state->search.rate;
		snprintf(s->text, sizeof s->text, "Searching for a new key");
	}
}

void web_status(const struct api *a, struct name_count *names, struct web_status *out)
{
	struct name_count once = {.counted = false};
	struct sync_stats stats;
	struct chain_tip tip;

	*out = (struct web_status){.keys = count_authors(a->chain)};
	sync_get_stats(a->sync, &stats);
	chain_get_tip(a->chain, &tip);
	out->blocks = tip.height;
	out->domains = count_names(names ? names : &once, a->chain);
	out->nodes = stats.peers;
	out->sync_height = stats.best > tip.height ? stats.best : tip.height;
	status_reason(a, out->text, sizeof out->text, &out->syncing);
	if (!out->syncing)
		look_at_mining(a, out);
}
