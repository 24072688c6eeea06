/* The search that runs for the owner's work, and how fast it is. Before: owner/jobs.c. After:
 * mine/block_search.h. */
#include <unistd.h>

#include "base/mem.h"
#include "node/node.h"

enum {
	RATE_LEAST_MS = 500, /* a shorter look tells little */
	RATE_WINDOW_MS = 30000,
};

/* On a thread of the search. */
static void on_ended(void *ctx)
{
	const struct node *n = ctx;
	uint64_t one = 1;

	if (write(n->mine.fd, &one, sizeof one) < 0)
		return; /* the counter is full: the loop is about to be woken */
}

/* On a thread of the search: the checkers of blocks go first. */
static bool on_gives_way(void *ctx)
{
	return sync_is_checking(((const struct node *)ctx)->sync);
}

static struct search_settings settings_of(struct node *n, unsigned threads)
{
	const struct config *c = n->config;

	return (struct search_settings){
		.threads = search_threads_wanted(threads ? threads : c->mining_threads),
		.scratch_bytes = (size_t)c->limits.mine_scratch_bytes.max,
		.scratch = &n->config->limits.mine_scratch_bytes,
		.lower = c->mining_lower,
		.gives_way = on_gives_way,
		.ended = on_ended,
		.ctx = n};
}

enum err node_mine_search(void *ctx, const struct block *b, unsigned threads)
{
	struct node *n = ctx;
	struct node_mine *m = &n->mine;
	struct search_settings s = settings_of(n, threads);
	struct block_owned *copy = block_copy(b);
	enum err err = ERR_NOMEM;

	if (copy && m->search)
		err = block_search_change(m->search, b);
	else if (copy && (m->search = block_search_start(&s, n->clock, n->rng, b, &err))) {
		m->since_ms = clock_mono(n->clock);
		m->since_hashes = 0;
	}
	if (err != ERR_OK) {
		mem_free(copy);
		return err;
	}
	mem_free(m->block);
	m->block = copy;
	return ERR_OK;
}

void node_mine_cancel(void *ctx)
{
	struct node *n = ctx;

	if (n->mine.search)
		block_search_cancel(n->mine.search);
}

void node_mine_look_at_rate(struct node *n)
{
	struct node_mine *m = &n->mine;
	uint64_t now = clock_mono(n->clock), hashes = node_mine_hashes(n);

	if (!m->search || now - m->since_ms < RATE_LEAST_MS || hashes <= m->since_hashes)
		return;
	m->rate = (double)(hashes - m->since_hashes) * 1000 / (double)(now - m->since_ms);
	if (now - m->since_ms < RATE_WINDOW_MS)
		return;
	m->since_ms = now;
	m->since_hashes = hashes;
}

double node_mine_rate(struct node *n)
{
	node_mine_look_at_rate(n);
	return n->mine.rate;
}

void node_mine_end_search(struct node_mine *m)
{
	block_search_free(m->search);
	mem_free(m->block);
	m->search = NULL;
	m->block = NULL;
}

uint64_t node_mine_hashes(const struct node *n)
{
	return n->mine.search ? block_search_hashes(n->mine.search) : 0;
}
