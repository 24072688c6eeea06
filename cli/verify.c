/* The command `verify`: builds a second store from the stored blocks alone, checking each of them
 * again, and compares the two row by row. The first store is only read. The second one has no name
 * and vanishes with the process. Before: chain/chain.c reads the blocks, cli/bulk.c checks them.
 * After: chain/store_compare.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/human.h"
#include "base/log.h"
#include "base/mem.h"
#include "chain/store_compare.h"
#include "cli/bulk.h"
#include "cli/cli.h"
#include "cli/offline.h"
#include "cli/progress.h"
#include "sync/wrong_clock.h"

struct verify {
	struct chain *stored, *rebuilt;
	struct limits *limits; /* of its own, so that the second store counts what it uses apart */
	struct progress progress;
	/* of `rebuilt`; made by mkdtemp(), so only we can write in it */
	char dir[CONFIG_TEXT_MAX + 32];
	int dir_fd;      /* −1 = none */
	char wrong[512]; /* what is wrong with the store; "" = nothing so far */
	uint64_t early;  /* last block that is valid only at a later time than now; 0 = none */
	bool json;
};

/* Checks a block once more without the clock if only the clock is against it. Either the clock is
 * wrong now or it was when the block was stored; the store is fine in both cases. */
static struct outcome judge(
	struct verify *v, const struct block_owned *block, const struct block_facts *f, int64_t now)
{
	struct outcome o = chain_submit(v->rebuilt, block, f, now, 0);

	if (o.err != ERR_OK || o.action != CHAIN_NOTHING ||
		!chain_blames_clock(v->rebuilt, &block->b, f, now))
		return o;
	v->early = block->b.index;
	return chain_submit(v->rebuilt, block, f, RULES_ANY_TIME, 0);
}

static enum err take(void *ctx, const struct block_owned *block, const struct block_facts *f)
{
	struct verify *v = ctx;
	struct outcome o = judge(v, block, f, chain_now(v->stored, clock_wall(&clock_system)));

	progress_step(&v->progress);
	if (o.err != ERR_OK)
		return o.err;
	if (o.action != CHAIN_APPENDED) {
		snprintf(v->wrong, sizeof v->wrong, "block %llu is %s: %s",
			(unsigned long long)block->b.index, verdict_name(o.verdict),
			o.why ? o.why : "");
		return ERR_CORRUPT;
	}
	return chain_group_full(v->rebuilt) ? chain_commit(v->rebuilt) : ERR_OK;
}

static enum err replay(struct verify *v, struct bulk *bulk, uint64_t height)
{
	enum err err = ERR_OK;

	for (uint64_t i = 1; i <= height && err == ERR_OK; i++) {
		struct block_owned *b = NULL;
		if (offline_interrupted()) {
			err = ERR_STOPPING;
			break;
		}
		err = chain_block(v->stored, i, &b);
		if (err != ERR_OK && err != ERR_NOMEM)
			snprintf(v->wrong, sizeof v->wrong, "block %llu is missing or damaged",
				(unsigned long long)i);
		if (b)
			err = bulk_add(bulk, &b);
	}
	return err == ERR_OK ? bulk_finish(bulk) : err;
}

/* Makes a directory for the second store: in the data directory, where there should be room for a
 * store, else where temporary files go. */
static bool make_dir(struct verify *v, const struct config *c)
{
	const char *named = getenv("TMPDIR");
	const char *const places[] = {c->data_dir, named && *named ? named : "/var/tmp", "/tmp"};

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		if (snprintf(v->dir, sizeof v->dir, "%s/verify-XXXXXX", places[i]) >=
			(int)sizeof v->dir)
			continue;
		if (mkdtemp(v->dir)) {
			v->dir_fd = open(v->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			return true;
		}
		if (errno != EROFS && errno != EACCES && errno != ENOENT)
			break;
	}
	cli_error("verify: cannot make its second store, %s: %s; set TMPDIR", v->dir,
		strerror(errno));
	return false;
}

static bool open_rebuilt(struct verify *v, const struct offline *o, const struct config *c)
{
	struct chain_settings s = {
		.dir = v->dir, .params = &o->params, .scratch = true, .offline = true};
	struct chain_error e;

	v->limits = mem_alloc(sizeof *v->limits);
	if (!v->limits) {
		cli_error("verify: out of memory");
		return false;
	}
	if (!make_dir(v, c))
		return false;
	limits_default(v->limits);
	v->limits->commit_blocks.max = c->limits.commit_blocks.max;
	v->limits->commit_bytes.max = c->limits.commit_bytes.max;
	v->limits->store_map_bytes.max = c->limits.store_map_bytes.max;
	s.limits = v->limits;
	v->rebuilt = chain_open(&s, &e);
	if (!v->rebuilt)
		cli_error("verify: its second store: %s", e.text);
	return v->rebuilt != NULL;
}

/* Removes the files that could not be unlinked while they were open. Uses the descriptor: if the
 * directory was removed, its name may belong to another user by now. */
static void remove_rebuilt(struct verify *v)
{
	if (v->rebuilt)
		chain_close(v->rebuilt);
	mem_free(v->limits);
	if (v->dir_fd < 0)
		return;
	unlinkat(v->dir_fd, "chain.mdb", 0);
	unlinkat(v->dir_fd, "chain.new", 0);
	rmdir(v->dir);
	close(v->dir_fd);
}

static void report_done(const struct verify *v, uint64_t height)
{
	double rate = progress_rate(&v->progress);

	if (v->json)
		printf("{\"height\":%llu,\"blocks_per_second\":%.1f}\n", (unsigned long long)height,
			rate);
	else
		printf("verified %llu blocks, %.0f blocks/s: all rules hold, all indexes and the "
		       "domain table equal what the blocks say\n",
			(unsigned long long)height, rate);
}

static void warn_of_clock(const struct verify *v)
{
	int64_t wall = clock_wall(&clock_system);
	char text[WRONG_CLOCK_MAX];

	if (wrong_clock_proved(v->stored, wall))
		log_warn("%s: the clock is wrong, and the blocks' own times were taken for it",
			wrong_clock_words(v->stored, wall, text));
	if (v->early)
		log_warn("block %llu takes a name that is not free yet at %s, which this machine's "
			 "clock says: it is wrong, or was when the block was stored",
			(unsigned long long)v->early, human_date(wall, text));
}

static int report(struct verify *v, enum err err, uint64_t height)
{
	if (err == ERR_OK && !chain_compare(v->stored, v->rebuilt, v->wrong, sizeof v->wrong))
		err = ERR_CORRUPT;
	if (chain_why(v->stored)[0])
		snprintf(v->wrong, sizeof v->wrong, "the store is damaged: %s",
			chain_why(v->stored));
	if (err == ERR_OK) {
		warn_of_clock(v);
		report_done(v, height);
		return EXIT_DONE;
	}
	if (err == ERR_STOPPING) {
		cli_error("verify: interrupted");
		return EXIT_TASK_FAILED;
	}
	/* A full disk under the second store says nothing about the first one. */
	if (chain_why(v->rebuilt)[0]) {
		cli_error("verify: its second store, %s: %s; make room, or set TMPDIR", v->dir,
			chain_why(v->rebuilt));
		return EXIT_TASK_FAILED;
	}
	cli_error("verify: %s", v->wrong[0] ? v->wrong : err_name(err));
	return err == ERR_NOMEM ? EXIT_TASK_FAILED : EXIT_STORE;
}

static int verify(struct verify *v, const struct offline *o, struct config *c)
{
	struct chain_tip t;

	chain_get_tip(o->chain, &t);
	if (!open_rebuilt(v, o, c))
		return EXIT_TASK_FAILED;
	struct bulk_settings bs = {.chain = v->rebuilt,
		.limits = &c->limits,
		.threads = o->threads,
		.done = take,
		.ctx = v};
	struct bulk *bulk = bulk_start(&bs);
	if (!bulk) {
		cli_error("no memory or threads to verify");
		return EXIT_TASK_FAILED;
	}
	progress_start(&v->progress, "verify", t.height, !v->json);
	enum err err = replay(v, bulk, t.height);
	bulk_free(bulk);
	progress_end(&v->progress);
	return report(v, err, t.height);
}

int cmd_verify(const struct cli *cli, struct config *c)
{
	struct verify v = {.json = cli->json, .dir_fd = -1};
	struct offline o;
	int status = offline_open_alone(&o, c);

	if (status != EXIT_DONE)
		return status;
	offline_catch_signals();
	v.stored = o.chain;
	status = verify(&v, &o, c);
	remove_rebuilt(&v);
	return offline_close(&o, status);
}
