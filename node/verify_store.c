/* The command `verify`: builds a second store from the stored blocks alone, each fully checked
 * again, and compares the two row by row. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "chain/compare.h"
#include "node/bulk.h"
#include "node/cli.h"
#include "node/offline.h"
#include "node/progress.h"

struct verify {
	struct chain *stored, *rebuilt;
	struct limits *limits; /* a copy, so that the second store counts for itself */
	struct progress progress;
	char dir[CONFIG_TEXT_MAX + 32];
	char wrong[512]; /* what does not hold; "" = nothing yet */
};

static enum err take(void *ctx, const struct block *b, const struct block_facts *f)
{
	struct verify *v = ctx;
	struct outcome o = chain_submit(v->rebuilt, b, f, clock_wall(&clock_system), 0);

	progress_step(&v->progress);
	if (o.err != ERR_OK)
		return o.err;
	if (o.action != CHAIN_APPENDED) {
		snprintf(v->wrong, sizeof v->wrong, "block %llu is %s: %s",
			(unsigned long long)b->index, verdict_name(o.verdict), o.why ? o.why : "");
		return ERR_CORRUPT;
	}
	return chain_group_full(v->rebuilt) ? chain_commit(v->rebuilt) : ERR_OK;
}

static enum err replay(struct verify *v, struct bulk *bulk, uint64_t height)
{
	uint8_t *bytes = mem_alloc(BLOCK_MAX_ENCODED);
	enum err err = bytes ? ERR_OK : ERR_NOMEM;
	size_t n;

	for (uint64_t i = 1; i <= height && err == ERR_OK; i++) {
		struct block_owned *b = NULL;
		if (offline_interrupted()) {
			err = ERR_STOPPING;
			break;
		}
		err = chain_read(v->stored, i, bytes, BLOCK_MAX_ENCODED, &n);
		if (err == ERR_OK)
			err = block_decode_owned(slice_of(bytes, n), &b);
		if (err != ERR_OK && err != ERR_NOMEM)
			snprintf(v->wrong, sizeof v->wrong, "block %llu is missing or damaged",
				(unsigned long long)i);
		if (b)
			err = bulk_add(bulk, b);
	}
	mem_free(bytes);
	return err == ERR_OK ? bulk_finish(bulk) : err;
}

static bool open_rebuilt(struct verify *v, const struct offline *o, const struct config *c)
{
	struct chain_settings s = {.dir = v->dir, .params = &o->params, .no_sync = true};
	struct chain_error e;

	snprintf(v->dir, sizeof v->dir, "%s/verify-XXXXXX", c->data_dir);
	v->limits = mem_alloc(sizeof *v->limits);
	if (!v->limits || !mkdtemp(v->dir)) {
		fprintf(stderr, "alfisd: %s: %m\n", v->dir);
		v->dir[0] = 0;
		return false;
	}
	limits_default(v->limits);
	v->limits->commit_blocks.max = c->limits.commit_blocks.max;
	v->limits->commit_bytes.max = c->limits.commit_bytes.max;
	v->limits->store_map_bytes.max = c->limits.store_map_bytes.max;
	s.limits = v->limits;
	v->rebuilt = chain_open(&s, &e);
	if (!v->rebuilt)
		fprintf(stderr, "alfisd: %s\n", e.text);
	return v->rebuilt != NULL;
}

static void remove_rebuilt(struct verify *v)
{
	static const char *const names[] = {"chain.mdb", "chain.mdb-lock", "lock"};
	char file[sizeof v->dir + 32];

	if (v->rebuilt)
		chain_close(v->rebuilt);
	mem_free(v->limits);
	if (!v->dir[0])
		return;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(file, sizeof file, "%s/%s", v->dir, names[i]);
		unlink(file);
	}
	rmdir(v->dir);
}

static int report(struct verify *v, enum err err, uint64_t height)
{
	if (err == ERR_OK && !chain_compare(v->stored, v->rebuilt, v->wrong, sizeof v->wrong))
		err = ERR_CORRUPT;
	if (err == ERR_OK) {
		printf("verified %llu blocks, %.0f blocks/s: all rules hold, all indexes and the "
		       "domain table equal what the blocks say\n",
			(unsigned long long)height, progress_rate(&v->progress));
		return EXIT_DONE;
	}
	if (err == ERR_STOPPING) {
		fprintf(stderr, "alfisd: verify: interrupted\n");
		return EXIT_TASK_FAILED;
	}
	fprintf(stderr, "alfisd: verify: %s\n", v->wrong[0] ? v->wrong : err_name(err));
	return err == ERR_NOMEM ? EXIT_TASK_FAILED : EXIT_STORE;
}

static int verify(struct verify *v, const struct offline *o, struct config *c)
{
	struct chain_tip t;

	chain_get_tip(o->chain, &t);
	if (!open_rebuilt(v, o, c))
		return EXIT_TASK_FAILED;
	struct bulk_settings bs = {.chain = v->rebuilt,
		.params = &o->params,
		.limits = &c->limits,
		.threads = o->threads,
		.done = take,
		.ctx = v};
	struct bulk *bulk = bulk_start(&bs);
	if (!bulk) {
		fprintf(stderr, "alfisd: no memory or threads to verify\n");
		return EXIT_TASK_FAILED;
	}
	progress_start(&v->progress, "verify", t.height);
	enum err err = replay(v, bulk, t.height);
	bulk_free(bulk);
	progress_end(&v->progress);
	return report(v, err, t.height);
}

/* Opening for writing would make an empty one, and find it right. */
static bool is_there(const struct config *c)
{
	char file[CONFIG_TEXT_MAX + 32];

	snprintf(file, sizeof file, "%s/chain.mdb", c->data_dir);
	if (access(file, F_OK) == 0 || errno != ENOENT)
		return true;
	fprintf(stderr, "alfisd: %s: there is no chain yet\n", file);
	return false;
}

int cmd_verify(const struct cli *cli, struct config *c)
{
	struct verify v = {0};
	struct offline o;
	int status = is_there(c) ? offline_open(&o, c, false) : EXIT_TASK_FAILED;

	(void)cli;
	if (status != EXIT_DONE)
		return status;
	offline_catch_signals();
	v.stored = o.chain;
	status = verify(&v, &o, c);
	remove_rebuilt(&v);
	return offline_close(&o, status);
}
