/* The command `import`: every block is checked as if a peer had sent it. What is stored already is
 * passed over, so that an interrupted import can be repeated. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "node/bulk.h"
#include "node/cli.h"
#include "node/offline.h"
#include "node/progress.h"
#include "node/source.h"

struct import {
	struct chain *chain;
	const struct chain_params *params;
	struct progress progress;
	uint64_t appended, known;
	char refused[256]; /* why a block was not taken */
};

static enum err commit_when_due(struct import *im)
{
	return chain_group_full(im->chain) ? chain_commit(im->chain) : ERR_OK;
}

/* One checked block, in order. */
static enum err take(void *ctx, const struct block *b, const struct block_facts *f)
{
	struct import *im = ctx;
	struct outcome o = chain_submit(im->chain, b, f, clock_wall(&clock_system), 0);

	progress_step(&im->progress);
	if (o.err != ERR_OK)
		return o.err;
	if (o.action == CHAIN_APPENDED) {
		im->appended++;
		return commit_when_due(im);
	}
	snprintf(im->refused, sizeof im->refused, "block %llu is %s: %s",
		(unsigned long long)b->index, verdict_name(o.verdict), o.why ? o.why : "");
	return ERR_REFUSED;
}

/* The hash of block 1 names the network. */
static bool is_our_origin(struct import *im, const struct block *b)
{
	const struct chain_params *p = im->params;

	if (p->has_origin && slice_eq(b->hash, slice_of(p->origin, sizeof p->origin)))
		return true;
	snprintf(im->refused, sizeof im->refused,
		"of another network: its block 1 is not the origin that is configured");
	return false;
}

static enum err import_blocks(struct import *im, struct source *s, struct bulk *bulk)
{
	struct block_owned *block;
	enum err err;

	while ((err = source_next(s, &block)) == ERR_OK) {
		if (offline_interrupted()) {
			mem_free(block);
			return ERR_STOPPING;
		}
		if (chain_has(im->chain, block->b.index, block->b.hash)) {
			im->known++;
			mem_free(block);
			continue;
		}
		if (block->b.index == 1 && !is_our_origin(im, &block->b)) {
			mem_free(block);
			return ERR_REFUSED;
		}
		err = bulk_add(bulk, block);
		if (err != ERR_OK)
			return err;
	}
	return err == ERR_NOT_FOUND ? bulk_finish(bulk) : err;
}

static int report(const struct import *im, const struct source *s, enum err err)
{
	struct chain_tip t;

	chain_get_tip(im->chain, &t);
	if (err == ERR_OK)
		printf("imported %llu blocks of the %s %s (%llu were there), height %llu, "
		       "%.0f blocks/s\n",
			(unsigned long long)im->appended, s->kind->name, s->path,
			(unsigned long long)im->known, (unsigned long long)t.height,
			progress_rate(&im->progress));
	else if (err == ERR_STOPPING)
		fprintf(stderr, "alfisd: interrupted at height %llu; repeat the command to go on\n",
			(unsigned long long)t.height);
	else if (s->error[0])
		fprintf(stderr, "alfisd: %s\n", s->error);
	else if (im->refused[0])
		fprintf(stderr, "alfisd: %s: %s; stopped at height %llu\n", s->path, im->refused,
			(unsigned long long)t.height);
	else
		fprintf(stderr, "alfisd: import of %s: %s\n", s->path, err_name(err));
	if (err == ERR_IO || err == ERR_CORRUPT)
		return EXIT_STORE;
	return err == ERR_OK ? EXIT_DONE : EXIT_TASK_FAILED;
}

static int import_source(struct offline *o, struct config *c, struct source *s)
{
	struct import im = {.chain = o->chain, .params = &o->params};
	struct bulk_settings bs = {.chain = o->chain,
		.params = &o->params,
		.limits = &c->limits,
		.threads = o->threads,
		.done = take,
		.ctx = &im};

	if (s->has_origin && memcmp(s->origin, o->params.origin, sizeof s->origin) != 0) {
		fprintf(stderr,
			"alfisd: %s is of another network (its origin is not the one "
			"configured)\n",
			s->path);
		return EXIT_TASK_FAILED;
	}
	struct bulk *bulk = bulk_start(&bs);
	if (!bulk) {
		fprintf(stderr, "alfisd: no memory or threads for the import\n");
		return EXIT_TASK_FAILED;
	}
	progress_start(&im.progress, "import", s->total);
	enum err err = import_blocks(&im, s, bulk);
	bulk_free(bulk);
	progress_end(&im.progress);
	return report(&im, s, err);
}

int cmd_import(const struct cli *cli, struct config *c)
{
	struct offline o;
	struct source s;
	int status = offline_open(&o, c, false);

	if (status != EXIT_DONE)
		return status;
	offline_catch_signals();
	if (source_open(&s, cli->args[0])) {
		status = import_source(&o, c, &s);
	} else {
		fprintf(stderr, "alfisd: %s\n", s.error);
		status = EXIT_TASK_FAILED;
	}
	source_close(&s);
	return offline_close(&o, status);
}
