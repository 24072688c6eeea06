/* Keeps jobs in the store, so that they go on after a restart: each under its number, a list of the
 * numbers, and the block that was found for one (number 0: a signature). Before: owner/jobs.c,
 * owner/jobs_found.c. After: chain/chain.h. */
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

/* ---- what was found ---- */

static const char *found_name(uint64_t id, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "found-%llu", (unsigned long long)id);
	return name;
}

/* On the disk before this returns: after a commit, and once more for a power cut where the disk is
 * quick. */
static bool keep_now(struct node *n, const char *name, struct slice value)
{
	if (n->store_error || chain_put_value(n->chain, name, value) != ERR_OK)
		return false;
	sync_commit(n->sync);
	return !n->store_error;
}

bool node_mine_keep_found(void *node, uint64_t id, const struct block *b)
{
	struct node *n = node;
	char name[NAME_SIZE];

	found_name(id, name);
	if (!b) {
		put(n, name, (struct slice){NULL, 0});
		return true;
	}
	struct wr w = wr_of(mem_alloc_unset(FOUND_BYTES_MAX), FOUND_BYTES_MAX);
	if (!w.p)
		return false;
	found_encode(id, b, &w);
	bool kept = !w.bad && keep_now(n, name, wr_done(&w));
	mem_free(w.p);
	return kept;
}

enum err node_mine_read_found(void *node, uint64_t id, struct block_owned **out)
{
	struct node *n = node;
	char name[NAME_SIZE];
	size_t size;
	uint8_t *space = mem_alloc_unset(FOUND_BYTES_MAX);

	*out = NULL;
	if (!space)
		return ERR_NOMEM;
	enum err err =
		chain_get_value(n->chain, found_name(id, name), space, FOUND_BYTES_MAX, &size);
	if (err == ERR_OK)
		err = found_decode(slice_of(space, size), id, out);
	mem_free(space);
	return err;
}

static void restore_found(struct node *n, uint64_t id, uint8_t *space)
{
	char name[NAME_SIZE];
	size_t size;

	if (chain_get_value(n->chain, found_name(id, name), space, FOUND_BYTES_MAX, &size) ==
		ERR_OK)
		jobs_restore_found(n->mine.jobs, id, slice_of(space, size));
}

/* ---- the start ---- */

static void restore_one(struct node *n, uint64_t id, uint8_t *space)
{
	char name[NAME_SIZE];
	size_t size;
	enum err err = chain_get_value(n->chain, name_of(id, name), space, JOB_BYTES_MAX, &size);

	if (err == ERR_OK)
		err = jobs_restore(n->mine.jobs, slice_of(space, size));
	if (err != ERR_OK)
		log_warn("jobs: job %llu was dropped: %s", (unsigned long long)id, err_name(err));
	restore_found(n, id, space);
}

void node_mine_restore(struct node *n)
{
	size_t list_size = (size_t)JOBS_MAX * 8, size = 0;
	uint8_t *list = mem_alloc_unset(list_size), *space = mem_alloc_unset(FOUND_BYTES_MAX);

	if (list && space && chain_get_value(n->chain, LIST, list, list_size, &size) == ERR_OK) {
		struct rd r = rd_of(slice_of(list, size));
		while (r.left >= 8)
			restore_one(n, rd_be64(&r), space);
	}
	if (space)
		restore_found(n, 0, space);
	mem_free(list);
	mem_free(space);
}
