/* The command `import`: checks every block as if a peer had sent it, and stores it. Blocks that are
 * already stored are skipped, so an interrupted import can be repeated. Before: cli/block_source.c
 * reads the file, cli/bulk.c checks. After: chain/chain.c. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/become.h"
#include "cli/bulk.h"
#include "cli/cli.h"
#include "cli/offline.h"
#include "cli/progress.h"
#include "cli/block_source.h"
#include "sync/wrong_clock.h"

struct import {
	struct chain *chain;
	const struct chain_params *params;
	struct progress progress;
	uint64_t begun; /* height of the store when the import began */
	uint64_t appended, known;
	bool json;
	char refused[320]; /* why a block was refused */
};

static enum err commit_when_due(struct import *im)
{
	return chain_group_full(im->chain) ? chain_commit(im->chain) : ERR_OK;
}

/* The reference node may replace blocks in its database while we read it; the source then delivers
 * another block of a height we already imported. Blocks of this import from there on are dropped.
 * Blocks that the store had before stay, unless the rules prefer the new one. */
static enum err drop_replaced(struct import *im, const struct block *b)
{
	struct chain_tip t;

	chain_get_tip(im->chain, &t);
	if (b->index <= im->begun || b->index <= 1 || b->index > t.height ||
		!chain_has(im->chain, b->index - 1, b->prev_hash))
		return ERR_OK;
	im->appended -= t.height - b->index + 1;
	return chain_truncate(im->chain, b->index);
}

/* Notes why the rules refused a block. At a height that the store has, its own block stays. */
static enum err refuse(struct import *im, const struct block *b, const struct outcome *o)
{
	unsigned long long index = b->index;
	struct chain_tip t;

	chain_get_tip(im->chain, &t);
	if (b->index <= t.height)
		snprintf(im->refused, sizeof im->refused,
			"block %llu is another one than the store's, which stays (%s: %s)", index,
			verdict_name(o->verdict), o->why ? o->why : "");
	else
		snprintf(im->refused, sizeof im->refused, "block %llu is %s: %s", index,
			verdict_name(o->verdict), o->why ? o->why : "");
	return ERR_REFUSED;
}

/* Refuses the block because our clock is wrong: the file may be fine. */
static enum err blame_clock(struct import *im, const struct block *b)
{
	wrong_clock_refused(b, clock_wall(&clock_system), im->refused, sizeof im->refused);
	return ERR_REFUSED;
}

/* Called by cli/bulk.c for each checked block, in order. */
static enum err take(void *ctx, const struct block_owned *block, const struct block_facts *f)
{
	const struct block *b = &block->b;
	struct import *im = ctx;

	progress_step(&im->progress);
	enum err err = drop_replaced(im, b);
	if (err != ERR_OK)
		return err;
	int64_t now = chain_now(im->chain, clock_wall(&clock_system));
	struct outcome o = chain_submit(im->chain, block, f, now, 0);
	if (o.err != ERR_OK)
		return o.err;
	if (o.action == CHAIN_NOTHING && chain_blames_clock(im->chain, b, f, now))
		return blame_clock(im, b);
	if (o.action == CHAIN_NOTHING)
		return refuse(im, b, &o);
	im->appended++;
	return commit_when_due(im);
}

/* The hash of block 1 identifies the network. */
static bool is_our_origin(struct import *im, const struct block *b)
{
	const struct chain_params *p = im->params;

	if (p->has_origin && slice_eq(b->hash, slice_of(p->origin, sizeof p->origin)))
		return true;
	snprintf(im->refused, sizeof im->refused,
		"of another network: its block 1 is not the origin that is configured");
	return false;
}

static enum err import_blocks(struct import *im, struct block_source *s, struct bulk *bulk)
{
	struct block_owned *block;
	enum err err;

	while ((err = block_source_next(s, &block)) == ERR_OK) {
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
		err = bulk_add(bulk, &block);
		if (err != ERR_OK)
			return err;
	}
	if (err == ERR_STOPPING)
		return err;
	/* At the end, or at a damaged place, the blocks before it are still imported. */
	enum err last = bulk_finish(bulk);
	return err == ERR_NOT_FOUND || last != ERR_OK ? last : err;
}

static void report_done(const struct import *im, const struct block_source *s, uint64_t height)
{
	unsigned long long appended = im->appended, known = im->known, h = height;
	double rate = progress_rate(&im->progress);

	if (im->json)
		printf("{\"height\":%llu,\"imported\":%llu,\"known\":%llu,"
		       "\"blocks_per_second\":%.1f}\n",
			h, appended, known, rate);
	else
		printf("imported %llu blocks of the %s %s (%llu were there), height %llu, "
		       "%.0f blocks/s\n",
			appended, s->kind->name, cli_printable(s->path), known, h, rate);
}

static void report_failure(
	const struct import *im, const struct block_source *s, enum err err, uint64_t height)
{
	unsigned long long h = height;

	if (chain_why(im->chain)[0])
		cli_error("the store could not be written: %s; height %llu is stored",
			chain_why(im->chain), h);
	else if (err == ERR_STOPPING)
		cli_error("interrupted at height %llu; repeat the command to go on", h);
	else if (err == ERR_REFUSED)
		cli_error("%s: %s; stopped at height %llu", s->path, im->refused, h);
	else if (s->error[0])
		cli_error("%s; stopped at height %llu", s->error, h);
	else
		cli_error("import of %s: %s; stopped at height %llu", s->path, err_name(err), h);
}

/* Commits first, so that the height it reports survives a power cut. */
static int report(const struct import *im, const struct block_source *s, enum err err)
{
	enum err committed = chain_commit(im->chain);
	struct chain_tip t;

	if (committed != ERR_OK)
		err = committed;
	chain_get_tip(im->chain, &t);
	if (err == ERR_OK)
		report_done(im, s, t.committed);
	else
		report_failure(im, s, err, t.committed);
	if (committed != ERR_OK || err == ERR_IO || err == ERR_CORRUPT)
		return EXIT_STORE;
	return err == ERR_OK ? EXIT_DONE : EXIT_TASK_FAILED;
}

static int import_source(
	const struct cli *cli, struct offline *o, struct config *c, struct block_source *s)
{
	struct import im = {.chain = o->chain, .params = &o->params, .json = cli->json};
	struct bulk_settings bs = {.chain = o->chain,
		.limits = &c->limits,
		.threads = o->threads,
		.done = take,
		.ctx = &im};

	if (s->has_origin && memcmp(s->origin, o->params.origin, sizeof s->origin) != 0) {
		cli_error(
			"%s is of another network (its origin is not the one configured)", s->path);
		return EXIT_TASK_FAILED;
	}
	struct chain_tip t;
	chain_get_tip(o->chain, &t);
	im.begun = t.height;
	struct bulk *bulk = bulk_start(&bs);
	if (!bulk) {
		cli_error("no memory or threads for the import");
		return EXIT_TASK_FAILED;
	}
	progress_start(&im.progress, "import", s->total, !cli->json);
	enum err err = import_blocks(&im, s, bulk);
	bulk_free(bulk);
	progress_end(&im.progress);
	return report(&im, s, err);
}

static int import_into_store(const struct cli *cli, struct config *c, struct block_source *s)
{
	struct offline o;
	int status = offline_open(&o, c, false);

	return status == EXIT_DONE ? offline_close(&o, import_source(cli, &o, c, s)) : status;
}

/* Opens the source before the store: a file name that does not exist must not create a store. */
int cmd_import(const struct cli *cli, struct config *c)
{
	struct block_source s;
	int status = EXIT_TASK_FAILED;

	if (!cli->args[0][0]) {
		cli_error("import: the name of the file is empty");
		return status;
	}
	offline_catch_signals();
	/* Root keeps its rights to open the file only when the owner of the data directory cannot
	 * read it. */
	if (become_can_read(c, cli->args[0]) && offline_become(c) != EXIT_DONE)
		return status;
	if (block_source_open(&s, cli->args[0]))
		status = import_into_store(cli, c, &s);
	else
		cli_error("%s", s.error[0] ? s.error : "interrupted; nothing was imported");
	block_source_close(&s);
	return status;
}
