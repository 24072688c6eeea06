/* Keeps jobs in the store, so that they go on after a restart: each under its number, and a list of
 * the numbers. Before: owner/jobs.c. After: chain/chain.h. */
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "node/node.h"

static const char LIST[] = "jobs";

enum { NAME_SIZE = 32 };

static const char *name_of(uint64_t id, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "job-%llu", (unsigned long long)id);
	return name;
}

static void put(struct node *n, const char *name, struct slice value)
{
	if (chain_put_value(n->chain, name, value) == ERR_OK)
		sync_commit_soon(n->sync);
	else
		log_warn("jobs: one could not be kept: it is lost when the node ends");
}

static void put_list(struct node *n, uint64_t without)
{
	static const size_t size = (size_t)JOBS_MAX * 8;
	struct wr w = wr_of(mem_alloc_unset(size), size);
	const struct job *job;

	for (size_t i = 0; w.p && (job = jobs_at(n->mine.jobs, i)); i++)
		if (job->id != without)
			wr_be(&w, job->id, 8);
	if (w.p)
		put(n, LIST, wr_done(&w));
	mem_free(w.p);
}

void node_mine_keep(void *node, const struct job *job)
{
	struct node *n = node;
	char name[NAME_SIZE];
	struct wr w = wr_of(mem_alloc_unset(JOB_BYTES_MAX), JOB_BYTES_MAX);

	if (w.p) {
		job_encode(job, &w);
		put(n, name_of(job->id, name), wr_done(&w));
		put_list(n, 0);
	}
	mem_free(w.p);
}

void node_mine_forget(void *node, uint64_t id)
{
	struct node *n = node;
	char name[NAME_SIZE];

	put(n, name_of(id, name), (struct slice){NULL, 0});
	put_list(n, id);
}

static void restore_one(struct node *n, uint64_t id, uint8_t *space)
{
	char name[NAME_SIZE];
	size_t size;
	enum err err = chain_get_value(n->chain, name_of(id, name), space, JOB_BYTES_MAX, &size);

	if (err == ERR_OK)
		err = jobs_restore(n->mine.jobs, slice_of(space, size));
	if (err != ERR_OK)
		log_warn("jobs: job %llu was dropped: %s", (unsigned long long)id, err_name(err));
}

void node_mine_restore(struct node *n)
{
	size_t list_size = (size_t)JOBS_MAX * 8, size = 0;
	uint8_t *list = mem_alloc_unset(list_size), *space = mem_alloc_unset(JOB_BYTES_MAX);

	if (list && space && chain_get_value(n->chain, LIST, list, list_size, &size) == ERR_OK) {
		struct rd r = rd_of(slice_of(list, size));
		while (r.left >= 8)
			restore_one(n, rd_be64(&r), space);
	}
	mem_free(list);
	mem_free(space);
}
